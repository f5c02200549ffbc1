"""Publishes an episode's anonymous fact to the statistics."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from bield.births import Birth
from bield.disclosure import support_fact
from bield.service.accounts.models import User
from bield.service.audit.actions import SYSTEM, record
from bield.service.audit.kinds import Kind
from bield.service.cases.models import Identity
from bield.service.days import day_of
from bield.service.statistics import intake
from bield.service.support.models import Entry, Episode

PARTS = ("need", "accommodation", "return", "outcome")
"""The parts of which something may be counted."""

Given = tuple[str, date, date | None]


def publish_fact(episode: Episode, *, by: User | None, at: datetime) -> None:
    """Make the fact of this person and provider anew. Identity stops in `bield.disclosure.support_fact`.

    by: whoever changed something; None where Bield itself makes facts anew.
    """
    own = list(Episode.objects.filter(fact=episode.fact, began_on__isnull=False).order_by("began_on"))
    if not own:
        return
    person, organisation = episode.person, episode.team.organisation
    entries = list(Entry.objects.filter(episode__in=own, part__in=PARTS).select_related("episode"))
    born = _born(episode)
    intake.put_support(
        episode.fact,
        support_fact(
            place=settings.PLACE,
            provider=organisation.body,
            gender=person.gender,
            age=person.age,
            born=born,
            nationality=str(own[-1].circumstances.get("nationality", "")),
            given=[*_spans(own), *_given(entries, day_of(at))],
            reports=[item.details["answers"] for item in _outcomes(entries)],
        ),
    )
    record(Kind.SUPPORT_COUNTED, actor=by.pk if by else SYSTEM, organisation=organisation.pk, subject=person.pk, at=at)


def publish_all_facts(*, at: datetime) -> int:
    """Make every fact anew, each in a transaction of its own, so that a stopped run loses nothing. Returns how many."""
    found = Episode.objects.filter(began_on__isnull=False).order_by("fact", "began_on")
    firsts = {fact: pk for pk, fact in reversed(list(found.values_list("pk", "fact")))}
    for pk in firsts.values():
        with transaction.atomic():
            publish_fact(Episode.objects.select_related("person", "team__organisation").get(pk=pk), by=None, at=at)
    return len(firsts)


def _born(episode: Episode) -> Birth | None:
    held = Identity.objects.filter(person=episode.person_id).first()
    return Birth.read(held.names["born"]) if held and held.names.get("born") else None


def _spans(own: Iterable[Episode]) -> list[Given]:
    return [("support", item.began_on, item.ended_on) for item in own if item.began_on]


def _outcomes(entries: Iterable[Entry]) -> list[Entry]:
    """What they said of how they are, where they agreed that it is counted; oldest first."""
    return sorted(
        (item for item in entries if item.part == "outcome" and item.details.get("count")),
        key=lambda item: item.details["on"],
    )


def _given(entries: Iterable[Entry], today: date) -> list[Given]:
    """The kinds of support that were given, from what stands in the entries."""
    found: list[Given] = []
    for item in entries:
        if item.part == "need" and item.state in ("being_met", "met"):
            found.append(
                (item.code, day_of(item.at), day_of(item.changed_at) if item.state == "met" else item.episode.ended_on)
            )
        if item.part == "accommodation" and item.code == "crisis":
            last = item.details.get("to") or str(item.episode.ended_on or "")
            found.append(
                ("crisis", date.fromisoformat(item.details["from"]), date.fromisoformat(last) if last else None)
            )
        if item.part == "return" and item.state == "travelled" and item.details.get("on"):
            day = date.fromisoformat(item.details["on"])
            found.append(("returned", day, day))
    return [_in_order(kind, first, last) for kind, first, last in found if first <= today]


def _in_order(kind: str, first: date, last: date | None) -> Given:
    """A time that ends no earlier than it begins. What was written down after support had ended began with its end."""
    return kind, first if last is None else min(first, last), last
