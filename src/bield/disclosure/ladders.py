"""Ladders: how a value can be said more broadly, one step at a time, until it is not said at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from bield.datafiles import DataError, check_parts, entries, read
from bield.law import NotificationField, councils
from bield.law.bodies import load_bodies
from bield.law.reading import LawError, cached, read_of

NOT_SAID = ""


@dataclass(frozen=True)
class Ladder:
    """The values of a field, each with the next broader one; NOT_SAID is at the top of every ladder."""

    id: str
    parents: Mapping[str, str]
    labels: Mapping[str, str]

    def __contains__(self, value: object) -> bool:
        return value in self.parents

    def up(self, value: str) -> tuple[str, ...]:
        """A value and all broader ones, narrowest first, ending with NOT_SAID.

        >>> places("scotland").up("glasgow-city")
        ('glasgow-city', 'region_glasgow_clyde', 'scotland', '')
        """
        path = [value]
        while path[-1] != NOT_SAID:
            path.append(self.parents[path[-1]])
        return tuple(path)

    def holds(self, broad: str, narrow: str) -> bool:
        """Whether `broad` is `narrow` itself or a broader way to say it. NOT_SAID holds everything."""
        return broad == NOT_SAID or (narrow != NOT_SAID and broad in self.up(narrow))

    def label(self, value: str) -> str:
        """The words for a value. Raises LawError if it is not on this ladder."""
        try:
            return self.labels[value]
        except KeyError:
            raise LawError(f"{value!r} is not on the ladder {self.id!r}") from None


@cache
def countries() -> Ladder:
    """Countries, then continents. Codes are ISO 3166-1 alpha-2."""
    filename = "countries.v1.toml"
    raw = read("bield.disclosure", filename)
    check_parts(filename, raw, {"version", "source", "confidence", "anywhere", "continents"})
    parents, labels = {}, {NOT_SAID: raw["anywhere"]}
    for where, continent in entries(filename, "continent", raw["continents"]):
        parents[continent["id"]], labels[continent["id"]] = NOT_SAID, continent["label"]
        for at, country in entries(where, "country", continent["countries"]):
            if country["code"] in parents:
                raise DataError(f"{at}: {country['code']!r} appears twice")
            parents[country["code"]], labels[country["code"]] = continent["id"], country["name"]
    return Ladder("country", MappingProxyType(parents), MappingProxyType(labels))


@cached
def places(place: str) -> Ladder:
    """Councils, then regions, then the whole place; and what lies beyond it."""
    filename, raw = read_of(place, "areas")
    check_parts(filename, raw, {"version", "source", "confidence", "anywhere", "regions", "whole", "beyond"})
    whole = raw["whole"]
    parents = {whole["code"]: NOT_SAID}
    labels = {NOT_SAID: raw["anywhere"], whole["code"]: whole["name"]}
    for _where, region in entries(filename, "region", raw["regions"]):
        # A council may have the same name as its region, as Fife does; their codes must differ.
        parents[_region(region["code"])], labels[_region(region["code"])] = whole["code"], region["name"]
    for council in councils(place):
        if _region(council.region) not in parents:
            raise DataError(f"{filename}: no region is called {council.region!r}")
        parents[council.id], labels[council.id] = _region(council.region), council.name
    for _where, outside in entries(filename, "place", raw["beyond"]):
        parents[outside["code"]], labels[outside["code"]] = NOT_SAID, outside["name"]
    return Ladder("place", MappingProxyType(parents), MappingProxyType(labels))


def _region(code: str) -> str:
    return f"region_{code}"


@cached
def _bodies() -> Ladder:
    bodies = load_bodies()
    return Ladder("body", dict.fromkeys(bodies, NOT_SAID), {key: item.name for key, item in bodies.items()})


def ladder(field: NotificationField) -> Ladder | None:
    """The ladder of a field; None for a field of words or days, which has no closed list."""
    if field.holds == "country":
        return countries()
    if field.holds == "place":
        return places(field.place)
    if field.holds == "body":
        return _bodies()
    if field.holds in ("choice", "several"):
        keys = [item.key for item in field.choices]
        labels = {item.key: item.label for item in field.choices} | {NOT_SAID: "Not said"}
        return Ladder(field.id, dict.fromkeys(keys, NOT_SAID), labels)
    return None
