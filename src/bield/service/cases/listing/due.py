"""What is due for the people on a list: found for all of them in one query, so that a list can be sorted by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import CharField, Max, Min, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from bield import law
from bield.law.clocks import Clock, clock_of, own_clock
from bield.law.support import statutory_clock
from bield.service.cases.models import Person
from bield.service.cases.states import ReviewState
from bield.service.days import day_of

AHEAD: Final = timedelta(days=14)
"""What is due until then counts as something due, as on the page of what waits today."""

PAST: Final = timedelta(days=14)
"""How long a clock that has ended stays on a list."""

DAYS_CLOSED: Final = timedelta(days=1)
"""Within this time a closed referral is handed in: as long as before its first reminder."""

MOST: Final = 2_000
"""How many rows of each kind are looked through, so that a list of a hundred thousand stays quick."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something to do for somebody.

    on, at: by when; None if no day or no hour is set. since: the day since when it waits, for something without a last
    day. by: who does it, if it is not whoever looks after the person.
    """

    what: str
    on: date | None = None
    at: time | None = None
    by: str = ""
    since: date | None = None

    @property
    def order(self) -> date:
        """The day it is sorted by."""
        return self.on or self.since or date.max

    def late(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.on is not None and self.on < today

    def soon(self, today: date) -> bool:
        """Whether it waits, is late, or is due within a fortnight."""
        return self.order <= today + AHEAD


def dated(people: QuerySet[Person], *, today: date) -> dict[UUID, Due]:
    """What is due first for each person of a query for whom a day is known. One query, however many there are."""
    waits = Q(review__in=(ReviewState.ASKED, ReviewState.CHANGES)) | Q(to_hand_in_since__isnull=False)
    decided = Q(referral__in=RUNS, decision_on__gte=today - LONGEST)
    child = Q(age="under_18", eighteen_from__isnull=False)
    runs = Q(referrals__clock_ends__gte=today - PAST)
    rows = people.order_by().filter(waits | decided | child | runs)
    rows = rows.annotate(
        asked_at=Max("reviews__asked_at"),
        decided_at=Max("reviews__decided_at"),
        # The room of referrals is above this one, so its clocks are asked for through the record: day and name in one.
        clock=Min(Concat(Cast("referrals__clock_ends", CharField()), Value("/"), "referrals__clock"), filter=runs),
    ).only("review", "to_hand_in_since", "referral", "age", "decision_on", "eighteen_from")
    return earliest(*(_of(person, today=today) for person in rows[:MOST]))


Found = Iterator[tuple[UUID, Due]]


def _of(person: Person, *, today: date) -> Found:
    """Everything with a day for one person. The clock of a referral made here counts more than what the record says."""
    yield from _waiting(person)
    yield from _turning_18(person, today=today)
    clock: str | None = person.clock  # type: ignore[attr-defined]  # annotated by dated
    if clock:
        ends, _slash, name = clock.partition("/")
        yield person.pk, Due(_title(clock_of(name, settings.PLACE)), date.fromisoformat(ends))
    else:
        yield from _decided(person, today=today)


def _waiting(person: Person) -> Found:
    """A referral that waits to be handed in, a review that waits for a lead, or changes that a lead asked for."""
    asked, decided = person.asked_at, person.decided_at  # type: ignore[attr-defined]  # annotated by dated
    if person.to_hand_in_since is not None:
        yield person.pk, Due(_("Hand in the referral"), person.to_hand_in_since + DAYS_CLOSED)
    elif person.review == ReviewState.ASKED:
        yield person.pk, Due(_("Lead’s review"), since=day_of(asked) if asked else None)
    elif person.review == ReviewState.CHANGES:
        yield person.pk, Due(_("Change what the review asks for"), since=day_of(decided) if decided else None)


def _decided(person: Person, *, today: date) -> Found:
    """The clock of a decision that the record says, where the referral was made elsewhere."""
    clock = clock_after(person.referral, person.age, person.decision_on)
    if clock is not None and person.decision_on and (ends := clock.ends(person.decision_on)) >= today - PAST:
        yield person.pk, Due(_title(clock), ends)


def _turning_18(person: Person, *, today: date) -> Found:
    """A child who turns 18 within half a year. Only the months are unsealed; the birthday is in the identity."""
    months = person.turns_18 if person.age == "under_18" else None
    if months is not None and months[0] - today <= timedelta(days=own_clock("support_turning_18").days or 0):
        yield person.pk, Due(_("Turns 18") if months[0] == months[1] else _("May turn 18"), months[0])


RUNS: Final[Mapping[str, str]] = {
    "reasonable_grounds": "adult_support",
    "negative_reasonable": "reconsideration",
    "negative_conclusive": "reconsideration",
}
"""The clock that a decision starts, by what the record then says about the referral."""

LONGEST: Final = timedelta(days=200)
"""Longer than any of these clocks runs."""


def clock_after(referral: str, age: str, decision_on: date | None) -> Clock | None:
    """The clock that runs after a decision; None if none does, such as that of support for an adult after a child's."""
    if decision_on is None or referral not in RUNS:
        return None
    if referral == "reasonable_grounds":
        return statutory_clock(decision_on, place=settings.PLACE) if age == "adult" else None
    try:
        clock = law.on(decision_on, settings.PLACE).clock(RUNS[referral])
    except law.LawError:
        return None
    return clock if clock.has_end else None


def _title(clock: Clock) -> str:
    return _("%(clock)s ends") % {"clock": _(clock.title)}


def soon(found: Mapping[UUID, Due], *, today: date) -> list[UUID]:
    """Those for whom something waits, is late, or is due within a fortnight."""
    return [pk for pk, due in found.items() if due.soon(today)]


def days(found: Mapping[UUID, Due]) -> dict[UUID, date]:
    """The day that each is sorted by."""
    return {pk: due.order for pk, due in found.items()}


def earliest(*groups: Iterable[tuple[UUID, Due]]) -> dict[UUID, Due]:
    """What is due first for each, out of several groups."""
    first: dict[UUID, Due] = {}
    for group in groups:
        for pk, due in group:
            if pk not in first or due.order < first[pk].order:
                first[pk] = due
    return first
