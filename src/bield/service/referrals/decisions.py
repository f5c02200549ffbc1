"""The decisions that a referral may meet, and the clocks they start and stop: data."""

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
    """What may happen to a referral. record: what the record then says; clock: what begins; stops: what ends.

    after: what it follows, where that is recorded too: its letter is never older.
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
    found = build_all(DecisionKind, filename, "decision", raw["decisions"], key="key")
    for item in found:
        if unknown := {item.clock, *item.stops} - {""} - {clock.id for clock in load_clocks()}:
            raise DataError(f"{filename}, decision {item.key!r}: no clock is called {sorted(unknown)}")
    for item in found:
        if unknown := set(item.after) - {other.key for other in found}:
            raise DataError(f"{filename}, decision {item.key!r}: no decision is called {sorted(unknown)}")
    return MappingProxyType({item.key: item for item in found})


def disorder(happened: Sequence[tuple[str, date]]) -> tuple[str, str] | None:
    """The first decision whose letter is older than every one that it follows: what it follows, and itself."""
    for key, on in happened:
        for earlier in kinds()[key].after:
            days = [day for other, day in happened if other == earlier]
            if days and min(days) > on and not any(o in kinds()[key].after and day <= on for o, day in happened):
                return earlier, key
    return None


@dataclass(frozen=True, slots=True)
class Running:
    """The clock that runs, when it began and its last day."""

    clock: str
    title: str
    began: date
    ends: date
    why: str


def running(happened: Sequence[tuple[str, date]], *, place: str, child: bool = False) -> Running | None:
    """The clock that runs after what has happened, in order of the letters' dates; None where none does.

    happened: the key and day of each. A clock without a last day on that day, and the support of adults for a child,
    do not run.
    """
    now: Running | None = None
    for key, on in sorted(happened, key=lambda item: item[1]):
        kind = kinds()[key]
        if now and now.clock in kind.stops:
            now = None
        if not kind.clock or (child and kind.clock == "adult_support"):
            continue
        try:
            clock = law.on(on, place).clock(kind.clock)
        except LawError:
            continue  # the law of that day had no such clock
        if clock.has_end:
            now = Running(clock.id, clock.title, on, clock.ends(on), clock.counts_from)
    return now
