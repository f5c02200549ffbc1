"""Provisions: what the law or public guidance said, from which day to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from bield.datafiles import build, check_parts, entries, no_repeats
from bield.law.places import jurisdictions, known_places
from bield.law.reading import Confidence, cached, no_overlaps, read

Precision = Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True)
class Provision:
    """A value of a key, and the days on which it held. The words are ours, never the instrument's own.

    place: the folder it is in: a place, or what several places share.
    from_day: first day; None if we do not know it, and then it holds on every earlier day.
    to_day: last day; None if it still holds as far as we know.
    from_precision, to_precision: how exactly we know them; a month or year is stored as its first (or last) day.
    in_force: False if it is written but does not bind: not commenced, proposed, repealed, not made.
    """

    id: str
    key: str
    place: str
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
    """All the rows."""

    rows: tuple[Provision, ...]
    keys: frozenset[str]


@cached
def load_provisions() -> ProvisionTable:
    """The recorded provisions. Raises DataError saying what is wrong, and where."""
    return parse_provisions(*read("provisions"))


def parse_provisions(filename: str, raw: Mapping[str, Any]) -> ProvisionTable:
    """Turn the decoded file into a table, refusing anything unexpected and two values of a key on the same day."""
    check_parts(filename, raw, {"provisions"})
    rows = tuple(build(Provision, where, body) for where, body in entries(filename, "provision", raw["provisions"]))
    no_repeats(filename, "provision", [row.id for row in rows])
    no_overlaps(filename, "provision", rows, lambda one, other: one.key == other.key and _share_a_place(one, other))
    ordered = tuple(sorted(rows, key=lambda row: row.from_day or date.min))
    return ProvisionTable(rows=ordered, keys=frozenset(row.key for row in rows))


def _share_a_place(one: Provision, other: Provision) -> bool:
    """Whether there is a place where both count."""
    return any({one.place, other.place} <= set(jurisdictions(place)) for place in known_places())
