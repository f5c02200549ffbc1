"""Reads the data files: every name and every type is checked, and an error names the file and the entry."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType, NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from bield.errors import UserError

T = TypeVar("T")

DATED = {"from": "from_day", "to": "to_day"}
"""Names in a file that are keywords in Python, and the fields they fill."""


class DataError(UserError):
    """A data file is malformed. The text names the file, the entry and what was expected."""


def read(package: str, filename: str) -> dict[str, Any]:
    """The decoded content of a TOML file in the folder `data` of a package. Raises DataError as `decode` does."""
    return decode(files(package) / "data" / filename, filename)


def decode(file: Traversable, name: str) -> dict[str, Any]:
    """The decoded content of a TOML file. name: what errors call it. Raises DataError if it is missing or not TOML."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{name}: there is no such file") from None
    except OSError as error:
        raise DataError(f"{name}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name}: {error}") from error


def check_parts(filename: str, raw: Mapping[str, Any], parts: Collection[str]) -> None:
    """Raises DataError if a file lacks one of its parts or has another."""
    if unknown := raw.keys() - set(parts):
        raise DataError(f"{filename}: unknown parts {sorted(unknown)}")
    if missing := set(parts) - raw.keys():
        raise DataError(f"{filename}: missing parts {sorted(missing)}")


def entries(filename: str, kind: str, rows: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row with words that say where it is, for errors. Raises DataError for anything but a list of tables."""
    if not isinstance(rows, list) or not rows:
        raise DataError(f"{filename}: expected a list of {kind} entries")
    for number, body in enumerate(rows, start=1):
        if not isinstance(body, dict):
            raise DataError(f"{filename}, {kind} {number}: expected a table")
        at = f"{body['place']}/{filename}" if isinstance(body.get("place"), str) else filename
        yield f"{at}, {kind} {_name_of(body, number)!r}", dict(body)


def build(cls: type[T], where: str, body: Mapping[str, Any], **made: Any) -> T:
    """Make a dataclass from a table, with the dataclasses inside it. `from` and `to` become from_day and to_day.

    where: what errors call the table. made: fields that the caller has made already; the table may not have them.
    Raises DataError, naming the entry, if it is not a table, a name is unknown or missing, or a value has another type.
    """
    if not isinstance(body, Mapping):
        raise DataError(f"{where}: expected a table")
    given = {DATED.get(name, name): value for name, value in body.items()}
    hints = get_type_hints(cls)
    known_fields = fields(cls)  # type: ignore[arg-type]  # callers pass a dataclass
    if unknown := given.keys() - ({item.name for item in known_fields} - made.keys()):
        raise DataError(f"{where}: unknown names {sorted(unknown)}")
    required = {item.name for item in known_fields if item.default is MISSING and item.default_factory is MISSING}
    if missing := required - given.keys() - made.keys():
        raise DataError(f"{where}: missing {sorted(missing)}")
    values = {name: _value(hints[name], f"{where}, {name}", value) for name, value in given.items()}
    first, last = values.get("from_day"), values.get("to_day")
    if isinstance(first, date) and isinstance(last, date) and first > last:
        raise DataError(f"{where}: ends before it begins")
    return cls(**values, **made)


def build_all(cls: type[T], filename: str, kind: str, rows: object, *, key: str = "id") -> tuple[T, ...]:
    """Make a dataclass from each row of a list. Raises DataError as `build` does, and if two have the same key."""
    made = tuple(build(cls, where, body) for where, body in entries(filename, kind, rows))
    no_repeats(filename, kind, [getattr(item, key) for item in made])
    return made


def no_repeats(filename: str, kind: str, ids: Collection[str]) -> None:
    """Raises DataError if an id appears twice."""
    if repeated := sorted({item for item in ids if list(ids).count(item) > 1}):
        raise DataError(f"{filename}: {kind} {repeated} more than once")


def conditions(where: str, raw: object, known: Mapping[str, frozenset[str]]) -> Mapping[str, tuple[str, ...]]:
    """A table of conditions, each with a list of the values that meet it.

    known: the conditions there are, each with its values. Raises DataError for any other name or value.
    """
    if not isinstance(raw, dict):
        raise DataError(f"{where}: expected a table of conditions")
    if unknown := raw.keys() - known.keys():
        raise DataError(f"{where}: unknown conditions {sorted(unknown)}")
    for name, values in raw.items():
        if not isinstance(values, list) or not values or not all(value in list(known[name]) for value in values):
            raise DataError(f"{where}: {name} cannot be {values!r}; expected some of {sorted(known[name])}")
    return MappingProxyType({name: tuple(values) for name, values in raw.items()})


def _value(hint: Any, where: str, value: object) -> Any:
    """A value as the field needs it: tables become dataclasses, lists become tuples, everything else is checked."""
    origin, inner = get_origin(hint), tuple(part for part in get_args(hint) if part is not NoneType)
    if origin in (Union, UnionType) and len(inner) == 1 and value is not None:
        return _value(inner[0], where, value)
    if is_dataclass(hint) and isinstance(hint, type):
        return build(hint, where, value)  # type: ignore[arg-type]  # build refuses anything but a table
    if origin is tuple and isinstance(value, list) and is_dataclass(inner[0]):
        return tuple(_value(inner[0], f"{where} {_name_of(item, n)!r}", item) for n, item in enumerate(value, 1))
    try:
        return msgspec.convert(value, hint, builtin_types=(date,))
    except msgspec.ValidationError as error:
        name = where.rpartition(", ")[2]
        raise DataError(f"{where.removesuffix(f', {name}')}: {name} cannot be {value!r} ({error})") from error


def _name_of(body: object, number: int) -> object:
    """What errors call a row: its id or key, or its number if it has neither."""
    return body.get("id", body.get("key", number)) if isinstance(body, Mapping) else number
