"""Services, emergency numbers and guidance of a place, each with its source and the day it was checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from bield.datafiles import DataError, build, check_parts, conditions, entries, no_repeats
from bield.law.reading import EVERYWHERE, Confidence, LawError, cached, folders, has, read_of

PERSON: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "age": frozenset({"under_18", "adult", "not_sure"}),
        "gender": frozenset({"woman", "man", "not_known"}),
        "exploitation": frozenset({"labour", "sexual", "both", "not_sure"}),
    }
)
"""What a service may require of a person, each with its values."""


class PlaceError(LawError):
    """There is no such place."""


@dataclass(frozen=True, slots=True)
class Number:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service to turn to. conditions: what must be true of the person, any value of each; none means anyone."""

    id: str
    name: str
    what: str
    conditions: Mapping[str, tuple[str, ...]]
    numbers: tuple[Number, ...]
    source: str
    verified_on: date
    order: int
    confidence: Confidence = "confirmed"
    unless: str = ""
    """A service that replaces this one for the people it is meant for."""

    def fits(self, person: Mapping[str, str]) -> bool:
        """Whether a person meets every condition."""
        return all(person.get(key) in allowed for key, allowed in self.conditions.items())

    def meant_for(self, person: Mapping[str, str]) -> bool:
        """Whether it fits and nothing about its conditions is unknown."""
        return self.fits(person) and not any(
            person.get(key) in ("not_known", "not_sure", "both") for key in self.conditions
        )


@dataclass(frozen=True, slots=True)
class Marking:
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Mechanism:
    """The mechanism people are referred to, who decides there, and its reference; the defaults are general words."""

    name: str = "national referral mechanism"
    body: str = "the body that decides"
    reference: str = "Reference from the body that decides"
    source: str = ""


@dataclass(frozen=True)
class Place:
    """A country, or part of one, with the advice and services for somebody who works there."""

    id: str
    name: str
    within: tuple[str, ...]
    """What it shares with other places: the folders with rows that count here too, the widest first."""
    not_known: tuple[str, ...]
    """What is not recorded about its law, in sentences."""
    home: str
    """The country with a nationality that is counted by itself, not as a part of the world: ISO 3166-1."""
    nation: str
    """Its nation on a referral form; empty if it has several, or the form does not ask."""
    police: str
    """The body of its police; empty if there are several."""
    stale_after: timedelta
    emergency_number: str
    emergency: str
    guidance: str
    guidance_source: str
    markings: tuple[Marking, ...]
    services: tuple[Service, ...]
    mechanism: Mechanism = Mechanism()

    def services_for(self, *, age: str, gender: str, exploitation: str) -> tuple[Service, ...]:
        """The services for a person, nearest first.

        age: under_18, adult or not_sure. gender: woman, man or not_known. exploitation: labour, sexual, both or
        not_sure.
        """
        person = {"age": age, "gender": gender, "exploitation": exploitation}
        replaced = {item.id for item in self.services if item.conditions and item.meant_for(person)}
        return tuple(
            sorted(
                (item for item in self.services if item.fits(person) and item.unless not in replaced),
                key=lambda item: item.order,
            )
        )

    def is_stale(self, service: Service, *, on: date) -> bool:
        """Whether the service's details were checked too long ago to be shown without a warning."""
        return on - service.verified_on > self.stale_after


@dataclass(frozen=True, slots=True)
class _About:
    id: str
    name: str
    home: str
    stale_after_days: int
    stale_source: str
    within: tuple[str, ...] = ()
    not_known: tuple[str, ...] = ()
    nation: str = ""
    police: str = ""


@dataclass(frozen=True, slots=True)
class _Emergency:
    number: str
    text: str
    source: str
    verified_on: date


@dataclass(frozen=True, slots=True)
class _Guidance:
    text: str
    source: str


@cached
def known_places() -> tuple[str, ...]:
    """The ids of the places that have a folder, in order."""
    return tuple(sorted(place for place in folders() if has(place, "place")))


@cached
def load_place(name: str) -> Place:
    """Load a place by its id. Raises PlaceError if it does not exist, or DataError saying what is wrong and where."""
    if name not in known_places():
        raise PlaceError(f"no place called {name!r}; there is {', '.join(known_places())}")
    place = parse_place(*read_of(name, "place"))
    if place.id != name:
        raise DataError(f"{name}/place: its id is {place.id!r}")
    if unknown := set(place.within) - folders().keys():
        raise DataError(f"{name}/place: no folder of law is called {sorted(unknown)}")
    return place


def jurisdictions(place: str) -> tuple[str, ...]:
    """The folders with rows that count in a place, its own last. Raises PlaceError if the place is not recorded."""
    return (EVERYWHERE, *load_place(place).within, place)


def parse_place(filename: str, raw: Mapping[str, Any]) -> Place:
    """Turn the decoded file into a Place, refusing anything unexpected."""
    mechanism = build(Mechanism, f"{filename}, mechanism", dict(raw.get("mechanism", {})))
    parts = {name: part for name, part in raw.items() if name != "mechanism"}
    check_parts(filename, parts, {"place", "emergency", "guidance", "markings", "services"})
    header = build(_About, f"{filename}, place", raw["place"])
    emergency = build(_Emergency, f"{filename}, emergency", raw["emergency"])
    guidance = build(_Guidance, f"{filename}, guidance", raw["guidance"])
    markings = tuple(build(Marking, where, body) for where, body in entries(filename, "marking", raw["markings"]))
    services = tuple(_service(where, body) for where, body in entries(filename, "service", raw["services"]))
    no_repeats(filename, "marking", [item.id for item in markings])
    no_repeats(filename, "service", [item.id for item in services])
    service_ids = {item.id for item in services}
    for item in services:
        if item.unless and item.unless not in service_ids:
            raise DataError(f"{filename}, service {item.id!r}: unknown service {item.unless!r}")
    return Place(
        id=header.id,
        name=header.name,
        within=header.within,
        not_known=header.not_known,
        home=header.home,
        nation=header.nation,
        police=header.police,
        stale_after=timedelta(days=header.stale_after_days),
        emergency_number=emergency.number,
        emergency=emergency.text,
        guidance=guidance.text,
        guidance_source=guidance.source,
        markings=markings,
        services=services,
        mechanism=mechanism,
    )


def _service(where: str, body: dict[str, Any]) -> Service:
    required, listed = conditions(where, body.pop("for", None), PERSON), body.pop("numbers", None)
    number_rows = [] if listed == [] else entries(where, "number", listed)
    return build(
        Service, where, body, conditions=required, numbers=tuple(build(Number, at, row) for at, row in number_rows)
    )
