"""Where results are written: whole, or not at all."""

from __future__ import annotations

import os
import re
import shutil
import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from bield.indicators.batch.plan import Request
from bield.indicators.batch.problems import BatchError

PENDING = 2
"""Groups of rows that may wait to be written: enough to keep the disk busy, few enough to keep memory flat."""

GROUP_ROWS = 1 << 20
"""Rows of a Parquet row group, or of one write to a CSV file."""


def check_target(path: Path, request: Request) -> None:
    """Refuse a target that is an input or lies among them, is there already, or cannot be written."""
    if "\0" in str(path) or not path.name.lower().endswith((".parquet", ".csv")):
        raise BatchError(f"{path}: results are written as .parquet or .csv; name the file so")
    where = path.resolve()
    if where in {file.resolve() for file in request.files}:
        raise BatchError(f"{path}: is one of the files to read; choose another name")
    if place := next((item for item in request.given if _lies_in(where, item)), None):
        raise BatchError(
            f"{path}: would be read as one of the files the next time, since it lies in {place}; choose another folder"
        )
    if not where.parent.is_dir():
        raise BatchError(f"{path}: the folder {where.parent} does not exist")
    if path.exists() and not path.is_dir() and not request.force:
        raise BatchError(f"{path}: is there already; choose another name, or say --force to replace it")
    if not os.access(where.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise BatchError(f"{path}: cannot be written here")


def _lies_in(path: Path, place: str) -> bool:
    """Whether a folder (`…/**`) or a pattern would give this file."""
    if place.endswith("/**"):
        return path.is_relative_to(place.removesuffix("/**"))
    return fnmatch(str(path), os.path.normpath(place).replace("/**/", "/*"))


MARK = ".partial"
"""How the name of a half-written file ends. Before it stand the host and the process that writes it."""


@contextmanager
def partial(path: Path) -> Iterator[Path]:
    """A hidden neighbour of `path` to write to. It takes the name when all went well, and is removed when not.

    What a run that was killed left in the folder is removed first: it holds people's answers.
    """
    _remove_left_over(path.parent)
    hidden = path.with_name(f".{path.name[:100]}.{_host()}.{os.getpid()}.{uuid.uuid4().hex[:8]}{MARK}")
    try:
        yield hidden
        if path.is_dir() and not hidden.is_dir():
            raise BatchError(f"{path}: is a folder; choose another name")
        if hidden.is_dir() and path.exists():
            raise BatchError(f"{path}: already exists; choose another name or remove it")
        if hidden.exists():
            hidden.replace(path)
    finally:
        _remove(hidden)


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname()) or "host"


def _remove_left_over(folder: Path) -> None:
    """Half-written files of processes of this machine that run no longer."""
    for item in folder.glob(f".*{MARK}"):
        owner = re.fullmatch(rf"\..+\.{_host()}\.([0-9]+)\.[0-9a-f]{{8}}{re.escape(MARK)}", item.name)
        if owner and not _runs(int(owner[1])):
            _remove(item)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # somebody else's
    return True


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


class Writer:
    """Writes record batches to a Parquet or CSV file, in the background and in order."""

    def __init__(self, path: Path, kind: Path, schema: pa.Schema) -> None:
        """kind: a path whose ending says the format (`path` may be a hidden neighbour of it)."""
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
        self._held: list[pa.RecordBatch] = []
        self._held_rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        self._held.append(batch)
        self._held_rows += batch.num_rows
        if self._held_rows >= GROUP_ROWS:
            self._hand_over()

    def _hand_over(self) -> None:
        """Give what is held to the thread that writes, and wait while it is behind."""
        if not self._held:
            return
        table = pa.Table.from_batches(self._held)
        self._held, self._held_rows = [], 0
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
