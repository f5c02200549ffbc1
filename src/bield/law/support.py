"""Support in a place: its heads, who gives it, its phases, and what applies to a child."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from bield.datafiles import build, check_parts, conditions, entries, no_repeats
from bield.law.clocks import Clock
from bield.law.dated import LawOn
from bield.law.dated import on as law_on
from bield.law.pathway import CONDITIONS, Situation, facts_of
from bield.law.places import jurisdictions
from bield.law.reading import Confidence, LawError, NotRecorded, cached, read

Conditions = Mapping[str, tuple[str, ...]]
PhaseName = Literal["before", "statutory", "policy", "beyond", "after"]


@dataclass(frozen=True, slots=True)
class Head:
    """A kind of support that the law names. label: our words; law_says: its subject in the law's words, shortened."""

    id: str
    label: str
    law_says: str
    source: str
    confidence: Confidence
    place: str


@dataclass(frozen=True, slots=True)
class Route:
    """Who supports somebody, and why. provider: a body's id, or "council" for the council where they are."""

    id: str
    place: str
    provider: str
    label: str
    reason: str
    source: str
    confidence: Confidence
    when: Conditions


@dataclass(frozen=True, slots=True)
class PhaseRule:
    """A phase of support. duty: whether the law requires support; if not, it needs a separate decision.

    slavery_source: its source for somebody in slavery, servitude or forced labour who was not trafficked.
    """

    id: PhaseName
    label: str
    duty: bool
    law_says: str
    source: str
    confidence: Confidence
    place: str
    slavery_source: str = ""

    def for_slavery(self) -> PhaseRule:
        """The same phase for somebody who was not trafficked: it has another source in law."""
        return replace(self, source=self.slavery_source) if self.slavery_source else self


@dataclass(frozen=True, slots=True)
class GuardianTest:
    """A condition for a guardian. unknown: what in the record leaves it open."""

    id: str
    label: str
    source: str
    confidence: Confidence
    place: str
    when: Conditions
    unknown: Conditions


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changes on the 18th birthday."""

    id: str
    title: str
    detail: str
    who: str
    source: str
    confidence: Confidence
    place: str


@dataclass(frozen=True, slots=True)
class Support:
    """All that is recorded about support, in a place or in all places."""

    heads: tuple[Head, ...]
    routes: tuple[Route, ...]
    phases: tuple[PhaseRule, ...]
    guardian_tests: tuple[GuardianTest, ...]
    turning_18: tuple[Change, ...]

    @property
    def recorded(self) -> bool:
        """Whether enough is recorded to give support under it: the heads and the phases."""
        return bool(self.heads and self.phases)


@cached
def load_support() -> Support:
    """All that is recorded about support. Raises DataError saying what is wrong, and where."""
    return parse_support(*read("support"))


def parse_support(filename: str, raw: Mapping[str, Any]) -> Support:
    """Turn the decoded file into the table, refusing anything unexpected."""
    check_parts(filename, raw, {"heads", "routes", "phases", "guardian_tests", "turning_18"})
    routes = [
        build(Route, where, body, when=conditions(where, body.pop("when", None), CONDITIONS))
        for where, body in entries(filename, "route", raw["routes"])
    ]
    tests = []
    for where, body in entries(filename, "guardian test", raw["guardian_tests"]):
        when = conditions(where, body.pop("when", None), CONDITIONS)
        unknown = conditions(where, body.pop("unknown", {}), CONDITIONS)
        tests.append(build(GuardianTest, where, body, when=when, unknown=unknown))
    support = Support(
        heads=tuple(build(Head, at, body) for at, body in entries(filename, "head", raw["heads"])),
        routes=tuple(routes),
        phases=tuple(build(PhaseRule, at, body) for at, body in entries(filename, "phase", raw["phases"])),
        guardian_tests=tuple(tests),
        turning_18=tuple(build(Change, at, body) for at, body in entries(filename, "change", raw["turning_18"])),
    )
    kinds: list[tuple[str, Iterable[Any]]] = [
        ("head", support.heads),
        ("route", support.routes),
        ("phase", support.phases),
        ("guardian test", support.guardian_tests),
        ("change", support.turning_18),
    ]
    for kind, rows in kinds:
        no_repeats(filename, kind, [f"{row.place} {row.id}" for row in rows])
    return support


@cached
def support_of(place: str) -> Support:
    """What is recorded about support in a place; empty if nothing is."""
    wanted, everywhere = jurisdictions(place), load_support()
    return Support(
        heads=tuple(row for row in everywhere.heads if row.place in wanted),
        routes=tuple(row for row in everywhere.routes if row.place in wanted),
        phases=tuple(row for row in everywhere.phases if row.place in wanted),
        guardian_tests=tuple(row for row in everywhere.guardian_tests if row.place in wanted),
        turning_18=tuple(row for row in everywhere.turning_18 if row.place in wanted),
    )


def route(situation: Situation, *, on: date, place: str) -> Route:
    """Who supports somebody, by the first rule that fits. Raises NotRecorded if no rule of the place fits."""
    facts = facts_of(situation, law_on(on, place))
    for rule in support_of(place).routes:
        if _met(rule.when, facts):
            return rule
    raise NotRecorded(f"no route to support is recorded in {place!r} for this situation")


@dataclass(frozen=True, slots=True)
class Tested:
    """A test with its answer: met, not met, or not known."""

    test: GuardianTest
    answer: Literal["yes", "no", "not_known"]


def guardian_tests(situation: Situation, *, on: date, place: str) -> tuple[Tested, ...]:
    """Each condition for an independent guardian, with its answer; empty before the law had such a guardian."""
    law_on_day = law_on(on, place)
    if not law_on_day.in_force("child_guardian"):
        return ()
    facts = facts_of(situation, law_on_day)
    return tuple(Tested(test, _answer(test, facts)) for test in support_of(place).guardian_tests)


def _answer(test: GuardianTest, facts: Mapping[str, str]) -> Literal["yes", "no", "not_known"]:
    if _met(test.when, facts):
        return "yes"
    return "not_known" if test.unknown and _met(test.unknown, facts) else "no"


def _met(wanted: Conditions, facts: Mapping[str, str]) -> bool:
    return all(facts[name] in allowed for name, allowed in wanted.items())


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of somebody's support, both days included. ends: None while it is open."""

    rule: PhaseRule
    begins: date
    ends: date | None

    def holds(self, day: date) -> bool:
        return self.begins <= day and (self.ends is None or day <= self.ends)


DAY = timedelta(days=1)


@cached
def statutory_clock(grounds_on: date, *, place: str, slavery_only: bool = False) -> Clock | None:
    """The clock of the period that a decision on this day started, by statute or policy; None if it started none.

    How its days are counted is data: see clocks.v1.toml.
    """
    law_on_day: LawOn = law_on(grounds_on, place)
    try:
        clock = law_on_day.clock("slavery_support" if slavery_only else "adult_support")
    except LawError:
        return None
    return clock if clock.has_end else None


def by_statute(grounds_on: date, *, place: str, slavery_only: bool = False) -> bool:
    """Whether a decision on this day started a statutory period; before the law came, there was only policy."""
    law_on_day = law_on(grounds_on, place)
    return law_on_day.in_force("slavery_support_period" if slavery_only else "adult_support_duty")


def phases(
    began: date,
    *,
    place: str,
    grounds_on: date | None,
    conclusive_on: date | None = None,
    slavery_only: bool = False,
    ended_on: date | None = None,
) -> tuple[Phase, ...]:
    """The phases of an adult's support, in order.

    began, ended_on: the first and last day of support. grounds_on: the day of a positive reasonable grounds decision.
    conclusive_on: the day of the conclusive decision. Phases before support began or after it ended are left out or
    cut. Raises LawError if the conclusive decision is older than the first.
    """
    rules = {item.id: item.for_slavery() if slavery_only else item for item in support_of(place).phases}
    spans: list[tuple[PhaseName, date, date | None]] = []
    if grounds_on is None:
        spans.append(("before", began, None))
    else:
        if conclusive_on is not None and conclusive_on < grounds_on:
            raise LawError(f"the conclusive decision of {conclusive_on} is older than the first, of {grounds_on}")
        spans.append(("before", began, grounds_on - DAY))
        clock, beyond = statutory_clock(grounds_on, slavery_only=slavery_only, place=place), grounds_on
        if clock is not None:
            last = clock.ends(grounds_on, ended_early_on=conclusive_on)
            statute = by_statute(grounds_on, slavery_only=slavery_only, place=place)
            spans.append(("statutory" if statute else "policy", grounds_on, last))
            beyond = last + DAY
        spans.append(("beyond", beyond, conclusive_on))
        if conclusive_on is not None:
            spans.append(("after", max(conclusive_on, beyond - DAY) + DAY, None))
    cut = [Phase(rules[name], max(first, began), _earlier(last, ended_on)) for name, first, last in spans]
    return tuple(
        item for item in cut if (item.ends is None or item.begins <= item.ends) and not _late(item.begins, ended_on)
    )


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def _late(day: date, end: date | None) -> bool:
    return end is not None and day > end
