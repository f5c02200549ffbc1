"""Reads CSV files as spreadsheets write them: finds the encoding, the separator and the headings."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final, TextIO, cast

from bield.errors import UserError

SAMPLE_BYTES: Final = 1 << 20
SEPARATORS: Final = (",", ";", "\t", "|")
DECIMALS: Final = (".", ",")
UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
WESTERN: Final = "cp1252"
MOST_CELL: Final = 1 << 24
"""How many characters a cell may have, well above the length of a survey's note."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the user said about their CSV files; None is worked out for each file."""

    separator: str | None = None
    encoding: str | None = None
    decimal: str = "."


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written. skip: lines before the first row, including the headings."""

    encoding: str
    separator: str
    names: tuple[str, ...]
    skip: int


def known_encoding(name: str | None) -> str | None:
    """The usual name of an encoding that the user named. Raises UserError if it is unknown or not for text."""
    if name is None:
        return None
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        raise UserError(f"--encoding {name!r}: is not known; expected one such as cp1252 or cp1250") from None
    if not codec._is_text_encoding:
        raise UserError(f"--encoding {name!r}: is not an encoding of text; expected one such as cp1252")
    return codec.name


def layout_of(file: Path, dialect: Dialect) -> Layout:
    """The layout of a file, from its beginning. Raises UserError if it cannot be a CSV file in a known encoding."""
    return _layout(str(file), _sample(file), dialect)


def rows_of(
    where: str, content: bytes, dialect: Dialect, *, guess: bool = False
) -> tuple[Layout, list[tuple[int, list[str]]]]:
    """All rows of a small file in memory, each with the line it begins on, without rows that have no value.

    Raises UserError if it cannot be a CSV file. guess: take a file that cannot be UTF-8 to be in the encoding of
    spreadsheets in Western Europe; for pages, where the user cannot say how it was saved.
    """
    if guess and dialect.encoding is None and is_western(content):
        dialect = replace(dialect, encoding=WESTERN)
    layout = _layout(where, content, dialect)
    text = _decoded(where, content, "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding)
    rows = []
    try:
        for line, cells in _rows(io.StringIO(text, newline=""), layout):
            if any(cell.strip() for cell in cells):
                rows.append((line, cells))
    except csv.Error as error:
        raise UserError(f"{where}: not a CSV file ({error})") from error
    return layout, rows


def is_western(content: bytes) -> bool:
    """Whether to take a file to be in the encoding of spreadsheets in Western Europe: it cannot be UTF-8 or UTF-16."""
    if content.startswith(UTF_16_MARKS):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?E[+-]?\d{2,}", re.IGNORECASE)
SCIENTIFIC: Final = (
    "a spreadsheet has shortened this number, such as 1.23E+11, and lost its digits; format the column as text and "
    "enter the number in full"
)


def scientific(value: str) -> bool:
    """Whether a value is a long number, such as an id or telephone number, that a spreadsheet has shortened.

    >>> scientific("1.23457E+11"), scientific("4,47701E+11"), scientific("1e5"), scientific("E11")
    (True, True, False, False)
    """
    return bool(_SCIENTIFIC.fullmatch(value.strip()))


def _layout(file: str, sample: bytes, dialect: Dialect) -> Layout:
    if not sample:
        raise UserError(f"{file}: the file is empty")
    encoding = dialect.encoding or ("utf-16" if sample.startswith(UTF_16_MARKS) else "utf-8")
    text = _decoded(file, sample, "utf-8-sig" if encoding == "utf-8" else encoding)
    first, _, rest = text.partition("\n")
    separator_line = first.rstrip("\r\n").removeprefix("sep=")[:1] if first.startswith("sep=") else ""
    lines_before = 1 if separator_line else 0
    body = rest if separator_line else text
    separator = dialect.separator or separator_line or _likeliest(body)
    names, lines = _headings(body, separator)
    if not names:
        raise UserError(f"{file}: the file is empty")
    if unnamed := [str(place) for place, name in enumerate(names, start=1) if not name.strip()]:
        raise UserError(f"{file}: no heading above column {', '.join(unnamed[:9])}; name these columns or remove them")
    return Layout(encoding, separator, names, lines_before + lines)


def _sample(file: Path) -> bytes:
    """The beginning of a file, up to the end of a line if there is one."""
    try:
        with _opened(file) as stream:
            sample = stream.read(SAMPLE_BYTES)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(f"{file}: not a whole gzip file") from error
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror})") from error
    if len(sample) < SAMPLE_BYTES or sample.startswith(UTF_16_MARKS):
        return sample
    return sample[: sample.rfind(b"\n") + 1] or sample


def _opened(file: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(file)) if file.name.lower().endswith(".gz") else file.open("rb")


def _decoded(file: str, sample: bytes, encoding: str) -> str:
    if encoding.startswith("utf-16"):
        sample = sample[: len(sample) & ~1]
    try:
        return sample.decode(encoding)
    except UnicodeDecodeError as error:
        line = sample.count(b"\n", 0, error.start) + 1
        column = error.start - (sample.rfind(b"\n", 0, error.start) + 1) + 1
        raise not_in(file, encoding, line, column) from error
    except UnicodeError as error:
        raise not_in(file, encoding, None) from error


def not_in(file: Path | str, encoding: str, line: int | None, column: int | None = None) -> UserError:
    """The error for a file that is not in the encoding it should be in."""
    place = f", line {line}" if line else ""
    place += f", byte {column}" if line and column else ""
    encoding_name = "UTF-8" if encoding.startswith("utf-8") else encoding
    return UserError(
        f"{file}{place}: not {encoding_name}; save it as CSV UTF-8",
        option=", or say how it was saved, such as --encoding cp1252 (Excel in Western Europe) "
        "or --encoding cp1250 (Central Europe)",
    )


def _likeliest(text: str) -> str:
    """The separator that splits the headings into the most cells; a comma if none does."""
    return max(SEPARATORS, key=lambda sign: len(_headings(text, sign)[0]))


def _headings(text: str, separator: str) -> tuple[tuple[str, ...], int]:
    """The first row that is not blank, and the number of lines up to its end."""
    csv.field_size_limit(MOST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            if row:
                return tuple(row), reader.line_num
    except csv.Error:
        return (), 0
    return (), 0


def odd_row(file: Path, layout: Layout) -> UserError | None:
    """The error for the first row with too few or too many cells, or that cannot be decoded; None if all are right.

    It reads the file again, and slowly: only to say where a known problem is.
    """
    try:
        with _text(file, layout) as stream:
            for line, cells in _rows(stream, layout):
                if len(cells) != len(layout.names):
                    return UserError(
                        f"{file}, line {line}: {cell_count(len(cells))} where the headings have {len(layout.names)}"
                    )
    except UnicodeDecodeError:
        return _undecodable(file, layout)
    except (csv.Error, OSError, EOFError, zlib.error):
        return None
    return None


def cell_count(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _text(file: Path, layout: Layout) -> TextIO:
    return io.TextIOWrapper(_opened(file), encoding=layout.encoding, newline="")


def _rows(stream: TextIO, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Each row's first line and its cells."""
    for _ in range(layout.skip):
        stream.readline()
    reader = csv.reader(stream, delimiter=layout.separator)
    begins = layout.skip + 1
    for row in reader:
        if row:
            yield begins, row
        begins = layout.skip + reader.line_num + 1


def _undecodable(file: Path, layout: Layout) -> UserError:
    """The error for a file that cannot be decoded, with its line if a line ends with its own byte."""
    line = None
    if not layout.encoding.startswith("utf-16"):
        with _opened(file) as stream:
            for number, text in enumerate(stream, start=1):
                try:
                    text.decode(layout.encoding)
                except UnicodeDecodeError as error:
                    return not_in(file, layout.encoding, number, error.start + 1)
    return not_in(file, layout.encoding, line)
