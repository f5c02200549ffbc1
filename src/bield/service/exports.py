"""The one writer of files for a spreadsheet: read right by Excel, run by none, days as the people here have them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from typing import Final, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

M = TypeVar("M", bound=Model)
AT_ONCE: Final = 1 << 15
"""Signs that leave together."""

CSV: Final = "text/csv; charset=utf-8"
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
    """A small table as a file that the browser saves under a name."""
    return HttpResponse(b"".join(_written(columns, rows)), content_type=CSV, headers=_saved_as(name))


def as_long_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A table of any length as a file. It leaves as it is read, and is never held whole.

    What goes with the reading, such as its event, must be done before: the view is over when the rows are read.
    """
    return StreamingHttpResponse(_written(columns, rows), content_type=CSV, headers=_saved_as(name))


def _saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _written(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    text.write(BYTE_ORDER_MARK)
    for row in chain([columns], rows):
        writer.writerow([cell(item) for item in row])
        if text.tell() > AT_ONCE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def in_chunks(rows: QuerySet[M], *, size: int = 1_000) -> Iterator[list[M]]:
    """The rows of a long list, so many at a time: the database gives them as they are asked for."""
    found = rows.iterator(chunk_size=size)
    while chunk := list(islice(found, size)):
        yield chunk
