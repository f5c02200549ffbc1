"""Works out how old somebody is on a day."""

from __future__ import annotations

from datetime import date
from typing import Final

ADULT_FROM: Final = 18
"""The age in years from which somebody is no longer a child: 2015 Act s.40, and the UN Convention on the Rights of the
Child."""


def years_on(born: date, on: date) -> int:
    """Full years of age on a day; negative for somebody who is not born yet.

    >>> years_on(date(2008, 2, 29), date(2026, 2, 28)), years_on(date(2008, 2, 29), date(2026, 3, 1))
    (17, 18)
    """
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
