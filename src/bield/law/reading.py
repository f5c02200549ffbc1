"""Reading the files of the law: every name and every type is checked, and what is wrong is said with its place."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import date
from functools import _lru_cache_wrapper, cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import combinations
from types import MappingProxyType, UnionType
from typing import Any, Literal, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

from bield.errors import UserError

VERSION = "1"

EVERYWHERE = "everywhere"
"""The folder of what is Bield's own and counts in every place."""

Confidence = Literal["confirmed", "secondary", "unconfirmed", "not_found"]
"""confirmed: read in a primary source. secondary: read in somebody else's account of it. unconfirmed: general
knowledge, our own inference or our own choice. not_found: looked for, and not found."""

T = TypeVar("T")


class LawError(UserError):
    """A file of the law is malformed, or something was asked that the law as recorded does not answer."""


class NotRecorded(LawError):
    """Something was asked of which nothing is recorded for a place or a day: nobody did anything wrong."""


class Dated(Protocol):
    """Anything that holds from one day to another, both included; None is an end that is open or not known."""

    @property
    def from_day(self) -> date | None: ...

    @property
    def to_day(self) -> date | None: ...


class DatedRow(Dated, Protocol):
    """Something dated with an id."""

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
_kept: list[Callable[[], None]] = []


def kept(make: Callable[..., T]) -> _lru_cache_wrapper[T]:
    """As functools.cache, until the folders change."""
    found = cache(make)
    _kept.append(found.cache_clear)
    return found


def look_in(*places: Traversable) -> None:
    """Take in more places: a folder whose folders each are one. Called with nothing, only those of Bield are left."""
    _added[:] = places
    for forget in _kept:
        forget()


def folders() -> dict[str, Traversable]:
    """Every folder of law by its name: a place, what several places share, and what counts everywhere.

    Raises LawError where two have one name.
    """
    found: dict[str, Traversable] = {}
    for above in (files("bield.law") / "data", *_added):
        for folder in sorted((item for item in above.iterdir() if item.is_dir()), key=lambda item: item.name):
            if folder.name in found:
                raise LawError(f"two folders of law are called {folder.name!r}")
            found[folder.name] = folder
    return found


def filename_of(name: str) -> str:
    return f"{name}.v{VERSION}.toml"


def read_of(place: str, name: str) -> tuple[str, dict[str, Any]]:
    """The filename and decoded content of one folder's file. Raises LawError if it is missing or not TOML."""
    filename, folder = f"{place}/{filename_of(name)}", folders().get(place)
    try:
        if folder is None:
            raise FileNotFoundError
        return filename, tomllib.loads((folder / filename_of(name)).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LawError(f"{filename}: there is no such file") from None
    except tomllib.TOMLDecodeError as error:
        raise LawError(f"{filename}: {error}") from error


def has(place: str, name: str) -> bool:
    """Whether a folder has a file."""
    folder = folders().get(place)
    return folder is not None and (folder / filename_of(name)).is_file()


def read(name: str) -> tuple[str, dict[str, Any]]:
    """A file of every folder that has one, as if it were one file. Each row says in `place` whose it is.

    Raises LawError if there is none, if one is not TOML, or if a row says itself where it is from.
    """
    found: dict[str, Any] = {}
    for place in folders():
        if not has(place, name):
            continue
        filename, raw = read_of(place, name)
        for part, rows in raw.items():
            held = found.setdefault(part, [])
            for where, row in entries(filename, part, rows):
                if "place" in row:
                    raise LawError(f"{where}: its folder says where it is from")
                held.append({"place": place, **row})
    if not found:
        raise LawError(f"{filename_of(name)}: there is no such file")
    return filename_of(name), found


def check_parts(filename: str, raw: Mapping[str, Any], parts: Collection[str]) -> None:
    """Refuse a file that lacks one of its parts or has another. Raises LawError."""
    if unknown := raw.keys() - set(parts):
        raise LawError(f"{filename}: unknown parts {sorted(unknown)}")
    if missing := set(parts) - raw.keys():
        raise LawError(f"{filename}: missing parts {sorted(missing)}")


def entries(filename: str, kind: str, rows: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row with the words that say where it stands. Raises LawError for anything but a list of tables."""
    if not isinstance(rows, list) or not rows:
        raise LawError(f"{filename}: expected a list of {kind} entries")
    for number, body in enumerate(rows, start=1):
        if not isinstance(body, dict):
            raise LawError(f"{filename}, {kind} {number}: expected a table")
        at = f"{body['place']}/{filename}" if isinstance(body.get("place"), str) else filename
        yield f"{at}, {kind} {body.get('id', number)!r}", dict(body)


def build(cls: type[T], where: str, body: Mapping[str, Any], **made: Any) -> T:
    """Make a dataclass from a table, `from` and `to` becoming from_day and to_day.

    made: fields that the caller has made already; the table may not hold them.
    Raises LawError naming the entry for what is no table, an unknown or missing name, or a value of another type.
    """
    if not isinstance(body, Mapping):
        raise LawError(f"{where}: expected a table")
    given = {{"from": "from_day", "to": "to_day"}.get(key, key): _frozen(value) for key, value in body.items()}
    known, hints = fields(cls), _hints(cls)  # type: ignore[arg-type]
    if unknown := given.keys() - ({item.name for item in known} - made.keys()):
        raise LawError(f"{where}: unknown names {sorted(unknown)}")
    required = {item.name for item in known if item.default is MISSING and item.default_factory is MISSING}
    if missing := required - given.keys() - made.keys():
        raise LawError(f"{where}: missing {sorted(missing)}")
    for key, value in given.items():
        if not _fits(value, hints[key]):
            raise LawError(f"{where}: {key} cannot be {value!r}")
    first, last = given.get("from_day"), given.get("to_day")
    if isinstance(first, date) and isinstance(last, date) and first > last:
        raise LawError(f"{where}: ends before it begins")
    return cls(**given, **made)


def no_repeats(filename: str, kind: str, ids: Collection[str]) -> None:
    """Raises LawError if an id appears twice."""
    if repeated := sorted({item for item in ids if list(ids).count(item) > 1}):
        raise LawError(f"{filename}: {kind} {repeated} more than once")


def no_overlaps(filename: str, kind: str, rows: Collection[R], same: Callable[[R, R], bool]) -> None:
    """Raises LawError if two rows about the same thing hold on one day."""
    for one, other in combinations(rows, 2):
        if same(one, other) and overlap(one, other):
            raise LawError(f"{filename}, {kind} {other.id!r}: {one.id!r} holds on some of the same days")


def conditions(where: str, raw: object, known: Mapping[str, frozenset[str]]) -> Mapping[str, tuple[str, ...]]:
    """A table of conditions, each with a list of the values that meet it.

    known: the conditions there are, each with its values. Raises LawError for any other name or value.
    """
    if not isinstance(raw, dict):
        raise LawError(f"{where}: expected a table of conditions")
    if unknown := raw.keys() - known.keys():
        raise LawError(f"{where}: unknown conditions {sorted(unknown)}")
    for name, values in raw.items():
        if not isinstance(values, list) or not values or not all(value in list(known[name]) for value in values):
            raise LawError(f"{where}: {name} cannot be {values!r}; expected some of {sorted(known[name])}")
    return MappingProxyType({name: tuple(values) for name, values in raw.items()})


def least_sure(*marks: Confidence) -> Confidence:
    """The weakest of some marks of certainty: what rests on all of them is no surer than any."""
    return max(marks, key=get_args(Confidence).index)


def spoken(day: date) -> str:
    """A day as people write it: 5 April 2026."""
    return f"{day.day} {day:%B} {day.year}"


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _frozen(value: object) -> object:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _fits(value: object, hint: Any) -> bool:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return value in parts
    if origin in (Union, UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(item, parts[0]) for item in value)
    if hint in (int, bool, date):
        return type(value) is hint
    return isinstance(value, hint)
