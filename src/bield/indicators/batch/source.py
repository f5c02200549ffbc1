"""The files of a batch: found, opened and read a piece at a time, with every row's place in its file."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyarrow.fs import LocalFileSystem

from bield.indicators.batch.problems import BatchError

BATCH_ROWS = 1 << 17
"""People held at a time: a few tens of megabytes with all indicators and some other columns."""
CSV_BLOCK_BYTES = 1 << 23
LARGE_ROW_GROUP = 1 << 21
"""Rows above which a Parquet row group is read as a stream."""

CSV_ENDINGS = (".csv", ".csv.gz", ".tsv")
PARQUET_ENDINGS = (".parquet", ".pq")


def is_csv(path: Path) -> bool:
    return path.name.lower().endswith(CSV_ENDINGS)


def find_files(given: Sequence[str]) -> tuple[Path, ...]:
    """Files, folders and globs as a list of files, in the order given and by name within each.

    Raises BatchError for a name that leads to nothing or to a file of another kind.
    """
    found: list[Path] = []
    for name in given:
        path = Path(name)
        if path.is_dir():
            files = sorted(item for item in path.rglob("*") if _readable(item))
        elif path.is_file():
            files = [path]
        else:
            files = sorted(Path(item) for item in glob.glob(name, recursive=True))  # noqa: PTH207  # absolute patterns
        if not files:
            raise BatchError(f"{name}: no such file, and no CSV or Parquet file within it")
        if wrong := [item for item in files if not _readable(item)]:
            raise BatchError(f"{wrong[0]}: expected a file ending in .csv, .csv.gz, .tsv or .parquet")
        found += files
    return tuple(dict.fromkeys(found))


def _readable(path: Path) -> bool:
    """A data file by its ending. Names that begin with a dot or an underscore are other programs' notes."""
    endings = (*CSV_ENDINGS, *PARQUET_ENDINGS)
    return path.name.lower().endswith(endings) and not path.name.startswith((".", "_"))


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file that can be read by itself: a run of Parquet row groups, or a whole CSV file."""

    file: Path
    first_row: int
    """How many rows of the file come before."""
    row_groups: tuple[int, ...]


def pieces(files: Sequence[Path], *, rows: int = 1 << 20) -> list[Piece]:
    """The files cut into pieces of about this many rows, in order. Raises BatchError for a file that is damaged."""
    every: list[Piece] = []
    for file in files:
        if is_csv(file):
            every.append(Piece(file, 0, ()))
            continue
        metadata = _opened(file).metadata
        first, begun, groups, held = 0, 0, [], 0
        for number in range(metadata.num_row_groups):
            groups.append(number)
            held += metadata.row_group(number).num_rows
            if held >= rows or number == metadata.num_row_groups - 1:
                every.append(Piece(file, begun, tuple(groups)))
                first += held
                begun, groups, held = first, [], 0
    return every


def read_schema(file: Path) -> pa.Schema:
    """The columns of a file. Raises BatchError if it is empty, damaged or unreadable."""
    if is_csv(file):
        with _csv(file, None) as reader:
            return reader.schema
    schema: pa.Schema = _opened(file).schema_arrow
    return schema


def count_rows(files: Sequence[Path]) -> int | None:
    """How many rows the files hold, or None where only reading would tell."""
    if any(is_csv(file) for file in files):
        return None
    return sum(int(_opened(file).metadata.num_rows) for file in files)


def _opened(file: Path) -> pq.ParquetFile:
    try:
        if file.stat().st_size == 0:
            raise BatchError(f"{file}: the file is empty")
        return pq.ParquetFile(file)
    except pa.ArrowInvalid as error:
        raise BatchError(f"{file}: not a whole Parquet file ({_first_line(error)})") from error
    except OSError as error:
        raise BatchError(f"{file}: cannot be read ({_first_line(error)})") from error


def read(piece: Piece, columns: Sequence[str]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The rows of a piece, a batch at a time, each with the number of rows of the file that come before it."""
    first = piece.first_row
    try:
        for batch in _batches(piece, columns):
            if batch.num_rows:
                yield first, batch
                first += batch.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise BatchError(f"{piece.file}: damaged after row {first} ({_first_line(error)})") from error


def _batches(piece: Piece, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    if is_csv(piece.file):
        with _csv(piece.file, columns) as reader:
            yield from reader
        return
    file = _opened(piece.file)
    if max(file.metadata.row_group(number).num_rows for number in piece.row_groups) > LARGE_ROW_GROUP:
        # Reading ahead would hold the whole of a very large row group; a stream is slower and stays small.
        streamed = pq.ParquetFile(piece.file, buffer_size=1 << 20, pre_buffer=False)
        yield from streamed.iter_batches(BATCH_ROWS, row_groups=list(piece.row_groups), columns=list(columns))
        return
    fragment = ds.ParquetFileFormat().make_fragment(str(piece.file), LocalFileSystem(), row_groups=piece.row_groups)
    yield from fragment.to_batches(columns=list(columns), batch_size=BATCH_ROWS, batch_readahead=4, use_threads=True)


def _csv(file: Path, columns: Sequence[str] | None) -> pacsv.CSVStreamingReader:
    """A reader of a CSV file in which every cell is text, so that nothing that passes through is changed."""
    try:
        delimiter = "\t" if file.name.lower().endswith(".tsv") else ","
        parse = pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
        blocks = pacsv.ReadOptions(block_size=CSV_BLOCK_BYTES)
        if columns is None:
            blocks_for_names = pacsv.ReadOptions(block_size=1 << 20)
            return pacsv.open_csv(file, read_options=blocks_for_names, parse_options=parse)
        convert = pacsv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()),
            include_columns=list(columns),
            strings_can_be_null=False,
        )
        return pacsv.open_csv(file, read_options=blocks, parse_options=parse, convert_options=convert)
    except pa.ArrowInvalid as error:
        if file.stat().st_size == 0:
            raise BatchError(f"{file}: the file is empty") from error
        raise BatchError(f"{file}: not a CSV file ({_first_line(error)})") from error
    except (OSError, KeyError) as error:
        raise BatchError(f"{file}: cannot be read ({_first_line(error)})") from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
