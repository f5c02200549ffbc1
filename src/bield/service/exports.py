"""The one writer of files for a spreadsheet: read right by Excel, run by none, days as the people here have them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.http import HttpResponse
from django.utils import timezone

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""By it Excel knows that a file is UTF-8."""

RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula."""


def cell(value: object) -> str:
    """A value as it stands in a file: a day as 2026-03-31, a time in local time, and words that are never run.

    >>> cell("=HYPERLINK(1)"), cell(date(2026, 3, 31)), cell(None), cell(True)
    ("'=HYPERLINK(1)", '2026-03-31', '', 'yes')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return str(value)
    words = str(value)
    return f"'{words}" if words.startswith(RUN) else words


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A table as a file that the browser saves under a name."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([cell(item) for item in columns])
    writer.writerows([cell(item) for item in row] for row in rows)
    return HttpResponse(
        (BYTE_ORDER_MARK + text.getvalue()).encode(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
