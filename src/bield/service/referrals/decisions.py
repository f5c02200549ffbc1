"""Reads the kinds of decisions on a referral, and works out which clock runs after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from bield import law
from bield.datafiles import DataError, build_all, check_parts, read
from bield.law import LawError
from bield.law.clocks import load_clocks


@dataclass(frozen=True, slots=True)
class DecisionKind:
    """A kind of decision. record: the state it gives the record; clock: the clock it starts; stops: the clocks it ends.

    after: the decisions it follows: if one of them is recorded, this one's letter is never older.
    """

    key: str
    label: str
    record: str = ""
    clock: str = ""
    stops: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@cache
def kinds() -> Mapping[str, DecisionKind]:
    """Every kind by its key. Raises DataError saying what is wrong, and where."""
    filename = "decisions.v1.toml"
    return parse(filename, read("bield.service.referrals", filename))


def parse(filename: str, raw: Mapping[str, Any]) -> Mapping[str, DecisionKind]:
    """Turn the decoded file into kinds, refusing anything unexpected."""
    check_parts(filename, raw, {"version", "decisions"})
    decision_kinds = build_all(DecisionKind, filename, "decision", raw["decisions"], key="key")
    for kind in decision_kinds:
        if unknown := {kind.clock, *kind.stops} - {""} - {clock.id for clock in load_clocks()}:
            raise DataError(f"{filename}, decision {kind.key!r}: no clock is called {sorted(unknown)}")
    for kind in decision_kinds:
        if unknown := set(kind.after) - {other.key for other in decision_kinds}:
            raise DataError(f"{filename}, decision {kind.key!r}: no decision is called {sorted(unknown)}")
    return MappingProxyType({kind.key: kind for kind in decision_kinds})


def first_out_of_order(happened: Sequence[tuple[str, date]]) -> tuple[str, str] | None:
    """The keys of two decisions in the wrong order: the earlier one, and one that should follow it but is older.

    happened: the key of each decision and the day of its letter. None if all are in order.
    """
    for key, letter_day in happened:
        for earlier in kinds()[key].after:
            days = [day for kind, day in happened if kind == earlier]
            if (
                days
                and min(days) > letter_day
                and not any(o in kinds()[key].after and day <= letter_day for o, day in happened)
            ):
                return earlier, key
    return None


@dataclass(frozen=True, slots=True)
class RunningClock:
    """The clock that runs on a referral: when it began, its last day, and why it counts from there."""

    clock: str
    title: str
    began: date
    ends: date
    why: str


def running_clock(happened: Sequence[tuple[str, date]], *, place: str, child: bool = False) -> RunningClock | None:
    """The clock that runs after these decisions, taken in order of the letters' dates; None if no clock runs.

    happened: the key of each decision and the day of its letter. Two kinds of clock do not run: one that had no last
    day in the law of that day, and adult support for a child.
    """
    clock_now: RunningClock | None = None
    for key, letter_day in sorted(happened, key=lambda decision: decision[1]):
        kind = kinds()[key]
        if clock_now and clock_now.clock in kind.stops:
            clock_now = None
        if not kind.clock or (child and kind.clock == "adult_support"):
            continue
        try:
            clock = law.on(letter_day, place).clock(kind.clock)
        except LawError:
            continue  # the law of that day had no such clock
        if clock.has_end:
            clock_now = RunningClock(clock.id, clock.title, letter_day, clock.ends(letter_day), clock.counts_from)
    return clock_now
