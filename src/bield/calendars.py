"""Converts days of the Ethiopian, Persian and Hijri calendars to Gregorian days.

Ethiopian days are exact. Persian days follow the cycle of 33 years, which agrees with the calendar of Iran and
Afghanistan for every year from 1250 to 1430. Hijri days follow the tabular (civil) calendar: in countries where a month
begins when the moon is seen, a day can be one or two off, so callers must mark the result as estimated.

Source: E. M. Reingold and N. Dershowitz, Calendrical Calculations, 4th edition, 2018, chapters 4, 7 and 15. Checked in
the tests against the calendars of ICU, which carry Unicode's CLDR.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final, Literal, get_args

Calendar = Literal["gregorian", "ethiopian", "persian", "hijri"]
CALENDARS: Final[tuple[Calendar, ...]] = get_args(Calendar)

_BEFORE_YEAR_1: Final = {"ethiopian": 2795, "persian": 226_894, "hijri": 227_014}
"""The ordinal of the day before each calendar's first, counted as `date.toordinal` does."""
_MONTHS: Final = {"gregorian": 12, "ethiopian": 13, "persian": 12, "hijri": 12}


def span(calendar: Calendar, year: int, month: int | None = None, day: int | None = None) -> tuple[date, date]:
    """The first and last Gregorian day of a day, a month or a year in a calendar.

    Raises ValueError if the calendar has no such day, or it is before the year 1 or after 9999.

    >>> span("persian", 1377, 1, 1)[0], span("ethiopian", 2000, 1, 1)[0]
    (datetime.date(1998, 3, 21), datetime.date(2007, 9, 12))
    """
    if month is None:
        return span(calendar, year, 1)[0], span(calendar, year, _MONTHS[calendar])[1]
    if not 1 <= month <= _MONTHS[calendar]:
        raise ValueError(f"month must be 1 to {_MONTHS[calendar]}, not {month}")
    first, last = _first_day(calendar, year, month), _first_day(calendar, year, month + 1) - 1
    if day is None:
        return _day(first), _day(last)
    if not 1 <= day <= last - first + 1:
        raise ValueError(f"day must be 1 to {last - first + 1}, not {day}")
    return _day(first + day - 1), _day(first + day - 1)


def _day(ordinal: int) -> date:
    try:
        return date.fromordinal(ordinal)
    except OverflowError:
        raise ValueError("a year out of range") from None


def _first_day(calendar: Calendar, year: int, month: int) -> int:
    """The ordinal of a month's first day; the month after the last is the first of the next year."""
    if month > _MONTHS[calendar]:
        year, month = year + 1, 1
    return _FIRST_DAYS[calendar](year, month)


def _gregorian(year: int, month: int) -> int:
    return date(year, month, 1).toordinal()


def _ethiopian(year: int, month: int) -> int:
    return _BEFORE_YEAR_1["ethiopian"] + 1 + 365 * (year - 1) + year // 4 + 30 * (month - 1)


def _persian(year: int, month: int) -> int:
    new_year = _BEFORE_YEAR_1["persian"] + 1 + 365 * (year - 1) + (8 * year + 21) // 33
    return new_year + 31 * (month - 1) - max(month - 7, 0)


def _hijri(year: int, month: int) -> int:
    new_year = _BEFORE_YEAR_1["hijri"] + 1 + 354 * (year - 1) + (3 + 11 * year) // 30
    return new_year + 29 * (month - 1) + month // 2


_FIRST_DAYS: Final[dict[Calendar, Callable[[int, int], int]]] = {
    "gregorian": _gregorian,
    "ethiopian": _ethiopian,
    "persian": _persian,
    "hijri": _hijri,
}
