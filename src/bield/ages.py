"""How old somebody is on a day, and whether that agrees with the age that was said of them."""

from __future__ import annotations

import re
from datetime import date
from typing import Final, Literal

ADULT_FROM: Final = 18
"""Years at which somebody is no longer a child: 2015 Act s.40, and the UN Convention on the Rights of the Child."""

Disagreement = Literal["", "birth_says_child", "birth_says_adult"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WRITTEN = re.compile(r"\s*(\d{1,2})[\s./-]+([A-Za-z]{3,9}|\d{1,2})[\s./-]+(\d{4})\s*")


def years_on(born: date, on: date) -> int:
    """Full years of age on a day; below nothing for somebody who is not born yet.

    >>> years_on(date(2008, 2, 29), date(2026, 2, 28)), years_on(date(2008, 2, 29), date(2026, 3, 1))
    (17, 18)
    """
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def disagreement(age: str, born: date | None, *, on: date) -> Disagreement:
    """Whether a day of birth contradicts the age that was said.

    age: adult, or under_18 or child; anything else is not sure, and contradicts nothing.
    """
    if born is None:
        return ""
    child = years_on(born, on) < ADULT_FROM
    if age == "adult" and child:
        return "birth_says_child"
    return "birth_says_adult" if age in ("under_18", "child") and not child else ""


def day_written(text: str) -> date | None:
    """A day as people write it, day first: 2008-03-31, 31/3/2008, 31 March 2008. None for anything else.

    >>> day_written("31 March 2008") == day_written("31.03.2008") == day_written("2008-03-31")
    True
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        pass
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    day, month, year = found.groups()
    number = int(month) if month.isdecimal() else _month(month)
    try:
        return date(int(year), number, int(day))
    except ValueError:
        return None


def _month(word: str) -> int:
    start = word[:3].lower()
    return _MONTHS.index(start) + 1 if start in _MONTHS else 0
