"""What is due in support: clocks that end, days that have passed, what comes next, and who was not seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bield.service.cases.who import WHO
from bield.service.support.clocks import EntryClock, entry_clocks, with_clocks
from bield.service.support.entries.schema import parts
from bield.service.support.models import Entry, Episode
from bield.service.support.phases import EpisodeDays, Period, days_of, length, periods

ON_A_LIST = (
    *(f"person__{name}" for name in WHO),
    "worker__name",
    *("began_on", "last_seen_on", "state", "team", "person", "worker"),
)
"""What of an episode a list of what is due shows."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something to do for somebody: what it is, and since or until when.

    episode: its key. part: the part of the episode that it is about. entry: the key of its entry, if it has one.
    shown: the episode itself, once `with_episodes` has fetched it.
    """

    episode: UUID
    what: str
    on: date
    late: bool
    part: str
    at: time | None = None
    entry: UUID | None = None
    code: str = ""
    shown: Episode | None = None

    @property
    def order(self) -> tuple[date, time, str]:
        """The soonest first; what has no hour comes after what has one."""
        return self.on, self.at or time.max, str(self.episode)


def with_episodes(rows: Mapping[str, Sequence[Due]]) -> dict[str, list[Due]]:
    """The same rows, each with its episode: its person's reference and its worker's name. One query for all kinds."""
    keys = {row.episode for of_kind in rows.values() for row in of_kind}
    episodes = Episode.objects.select_related("person", "worker").only(*ON_A_LIST).in_bulk(keys) if keys else {}
    return {
        kind: [replace(row, shown=episodes[row.episode]) for row in of_kind if row.episode in episodes]
        for kind, of_kind in rows.items()
    }


@dataclass(frozen=True, slots=True)
class AllDue:
    """What is due for some episodes, by kind, each the soonest first. days: the days of these episodes; periods: their
    statutory periods, by their keys.

    clocks: those that end soon or have ended: the statutory period, turning 18, and those of entries. overdue: open
    entries with a day that has passed. coming: those with a day that is near. unseen: people nobody has spoken with
    for too long, the longest first; for those never seen, since support began.
    """

    days: Sequence[EpisodeDays]
    periods: Mapping[UUID, Period]
    clocks: list[Due]
    overdue: list[Due]
    coming: list[Due]
    unseen: list[Due]


def due_in(episodes: QuerySet[Episode], *, today: date, now: datetime) -> AllDue:
    """What is due for the episodes of a query. A constant number of queries; only clocks of entries are unsealed."""
    days = days_of(episodes)
    clocks_run = Q(part__in=with_clocks())
    entries = Entry.objects.filter(clocks_run | Q(due__lte=today + length("support_soon")), episode__in=episodes)
    words = {part.id: _(part.one) for part in parts().values()}
    rows = entries.filter(open=True).order_by("due", "pk").values_list("episode_id", "part", "due", "pk", "code")
    dated = [
        Due(episode, words[part], due, due < today, part, entry=key, code=code)
        for episode, part, due, key, code in rows
        if part not in with_clocks() and due is not None
    ]
    running = Entry.objects.filter(pk__in=[key for _episode, part, _due, key, _code in rows if part in with_clocks()])
    ends = [
        Due(entry.episode_id, clock.title, clock.ends.day, clock.past, entry.part, clock.ends.at, entry.pk)
        for entry, clock in clocks_of_entries(running, now=now)
    ]
    period_of = periods(episodes, today=today, days=days)
    return AllDue(
        days,
        period_of,
        clocks=_sorted([*_periods_ending(period_of), *_turning_18(days, today=today), *ends]),
        overdue=[row for row in dated if row.late],
        coming=[row for row in dated if not row.late],
        unseen=_sorted(_not_seen(days, today=today)),
    )


def _sorted(rows: Iterable[Due]) -> list[Due]:
    return sorted(rows, key=lambda row: row.order)


def _periods_ending(period_of: Mapping[UUID, Period]) -> Iterator[Due]:
    what = _("Review: the support period ends")
    for key, period in period_of.items():
        if period.asks:
            yield Due(key, what, period.ends, late=period.past, part="review")


def _turning_18(days: Iterable[EpisodeDays], *, today: date) -> Iterator[Due]:
    for episode in days:
        eighteen = episode.turns_18 if episode.age == "under_18" else None
        if eighteen is not None and eighteen[0] - today <= length("support_turning_18"):
            what = _("Turns 18 in this month") if eighteen[0] == eighteen[1] else _("May turn 18 from this month on")
            yield Due(episode.pk, what, eighteen[0], late=eighteen[0] <= today, part="eighteen")


def _not_seen(days: Iterable[EpisodeDays], *, today: date) -> Iterator[Due]:
    seen, never, longest = _("Last contact"), _("No contact yet; support began"), length("support_not_seen")
    for episode in days:
        last = episode.last_seen_on or episode.began_on
        if last is not None and today - last > longest:
            yield Due(episode.pk, seen if episode.last_seen_on else never, last, late=True, part="contact")


def clocks_of_entries(entries: QuerySet[Entry], *, now: datetime) -> list[tuple[Entry, EntryClock]]:
    """The clocks that some open entries have started and that still wait, each with its entry, which is unsealed."""
    running = entries.filter(part__in=with_clocks(), open=True).select_related("episode__person")
    return [
        (entry, clock)
        for entry in running.order_by("due", "pk")
        for clock in entry_clocks(parts()[entry.part], entry.details, now=now)
        if clock.waits
    ]


def with_hours(rows: Sequence[Due]) -> list[Due]:
    """The same rows, each with the hour recorded for it. Their entries are unsealed: pass only what is shown."""
    entries = Entry.objects.only("part", "details").in_bulk([row.entry for row in rows])
    hours = {key: parts()[entry.part].when(parts()[entry.part].due, entry.details) for key, entry in entries.items()}
    return _sorted(replace(row, at=when.at) if (when := hours.get(row.entry)) else row for row in rows)
