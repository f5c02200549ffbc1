"""The yearly measures of support, counted from facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final, Literal

from django.db.models import Count

from bield.datafiles import build_all, check_parts, read
from bield.disclosure.support_facts import ADULTS
from bield.service.statistics.models import FOREVER, SupportFact, SupportSpan

KINDS: Final = ("support", "crisis", "returned")
"""The kinds of support that a measure counts."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted, and how. flow: over the year; stock: on its last day."""

    id: str
    label: str
    kind: Literal["flow", "stock"]
    unit: Literal["people", "months"]
    definition: str


@dataclass(frozen=True, slots=True)
class Measures:
    """Every measure with where it comes from."""

    source: str
    caveat: str
    measures: tuple[Measure, ...]


@cache
def load_measures() -> Measures:
    """The measures as recorded. Raises DataError saying what is wrong, and where."""
    filename = "measures.v1.toml"
    raw = read("bield.service.statistics", filename)
    check_parts(filename, raw, {"version", "source", "confidence", "caveat", "measures"})
    return Measures(raw["source"], raw["caveat"], build_all(Measure, filename, "measure", raw["measures"]))


@dataclass(frozen=True, slots=True)
class Year:
    """A year from April to March, by the calendar year in which it begins."""

    begins: int

    @property
    def first(self) -> date:
        return date(self.begins, 4, 1)

    @property
    def last(self) -> date:
        """The first day of its last month."""
        return date(self.begins + 1, 3, 1)

    def over(self, *, today: date) -> bool:
        """Whether the whole year lies in the past."""
        return today >= date(self.begins + 1, 4, 1)

    def counted_to(self, *, today: date) -> date:
        """The first day of the last month that can be counted: of the year, or of today while the year runs."""
        return min(self.last, today.replace(day=1))

    def __str__(self) -> str:
        return f"{self.begins}-{(self.begins + 1) % 100:02d}"


def year_of(day: date) -> Year:
    """The year in which a day lies."""
    return Year(day.year if day.month >= 4 else day.year - 1)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many spans of a kind last from one month to another, and follow others that lasted until `before`."""

    kind: str
    first: date
    last: date
    before: date
    number: int

    def touches(self, begin: date, end: date) -> bool:
        """Whether it is the first span of somebody that has a month in a time: so that they are counted once."""
        return self.first <= end and self.last >= begin > self.before


def counted_spans(*, provider: str = "", sex: str = "") -> list[Counted]:
    """The spans of adults by their months. provider, sex: of one only, if given."""
    found = SupportSpan.objects.filter(kind__in=KINDS, band__in=ADULTS)
    if provider:
        found = found.filter(provider=provider)
    if sex:
        found = found.filter(sex=sex)
    rows = found.values_list("kind", "first", "last", "before").annotate(number=Count("*")).order_by()
    return [
        Counted(kind, first, last or FOREVER, before or date.min, number) for kind, first, last, before, number in rows
    ]


def count(spans: Sequence[Counted], year: Year, *, today: date) -> dict[str, int | float | None]:
    """Each measure by its id; None where there is nobody to average over.

    A year that still runs is counted up to the month of today, and never as if it were over.
    """
    begin, end = year.first, year.counted_to(today=today)
    of = {kind: [item for item in spans if item.kind == kind] for kind in KINDS}
    support = of["support"]
    return {
        "supported": _number(support, lambda item: item.touches(begin, end)),
        "new": _number(support, lambda item: item.before == date.min and begin <= item.first <= end),
        "crisis": _number(of["crisis"], lambda item: item.touches(begin, end)),
        "returned": _number(of["returned"], lambda item: item.touches(begin, end)),
        "open": _number(support, lambda item: item.first <= end < item.last and item.before <= end),
        "months_open": _average(
            [(_months(item.first, end), item.number) for item in support if item.first <= end < item.last]
        ),
        "months_ended": _average(
            [(_months(item.first, item.last), item.number) for item in support if begin <= item.last <= end]
        ),
    }


def _number(spans: Iterable[Counted], counts: Callable[[Counted], bool]) -> int:
    return sum(item.number for item in spans if counts(item))


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _average(values: Sequence[tuple[int, int]]) -> float | None:
    """The average of values, each of which stands for so many."""
    number = sum(many for _value, many in values)
    return round(sum(value * many for value, many in values) / number, 1) if number else None


def providers() -> list[str]:
    """The providers of which there are facts."""
    return sorted(SupportFact.objects.values_list("provider", flat=True).distinct())


def years(*, today: date) -> list[Year]:
    """The years of which there are facts, the latest first."""
    first = SupportSpan.objects.filter(kind="support").order_by("first").values_list("first", flat=True).first()
    if first is None:
        return []
    return [Year(begins) for begins in range(year_of(today).begins, year_of(first).begins - 1, -1)]
