"""What support stores about a person, for the copy that they may ask for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bield.disclosure import countries
from bield.service.cases.models import Person
from bield.service.cases.rights.subject_access import in_words
from bield.service.codelists import label
from bield.service.directory.circumstances import circumstances
from bield.service.support.entries.schema import account_parts, outcome_sets
from bield.service.support.episodes import display
from bield.service.support.models import Account, Entry, Episode, Grant
from bield.service.support.testimony import testimony


def held_in_support(person: Person) -> list[dict[str, Any]]:
    """Each episode with all its entries, in words."""
    episodes = Episode.objects.filter(person=person).select_related("team__organisation").order_by("asked_at")
    return [_episode(item) for item in episodes]


def _episode(episode: Episode) -> dict[str, Any]:
    entries = list(Entry.objects.filter(episode=episode).select_related("by").order_by("at", "pk"))
    shown_entries = display.shown([entry for entry in entries if entry.part != "outcome"], today=timezone.localdate())
    rows_and_steps = [row for top in shown_entries for row in (top, *top.steps)]
    return {
        "by": episode.team.organisation.name,
        "state": display.state_words(episode),
        "asked_at": episode.asked_at,
        "asked_with": episode.words,
        "began_on": episode.began_on or "",
        "ended_on": episode.ended_on or "",
        "written_down": [
            f"{_(row.part.one)}: " + "; ".join(f"{what}: {words}" for what, words in row.lines)
            for row in rows_and_steps
        ],
        "said_how_they_are": [_said(entry) for entry in entries if entry.part == "outcome"],
        "circumstances": [_circumstance(name, value) for name, value in episode.circumstances.items()],
    }


def _circumstance(name: str, value: Any) -> str:
    """A circumstance that decides which services fit, with its question and answer in words."""
    if name == "nationality":
        return f"{_('Nationality')}: {_(countries().label(value))}"
    if name == "languages":
        return f"{_('Languages')}: {', '.join(label('language', code) for code in value)}"
    circumstance = circumstances().get(name)
    answers = {choice.key: choice.label for choice in circumstance.values} if circumstance else {}
    return f"{_(circumstance.question) if circumstance else name}: {_(answers.get(value) or str(value))}"


def _said(entry: Entry) -> str:
    """What the person said of how they are on a day, in words."""
    titles = {outcome.id: outcome.title for group in outcome_sets() for outcome in group.outcomes}
    answers = (
        f"{_(titles[key])}: {label('outcome_scale', str(step))}" for key, step in entry.details["answers"].items()
    )
    return f"{in_words(date.fromisoformat(entry.details['on']))}: " + "; ".join(answers)


def held_of_account(person: Person) -> list[dict[str, Any]]:
    """Every version of what they told, their corrections, and who was allowed to read it and did."""
    account = Account.objects.filter(person=person).select_related("team__organisation").first()
    if account is None:
        return []
    labels = {item.id: item.label for item in account_parts()}
    grants = list(Grant.objects.filter(version__account=account).select_related("version__account", "to"))
    read = testimony.readings(grants)
    return [
        {
            "kept_by": account.team.organisation.name,
            "versions": [
                f"{version.number}, {in_words(version.taken_on)}, {version.present}: "
                + " ".join(
                    f"{_(labels[part])}: {said.get('words', '')} {said.get('summary', '')}" for part, said in parts
                )
                for version in account.versions.order_by("number")
                for parts in [version.parts.items()]
            ],
            "corrections": [
                f"{in_words(item.on)}, {_(labels[item.part])}: {item.words}" for item in account.corrections.all()
            ],
            "who_may_read": [
                f"{item.to.name}, {label('grant_purpose', item.purpose)}, {in_words(item.until)}: "
                + (", ".join(in_words(event.at) for event in read[item.pk]) or _("not read"))
                for item in grants
            ],
        }
    ]
