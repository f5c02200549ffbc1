"""Times in support: the phases of an episode, the clocks on a team's page, and what is overdue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bield import law
from bield.law.clocks import own_clock
from bield.law.support import Phase, phases, statutory_clock
from bield.service.days import day_of
from bield.service.referrals.models import Decision
from bield.service.support.clocks import EntryClock, entry_clocks, with_clocks
from bield.service.support.entries.schema import parts
from bield.service.support.models import Entry, Episode

Episodes = Sequence[Episode] | QuerySet[Episode]
"""Pass many episodes as a query, so that the database finds what belongs to them without a list of a thousand keys."""


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


def decided(episodes: Episodes) -> dict[object, Decided]:
    """The decisions for each episode, by its key: of a referral made here, else those on the episode. One query."""
    by_person: dict[object, list[tuple[str, date]]] = defaultdict(list)
    decisions = Decision.objects.filter(
        kind__in=(GROUNDS, *CONCLUSIVE), referral__person__episodes__in=episodes
    ).distinct()
    for person, kind, on, _pk in decisions.values_list("referral__person", "kind", "on", "pk"):
        by_person[person].append((kind, on))
    return {item.pk: _decided(item, by_person[item.person_id]) for item in episodes}


def _decided(episode: Episode, made: Iterable[tuple[str, date]]) -> Decided:
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

    ends: its last day, which is a day to review, and not an end. looked_at: the day on which it was reviewed or a
    decision to continue was recorded; None if neither has happened.
    """

    ends: date
    looked_at: date | None
    today: date

    @property
    def past(self) -> bool:
        """Whether it has ended and nobody has reviewed it."""
        return self.looked_at is None and self.ends < self.today

    @property
    def asks(self) -> bool:
        """Whether it ends soon or has ended, and nobody has reviewed it."""
        return self.looked_at is None and self.ends - length("support_soon") <= self.today


def periods(episodes: Episodes, *, today: date) -> dict[object, Period]:
    """The statutory period of each episode that has one, by its key."""
    decisions, reviewed = decided(episodes), _review_days(episodes)
    by_episode: dict[object, Period] = {}
    for episode in episodes:
        ends = _last_day(episode, decisions[episode.pk])
        if ends is not None:
            since = ends - length("support_soon")
            days = [day for day in reviewed[episode.pk] if day >= since]
            by_episode[episode.pk] = Period(ends, min(days, default=None), today)
    return by_episode


def _last_day(episode: Episode, decisions: Decided) -> date | None:
    if decisions.grounds_on is None or not episode.person.is_adult:
        return None
    clock = statutory_clock(decisions.grounds_on, slavery_only=episode.slavery_only, place=settings.PLACE)
    return clock.ends(decisions.grounds_on, ended_early_on=decisions.conclusive_on) if clock else None


def eighteen_of(episode: Episode) -> tuple[date, date] | None:
    """The first and last month in which a child may turn 18, each by its first day; the birthday is in the identity."""
    return episode.person.turns_18 if episode.person.age == "under_18" else None


def panel_until(eighteen: date, *, today: date) -> date:
    """The first day on which a local panel no longer decides for a child."""
    return law.on(today, settings.PLACE).clock("devolved_decision").ends(eighteen)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something to do on a team's page: whose episode, what it is, and since or until when."""

    episode: Episode
    what: str
    on: date | None
    late: bool
    part: str = ""
    at: time | None = None


def clocks(episodes: Episodes, *, today: date, now: datetime) -> list[Waiting]:
    """The clocks that end soon or have ended: the statutory period, turning 18, and the clocks of entries."""
    period_of, waiting = periods(episodes, today=today), []
    review = _("Review: the support period ends")
    for episode in episodes:
        period = period_of.get(episode.pk)
        if period is not None and period.asks:
            waiting.append(Waiting(episode, review, period.ends, late=period.past, part="review"))
        eighteen = eighteen_of(episode)
        if eighteen is not None and eighteen[0] - today <= length("support_turning_18"):
            what = _("Turns 18 in this month") if eighteen[0] == eighteen[1] else _("May turn 18 from this month on")
            waiting.append(Waiting(episode, what, eighteen[0], late=eighteen[0] <= today))
    waiting += [
        Waiting(row.episode, clock.title, clock.ends.day, late=clock.past, part=row.part, at=clock.ends.at)
        for row, clock in clocks_of_entries(episodes, now=now)
    ]
    return sorted(waiting, key=lambda row: (row.on or date.max, row.at or time.max, str(row.episode.pk)))


def clocks_of_entries(episodes: Episodes, *, now: datetime) -> list[tuple[Entry, EntryClock]]:
    """The clocks that entries have started and that still wait, each with its entry. Only open entries are unsealed."""
    by_key = {episode.pk: episode for episode in episodes}
    waiting = []
    for entry in Entry.objects.filter(episode__in=episodes, part__in=with_clocks(), open=True).order_by("due", "pk"):
        if entry.episode_id not in by_key:
            continue  # it began after the episodes were read
        entry.episode = by_key[entry.episode_id]
        clocks = entry_clocks(parts()[entry.part], entry.details, now=now)
        waiting += [(entry, clock) for clock in clocks if clock.waits]
    return waiting


def _review_days(episodes: Episodes) -> dict[object, list[date]]:
    """The days on which a review that answers the clock was held, or a decision to continue was recorded, by episode.

    A regular review does not answer it. Nothing is unsealed.
    """
    reviews = Q(part="review", state="held", due__isnull=False, code__in=parts()["review"].answers_clock)
    entries = Entry.objects.filter(
        reviews | Q(part="decision", code__in=parts()["decision"].answers_clock), episode__in=episodes
    )
    days: dict[object, list[date]] = defaultdict(list)
    for episode, part, due, at in entries.values_list("episode_id", "part", "due", "at"):
        days[episode].append(due if part == "review" and due else day_of(at))
    return days


def overdue(episodes: Episodes, *, today: date) -> list[Waiting]:
    """Open entries with a day that has passed, except those with clocks, which clocks() lists."""
    by_key, words = {episode.pk: episode for episode in episodes}, {part.id: _(part.one) for part in parts().values()}
    entries = Entry.objects.filter(episode__in=episodes, open=True, due__lt=today).exclude(part__in=with_clocks())
    return [
        Waiting(by_key[episode], words[part], due, late=True, part=part)
        for episode, part, due in entries.order_by("due", "pk").values_list("episode_id", "part", "due")
        if episode in by_key
    ]


def coming(episodes: Episodes, *, today: date, most: int) -> list[Entry]:
    """The first open entries with a day that is near, soonest first, except those with clocks. most: how many."""
    until = today + length("support_soon")
    by_key = {episode.pk: episode for episode in episodes}
    due_soon = Entry.objects.filter(episode__in=episodes, open=True, due__range=(today, until))
    entries = [
        entry
        for entry in due_soon.exclude(part__in=with_clocks()).order_by("due", "pk")[:most]
        if entry.episode_id in by_key
    ]
    for entry in entries:
        entry.episode = by_key[entry.episode_id]
    return entries


def not_seen(episodes: Episodes, *, today: date) -> list[Waiting]:
    """The people nobody has spoken with for too long, longest first; for those never seen, since support began."""
    waiting, seen, never = [], _("Last contact"), _("No contact yet; support began")
    for episode in episodes:
        last = episode.last_seen_on or episode.began_on
        if last is not None and today - last > length("support_not_seen"):
            waiting.append(Waiting(episode, seen if episode.last_seen_on else never, last, late=True, part="contact"))
    return sorted(waiting, key=lambda row: (row.on or date.min, str(row.episode.pk)))
