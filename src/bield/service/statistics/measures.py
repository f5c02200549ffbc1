"""The yearly measures of support, counted from facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from django.db.models import Q, QuerySet

from bield.datafiles import build_all, check_parts, read
from bield.disclosure.support_facts import ADULTS
from bield.service.statistics.models import SupportFact, SupportSpan


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


def _spans(kind: str, provider: str, sex: str) -> QuerySet[SupportSpan]:
    found = SupportSpan.objects.filter(kind=kind, fact__band__in=ADULTS)
    if provider:
        found = found.filter(fact__provider=provider)
    return found.filter(fact__sex=sex) if sex else found


def _people(spans: QuerySet[SupportSpan]) -> int:
    return spans.values("fact").distinct().count()


def count(year: Year, *, today: date, provider: str = "", sex: str = "") -> dict[str, int | float | None]:
    """Each measure by its id; None where there is nobody to average over. provider, sex: of one only, if given.

    A year that still runs is counted up to the month of today, and never as if it were over.
    """
    support, last = _spans("support", provider, sex), year.counted_to(today=today)
    in_year = Q(first__lte=last) & (Q(last__isnull=True) | Q(last__gte=year.first))
    still = support.filter(first__lte=last).filter(Q(last__isnull=True) | Q(last__gt=last))
    ended = support.filter(last__range=(year.first, last))
    earlier = support.filter(first__lt=year.first).values("fact")
    return {
        "supported": _people(support.filter(in_year)),
        "new": _people(support.filter(first__range=(year.first, last)).exclude(fact__in=earlier)),
        "crisis": _people(_spans("crisis", provider, sex).filter(in_year)),
        "returned": _people(_spans("returned", provider, sex).filter(first__range=(year.first, last))),
        "open": _people(still),
        "months_open": _average([_months(first, last) for first in still.values_list("first", flat=True)]),
        "months_ended": _average([_months(first, last) for first, last in _pairs(ended)]),
    }


def _pairs(spans: QuerySet[SupportSpan]) -> list[tuple[date, date]]:
    return [(first, last) for first, last in spans.values_list("first", "last") if last is not None]


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _average(values: Sequence[int]) -> float | None:
    return round(sum(values) / len(values), 1) if values else None


def providers() -> list[str]:
    """The providers of which there are facts."""
    return sorted(SupportFact.objects.values_list("provider", flat=True).distinct())


def years(*, today: date) -> list[Year]:
    """The years of which there are facts, the latest first."""
    first = SupportSpan.objects.filter(kind="support").order_by("first").values_list("first", flat=True).first()
    if first is None:
        return []
    return [Year(begins) for begins in range(year_of(today).begins, year_of(first).begins - 1, -1)]
