"""How long records are kept: dated rules by kind of record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from bield.datafiles import DataError, build, check_parts, entries, no_repeats
from bield.law.places import jurisdictions
from bield.law.reading import Confidence, LawError, cached, holds, no_overlaps, read


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """What happens to a kind of record, and how many days after which event."""

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
        """The length in words: whole years if it is a year or more.

        >>> [rule.length for rule in load_retention()]
        ['1 year', '7 years', '25 years', '180 days']
        """
        if self.days < 365:
            return f"{self.days} days"
        years = round(self.days / 365.25)
        return f"{years} year" if years == 1 else f"{years} years"


@cached
def load_retention() -> tuple[RetentionRule, ...]:
    """Every rule. Raises DataError saying what is wrong, and where."""
    return parse_retention(*read("retention"))


def parse_retention(filename: str, raw: Mapping[str, Any]) -> tuple[RetentionRule, ...]:
    """Turn the decoded file into rules, refusing anything unexpected."""
    check_parts(filename, raw, {"rules"})
    rules = tuple(build(RetentionRule, where, body) for where, body in entries(filename, "rule", raw["rules"]))
    no_repeats(filename, "rule", [item.id for item in rules])
    no_overlaps(filename, "rule", rules, lambda one, other: (one.kind, one.place) == (other.kind, other.place))
    for item in rules:
        if item.days < 1:
            raise DataError(f"{filename}, rule {item.id!r}: days cannot be {item.days}")
    return rules


def retention_rules(place: str, *, on: date) -> tuple[RetentionRule, ...]:
    """Every rule on a day. A place's own rule replaces one it shares."""
    by_kind: dict[str, RetentionRule] = {}
    for folder in jurisdictions(place):
        by_kind |= {item.kind: item for item in load_retention() if item.place == folder and holds(item, on)}
    return tuple(by_kind.values())


def retention(kind: str, *, place: str, on: date) -> RetentionRule:
    """The rule for a kind of record on a day. Raises LawError if there is no such rule."""
    for item in retention_rules(place, on=on):
        if item.kind == kind:
            return item
    raise LawError(f"no retention rule for {kind!r} on {on}")
