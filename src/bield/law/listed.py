"""The services that a place's directory starts with, from a file in its folder that may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bield.datafiles import DataError, build, check_parts, entries, no_repeats
from bield.law.places import load_place
from bield.law.reading import has, read_of


@dataclass(frozen=True, slots=True)
class Listed:
    """A service. law: its entry among the services of the place, which then has its name, number and source."""

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
    """The services that the directory of a place starts with; none if its folder has no file of services.

    Raises DataError saying what is wrong, and where.
    """
    if not has(place, "services"):
        return ()
    services = parse_services(*read_of(place, "services"))
    place_services = {item.id for item in load_place(place).services}
    if unknown := sorted({item.law for item in services} - {""} - place_services):
        raise DataError(f"{place}/services: no service of the place is called {unknown}")
    return services


def parse_services(filename: str, raw: Mapping[str, Any]) -> tuple[Listed, ...]:
    """Turn the decoded file into services, refusing anything unexpected."""
    check_parts(filename, raw, {"services"})
    services = []
    for where, body in entries(filename, "service", raw["services"]):
        body.pop("place", None)
        built = {name: body.pop(name) for name in ("for_whom",) if name in body}
        built["numbers"] = tuple(body.pop("numbers", ()))
        service = build(Listed, where, body, **built)
        if bool(service.law) is bool(service.name and service.what and service.source):
            raise DataError(f"{where}: either the entry of the place, or name, what and source of its own")
        services.append(service)
    no_repeats(filename, "service", [service.law or service.name for service in services])
    return tuple(services)
