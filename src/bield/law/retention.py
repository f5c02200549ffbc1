"""How long records are kept: dated rules by kind of record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from bield.datafiles import DataError, build, check_parts, entries, no_repeats
from bield.law.places import jurisdictions
from bield.law.reading import Confidence, LawError, holds, kept, no_overlaps, read


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """What happens to a kind of record, how many days after what."""

    id: str
    kind: str
    title: str
    days: int
    counts_from: Literal["closed", "last_change"]
    action: Literal["delete", "review"]
    source: str
    confidence: Confidence
    place: str
    from_day: date | None = None
    to_day: date | None = None

    @property
    def length(self) -> str:
        """How long, in words: whole years where it is a year or more.

        >>> [rule.length for rule in load_retention()]
        ['1 year', '7 years', '25 years', '180 days']
        """
        if self.days < 365:
            return f"{self.days} days"
        years = round(self.days / 365.25)
        return f"{years} year" if years == 1 else f"{years} years"


@kept
def load_retention() -> tuple[RetentionRule, ...]:
    """Every rule. Raises DataError saying what is wrong, and where."""
    return parse_retention(*read("retention"))


def parse_retention(filename: str, raw: Mapping[str, Any]) -> tuple[RetentionRule, ...]:
    """Turn the decoded file into rules, refusing anything unexpected."""
    check_parts(filename, raw, {"rules"})
    found = tuple(build(RetentionRule, where, body) for where, body in entries(filename, "rule", raw["rules"]))
    no_repeats(filename, "rule", [item.id for item in found])
    no_overlaps(filename, "rule", found, lambda one, other: (one.kind, one.place) == (other.kind, other.place))
    for item in found:
        if item.days < 1:
            raise DataError(f"{filename}, rule {item.id!r}: days cannot be {item.days}")
    return found


def retention_rules(place: str, *, on: date) -> tuple[RetentionRule, ...]:
    """Every rule of a day; a rule of a place stands before one that it shares."""
    found: dict[str, RetentionRule] = {}
    for where in jurisdictions(place):
        found |= {item.kind: item for item in load_retention() if item.place == where and holds(item, on)}
    return tuple(found.values())


def retention(kind: str, *, place: str, on: date) -> RetentionRule:
    """The rule for a kind of record on a day. Raises LawError if it does not exist."""
    for item in retention_rules(place, on=on):
        if item.kind == kind:
            return item
    raise LawError(f"no retention rule for {kind!r} on {on}")
