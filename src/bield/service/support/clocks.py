"""Where the clocks stand that an entry begins: one answer for its page, the head, the team's list and the calendar."""

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
    """The parts whose entries begin clocks: what is due in them is said by the clock, and not by the entry."""
    return tuple(part.id for part in parts().values() if part.runs)


@dataclass(frozen=True, slots=True)
class Stands:
    """A clock of an entry. ends: with its hour where the clock counts hours; answered: when what it waits for was."""

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
        """Whether what it waits for was done in time."""
        return self.answered is not None and not self.ends.before(self.answered)

    @property
    def past(self) -> bool:
        """It has ended, and what it waits for is not recorded."""
        return self.waits and self.ends.gone(self.now)

    @property
    def words(self) -> str:
        """Where it stands, in words."""
        about = {"ends": self.ends, "answered": self.answered}
        if self.past:
            return _("was due by %(ends)s, and is not recorded") % about
        if self.waits:
            return _("by %(ends)s") % about
        return (_("done %(answered)s") if self.kept else _("done %(answered)s, after %(ends)s")) % about


def standing(part: Part, details: Mapping[str, Any], *, now: datetime) -> list[Stands]:
    """The clocks that an entry has begun, those that end first before the others."""
    found = [item for run in part.runs if (item := _stands(part, run, details, now)) is not None]
    return sorted(found, key=lambda item: item.ends.last)


def waiting(part: Part, details: Mapping[str, Any], *, now: datetime) -> Stands | None:
    """The clock that ends next."""
    return next((item for item in standing(part, details, now=now) if item.waits), None)


def _stands(part: Part, run: Runs, details: Mapping[str, Any], now: datetime) -> Stands | None:
    begun = part.when(run.begins, details)
    if begun is None:
        return None
    try:
        clock = law.on(begun.day, settings.PLACE).clock(run.clock)
    except law.LawError:
        return None  # nothing of the kind is recorded for this place
    if not clock.has_end:
        return None
    answers = [when for name in run.until if (when := part.when(name, details)) is not None]
    answered = min(answers, key=lambda when: when.first, default=None)
    return Stands(clock, begun, _ends(clock, begun), answered, now)


def _ends(clock: Clock, begun: When) -> When:
    if clock.hours is None or begun.at is None:
        return When(clock.ends(begun.day))
    return when_of(clock.ends_at(begun.first))
