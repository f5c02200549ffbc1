"""Reads the fields of HTCDS 2.0: what each holds, which values it takes, and what Bield corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from bield.datafiles import DataError, build, check_parts, entries, no_repeats, read
from bield.errors import UserError
from bield.law.reading import Confidence


class StandardsError(UserError):
    """A file or row does not follow its standard; the text says where."""


@dataclass(frozen=True, slots=True)
class Added:
    """A value that Bield adds to IOM's, and why it is needed."""

    value: str
    why: str


@dataclass(frozen=True, slots=True)
class Alias:
    """Another spelling of a value in IOM's own documents."""

    value: str
    read_as: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field. holds: what a value is; several and texts are lists. format: country, language or phone.

    least, most, whole: the bounds of a number. They are Bield's; the standard has none.
    """

    id: str
    label: str
    holds: Literal["text", "texts", "number", "date", "checkbox", "choice", "several"]
    core: bool
    deprecated: bool = False
    format: Literal["", "country", "language", "phone"] = ""
    refers_to: str = ""
    mended: str = ""
    least: int | None = None
    most: int | None = None
    whole: bool = False
    values: tuple[str, ...] = ()
    added: tuple[Added, ...] = ()
    aliases: tuple[Alias, ...] = ()

    @property
    def allowed(self) -> tuple[str, ...]:
        """Every value allowed here, including Bield's; empty if any value is."""
        return (*self.values, *(item.value for item in self.added))

    def read(self, value: str) -> str:
        """The standard's spelling of a value; the value itself if it has no other."""
        return next((item.read_as for item in self.aliases if item.value == value), value)


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together."""

    id: str
    label: str
    fields: tuple[Field, ...]


LISTED: Final = {"comment": "comments", "event": "events", "support_plan": "support_plans"}
"""Groups that a case may have several of, with the name of their list."""

OF_A_PERSON: Final = ("person", "victim", "perpetrator")
"""Groups that each of a case's persons may have."""


@cache
def groups() -> Mapping[str, Group]:
    """Every group by its id. Raises DataError saying what is wrong, and where."""
    filename = "htcds.v1.toml"
    return parse(filename, read("bield.standards", filename))


def parse(filename: str, raw: Mapping[str, Any]) -> Mapping[str, Group]:
    """Turn the decoded file into groups, refusing anything unexpected. Raises DataError."""
    check_parts(filename, raw, {"version", "source", "confidence", "groups"})
    build(_About, filename, {name: value for name, value in raw.items() if name != "groups"})
    by_id = {}
    for where, body in entries(filename, "group", raw["groups"]):
        group = build(Group, where, body)
        for field in group.fields:
            _check(f"{where}, field {field.id!r}", field)
        by_id[group.id] = group
    no_repeats(filename, "field", [item.id for group in by_id.values() for item in group.fields])
    return by_id


@dataclass(frozen=True, slots=True)
class _About:
    version: str
    source: str
    confidence: Confidence


def _check(where: str, field: Field) -> None:
    if (field.holds in ("choice", "several")) != bool(field.values):
        raise DataError(f"{where}: values go with, and only with, a choice or several")
    if unknown := {item.read_as for item in field.aliases} - set(field.allowed):
        raise DataError(f"{where}: read as {sorted(unknown)}, which is not one of its values")
