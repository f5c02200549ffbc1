"""The phases of support, and the statutory period of an episode."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from bield import law
from bield.law.clocks import own_clock
from bield.law.support import Phase, phases, statutory_clock
from bield.service.cases.models import months_of_turning_18, treated_as_adult
from bield.service.days import day_of
from bield.service.referrals.models import Decision
from bield.service.support.entries.schema import parts
from bield.service.support.models import Entry, Episode


class EpisodeDays(NamedTuple):
    """What of an episode its phases and clocks follow from. It is light: a page looks through a thousand of them."""

    pk: UUID
    person: UUID
    organisation: UUID
    worker: UUID | None
    age: str
    eighteen_from: str | None
    began_on: date | None
    last_seen_on: date | None
    grounds_on: date | None
    conclusive_on: date | None
    conclusive: str
    slavery_only: bool

    @property
    def turns_18(self) -> tuple[date, date] | None:
        """See `Person.turns_18`."""
        return months_of_turning_18(self.eighteen_from)


FIELDS = (
    *("pk", "person", "team__organisation", "worker", "person__age", "person__eighteen_from", "began_on"),
    *("last_seen_on", "grounds_on", "conclusive_on", "conclusive", "slavery_only"),
)
"""The fields of an episode, in the order of EpisodeDays."""

Episodes = Iterable[Episode] | QuerySet[Episode]


def days_of(episodes: Episodes) -> list[EpisodeDays]:
    """The days of some episodes: one query for a query of episodes, none for those that came with person and team."""
    if isinstance(episodes, QuerySet):
        return [EpisodeDays(*row) for row in episodes.values_list(*FIELDS)]
    return [
        EpisodeDays(
            *(item.pk, item.person_id, item.team.organisation_id, item.worker_id, item.person.age),
            *(item.person.eighteen_from, item.began_on, item.last_seen_on, item.grounds_on, item.conclusive_on),
            *(item.conclusive, item.slavery_only),
        )
        for item in episodes
    ]


def length(clock: str) -> timedelta:
    """How long one of Bield's own clocks lasts, from clocks.v1.toml."""
    return timedelta(days=own_clock(clock).days or 0)


GROUNDS, CONCLUSIVE = "rg_positive", {"cg_positive": "positive", "cg_negative": "negative"}


@dataclass(frozen=True, slots=True)
class Decided:
    """The decisions that set the phases of support. here: whether they come from a referral made here."""

    grounds_on: date | None
    conclusive_on: date | None
    conclusive: str
    here: bool


def decided(episodes: Episodes, days: Sequence[EpisodeDays] | None = None) -> dict[UUID, Decided]:
    """The decisions for each episode, by its key: of a referral made here, else those on the episode. One query.

    days: the days of the same episodes, where they were fetched before.
    """
    by_person: dict[object, list[tuple[str, date]]] = defaultdict(list)
    decisions = Decision.objects.filter(
        kind__in=(GROUNDS, *CONCLUSIVE), referral__person__episodes__in=episodes
    ).distinct()
    for person, kind, on, _pk in decisions.values_list("referral__person", "kind", "on", "pk"):
        by_person[person].append((kind, on))
    days = days_of(episodes) if days is None else days
    return {item.pk: _decided(item, by_person[item.person]) for item in days}


def _decided(episode: EpisodeDays, made: Iterable[tuple[str, date]]) -> Decided:
    grounds = conclusive = None
    conclusive_word = ""
    for kind, on in sorted(made, key=lambda decision: decision[1]):
        if kind == GROUNDS:
            grounds, conclusive, conclusive_word = on, None, ""
        elif kind in CONCLUSIVE and grounds is not None:
            conclusive, conclusive_word = on, CONCLUSIVE[kind]
    if grounds is not None:
        return Decided(grounds, conclusive, conclusive_word, here=True)
    if episode.grounds_on is None:
        return Decided(None, None, "", here=False)
    return Decided(episode.grounds_on, episode.conclusive_on, episode.conclusive, here=False)


def phases_of(episode: Episode, decisions: Decided) -> tuple[Phase, ...]:
    """The phases of an adult's support; empty for a child, and before support begins.

    For somebody who turned 18 while they were supported, from that month on.
    """
    if episode.began_on is None or not episode.person.is_adult:
        return ()
    eighteen = episode.person.turns_18
    began = max(episode.began_on, eighteen[0]) if eighteen else episode.began_on
    if episode.ended_on is not None and episode.ended_on < began:
        return ()
    return phases(
        began,
        grounds_on=decisions.grounds_on,
        conclusive_on=decisions.conclusive_on,
        slavery_only=episode.slavery_only,
        ended_on=episode.ended_on,
        place=settings.PLACE,
    )


@dataclass(frozen=True, slots=True)
class ShownPhase:
    """A phase of support. now: whether it is the current one; decision: the entry that allows it, if it needs one."""

    phase: Phase
    now: bool
    decision: Entry | None
    missing: bool
    """Whether it has begun, is not a duty, and nobody has recorded a decision for it."""


def shown_phases(episode: Episode, decided: Decided, entries: Iterable[Entry], *, today: date) -> list[ShownPhase]:
    """The phases of support with the decisions that were recorded for them. entries: those of the part ‘decision’."""
    decisions = {entry.code: entry for entry in sorted(entries, key=lambda entry: entry.at)}
    return [
        ShownPhase(
            phase,
            phase.holds(today) and episode.is_open,
            decisions.get(phase.rule.id),
            phase.rule.id not in ("policy", *decisions) and not phase.rule.duty and phase.begins <= today,
        )
        for phase in phases_of(episode, decided)
    ]


@dataclass(frozen=True, slots=True)
class Period:
    """The statutory period of an episode, as every page, list and calendar shows it.

    begins: the day of the decision that started it. ends: its last day, which is a day to review, and not an end.
    looked_at: the day on which it was reviewed or a decision to continue was recorded; None if neither has happened.
    """

    begins: date
    ends: date
    looked_at: date | None
    today: date
    soon: timedelta
    """How long before its end it asks to be reviewed."""

    @property
    def past(self) -> bool:
        """Whether it has ended and nobody has reviewed it."""
        return self.looked_at is None and self.ends < self.today

    @property
    def asks(self) -> bool:
        """Whether it ends soon or has ended, and nobody has reviewed it."""
        return self.looked_at is None and self.ends - self.soon <= self.today


def periods(episodes: Episodes, *, today: date, days: Sequence[EpisodeDays] | None = None) -> dict[UUID, Period]:
    """The statutory period of each episode that has one, by its key. days: as for `decided`."""
    days = days_of(episodes) if days is None else days
    decisions, reviewed, soon = decided(episodes, days), _review_days(episodes), length("support_soon")
    by_episode: dict[UUID, Period] = {}
    for episode in days:
        begins, ends = decisions[episode.pk].grounds_on, _last_day(episode, decisions[episode.pk])
        if begins is not None and ends is not None:
            reviews = [day for day in reviewed.get(episode.pk, ()) if day >= ends - soon]
            by_episode[episode.pk] = Period(begins, ends, min(reviews, default=None), today, soon)
    return by_episode


def _last_day(episode: EpisodeDays, decisions: Decided) -> date | None:
    if decisions.grounds_on is None or not treated_as_adult(episode.age):
        return None
    clock = statutory_clock(decisions.grounds_on, slavery_only=episode.slavery_only, place=settings.PLACE)
    return clock.ends(decisions.grounds_on, ended_early_on=decisions.conclusive_on) if clock else None


def eighteen_of(episode: Episode) -> tuple[date, date] | None:
    """The first and last month in which a child may turn 18, each by its first day; the birthday is in the identity."""
    return episode.person.turns_18 if episode.person.age == "under_18" else None


def panel_until(eighteen: date, *, today: date) -> date:
    """The first day on which a local panel no longer decides for a child."""
    return law.on(today, settings.PLACE).clock("devolved_decision").ends(eighteen)


def _review_days(episodes: Episodes) -> dict[UUID, list[date]]:
    """The days on which a review that answers the clock was held, or a decision to continue was recorded, by episode.

    A regular review does not answer it. Nothing is unsealed.
    """
    reviews = Q(part="review", state="held", due__isnull=False, code__in=parts()["review"].answers_clock)
    entries = Entry.objects.filter(
        reviews | Q(part="decision", code__in=parts()["decision"].answers_clock), episode__in=episodes
    )
    days: dict[UUID, list[date]] = defaultdict(list)
    for episode, part, due, at in entries.values_list("episode_id", "part", "due", "at"):
        days[episode].append(due if part == "review" and due else day_of(at))
    return days
