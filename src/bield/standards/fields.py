"""The fields of HTCDS 2.0 as data: what each holds, which values it takes, and what Bield mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from bield.datafiles import DataError, build, check_parts, entries, no_repeats, read
from bield.errors import UserError
from bield.law.reading import Confidence


class StandardsError(UserError):
    """A file or a row is not what a standard says it is; the text says where."""


@dataclass(frozen=True, slots=True)
class Added:
    """A value that is Bield's and not IOM's, and why it is needed."""

    value: str
    why: str


@dataclass(frozen=True, slots=True)
class Alias:
    """Another spelling of a value in IOM's own papers."""

    value: str
    read_as: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field. holds: what a value is; several and texts are lists. format: country, language or phone.

    least, most, whole: what a number may be. They are Bield's; the standard says nothing of them.
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
        """Every value that may stand here, Bield's among them; nothing where any may."""
        return (*self.values, *(item.value for item in self.added))

    def read(self, value: str) -> str:
        """A value with another spelling read as the standard's."""
        return next((item.read_as for item in self.aliases if item.value == value), value)


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together."""

    id: str
    label: str
    fields: tuple[Field, ...]


LISTED: Final = {"comment": "comments", "event": "events", "support_plan": "support_plans"}
"""Groups of which a case may have several, and the name of the list."""

OF_A_PERSON: Final = ("person", "victim", "perpetrator")
"""Groups that stand in each of a case's persons."""


@cache
def groups() -> Mapping[str, Group]:
    """Every group by its id. Raises DataError saying what is wrong, and where."""
    filename = "htcds.v1.toml"
    return parse(filename, read("bield.standards", filename))


def parse(filename: str, raw: Mapping[str, Any]) -> Mapping[str, Group]:
    """Turn the decoded file into groups, refusing anything unexpected. Raises DataError."""
    check_parts(filename, raw, {"version", "source", "confidence", "groups"})
    build(_About, filename, {name: value for name, value in raw.items() if name != "groups"})
    found = {}
    for where, body in entries(filename, "group", raw["groups"]):
        group = build(Group, where, body)
        for field in group.fields:
            _check(f"{where}, field {field.id!r}", field)
        found[group.id] = group
    no_repeats(filename, "field", [item.id for group in found.values() for item in group.fields])
    return found


@dataclass(frozen=True, slots=True)
class _About:
    version: str
    source: str
    confidence: Confidence


def _check(where: str, field: Field) -> None:
    if (field.holds in ("choice", "several")) != bool(field.values):
        raise DataError(f"{where}: values go with, and only with, a choice or several")
    if strange := {item.read_as for item in field.aliases} - set(field.allowed):
        raise DataError(f"{where}: read as {sorted(strange)}, which is no value")
