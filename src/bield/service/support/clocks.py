"""The clocks that an entry starts, and whether each was met: for pages, the team's list and the calendar alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from bield import law
from bield.law.clocks import Clock
from bield.service.days import When, when_of
from bield.service.support.entries.schema import Part, Runs, parts


def with_clocks() -> tuple[str, ...]:
    """The parts with entries that start clocks: the clock says when something is due in them, not the entry."""
    return tuple(part.id for part in parts().values() if part.runs)


@dataclass(frozen=True, slots=True)
class EntryClock:
    """A clock that an entry started.

    ends: with its hour if the clock counts hours. answered: when the thing it waits for was done; None if it was not.
    """

    clock: Clock
    begun: When
    ends: When
    answered: When | None
    now: datetime

    @property
    def title(self) -> str:
        return _(self.clock.title)

    @property
    def waits(self) -> bool:
        return self.answered is None

    @property
    def kept(self) -> bool:
        """Whether the thing it waits for was done in time."""
        return self.answered is not None and not self.ends.before(self.answered)

    @property
    def past(self) -> bool:
        """Whether it has ended and the thing it waits for is not recorded."""
        return self.waits and self.ends.gone(self.now)

    @property
    def words(self) -> str:
        """Its state in words, such as ‘by 4 May’ or ‘done 3 May’."""
        moments = {"ends": self.ends, "answered": self.answered}
        if self.past:
            return _("was due by %(ends)s, and is not recorded") % moments
        if self.waits:
            return _("by %(ends)s") % moments
        return (_("done %(answered)s") if self.kept else _("done %(answered)s, after %(ends)s")) % moments


def entry_clocks(part: Part, details: Mapping[str, Any], *, now: datetime) -> list[EntryClock]:
    """The clocks that an entry has started, soonest end first."""
    clocks = [clock for run in part.runs if (clock := _entry_clock(part, run, details, now)) is not None]
    return sorted(clocks, key=lambda clock: clock.ends.last)


def next_clock(part: Part, details: Mapping[str, Any], *, now: datetime) -> EntryClock | None:
    """The clock of an entry that still waits and ends first; None if no clock waits."""
    return next((clock for clock in entry_clocks(part, details, now=now) if clock.waits), None)


def _entry_clock(part: Part, run: Runs, details: Mapping[str, Any], now: datetime) -> EntryClock | None:
    begun = part.when(run.begins, details)
    if begun is None:
        return None
    try:
        clock = law.on(begun.day, settings.PLACE).clock(run.clock)
    except law.LawError:
        return None  # this place has no such clock
    if not clock.has_end:
        return None
    answers = [when for name in run.until if (when := part.when(name, details)) is not None]
    answered = min(answers, key=lambda when: when.first, default=None)
    return EntryClock(clock, begun, _ends(clock, begun), answered, now)


def _ends(clock: Clock, begun: When) -> When:
    if clock.hours is None or begun.at is None:
        return When(clock.ends(begun.day))
    return when_of(clock.ends_at(begun.first))
