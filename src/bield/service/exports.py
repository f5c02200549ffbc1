"""Writes all CSV files for spreadsheets: Excel reads them rightly, runs no formula, and shows local times."""

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
"""Characters to collect before sending them."""

CSV: Final = "text/csv; charset=utf-8"
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""It tells Excel that a file is UTF-8."""

RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a text for a formula, at its beginning."""


def cell(value: object) -> str:
    """A value as written to a file: a date as 2026-03-31, a time in local time, and text that is never run.

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
    """A small table as a file that the browser saves under this name."""
    return HttpResponse(b"".join(_written(columns, rows)), content_type=CSV, headers=_saved_as(name))


def as_long_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A table of any length as a file. It is sent while it is read, and never in memory as a whole.

    Do what goes with the reading, such as its event, before: the view has ended when the rows are read.
    """
    return StreamingHttpResponse(_written(columns, rows), content_type=CSV, headers=_saved_as(name))


def _saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _written(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    text.write(BYTE_ORDER_MARK)
    for row in chain([columns], rows):
        writer.writerow([cell(value) for value in row])
        if text.tell() > AT_ONCE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def in_chunks(rows: QuerySet[M], *, size: int = 1_000) -> Iterator[list[M]]:
    """The rows of a long list in chunks of a size, read from the database chunk by chunk."""
    remaining = rows.iterator(chunk_size=size)
    while chunk := list(islice(remaining, size)):
        yield chunk
