"""The yearly measures, counted from facts. Not for publication: small numbers are shown as they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bield import law
from bield.service.accounts.access import requires, user_of
from bield.service.accounts.noting import note_in_each
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.charts import Bars, by_year
from bield.service.exports import as_csv
from bield.service.statistics import measures as counting
from bield.service.statistics.measures import Measure, Year

COUNT = Permission.MEASURES_COUNT
MOST_YEARS = 8


@dataclass(frozen=True, slots=True)
class Table:
    """The years in words, each measure with its number for each year, and the provider that was chosen."""

    years: list[str]
    rows: list[tuple[Measure, list[int | float | None]]]
    provider: str
    providers: list[str]


def _table(request: HttpRequest) -> Table:
    providers, provider = counting.providers(), request.GET.get("provider", "")
    if provider not in providers:
        provider = ""
    today = timezone.localdate()
    years = list(reversed(counting.years(today=today)[:MOST_YEARS]))
    spans = counting.counted_spans(provider=provider)
    counted = [counting.count(spans, year, today=today) for year in years]
    rows = [(item, [found[item.id] for found in counted]) for item in counting.load_measures().measures]
    return Table([_words(year, today) for year in years], rows, provider, providers)


def _words(year: Year, today: date) -> str:
    return str(year) if year.over(today=today) else _("%(year)s so far") % {"year": year}


def _first_figure(table: Table) -> tuple[object, str, object, str] | None:
    """The number of adults supported in the last year and the one before, each with its year; None without any."""
    if not table.years:
        return None
    numbers = table.rows[0][1]
    before = (numbers[-2], table.years[-2]) if len(numbers) > 1 else (None, "")
    return (numbers[-1], table.years[-1], *before)


def _bars(table: Table) -> Bars:
    return tuple((_(measure.label), tuple(numbers)) for measure, numbers in table.rows)


def _note(request: HttpRequest) -> None:
    note_in_each(Kind.MEASURES_READ, user_of(request), COUNT)


@require_safe
@requires(COUNT)
def measures(request: HttpRequest) -> HttpResponse:
    """The yearly measures of support: the figure that matters first, a chart of each, and a table of the same."""
    today = timezone.localdate()
    with transaction.atomic():
        table = _table(request)
        _note(request)
    unfinished = tuple(year for year in table.years[-1:] if year == _words(counting.year_of(today), today))
    return render(
        request,
        "statistics/measures.html",
        {
            "first": _first_figure(table),
            "picture": by_year(_bars(table), tuple(table.years), unfinished=unfinished) if table.years else "",
            "about": counting.load_measures(),
            "years": table.years,
            "rows": table.rows,
            "provider": table.provider,
            "providers": [(item, law.body(item).name) for item in table.providers],
        },
    )


@require_safe
@requires(COUNT)
def measures_file(request: HttpRequest) -> HttpResponse:
    """The same as a file for a spreadsheet, with the definition of each."""
    with transaction.atomic():
        table = _table(request)
        _note(request)
    return as_csv(
        "measures.csv",
        [_("measure"), _("unit"), _("definition"), *table.years],
        ([item.label, item.unit, item.definition, *numbers] for item, numbers in table.rows),
    )
