"""What the directory of services of a place begins with: a file of its folder, which may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bield.datafiles import DataError, build, check_parts, entries, no_repeats
from bield.law.places import load_place
from bield.law.reading import has, read_of


@dataclass(frozen=True, slots=True)
class Listed:
    """A service. law: its entry among the services of the place, which then holds its name, number and source."""

    organisation: str
    heads: tuple[str, ...]
    apply: str = ""
    law: str = ""
    name: str = ""
    what: str = ""
    source: str = ""
    least_age: int | None = None
    most_age: int | None = None
    for_whom: Mapping[str, list[str]] = field(default_factory=dict)
    numbers: tuple[Mapping[str, Any], ...] = ()


def listed(place: str) -> tuple[Listed, ...]:
    """The services with which the directory of a place begins; none where its folder says nothing of them.

    Raises DataError saying what is wrong, and where.
    """
    if not has(place, "services"):
        return ()
    found = parse_services(*read_of(place, "services"))
    known = {item.id for item in load_place(place).services}
    if lost := sorted({item.law for item in found} - {""} - known):
        raise DataError(f"{place}/services: no service of the place is called {lost}")
    return found


def parse_services(filename: str, raw: Mapping[str, Any]) -> tuple[Listed, ...]:
    """Turn the decoded file into services, refusing anything unexpected."""
    check_parts(filename, raw, {"services"})
    found = []
    for where, body in entries(filename, "service", raw["services"]):
        body.pop("place", None)
        made = {name: body.pop(name) for name in ("for_whom",) if name in body}
        made["numbers"] = tuple(body.pop("numbers", ()))
        item = build(Listed, where, body, **made)
        if bool(item.law) is bool(item.name and item.what and item.source):
            raise DataError(f"{where}: either the entry of the place, or name, what and source of its own")
        found.append(item)
    no_repeats(filename, "service", [item.law or item.name for item in found])
    return tuple(found)
