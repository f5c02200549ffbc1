"""Reads the law's data files, those of every place as if they were one file, and tells what holds on a day."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from functools import _lru_cache_wrapper, cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import combinations
from typing import Any, Literal, Protocol, TypeVar, get_args

from bield.datafiles import DataError, decode, entries
from bield.errors import UserError

VERSION = "1"

EVERYWHERE = "everywhere"
"""The folder of Bield's own rows, which count in every place."""

Confidence = Literal["confirmed", "secondary", "unconfirmed", "not_found"]
"""confirmed: read in a primary source. secondary: read in somebody else's account of it. unconfirmed: general
knowledge, our own inference or our own choice. not_found: looked for, but not found."""

T = TypeVar("T")


class LawError(UserError):
    """The recorded law does not answer what was asked."""


class NotRecorded(LawError):
    """Nothing is recorded about this for the place or day; the caller did nothing wrong."""


class Dated(Protocol):
    """Anything that holds from one day to another, both included; None means open or not known."""

    @property
    def from_day(self) -> date | None: ...

    @property
    def to_day(self) -> date | None: ...


class DatedRow(Dated, Protocol):
    """A dated thing with an id."""

    @property
    def id(self) -> str: ...


R = TypeVar("R", bound=DatedRow)


def holds(row: Dated, day: date) -> bool:
    """Whether a dated row holds on a day."""
    return (row.from_day is None or row.from_day <= day) and (row.to_day is None or day <= row.to_day)


def overlap(one: Dated, other: Dated) -> bool:
    """Whether there is a day on which both rows hold."""
    starts = max(one.from_day or date.min, other.from_day or date.min)
    return starts <= min(one.to_day or date.max, other.to_day or date.max)


_added: list[Traversable] = []
_clear_caches: list[Callable[[], None]] = []


def cached(make: Callable[..., T]) -> _lru_cache_wrapper[T]:
    """As functools.cache, but emptied when the folders change."""
    function = cache(make)
    _clear_caches.append(function.cache_clear)
    return function


def look_in(*places: Traversable) -> None:
    """Add places: each folder inside these folders is one. Without arguments, only Bield's own places are left."""
    _added[:] = places
    for clear in _clear_caches:
        clear()


def folders() -> dict[str, Traversable]:
    """Every folder of law by its name: a place, what several places share, and what counts everywhere.

    Raises DataError if two have the same name.
    """
    by_name: dict[str, Traversable] = {}
    for parent in (files("bield.law") / "data", *_added):
        for folder in sorted((item for item in parent.iterdir() if item.is_dir()), key=lambda item: item.name):
            if folder.name in by_name:
                raise DataError(f"two folders of law are called {folder.name!r}")
            by_name[folder.name] = folder
    return by_name


def filename_of(name: str) -> str:
    """The name of a data file with its version."""
    return f"{name}.v{VERSION}.toml"


def read_of(place: str, name: str) -> tuple[str, dict[str, Any]]:
    """The filename and decoded content of a file in a folder. Raises DataError if it is missing or not TOML."""
    filename, folder = f"{place}/{filename_of(name)}", folders().get(place)
    if folder is None:
        raise DataError(f"{filename}: there is no such file")
    return filename, decode(folder / filename_of(name), filename)


def has(place: str, name: str) -> bool:
    """Whether a folder has a file."""
    folder = folders().get(place)
    return folder is not None and (folder / filename_of(name)).is_file()


def read(name: str) -> tuple[str, dict[str, Any]]:
    """A file of every folder that has it, as if they were one file. Each row names its folder in `place`.

    Raises DataError if no folder has it, if a file is not TOML, or if a row names its own place.
    """
    merged: dict[str, Any] = {}
    for place in folders():
        if not has(place, name):
            continue
        filename, raw = read_of(place, name)
        for part, rows in raw.items():
            merged_rows = merged.setdefault(part, [])
            for where, row in entries(filename, part, rows):
                if "place" in row:
                    raise DataError(f"{where}: its folder says where it is from")
                merged_rows.append({"place": place, **row})
    if not merged:
        raise DataError(f"{filename_of(name)}: there is no such file")
    return filename_of(name), merged


def no_overlaps(filename: str, kind: str, rows: Collection[R], same: Callable[[R, R], bool]) -> None:
    """Raises DataError if two rows about the same thing hold on the same day. same: tells whether two rows are."""
    for one, other in combinations(rows, 2):
        if same(one, other) and overlap(one, other):
            raise DataError(f"{filename}, {kind} {other.id!r}: {one.id!r} holds on some of the same days")


def least_sure(*marks: Confidence) -> Confidence:
    """The lowest of some levels of confidence: what rests on all of them is no surer than that."""
    return max(marks, key=get_args(Confidence).index)


def spoken(day: date) -> str:
    """A day as people write it: 5 April 2026."""
    return f"{day.day} {day:%B} {day.year}"
