"""Reads times of day as people write them."""

from __future__ import annotations

import re
from datetime import time
from typing import Final

_WRITTEN: Final = re.compile(r"(\d{1,2})(?:\s*[.:h]\s*(\d\d))?\s*(am|pm|a\.m\.|p\.m\.)?", re.IGNORECASE)
_FOUR: Final = re.compile(r"(\d\d)(\d\d)")
_NOON: Final = frozenset({"noon", "midday", "12 noon", "12noon"})
HALF: Final = 12


def time_written(text: str) -> time | None:
    """A time of day in 24 hours or with am and pm; None if it is not a time, or could mean two.

    >>> time_written("9.30"), time_written("9:30 pm"), time_written("2130"), time_written("9")
    (datetime.time(9, 30), datetime.time(21, 30), datetime.time(21, 30), None)
    """
    words = " ".join(text.casefold().split())
    if words in _NOON:
        return time(HALF)
    match = _FOUR.fullmatch(words) or _WRITTEN.fullmatch(words)
    if match is None:
        return None
    half = (match[3] or "").replace(".", "") if match.re is _WRITTEN else ""
    if match[2] is None and not half:
        return None  # a bare number may be an hour of the morning or of the evening
    hours = _in_24(int(match[1]), half)
    try:
        return time(hours, int(match[2] or 0)) if hours is not None else None
    except ValueError:
        return None


def _in_24(hours: int, half: str) -> int | None:
    if not half:
        return hours
    if not 1 <= hours <= HALF:
        return hours if half == "pm" and hours > HALF else None
    return hours % HALF + (HALF if half == "pm" else 0)
