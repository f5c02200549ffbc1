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
"""The parts with entries that may be counted."""

Given = tuple[str, date, date | None]


def publish_fact(episode: Episode, *, by: User | None, at: datetime) -> None:
    """Rebuild the fact about this person and provider. Identity stops in `bield.disclosure.support_fact`.

    by: the user who changed something; None if Bield itself rebuilds facts.
    """
    episodes = list(Episode.objects.filter(fact=episode.fact, began_on__isnull=False).order_by("began_on"))
    if not episodes:
        return
    person, organisation = episode.person, episode.team.organisation
    entries = list(Entry.objects.filter(episode__in=episodes, part__in=PARTS).select_related("episode"))
    born = _born(episode)
    intake.put_support(
        episode.fact,
        support_fact(
            place=settings.PLACE,
            provider=organisation.body,
            gender=person.gender,
            age=person.age,
            born=born,
            nationality=str(episodes[-1].circumstances.get("nationality", "")),
            given=[*_spans(episodes), *_given(entries, day_of(at))],
            reports=[item.details["answers"] for item in _outcomes(entries)],
        ),
    )
    record(Kind.SUPPORT_COUNTED, actor=by.pk if by else SYSTEM, organisation=organisation.pk, subject=person.pk, at=at)


def publish_all_facts(*, at: datetime) -> int:
    """Rebuild every fact, each in its own transaction, so that a stopped run loses nothing. Returns how many."""
    episodes = Episode.objects.filter(began_on__isnull=False).order_by("fact", "began_on")
    firsts = {fact: pk for pk, fact in reversed(list(episodes.values_list("pk", "fact")))}
    for pk in firsts.values():
        with transaction.atomic():
            publish_fact(Episode.objects.select_related("person", "team__organisation").get(pk=pk), by=None, at=at)
    return len(firsts)


def _born(episode: Episode) -> Birth | None:
    identity = Identity.objects.filter(person=episode.person_id).first()
    return Birth.read(identity.names["born"]) if identity and identity.names.get("born") else None


def _spans(episodes: Iterable[Episode]) -> list[Given]:
    return [("support", item.began_on, item.ended_on) for item in episodes if item.began_on]


def _outcomes(entries: Iterable[Entry]) -> list[Entry]:
    """What the person said about how they are, if they agreed that it is counted; oldest first."""
    return sorted(
        (item for item in entries if item.part == "outcome" and item.details.get("count")),
        key=lambda item: item.details["on"],
    )


def _given(entries: Iterable[Entry], today: date) -> list[Given]:
    """The kinds of support that were given, from the entries."""
    given: list[Given] = []
    for entry in entries:
        if entry.part == "need" and entry.state in ("being_met", "met"):
            given.append(
                (
                    entry.code,
                    day_of(entry.at),
                    day_of(entry.changed_at) if entry.state == "met" else entry.episode.ended_on,
                )
            )
        if entry.part == "accommodation" and entry.code == "crisis":
            last = entry.details.get("to") or str(entry.episode.ended_on or "")
            given.append(
                ("crisis", date.fromisoformat(entry.details["from"]), date.fromisoformat(last) if last else None)
            )
        if entry.part == "return" and entry.state == "travelled" and entry.details.get("on"):
            day = date.fromisoformat(entry.details["on"])
            given.append(("returned", day, day))
    return [_in_order(kind, first, last) for kind, first, last in given if first <= today]


def _in_order(kind: str, first: date, last: date | None) -> Given:
    """A time that ends no earlier than it begins. An entry made after support had ended begins on the last day."""
    return kind, first if last is None else min(first, last), last
