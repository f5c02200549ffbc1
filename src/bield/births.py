"""When somebody was born, as far as it is known: a day, a month, a year or a span, certain or estimated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from bield.ages import ADULT_FROM, years_on
from bield.calendars import span

_NAMES: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_ABOUT: Final = re.compile(r"\s*(?:about|around|approximately|approx\.?|circa|ca?\.|~)\s*", re.IGNORECASE)
_STORED: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_WRITTEN: Final = re.compile(r"(?:(?:(\d{1,2})[\s./-]+)?([^\W\d_]{3,9}|\d{1,2})\.?[\s,./-]+)?(\d{4})")


@dataclass(frozen=True, slots=True)
class Birth:
    """Born on some day from `earliest` to `latest`, both included. estimated: nobody is certain of it."""

    earliest: date
    latest: date
    estimated: bool = False

    def __post_init__(self) -> None:
        if self.latest < self.earliest:
            raise ValueError("a birth ends before it begins")

    @classmethod
    def on(cls, day: date) -> Birth:
        """A birth on a day that is certain."""
        return cls(day, day)

    @classmethod
    def aged(cls, years: int, *, on: date) -> Birth:
        """The birth of somebody who is this many years old on a day; an age alone always gives an estimate."""
        last = _anniversary(on, -years)
        first = date.fromordinal(_anniversary(on, -years - 1).toordinal() + 1)
        return cls(first, last, estimated=True)

    @classmethod
    def read(cls, text: str) -> Birth:
        """Read back what `stored` gives. Raises ValueError for anything else.

        >>> Birth.read("1999-03~")
        Birth(earliest=datetime.date(1999, 3, 1), latest=datetime.date(1999, 3, 31), estimated=True)
        """
        body, estimated = text.removesuffix("~"), text.endswith("~")
        first, _slash, last = body.partition("/")
        return cls(_stored_span(first)[0], _stored_span(last or first)[1], estimated)

    @property
    def stored(self) -> str:
        """The birth as ISO 8601-2 writes it: 1999, 1999-03, 1999-03-14, first/last; with ~ if it is estimated."""
        first, last = self.earliest, self.latest
        if first == last:
            text = first.isoformat()
        elif (first, last) == span("gregorian", first.year):
            text = f"{first:%Y}"
        elif (first, last) == span("gregorian", first.year, first.month):
            text = f"{first:%Y-%m}"
        else:
            text = f"{first.isoformat()}/{last.isoformat()}"
        return text + "~" * self.estimated

    @property
    def day(self) -> date | None:
        """The day, if it is known for certain; else None."""
        return self.earliest if self.earliest == self.latest and not self.estimated else None

    def ages_on(self, on: date) -> tuple[int, int]:
        """The lowest and highest age in full years that they may have on a day."""
        return years_on(self.latest, on), years_on(self.earliest, on)

    def turns(self, years: int = ADULT_FROM) -> tuple[date, date]:
        """The first and last day on which they may reach an age."""
        return _anniversary(self.earliest, years), _anniversary(self.latest, years)


Disagreement = Literal["", "birth_says_child", "birth_says_adult", "birth_leaves_open"]


def disagreement(age: str, born: Birth | None, *, on: date) -> Disagreement:
    """Whether a birth contradicts the age that was given; empty if it does not.

    age: adult, or under_18 or child; anything else is not sure, and contradicts nothing. If the age is adult and they
    may still be under 18, the result is "birth_leaves_open": nobody counts as an adult by a guess.
    """
    if born is None:
        return ""
    least, most = born.ages_on(on)
    if age == "adult" and least < ADULT_FROM:
        return "birth_says_child" if most < ADULT_FROM else "birth_leaves_open"
    return "birth_says_adult" if age in ("under_18", "child") and least >= ADULT_FROM else ""


def birth_written(text: str) -> Birth | None:
    """A birth as people write it, day first: 31/3/2008, 31 March 2008, March 2008, 2008, about 2008. Else None.

    >>> birth_written("31 March 2008") == birth_written("31.03.2008") == birth_written("2008-03-31")
    True
    >>> birth_written("about 2008").stored
    '2008~'
    """
    prefix = _ABOUT.match(text)
    body = text[prefix.end() if prefix else 0 :].strip()
    estimated = prefix is not None or body.endswith(("?", "~"))
    body = body.rstrip("?~ ")
    try:
        first, last = _stored_span(body)
    except ValueError:
        written = _WRITTEN.fullmatch(body)
        if written is None:
            return None
        day, month, year = written.groups()
        try:
            first, last = span(
                "gregorian", int(year), month_number(month) if month else None, int(day) if day else None
            )
        except ValueError:
            return None
    return Birth(first, last, estimated)


def month_number(text: str) -> int:
    """The number of a month that is written as a number, a name or its first letters. Raises ValueError for others.

    >>> month_number("3"), month_number("March"), month_number("sept")
    (3, 3, 9)
    """
    word = text.strip().rstrip(".").lower()
    if word.isdecimal():
        return int(word)
    matching = [number for number, name in enumerate(_NAMES, start=1) if len(word) > 2 and name.startswith(word)]
    if len(matching) != 1:
        raise ValueError(f"{text} is not a month")
    return matching[0]


def _stored_span(text: str) -> tuple[date, date]:
    match = _STORED.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is not a day, a month or a year")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None  # noqa: S101  # the pattern has it
    return span("gregorian", year, month, day)


def _anniversary(day: date, years: int) -> date:
    """The same day some years later; 1 March if that year has no 29 February, as `years_on` counts."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
