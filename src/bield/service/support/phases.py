"""When: the parts of somebody's time of support, the clocks of a team, and what is overdue."""

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
from bield.service.support.clocks import Stands, standing, with_clocks
from bield.service.support.entries.schema import parts
from bield.service.support.models import Entry, Episode

Episodes = Sequence[Episode] | QuerySet[Episode]
"""Many are given as a query, so that what belongs to them is found by it, and not by a list of a thousand keys."""


def length(clock: str) -> timedelta:
    """How long a clock of our own lasts: data, in clocks.v1.toml."""
    return timedelta(days=own_clock(clock).days or 0)


GROUNDS, CONCLUSIVE = "rg_positive", {"cg_positive": "positive", "cg_negative": "negative"}


@dataclass(frozen=True, slots=True)
class Decided:
    """The decisions on which the time of support rests, and whether they come from a referral made here."""

    grounds_on: date | None
    conclusive_on: date | None
    conclusive: str
    here: bool


def decided(episodes: Episodes) -> dict[object, Decided]:
    """The decisions for each episode, by its key: of a referral made here, else as the episode says. One query."""
    rows: dict[object, list[tuple[str, date]]] = defaultdict(list)
    found = Decision.objects.filter(kind__in=(GROUNDS, *CONCLUSIVE), referral__person__episodes__in=episodes).distinct()
    for person, kind, on, _pk in found.values_list("referral__person", "kind", "on", "pk"):
        rows[person].append((kind, on))
    return {item.pk: _decided(item, rows[item.person_id]) for item in episodes}


def _decided(episode: Episode, happened: Iterable[tuple[str, date]]) -> Decided:
    grounds = conclusive = None
    word = ""
    for kind, on in sorted(happened, key=lambda item: item[1]):
        if kind == GROUNDS:
            grounds, conclusive, word = on, None, ""
        elif kind in CONCLUSIVE and grounds is not None:
            conclusive, word = on, CONCLUSIVE[kind]
    if grounds is not None:
        return Decided(grounds, conclusive, word, here=True)
    if episode.grounds_on is None:
        return Decided(None, None, "", here=False)
    return Decided(episode.grounds_on, episode.conclusive_on, episode.conclusive, here=False)


def phases_of(episode: Episode, found: Decided) -> tuple[Phase, ...]:
    """The parts of the time of support of an adult; none for a child, and none before support begins.

    Of somebody who turned 18 while they were supported, from the month of it.
    """
    if episode.began_on is None or not episode.person.is_adult:
        return ()
    eighteen = episode.person.turns_18
    began = max(episode.began_on, eighteen[0]) if eighteen else episode.began_on
    if episode.ended_on is not None and episode.ended_on < began:
        return ()
    return phases(
        began,
        grounds_on=found.grounds_on,
        conclusive_on=found.conclusive_on,
        slavery_only=episode.slavery_only,
        ended_on=episode.ended_on,
        place=settings.PLACE,
    )


@dataclass(frozen=True, slots=True)
class ShownPhase:
    """A part of the time of support, whether it is now, and the decision it rests on where it needs one."""

    phase: Phase
    now: bool
    decision: Entry | None
    missing: bool
    """It has begun, it is not a duty, and nobody has recorded a decision for it."""


def shown_phases(episode: Episode, found: Decided, decisions: Iterable[Entry], *, today: date) -> list[ShownPhase]:
    """The phases of support with the decisions that were recorded for them."""
    made = {item.code: item for item in sorted(decisions, key=lambda item: item.at)}
    return [
        ShownPhase(
            phase,
            phase.holds(today) and episode.is_open,
            made.get(phase.rule.id),
            phase.rule.id not in ("policy", *made) and not phase.rule.duty and phase.begins <= today,
        )
        for phase in phases_of(episode, found)
    ]


@dataclass(frozen=True, slots=True)
class Period:
    """Where somebody's statutory period stands: what every page, list and calendar says of it.

    ends: its last day, which is a day to review, and not an end. looked_at: the day on which it was reviewed, or a
    decision to go on was put down; None while nobody did.
    """

    ends: date
    looked_at: date | None
    today: date

    @property
    def past(self) -> bool:
        """It has ended, and nobody looked at what comes next."""
        return self.looked_at is None and self.ends < self.today

    @property
    def asks(self) -> bool:
        """It ends soon or has ended, and nobody looked at what comes next."""
        return self.looked_at is None and self.ends - length("support_soon") <= self.today


def periods(episodes: Episodes, *, today: date) -> dict[object, Period]:
    """The statutory period of each episode that has one, by its key."""
    found, looked = decided(episodes), _looked_at(episodes)
    rows: dict[object, Period] = {}
    for item in episodes:
        ends = _last_day(item, found[item.pk])
        if ends is not None:
            since = ends - length("support_soon")
            days = [day for day in looked[item.pk] if day >= since]
            rows[item.pk] = Period(ends, min(days, default=None), today)
    return rows


def _last_day(episode: Episode, found: Decided) -> date | None:
    if found.grounds_on is None or not episode.person.is_adult:
        return None
    clock = statutory_clock(found.grounds_on, slavery_only=episode.slavery_only, place=settings.PLACE)
    return clock.ends(found.grounds_on, ended_early_on=found.conclusive_on) if clock else None


def eighteen_of(episode: Episode) -> tuple[date, date] | None:
    """The months in which a child may turn 18, each by its first day; the day itself stands with the identity."""
    return episode.person.turns_18 if episode.person.age == "under_18" else None


def panel_until(eighteen: date, *, today: date) -> date:
    """The first day on which a local panel no longer decides for a child."""
    return law.on(today, settings.PLACE).clock("devolved_decision").ends(eighteen)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something on a team's page: who it is for, what it is, since or until when."""

    episode: Episode
    what: str
    on: date | None
    late: bool
    part: str = ""
    at: time | None = None


def clocks(episodes: Episodes, *, today: date, now: datetime) -> list[Waiting]:
    """Those whose clock ends soon or has ended: the statutory period, turning 18, what follows being found or back."""
    found, rows = periods(episodes, today=today), []
    review = _("Review: the support period ends")
    for item in episodes:
        period = found.get(item.pk)
        if period is not None and period.asks:
            rows.append(Waiting(item, review, period.ends, late=period.past, part="review"))
        eighteen = eighteen_of(item)
        if eighteen is not None and eighteen[0] - today <= length("support_turning_18"):
            what = _("Turns 18 in this month") if eighteen[0] == eighteen[1] else _("May turn 18 from this month on")
            rows.append(Waiting(item, what, eighteen[0], late=eighteen[0] <= today))
    rows += [
        Waiting(row.episode, clock.title, clock.ends.day, late=clock.past, part=row.part, at=clock.ends.at)
        for row, clock in of_entries(episodes, now=now)
    ]
    return sorted(rows, key=lambda row: (row.on or date.max, row.at or time.max, str(row.episode.pk)))


def of_entries(episodes: Episodes, *, now: datetime) -> list[tuple[Entry, Stands]]:
    """The clocks that entries have begun and that still wait. Only the details of open ones are read."""
    own = {item.pk: item for item in episodes}
    found = []
    for row in Entry.objects.filter(episode__in=episodes, part__in=with_clocks(), open=True).order_by("due", "pk"):
        if row.episode_id not in own:
            continue  # begun since the episodes were read
        row.episode = own[row.episode_id]
        clocks = standing(parts()[row.part], row.details, now=now)
        found += [(row, clock) for clock in clocks if clock.waits]
    return found


def _looked_at(episodes: Episodes) -> dict[object, list[date]]:
    """The days on which a review that answers the clock was held, or a decision to continue was recorded, by episode.

    A regular review does not answer it. Nothing is opened.
    """
    held = Q(part="review", state="held", due__isnull=False, code__in=parts()["review"].answers_clock)
    entries = Entry.objects.filter(
        held | Q(part="decision", code__in=parts()["decision"].answers_clock), episode__in=episodes
    )
    found: dict[object, list[date]] = defaultdict(list)
    for episode, part, due, at in entries.values_list("episode_id", "part", "due", "at"):
        found[episode].append(due if part == "review" and due else day_of(at))
    return found


def overdue(episodes: Episodes, *, today: date) -> list[Waiting]:
    """Open entries whose day has passed, but for those of which a clock says so."""
    own, words = {item.pk: item for item in episodes}, {part.id: _(part.one) for part in parts().values()}
    rows = Entry.objects.filter(episode__in=episodes, open=True, due__lt=today).exclude(part__in=with_clocks())
    return [
        Waiting(own[episode], words[part], due, late=True, part=part)
        for episode, part, due in rows.order_by("due", "pk").values_list("episode_id", "part", "due")
        if episode in own
    ]


def coming(episodes: Episodes, *, today: date, most: int) -> list[Entry]:
    """The first open entries whose day is near, soonest first, but for those of which a clock says so."""
    until = today + length("support_soon")
    own = {item.pk: item for item in episodes}
    found = Entry.objects.filter(episode__in=episodes, open=True, due__range=(today, until))
    rows = [row for row in found.exclude(part__in=with_clocks()).order_by("due", "pk")[:most] if row.episode_id in own]
    for row in rows:
        row.episode = own[row.episode_id]
    return rows


def not_seen(episodes: Episodes, *, today: date) -> list[Waiting]:
    """The people nobody has spoken with for long, longest first; for those never seen it counts from the beginning."""
    rows, seen, never = [], _("Last contact"), _("No contact yet; support began")
    for item in episodes:
        last = item.last_seen_on or item.began_on
        if last is not None and today - last > length("support_not_seen"):
            rows.append(Waiting(item, seen if item.last_seen_on else never, last, late=True, part="contact"))
    return sorted(rows, key=lambda row: (row.on or date.min, str(row.episode.pk)))
