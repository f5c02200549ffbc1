"""Which columns of a row a form may reach, and what a conflict says."""

from __future__ import annotations

import pytest

from bield.service.cases.actions import ABOUT
from bield.service.cases.encounters import WRITTEN
from bield.service.cases.models import Encounter, Person
from bield.service.changes import Conflict, set_fields
from bield.service.directory import actions as directory
from bield.service.directory.models import Service
from bield.service.support.episodes import actions as episodes
from bield.service.support.models import Episode


def test_what_may_be_set_is_set_and_what_changed_is_named() -> None:
    service = Service(name="A house", organisation="TARA")
    changed = set_fields(service, {"name": "A house", "organisation": "Somebody"}, allowed=directory.WRITTEN)
    assert changed == ["organisation"]
    assert service.organisation == "Somebody"


@pytest.mark.parametrize(
    ("row", "allowed", "column"),
    [
        (Person(), ABOUT, "team_id"),
        (Person(), ABOUT, "worker_id"),
        (Person(), ABOUT, "review"),
        (Person(), ABOUT, "closed_at"),
        (Encounter(), WRITTEN, "taken_back_at"),
        (Encounter(), WRITTEN, "person_id"),
        (Service(), directory.WRITTEN, "verified_on"),
        (Episode(), episodes.WRITTEN, "state"),
        (Episode(), episodes.WRITTEN, "worker_id"),
    ],
)
def test_a_column_that_is_not_a_form_s_is_refused_and_nothing_is_set(
    row: Person | Encounter | Service | Episode, allowed: frozenset[str], column: str
) -> None:
    before = getattr(row, column)
    with pytest.raises(TypeError, match=column):
        set_fields(row, {column: "x"}, allowed=allowed)
    assert getattr(row, column) == before


def test_a_conflict_gives_the_row_that_somebody_changed_and_no_other() -> None:
    person = Person()
    conflict = Conflict(person)
    assert conflict.row(Person) is person
    with pytest.raises(TypeError, match="about a Person, not a Encounter"):
        conflict.row(Encounter)
    assert str(conflict) == "changed by somebody else", "for a log: nothing of the row"
