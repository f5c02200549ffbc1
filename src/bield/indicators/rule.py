"""The rule that makes a dimension positive, written once over a small boolean algebra.

The rule needs only "and", "or" and "at least k of these". Anything with `&` and `|` can evaluate it: Python's truth
values (one person), bit-packed NumPy words (64 people in each instruction), and the same words inside Spark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol, Self, TypeVar


class Strength(StrEnum):
    """How much an indicator counts in a set; `STRENGTHS` lists the strengths, strongest first."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


STRENGTHS = (Strength.STRONG, Strength.MEDIUM, Strength.WEAK)


class Bits(Protocol):
    """Truth values, one or many at a time, such as `bool` or a `numpy.ndarray` of unsigned words."""

    def __and__(self, other: Any, /) -> Self: ...
    def __or__(self, other: Any, /) -> Self: ...


B = TypeVar("B", bound=Bits)


@dataclass(frozen=True, slots=True)
class Need:
    """At least `count` signs of the given strengths. With several strengths, the count is 1."""

    count: int
    of: tuple[Strength, ...]

    def __post_init__(self) -> None:
        if self.count < 1 or (len(self.of) > 1 and self.count != 1):
            raise ValueError(f"a need of {self.count} over {len(self.of)} strengths cannot be carried")

    def holds(self, counts: Counts) -> bool:
        return sum(counts[strength] for strength in self.of) >= self.count


@dataclass(frozen=True, slots=True)
class Counts:
    """How many signs of each strength."""

    strong: int = 0
    medium: int = 0
    weak: int = 0

    def __getitem__(self, strength: Strength) -> int:
        return int(getattr(self, strength))

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.strong + other.strong, self.medium + other.medium, self.weak + other.weak)

    def __sub__(self, other: Counts) -> Counts:
        return Counts(self.strong - other.strong, self.medium - other.medium, self.weak - other.weak)

    def covers(self, other: Counts) -> bool:
        """Whether there are at least as many signs of every strength as in the other counts."""
        return self.strong >= other.strong and self.medium >= other.medium and self.weak >= other.weak

    @property
    def total(self) -> int:
        return self.strong + self.medium + self.weak

    @classmethod
    def of(cls, strengths: Iterable[Strength]) -> Counts:
        by_strength = dict.fromkeys(STRENGTHS, 0)
        for strength in strengths:
            by_strength[strength] += 1
        return cls(*by_strength.values())


@dataclass(frozen=True, slots=True)
class Clause:
    """A way for a dimension to be positive: all its needs must hold."""

    id: str
    words: str
    needs: tuple[Need, ...]

    def holds(self, counts: Counts) -> bool:
        return all(need.holds(counts) for need in self.needs)


@dataclass(frozen=True)
class Rule:
    """A dimension is positive if any clause holds. The rule is monotone: more yes answers never undo a positive."""

    clauses: tuple[Clause, ...]
    summary: str
    source: str

    def holds(self, counts: Counts) -> bool:
        return bool(self.satisfied(counts))

    def satisfied(self, counts: Counts) -> tuple[Clause, ...]:
        """The clauses that hold for these counts, in the order of the codebook."""
        clauses = self._satisfied_by.get(counts)
        if clauses is None:
            clauses = tuple(clause for clause in self.clauses if clause.holds(counts))
            self._satisfied_by[counts] = clauses
        return clauses

    @cached_property
    def _satisfied_by(self) -> dict[Counts, tuple[Clause, ...]]:
        """Results already worked out: there are few different counts and many people."""
        return {}

    @cached_property
    def _deepest(self) -> Mapping[Strength, int]:
        """The largest count that any need has for each strength: counters need go no further."""
        deepest = dict.fromkeys(STRENGTHS, 0)
        for clause in self.clauses:
            for need in clause.needs:
                for strength in need.of:
                    deepest[strength] = max(deepest[strength], need.count)
        return deepest

    def evaluate(self, columns: Mapping[Strength, Iterable[B]], *, nothing: B) -> B:
        """Whether the dimension is positive, for every person in the columns at once.

        columns: for each strength, a value for each indicator, true where the answer counts as yes. Each is used
            once; a mutable one is changed in place.
        nothing: the value that is false for everybody; returned if the rule cannot hold.
        """
        reached = {strength: at_least(self._deepest[strength], columns.get(strength, ())) for strength in STRENGTHS}
        answer = nothing
        for clause in self.clauses:
            parts = [_met(need, reached) for need in clause.needs]
            met = _all(parts)
            if met is not None:
                answer = answer | met
        return answer


def at_least(depth: int, columns: Iterable[B]) -> list[B]:
    """Where at least 1, 2, ... `depth` of the columns are true (shorter if there are fewer columns).

    A saturating counter: each column moves people up one step, up to the highest. Each column is used once, in order,
    so that the caller may make it just before and reuse its memory after.
    """
    reached: list[B] = []
    for place, column in enumerate(columns):
        if place == 0:
            reached.append(column)
            continue
        top = len(reached) - 1
        if len(reached) < depth:
            reached.append(reached[top] & column)
        for step in range(top, 0, -1):
            reached[step] |= reached[step - 1] & column
        reached[0] |= column
    return reached


def _met(need: Need, reached: Mapping[Strength, list[B]]) -> B | None:
    """Where a need is met; None if it cannot be met."""
    if len(need.of) == 1:
        steps = reached[need.of[0]]
        return steps[need.count - 1] if len(steps) >= need.count else None
    met: B | None = None
    for strength in need.of:
        for first in reached[strength][:1]:
            met = first if met is None else met | first
    return met


def _all(parts: Sequence[B | None]) -> B | None:
    """Where all parts are true; None if one of them cannot be."""
    together: B | None = None
    for part in parts:
        if part is None:
            return None
        together = part if together is None else together & part
    return together
