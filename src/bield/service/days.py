"""Turns moments into local days and times, and back. No other module may do this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def day_of(at: datetime) -> date:
    """The local day of a moment. In summer, between midnight and one, it is a day later than in UTC.

    at: an aware datetime. Raises ValueError for a naive one.
    """
    return timezone.localdate(at)


def local(at: datetime) -> datetime:
    """The same moment in local time."""
    return timezone.localtime(at)


def moments(day: date, at: time) -> tuple[datetime, datetime]:
    """The first and the last moment of a day when local clocks show a time.

    They differ only in the hour that is repeated when clocks go back. Raises ValueError for a time that clocks skip
    when they go forward.
    """
    zone = timezone.get_current_timezone()
    first, last = sorted(datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) != datetime.combine(day, at):
        raise ValueError(f"clocks skip {at:%H:%M} on {day}")
    return first, last


@dataclass(frozen=True, slots=True)
class When:
    """A day, with the time if it is known."""

    day: date
    at: time | None = None

    @property
    def first(self) -> datetime:
        """The earliest moment that it can be."""
        return self._at(self.at or time.min)[0]

    @property
    def last(self) -> datetime:
        """The latest moment that it can be."""
        return self._at(self.at or time.max)[1]

    def _at(self, at: time) -> tuple[datetime, datetime]:
        try:
            return moments(self.day, at)
        except ValueError:  # clocks skip this time: take it as counted before the change and after it
            zone = timezone.get_current_timezone()
            first, last = sorted(
                datetime.combine(self.day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)
            )
            return first, last

    def before(self, other: When) -> bool:
        """Whether it was certainly before another: by time if both times are known, else by day."""
        return self.last < other.first

    def gone(self, now: datetime) -> bool:
        """Whether it has passed: a time at its earliest moment, so that nobody is late; a day once it is over."""
        return (self.first if self.at else self.last) < now

    def __str__(self) -> str:
        return date_format(self.day) + (f", {self.at:%H:%M}" if self.at else "")


def when_of(at: datetime) -> When:
    """The local day and time of a moment."""
    shown = local(at)
    return When(day_of(at), shown.time().replace(second=0, microsecond=0, fold=0))


def out_of_order(first: str, last: str) -> str:
    """The error for two dates in the wrong order, for every form. first, last: the labels of the two fields."""
    return _("‘%(last)s’ is before ‘%(first)s’: check both days") % {"last": last, "first": first}


def order_error(first: str, begins: date | None, last: str, ends: date | None) -> str:
    """The error if one date is before another that must come first; empty if they are in order, or one is missing."""
    return out_of_order(first, last) if begins and ends and ends < begins else ""


def future_error(label: str, when: When) -> str:
    """The error for something that has happened, but has a date in the future."""
    words = _("‘%(field)s’: %(when)s is in the future. Enter what has happened, not what is planned")
    return words % {"field": label, "when": when}
