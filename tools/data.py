"""Reads every data file through its loader: `make check` names one that is malformed, and one that nothing reads."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django

from bield.datafiles import DataError
from bield.errors import UserError

DATA = Path(__file__).resolve().parents[1] / "src" / "bield"


def read_all() -> None:
    """Call every function that reads a data file. Raises DataError, or another UserError of the file's library."""
    from bield.disclosure import ladders, support_facts, words
    from bield.disclosure.combination import rules
    from bield.indicators import codebook, lists
    from bield.indicators.batch import columns
    from bield.law.bodies import load_bodies
    from bield.law.clocks import load_clocks
    from bield.law.consents import load_consents
    from bield.law.forms import load_notification_versions
    from bield.law.listed import listed
    from bield.law.nrm import load_nrm_forms
    from bield.law.pathway import load_pathway
    from bield.law.places import known_places, load_place
    from bield.law.provisions import load_provisions
    from bield.law.retention import load_retention
    from bield.law.support import load_support
    from bield.names import letters
    from bield.service import codelists as case_lists
    from bield.service.cases import steps
    from bield.service.demo import country
    from bield.service.directory import circumstances
    from bield.service.notifications import dialogue
    from bield.service.referrals import decisions
    from bield.service.statistics import measures
    from bield.service.support.entries import schema
    from bield.service.today.help import topics
    from bield.standards import ctdc, fields

    for load in (
        *(load_bodies, load_clocks, load_consents, load_notification_versions),
        *(load_nrm_forms, load_pathway, load_provisions, load_retention),
        *(load_support, codebook.every_version, lists.checklists, lists.reactions, columns.usual_spellings),
        *(rules.combination_rules, support_facts.bands, ladders.countries, letters.letters),
        *(case_lists.lists, steps.shown_by_records, dialogue.dialogue, decisions.kinds, measures.load_measures),
        *(
            schema.parts,
            schema.outcome_sets,
            schema.account_parts,
            schema.checklist,
            circumstances.circumstances,
        ),
        *(ctdc.generations, fields.groups, country.cast, topics),
    ):
        load()
    lists.reactions("1")  # the version before, which stays
    words.identifying("Ann", words.Known(names=("Ann",)))
    for place in known_places():
        for of_place in (load_place, ladders.places, rules.published, listed):
            of_place(place)


def unread(opened: set[Path]) -> Iterator[Path]:
    """The data files that nothing opened."""
    for file in sorted(DATA.rglob("data/**/*.toml")):
        if file not in opened:
            yield file.relative_to(DATA)


def main() -> None:
    opened: set[Path] = set()

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(arguments[0]).endswith(".toml"):
            opened.add(Path(str(arguments[0])).resolve())

    sys.addaudithook(note)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bield.service.settings")
    django.setup()
    try:
        read_all()
    except (DataError, UserError) as error:
        sys.exit(f"data: {error}")
    if lost := list(unread(opened)):
        sys.exit(f"data: nothing reads {', '.join(map(str, lost))}")


if __name__ == "__main__":
    main()
