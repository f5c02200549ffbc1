"""Writes results whole, or not at all."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from bield.indicators.batch.plan import Request
from bield.indicators.batch.problems import BatchError
from bield.whole import check_new

PENDING = 2
"""How many groups of rows may wait to be written: enough to keep the disk busy, few enough to limit memory."""

GROUP_ROWS = 1 << 20
"""How many rows a Parquet row group or a write to a CSV file has."""


def check_target(path: Path, request: Request) -> None:
    """Raises BatchError or UserError for a target that is or lies among the inputs, exists or cannot be written."""
    if "\0" in str(path) or not path.name.lower().endswith((".parquet", ".csv")):
        raise BatchError(f"{path}: results are written as .parquet or .csv; name the file so")
    where = path.resolve()
    if where in {file.resolve() for file in request.files}:
        raise BatchError(f"{path}: is one of the files to read; choose another name")
    if place := next((item for item in request.given if _lies_in(where, item)), None):
        raise BatchError(
            f"{path}: would be read as one of the files the next time, since it lies in {place}; choose another folder"
        )
    check_new(path, force=request.force or path.is_dir())


def _lies_in(path: Path, place: str) -> bool:
    """Whether a folder (`…/**`) or a pattern matches this file."""
    if place.endswith("/**"):
        return path.is_relative_to(place.removesuffix("/**"))
    return fnmatch(str(path), os.path.normpath(place).replace("/**/", "/*"))


class Writer:
    """Writes record batches to a Parquet or CSV file, in the background and in order."""

    def __init__(self, path: Path, kind: Path, schema: pa.Schema) -> None:
        """kind: a path with an ending that gives the format (`path` may be a hidden file next to it)."""
        self._csv = kind.name.lower().endswith(".csv")
        self._schema = _without_dictionaries(schema) if self._csv else schema
        try:
            self._file = (
                pacsv.CSVWriter(path, self._schema)
                if self._csv
                else pq.ParquetWriter(path, schema, compression="snappy")
            )
        except (OSError, pa.ArrowException) as error:
            raise BatchError(f"{kind}: cannot be written ({error})") from error
        self._kind = kind
        self._thread = ThreadPoolExecutor(1)
        self._pending: list[Future[None]] = []
        self._batches: list[pa.RecordBatch] = []
        self._batched_rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        self._batches.append(batch)
        self._batched_rows += batch.num_rows
        if self._batched_rows >= GROUP_ROWS:
            self._hand_over()

    def _hand_over(self) -> None:
        """Give the collected rows to the thread that writes, and wait while it is behind."""
        if not self._batches:
            return
        table = pa.Table.from_batches(self._batches)
        self._batches, self._batched_rows = [], 0
        while len(self._pending) >= PENDING:
            self._pending.pop(0).result()
        self._pending.append(self._thread.submit(self._write, table))

    def _write(self, table: pa.Table) -> None:
        try:
            if self._csv:
                self._file.write_table(table.cast(self._schema))
            else:
                self._file.write_table(table, row_group_size=GROUP_ROWS * 2)
        except (OSError, pa.ArrowException) as error:
            raise BatchError(f"{self._kind}: cannot be written ({error})") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._hand_over()
                for future in self._pending:
                    future.result()
        finally:
            self._thread.shutdown(wait=True, cancel_futures=True)
            self._file.close()


def _without_dictionaries(schema: pa.Schema) -> pa.Schema:
    return pa.schema(
        [field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field for field in schema]
    )
