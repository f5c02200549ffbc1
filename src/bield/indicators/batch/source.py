"""Finds, opens and reads the files of a batch a piece at a time, with the number of each row in its file."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from bield.delimited import Dialect, Layout, layout_of, odd_row
from bield.indicators.batch.problems import BatchError

BATCH_ROWS = 1 << 17
"""People in memory at a time: a few tens of megabytes with all indicators and some other columns."""
CSV_BLOCK_BYTES = 1 << 23
LARGE_ROW_GROUP = 1 << 21
"""How many rows a Parquet row group may have before it is read as a stream."""

CSV_ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
PARQUET_ENDINGS = (".parquet", ".pq")

AS_CSV = "choose File, Save As, CSV UTF-8, and give that file"
OTHER_KINDS = {
    (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers"): f"is a workbook: {AS_CSV}",
    (".sav", ".zsav", ".por"): "is of SPSS: choose File, Export, CSV Data there, with values and not labels",
    (".dta",): "is of Stata: type there `export delimited FILE.csv, nolabel`",
    (".sas7bdat", ".xpt"): "is of SAS: use PROC EXPORT with DBMS=CSV there",
    (".rds", ".rdata"): "is of R: use arrow::write_parquet or write.csv there",
    (".zip", ".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst"): "is packed: unpack it first",
    (".txt", ".dat", ".tab"): "may be a CSV file: if it is, name it .csv",
}
"""Other kinds of files that surveys are stored in, and how to convert them. Those in the last line are common."""


def is_csv(path: Path) -> bool:
    return path.name.lower().endswith(CSV_ENDINGS)


@dataclass(frozen=True, slots=True)
class Found:
    """The files of a batch. places: the folders and patterns that were given, where no result may be written."""

    files: tuple[Path, ...]
    places: tuple[str, ...]


def find_files(given: Sequence[str]) -> Found:
    """The files in files, folders and globs, in the order given and by name within each; each file once.

    Raises BatchError for a name that matches nothing or a file of another kind.
    """
    by_resolved_path: dict[Path, Path] = {}
    places = []
    for name in given:
        if not name or "\0" in name:
            raise BatchError(f"{name!r}: is not the name of a file")
        path = Path(name)
        if path.is_dir():
            places.append(str(path.resolve() / "**"))
            files = sorted(item for item in path.rglob("*") if item.is_file() and _wanted(item))
        elif path.is_file():
            files = [path]
        else:
            places.append(str(Path.cwd() / name))
            files = sorted(Path(item) for item in _globbed(name) if Path(item).is_file())
        if not files:
            raise BatchError(f"{name}: no such file, and no CSV or Parquet file within it")
        for file in files:
            _refuse_other_kinds(file)
            by_resolved_path.setdefault(file.resolve(), file)
    return Found(tuple(by_resolved_path.values()), tuple(places))


def _globbed(pattern: str) -> list[str]:
    try:
        return glob.glob(pattern, recursive=True)  # noqa: PTH207  # absolute patterns
    except (OSError, ValueError, re.error):
        return []


def _wanted(path: Path) -> bool:
    """Whether a file in a folder is used. A workbook is too, so that it is refused and not silently left out."""
    hidden = path.name.startswith((".", "_"))  # files of other programs
    others = [ending for endings in list(OTHER_KINDS)[:-1] for ending in endings]
    return not hidden and path.name.lower().endswith((*CSV_ENDINGS, *PARQUET_ENDINGS, *others))


def _refuse_other_kinds(file: Path) -> None:
    if file.name.lower().endswith((*CSV_ENDINGS, *PARQUET_ENDINGS)):
        return
    for endings, way_out in OTHER_KINDS.items():
        if file.name.lower().endswith(endings):
            raise BatchError(f"{file}: {way_out}")
    raise BatchError(f"{file}: expected a file ending in .csv, .csv.gz, .tsv or .parquet")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file that can be read by itself: a run of Parquet row groups, or a whole CSV file."""

    file: Path
    first_row: int
    """How many rows of the file come before it."""
    row_groups: tuple[int, ...]


def pieces(files: Sequence[Path], *, rows: int = 1 << 20) -> list[Piece]:
    """The files cut into pieces of about `rows` rows, in order. Raises BatchError for a damaged file."""
    all_pieces: list[Piece] = []
    for file in files:
        if is_csv(file):
            all_pieces.append(Piece(file, 0, ()))
            continue
        metadata = _opened(file).metadata
        first, piece_start, groups, piece_rows = 0, 0, [], 0
        for number in range(metadata.num_row_groups):
            groups.append(number)
            piece_rows += metadata.row_group(number).num_rows
            if piece_rows >= rows or number == metadata.num_row_groups - 1:
                all_pieces.append(Piece(file, piece_start, tuple(groups)))
                first += piece_rows
                piece_start, groups, piece_rows = first, [], 0
    return all_pieces


def read_schema(file: Path, dialect: Dialect) -> pa.Schema:
    """The columns of a file; those of a CSV file are text. Raises BatchError if it is empty, damaged or unreadable."""
    if is_csv(file):
        return pa.schema([(name, pa.string()) for name in layout_of(file, dialect).names])
    schema: pa.Schema = _opened(file).schema_arrow
    return schema


def count_rows(files: Sequence[Path]) -> int | None:
    """How many rows the files have; None if only reading them would tell."""
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


def read(piece: Piece, columns: Sequence[str], dialect: Dialect) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The rows of a piece, a batch at a time, each with the number of rows of the file that come before it."""
    first = piece.first_row
    try:
        for batch in _batches(piece, columns, dialect):
            if batch.num_rows:
                yield first, batch
                first += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise BatchError(f"{piece.file}: damaged after row {first} ({_first_line(error)})") from error


def _batches(piece: Piece, columns: Sequence[str], dialect: Dialect) -> Iterator[pa.RecordBatch]:
    if is_csv(piece.file):
        yield from _csv_batches(piece.file, columns, layout_of(piece.file, dialect))
        return
    file = _opened(piece.file)
    if max(file.metadata.row_group(number).num_rows for number in piece.row_groups) > LARGE_ROW_GROUP:
        # Reading ahead would load all of a very large row group; a stream is slower and uses little memory.
        streamed = pq.ParquetFile(piece.file, buffer_size=1 << 20, pre_buffer=False)
        yield from streamed.iter_batches(BATCH_ROWS, row_groups=list(piece.row_groups), columns=list(columns))
        return
    import pyarrow.dataset as ds
    from pyarrow.fs import LocalFileSystem

    fragment = ds.ParquetFileFormat().make_fragment(str(piece.file), LocalFileSystem(), row_groups=piece.row_groups)
    yield from fragment.to_batches(columns=list(columns), batch_size=BATCH_ROWS, batch_readahead=4, use_threads=True)


def _csv_batches(file: Path, columns: Sequence[str], layout: Layout) -> Iterator[pa.RecordBatch]:
    """Read a CSV file with every cell as text, so that copied columns do not change."""
    try:
        yield from pacsv.open_csv(
            file,
            read_options=pacsv.ReadOptions(
                block_size=CSV_BLOCK_BYTES,
                column_names=list(layout.names),
                skip_rows=layout.skip,
                encoding=layout.encoding,
            ),
            parse_options=pacsv.ParseOptions(delimiter=layout.separator, newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(layout.names, pa.string()),
                include_columns=list(columns),
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, UnicodeError) as error:
        # Arrow's own message shows the row, which is a person's answers.
        raise odd_row(file, layout) or BatchError(
            f"{file}: not a CSV file in which every row has {len(layout.names)} cells; is a quotation mark not closed?"
        ) from error
    except (OSError, KeyError) as error:
        raise BatchError(f"{file}: cannot be read ({_first_line(error)})") from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
