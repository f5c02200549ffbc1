"""Provisions: what the law or public guidance said, from which day to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, get_args

from bield.law.reading import Confidence, LawError, build, check_parts, entries, no_overlaps, no_repeats, read

Jurisdiction = Literal["uk", "scotland", "england_wales"]
PlaceName = Literal["scotland", "england_wales"]
Precision = Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True)
class Provision:
    """One value of one key, and the days on which it held. The words are ours, never the instrument's own.

    from_day: first day; None where we do not know it, and then it is taken to hold on every earlier day.
    to_day: last day; None where it still holds as far as we know.
    from_precision, to_precision: how exactly we know them; a month or year is stored as its first (or last) day.
    in_force: False for what is written and does not bind: not commenced, proposed, repealed, not made.
    """

    id: str
    key: str
    jurisdiction: Jurisdiction
    title: str
    value: str | int
    instrument: str
    source: str
    confidence: Confidence
    in_force: bool
    unit: Literal["", "days", "working_days", "months", "years", "sites"] = ""
    from_day: date | None = None
    from_precision: Precision = "day"
    to_day: date | None = None
    to_precision: Precision = "day"
    note: str = ""


@dataclass(frozen=True, slots=True)
class ProvisionTable:
    """All the rows, and which jurisdictions' rows count in a place."""

    places: Mapping[str, tuple[str, ...]]
    rows: tuple[Provision, ...]
    keys: frozenset[str]

    def jurisdictions(self, place: str) -> tuple[str, ...]:
        """The jurisdictions whose rows count in a place. Raises LawError for a place that is not recorded."""
        try:
            return self.places[place]
        except KeyError:
            raise LawError(f"no law is recorded for {place!r}; there is {sorted(self.places)}") from None


@cache
def load_provisions() -> ProvisionTable:
    """The recorded provisions. Raises LawError saying what is wrong, and where."""
    return parse_provisions(*read("provisions"))


def parse_provisions(filename: str, raw: Mapping[str, Any]) -> ProvisionTable:
    """Turn the decoded file into a table, refusing anything unexpected and two values of a key on one day."""
    check_parts(filename, raw, {"places", "provisions"})
    places = _places(filename, raw["places"])
    rows = tuple(build(Provision, where, body) for where, body in entries(filename, "provision", raw["provisions"]))
    no_repeats(filename, "provision", [row.id for row in rows])
    no_overlaps(filename, "provision", rows, lambda one, other: one.key == other.key and _meet(places, one, other))
    ordered = tuple(sorted(rows, key=lambda row: row.from_day or date.min))
    return ProvisionTable(places=places, rows=ordered, keys=frozenset(row.key for row in rows))


def _places(filename: str, raw: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(raw, dict) or raw.keys() != set(get_args(PlaceName)):
        raise LawError(f"{filename}, places: expected a table of {list(get_args(PlaceName))}")
    for place, names in raw.items():
        if not isinstance(names, list) or not names or not all(name in get_args(Jurisdiction) for name in names):
            raise LawError(
                f"{filename}, place {place!r}: cannot be {names!r}; expected some of {get_args(Jurisdiction)}"
            )
    return MappingProxyType({place: tuple(names) for place, names in raw.items()})


def _meet(places: Mapping[str, tuple[str, ...]], one: Provision, other: Provision) -> bool:
    return any(one.jurisdiction in names and other.jurisdiction in names for names in places.values())
