"""Days and times as the people who use the service know them: the one place where a moment becomes a day, and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def day_of(at: datetime) -> date:
    """The local day of a moment. Between midnight and one in summer it is a day later than in UTC.

    at: a time with its zone; ValueError for one without.
    """
    return timezone.localdate(at)


def local(at: datetime) -> datetime:
    """The same moment as clocks here show it."""
    return timezone.localtime(at)


def moments(day: date, at: time) -> tuple[datetime, datetime]:
    """The first and the last moment of a day at which clocks here show a time.

    They are two in the hour that comes again when clocks go back. ValueError for a time that clocks skip when they go
    forward.
    """
    zone = timezone.get_current_timezone()
    first, last = sorted(datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) != datetime.combine(day, at):
        raise ValueError(f"clocks skip {at:%H:%M} on {day}")
    return first, last


@dataclass(frozen=True, slots=True)
class When:
    """A day, with the time of it where that is known."""

    day: date
    at: time | None = None

    @property
    def first(self) -> datetime:
        """The first moment that it may be."""
        return self._at(self.at or time.min)[0]

    @property
    def last(self) -> datetime:
        """The last moment that it may be."""
        return self._at(self.at or time.max)[1]

    def _at(self, at: time) -> tuple[datetime, datetime]:
        try:
            return moments(self.day, at)
        except ValueError:  # clocks skip it: as it is counted there, before and after
            zone = timezone.get_current_timezone()
            found = sorted(datetime.combine(self.day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
            return found[0], found[1]

    def before(self, other: When) -> bool:
        """Whether it was before another, however the two are read: by hours where both are known, by days else."""
        return self.last < other.first

    def gone(self, now: datetime) -> bool:
        """Whether it has gone by, as somebody sees it who must not be late."""
        return (self.first if self.at else self.last) < now

    def __str__(self) -> str:
        return date_format(self.day) + (f", {self.at:%H:%M}" if self.at else "")


def when_of(at: datetime) -> When:
    """The day and the time of a moment, as clocks here show it."""
    shown = local(at)
    return When(day_of(at), shown.time().replace(second=0, microsecond=0, fold=0))


def out_of_order(first: str, last: str) -> str:
    """That one day is before another that comes first: the words for every form. Both are named."""
    return _("‘%(last)s’ is before ‘%(first)s’: check both days") % {"last": last, "first": first}


def ordered(first: str, begins: date | None, last: str, ends: date | None) -> str:
    """Empty where one day is not before another that comes first, or one is not known; else what is wrong."""
    return out_of_order(first, last) if begins and ends and ends < begins else ""


def still_to_come(label: str, when: When) -> str:
    """That something that has been is said to be still to come."""
    words = _("‘%(field)s’: %(when)s is in the future. Enter what has happened, not what is planned")
    return words % {"field": label, "when": when}
