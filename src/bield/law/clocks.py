"""Clocks: how long something lasts, what it counts from, and whether the day of the event is the first day."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from bield.datafiles import DataError, build, check_parts, entries, no_repeats
from bield.law.places import jurisdictions
from bield.law.provisions import Provision, load_provisions
from bield.law.reading import EVERYWHERE, Confidence, LawError, NotRecorded, cached, least_sure, read

DAY = timedelta(days=1)
HOURS_OF_A_DAY = 24
FRIDAY = 4
"""date.weekday() of the last working day of a week."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A length of time as the law or guidance of one day counts it.

    hours, days, months: one of them, or none if no number is set ("without undue delay"). Hours count from the moment
    of the event; if only its day is known, from its midnight, so that nobody is late for not having asked the time.
    counting: "working" is Monday to Friday; public holidays are not known here, so they are not left out.
    first_day: "event_day" counts the day of the event as the first day, "day_after" starts with the next.
    direction: "before" counts back from the event.
    """

    id: str
    title: str
    counts_from: str
    counting: Literal["calendar", "working"]
    first_day: Literal["event_day", "day_after"]
    source: str
    confidence: Confidence
    place: str
    hours: int | None = None
    days: int | None = None
    months: int | None = None
    direction: Literal["after", "before"] = "after"
    ends_early_at: str = ""
    provision_key: str = ""
    note: str = ""

    @property
    def length(self) -> str:
        """The length in words: 72 hours; 90 calendar days; 5 working days; 3 months; no number of days is set."""
        if self.hours is not None:
            return f"{self.hours} hour{'' if self.hours == 1 else 's'}"
        if self.days is not None:
            return f"{self.days} {self.counting} day{'' if self.days == 1 else 's'}"
        if self.months is not None:
            return f"{self.months} month{'' if self.months == 1 else 's'}"
        return "no number of days is set"

    @property
    def has_end(self) -> bool:
        """Whether a length is set at all."""
        return (self.hours, self.days, self.months) != (None, None, None)

    def ends_at(self, moment: datetime) -> datetime:
        """The moment when a clock of hours ends, in the time zone of the moment it began.

        It counts the hours that really pass, even in a night when the clocks change. Raises LawError for other clocks.
        """
        if self.hours is None:
            raise LawError(f"clock {self.id!r}: it does not count hours")
        return (moment.astimezone(UTC) + timedelta(hours=self.hours)).astimezone(moment.tzinfo)

    def ends(self, start: date, *, ended_early_on: date | None = None) -> date:
        """The last day, for an event on `start`; with direction "before", the day that long before it.

        ended_early_on: the day of the event that ends this clock early, if it has happened.
        Raises LawError if no number of days is set, nothing can end this clock early, or that day is before `start`.
        """
        last = self._last_day(start)
        if ended_early_on is None:
            return last
        if not self.ends_early_at:
            raise LawError(f"clock {self.id!r}: nothing ends it early")
        if ended_early_on < start:
            raise LawError(f"clock {self.id!r}: it cannot end on {ended_early_on}, before it began on {start}")
        return min(last, ended_early_on)

    def _last_day(self, start: date) -> date:
        back = DAY if self.first_day == "event_day" else timedelta()
        if self.hours is not None:
            return start + -(-self.hours // HOURS_OF_A_DAY) * DAY - DAY
        if self.months is not None:
            return _add_months(start, self.months if self.direction == "after" else -self.months) - back
        if self.days is None:
            raise LawError(f"clock {self.id!r}: {self.length}")
        if self.counting == "working":
            return _add_working_days(start - back, self.days)
        return start - timedelta(days=self.days) if self.direction == "before" else start + self.days * DAY - back

    def under(self, row: Provision) -> Clock:
        """This clock with the length from a provision, and with the lower certainty of the two."""
        number = row.value if isinstance(row.value, int) else None
        months = {"months": 1, "years": 12}.get(row.unit)
        return replace(
            self,
            counting="working" if row.unit == "working_days" else self.counting,
            source=row.source,
            confidence=least_sure(self.confidence, row.confidence),
            days=number if months is None else None,
            months=number * months if months and number is not None else None,
            note=" ".join(filter(None, (self.note, row.note))),
        )


@cached
def load_clocks() -> tuple[Clock, ...]:
    """The recorded clocks; a clock with a provision_key gets its length from that provision.

    Raises DataError saying what is wrong, and where.
    """
    return parse_clocks(*read("clocks"))


def parse_clocks(filename: str, raw: Mapping[str, Any]) -> tuple[Clock, ...]:
    """Turn the decoded file into clocks, refusing anything unexpected."""
    check_parts(filename, raw, {"clocks"})
    clocks = []
    for where, body in entries(filename, "clock", raw["clocks"]):
        clock = build(Clock, where, body)
        lengths = [
            name for name in ("hours", "days", "months", "provision_key") if getattr(clock, name) not in (None, "")
        ]
        if len(lengths) > 1:
            raise DataError(f"{where}: its length comes from one of {lengths}, not from several")
        if clock.hours is not None and (clock.counting, clock.direction) != ("calendar", "after"):
            raise DataError(f"{where}: hours are counted onwards, through every day")
        if clock.provision_key and clock.provision_key not in load_provisions().keys:
            raise DataError(f"{where}: no provision has the key {clock.provision_key!r}")
        clocks.append(clock)
    no_repeats(filename, "clock", [f"{clock.place} {clock.id}" for clock in clocks])
    return tuple(clocks)


def clock_of(clock_id: str, place: str) -> Clock:
    """A clock of a place: its own before one it shares. Raises NotRecorded if the place has no clock of this name."""
    wanted = jurisdictions(place)
    matching = [clock for clock in load_clocks() if clock.id == clock_id and clock.place in wanted]
    if not matching:
        raise NotRecorded(f"no clock of {place!r} is called {clock_id!r}")
    return max(matching, key=lambda clock: wanted.index(clock.place))


@cached
def own_clock(clock_id: str) -> Clock:
    """A clock of Bield's own, which runs in every place. Raises LawError if no clock has this name."""
    for clock in load_clocks():
        if (clock.id, clock.place) == (clock_id, EVERYWHERE):
            return clock
    raise LawError(f"no clock of our own is called {clock_id!r}")


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _add_working_days(day: date, days: int) -> date:
    while days:
        day += DAY
        days -= day.weekday() <= FRIDAY
    return day
