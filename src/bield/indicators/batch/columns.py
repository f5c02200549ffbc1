"""Turns the cells of a column, as people write them, into packed answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bield.datafiles import DataError, decode, read
from bield.indicators.batch.problems import BatchError
from bield.indicators.packed import PackedAnswers, Words, pack, words_for

ANSWERS = ("no", "yes", "unknown")
"""The lists of a spelling file, in the order of the codes below."""
NO, YES, UNKNOWN, BAD = range(4)


@dataclass(frozen=True, slots=True)
class Spellings:
    """Which cells mean yes, no and unknown."""

    codes: Mapping[str, int]

    def code(self, value: object) -> int:
        """NO, YES, UNKNOWN, or BAD for any other cell."""
        return self.codes.get(_plain(value), BAD)

    def with_decimal_comma(self) -> Spellings:
        """The same spellings with decimal commas too: 1,0 as well as 1.0."""
        return Spellings({**{key.replace(".", ","): code for key, code in self.codes.items()}, **self.codes})


def _plain(value: object) -> str:
    return "" if value is None else str(value).strip().casefold()


def parse_spellings(where: str, raw: Mapping[str, Any]) -> Spellings:
    """Read the three lists of cells. Raises BatchError for an unknown list, or a cell that is in two lists."""
    if unknown := sorted(raw.keys() - set(ANSWERS)):
        raise BatchError(f"{where}: {unknown[0]!r} is not yes, no or unknown")
    codes: dict[str, int] = {}
    for code, name in enumerate(ANSWERS):
        values = raw.get(name, [])
        if not isinstance(values, list):
            raise BatchError(f"{where}: {name!r} must be a list of values, not {values!r}")
        for value in values:
            if codes.setdefault(_plain(value), code) != code:
                raise BatchError(f"{where}: {value!r} is in two lists")
    return Spellings(codes)


@cache
def usual_spellings() -> Spellings:
    """The spellings that are accepted without --answers."""
    filename = "spellings.v1.toml"
    return parse_spellings(filename, read("bield.indicators", filename))


def read_spellings(path: Path) -> Spellings:
    """The usual spellings, replaced where a TOML file differs. Raises BatchError saying what is wrong with the file."""
    try:
        raw = decode(path, str(path))
    except DataError as error:
        raise BatchError(f"cannot be read as a mapping of answers: {error}") from error
    given = parse_spellings(str(path), raw)
    return Spellings({**usual_spellings().codes, **given.codes})


def packed_answers(column: pa.Array, spellings: Spellings) -> tuple[PackedAnswers, NDArray[np.intp]]:
    """A column as packed answers, and the rows (from 0) with something else, which count as unknown."""
    nothing_bad = np.empty(0, np.intp)
    if pa.types.is_boolean(column.type):
        return _from_booleans(column), nothing_bad
    codes = cell_codes(column, spellings.code, missing=UNKNOWN)
    bad = np.flatnonzero(codes == BAD)
    known = codes < UNKNOWN
    return PackedAnswers(pack(codes == YES), None if known.all() else pack(known)), bad


def cell_codes(column: pa.Array, coder: Callable[[object], int], *, missing: int) -> NDArray[np.int8]:
    """A small code for each cell, looked up once for each different value."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    table = np.array([coder(value) for value in encoded.dictionary.to_pylist()] + [missing], np.int8)
    indices = encoded.indices
    if indices.null_count:
        indices = pc.fill_null(indices, pa.scalar(len(table) - 1, indices.type))
    codes: NDArray[np.int8] = np.take(table, indices.to_numpy(zero_copy_only=False))
    return codes


def _from_booleans(column: pa.BooleanArray) -> PackedAnswers:
    """Arrow's own bits if they start on a byte, else a copy."""
    validity, values = column.buffers()
    if column.offset % 8:
        filled = pc.fill_null(column, pa.scalar(value=False)) if column.null_count else column
        return PackedAnswers(
            pack(filled.to_numpy(zero_copy_only=False)),
            pack(column.is_valid().to_numpy(zero_copy_only=False)) if column.null_count else None,
        )
    return PackedAnswers(
        _words(values, column.offset // 8, len(column)),
        _words(validity, column.offset // 8, len(column)) if column.null_count else None,
    )


def _words(buffer: pa.Buffer, start: int, people: int) -> Words:
    """The bits of a buffer as words, copied if the buffer ends within a word."""
    needed = words_for(people) * 8
    if start + needed <= buffer.size:
        return np.frombuffer(buffer, np.uint8, needed, start).view(np.uint64)
    padded = np.zeros(needed, np.uint8)
    have = np.frombuffer(buffer, np.uint8, offset=start)
    padded[: len(have)] = have
    return padded.view(np.uint64)
