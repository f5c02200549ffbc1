"""What is judged, and from how many people on it is enough: the data behind a judgement, with published counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from bield.datafiles import DataError, build, build_all, check_parts, entries, read
from bield.disclosure.ladders import NOT_SAID, Ladder, countries, places
from bield.law.reading import Confidence, cached, has, read_of


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of people, and whose choice it is."""

    people: int
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Judged:
    """A field that a combination is made of. losses: what each step up its ladder loses; lower is tried first."""

    id: str
    ladder: str
    losses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a rare combination may go as it is."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class PublishedRow:
    type: str
    gender: str
    age: str
    people: int


@dataclass(frozen=True, slots=True)
class Published:
    """Counts that were published about the whole country, asked while the register is small."""

    title: str
    source: str
    confidence: Confidence
    total: int
    place: str
    countries: Mapping[str, int]
    rows: tuple[PublishedRow, ...]

    def people(self, known: Mapping[str, str]) -> int:
        """At least how many share what is known of each field, as far as the published counts say.

        Country is taken as independent of the rest. A part of the place is not in the counts: nobody.
        """
        if known["recovered_where"] not in (NOT_SAID, self.place) or known["activity_where"] != NOT_SAID:
            return 0
        people = sum(
            row.people
            for row in self.rows
            if known["age"] in (NOT_SAID, row.age)
            and known["gender"] in (NOT_SAID, row.gender)
            and known["type"] in (NOT_SAID, row.type)
        )
        country = known["country_of_origin"]
        if country == NOT_SAID:
            return people
        listed = sum(count for code, count in self.countries.items() if countries().holds(country, code))
        return people * listed // self.total


@dataclass(frozen=True, slots=True)
class Rules:
    """The data behind the judgement."""

    threshold: Limit
    small_register: Limit
    fields: tuple[Judged, ...]
    reasons: tuple[Reason, ...]


@cache
def combination_rules() -> Rules:
    """The rules as recorded. Raises DataError saying what is wrong, and where."""
    filename = "combination.v1.toml"
    return parse_rules(filename, read("bield.disclosure", filename))


def parse_rules(filename: str, raw: Mapping[str, Any]) -> Rules:
    """Turn the decoded file into rules, refusing anything unexpected."""
    check_parts(filename, raw, {"version", "threshold", "small_register", "fields", "reasons"})
    fields = build_all(Judged, filename, "field", raw["fields"])
    for item in fields:
        if item.ladder not in STEPS or len(item.losses) != STEPS[item.ladder]:
            raise DataError(f"{filename}, field {item.id!r}: expected a known ladder with a loss for each step")
    return Rules(
        build(Limit, f"{filename}, threshold", raw["threshold"]),
        build(Limit, f"{filename}, small_register", raw["small_register"]),
        fields,
        tuple(build(Reason, at, row) for at, row in entries(filename, "reason", raw["reasons"])),
    )


@cached
def published(place: str) -> Published | None:
    """What was published about the whole of a place; None where nothing is recorded."""
    return parse_published(place, *read_of(place, "published")) if has(place, "published") else None


def parse_published(place: str, filename: str, raw: Mapping[str, Any]) -> Published:
    """Turn the decoded file into counts, refusing anything unexpected."""
    held = dict(raw)
    rows = tuple(build(PublishedRow, at, row) for at, row in entries(filename, "row", held.pop("rows", None)))
    by_country = MappingProxyType(dict(held.pop("countries", {})))
    if sum(row.people for row in rows) != held.get("total"):
        raise DataError(f"{filename}: the rows do not add up to the total")
    return build(Published, filename, held, place=place, countries=by_country, rows=rows)


STEPS = {"country": 2, "place": 3, "said": 1, "kept": 0}
"""How many steps each ladder has at most."""


def judged_fields() -> tuple[str, ...]:
    """The fields that a combination is made of, in order."""
    return tuple(item.id for item in combination_rules().fields)


def rungs_of(field: Judged, place: str) -> Ladder | None:
    """The ladder of a field, where it has one."""
    if field.ladder == "country":
        return countries()
    return places(place) if field.ladder == "place" else None
