"""Judges a notice with what was said before, and searches for ways to say it that enough people share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations, product

from bield.disclosure.combination.register import Counts, Register
from bield.disclosure.combination.rules import Judged, Published, combination_rules, judged_fields, published, rungs_of
from bield.disclosure.ladders import NOT_SAID, Ladder
from bield.disclosure.minimisation import Notice

LARGEST_SUBSET = 4
"""Combinations of up to so many fields are looked at for what makes them rare."""

MOST_OPTIONS = 3


@dataclass(frozen=True, slots=True)
class Change:
    """A field said more broadly; `to` is empty where it is not said at all."""

    field: str
    before: str
    to: str


@dataclass(frozen=True, slots=True)
class Option:
    """A way to say it that enough people share."""

    changes: tuple[Change, ...]
    people: int
    loss: int

    @property
    def id(self) -> str:
        """A short name for a form, such as recovered_where=scotland."""
        return ",".join(f"{item.field}={item.to}" for item in self.changes)

    @property
    def values(self) -> dict[str, str]:
        return {item.field: item.to for item in self.changes}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about a combination.

    people: how many others share it. rare: the smallest sets of fields that too few share at their age.
    options: ways to say it that enough share, least loss first. changed: fields in which an earlier notification about
    the same person said something else. published: whether published counts of the whole country were asked too, which
    needs that there are some.
    """

    people: int
    threshold: int
    rare: tuple[tuple[str, ...], ...]
    options: tuple[Option, ...]
    changed: tuple[str, ...]
    published: bool

    @property
    def singles_out(self) -> bool:
        return self.people < self.threshold


@dataclass(frozen=True, slots=True)
class Way:
    """One way to say a field: what is shown, and what the reader knows with everything sent before.

    known is None where it adds something that no count of single values can judge: it counts as nobody.
    """

    shown: str
    known: str | None
    loss: int


@dataclass(frozen=True, slots=True)
class Counter:
    """How many others share what a reader then knows, for any way to say it.

    ways: for each field every way to say it, narrowest first. A choice of one way a field is told by `steps`, the place
    of the way of each field. knowns: the different things that may be known of each field; table: how many people there
    are of each choice of them. published: counts of the whole country, which are asked too; None where they are not.
    own: how many of the register's people are the one whom the notice is about.
    """

    ways: tuple[tuple[Way, ...], ...]
    knowns: tuple[tuple[str, ...], ...]
    table: Counts
    published: Published | None
    own: int

    @classmethod
    def of(
        cls, ways: Sequence[tuple[Way, ...]], register: Register, published: Published | None, *, own: int
    ) -> Counter:
        knowns = tuple(_known_ways(found) for found in ways)
        return cls(tuple(ways), knowns, register.table(knowns), published, own)

    def people(self, steps: Sequence[int]) -> int:
        """How many others share what is known if it is said in these ways."""
        known = []
        for found, step in zip(self.ways, steps, strict=True):
            value = found[step].known
            if value is None:
                return 0
            known.append(value)
        place = tuple(axis.index(value) for axis, value in zip(self.knowns, known, strict=True))
        count = max(int(self.table[place]) - self.own, 0)
        if self.published:
            count = max(count, self.published.people(dict(zip(judged_fields(), known, strict=True))))
        return count

    def loss(self, steps: Sequence[int]) -> int:
        """What these ways lose."""
        return sum(found[step].loss for found, step in zip(self.ways, steps, strict=True))

    def changes(self, steps: Sequence[int]) -> tuple[Change, ...]:
        """What is said more broadly than it was."""
        return tuple(
            Change(name, found[0].shown, found[step].shown)
            for name, found, step in zip(judged_fields(), self.ways, steps, strict=True)
            if step
        )


def _known_ways(ways: Sequence[Way]) -> tuple[str, ...]:
    """The different things that may be known of a field, from narrow to broad."""
    return tuple(dict.fromkeys(way.known for way in ways if way.known is not None)) or (NOT_SAID,)


def identifiability(
    notice: Notice, register: Register, *, earlier: Sequence[Notice] = (), counted: bool = False
) -> Finding:
    """How many people share what a notice says, together with what earlier notices about the same person said.

    A reader who holds the earlier ones knows the narrower of both, so that is what is counted: a later notice cannot be
    subtracted from an earlier one to learn more. counted: the person is in the register already; with an earlier notice
    they are.
    """
    rules = combination_rules()
    ways = [_ways(field, register.place, notice, earlier) for field in rules.fields]
    asked = published(register.place) if register.people < rules.small_register.people else None
    counter = Counter.of(ways, register, asked, own=1 if earlier or counted else 0)
    threshold, people = rules.threshold.people, counter.people([0] * len(ways))
    enough = people >= threshold
    return Finding(
        people=people,
        threshold=threshold,
        rare=() if enough else _rare(counter, threshold),
        options=() if enough else _options(counter, threshold),
        changed=tuple(field.id for field, found in zip(rules.fields, ways, strict=True) if found[0].known is None),
        published=asked is not None,
    )


def _ways(field: Judged, place: str, notice: Notice, earlier: Sequence[Notice]) -> tuple[Way, ...]:
    """Every way to say a field, narrowest first. The first adds nothing known where it contradicts what was said."""
    rungs, now = rungs_of(field, place), notice.value(field.id)
    broader = () if field.ladder == "kept" or now == NOT_SAID else rungs.up(now)[1:] if rungs else (NOT_SAID,)
    said = [value for item in earlier if (value := item.value(field.id)) != NOT_SAID]
    losses = accumulate((*field.losses, *[0] * len(broader)), initial=0)
    return tuple(
        Way(value, _meet(rungs, [*said, value]), loss) for value, loss in zip((now, *broader), losses, strict=False)
    )


def _meet(rungs: Ladder | None, values: Sequence[str]) -> str | None:
    """The narrowest of values that lie on one path up a ladder; None where they part."""
    narrow = NOT_SAID
    for value in values:
        if value in (NOT_SAID, narrow):
            continue
        if narrow == NOT_SAID or (rungs and rungs.holds(narrow, value)):
            narrow = value
        elif not (rungs and rungs.holds(value, narrow)):
            return None
    return narrow


def _rare(counter: Counter, threshold: int) -> tuple[tuple[str, ...], ...]:
    """The smallest sets of fields that are already too rare, everything else being said as broadly as can be."""
    broadest = [len(found) - 1 for found in counter.ways]
    movable = [place for place, last in enumerate(broadest) if last]
    rare: list[tuple[int, ...]] = []
    for size in range(1, min(LARGEST_SUBSET, len(movable)) + 1):
        for subset in combinations(movable, size):
            if any(set(smaller) <= set(subset) for smaller in rare):
                continue
            steps = [0 if place in subset else last for place, last in enumerate(broadest)]
            if counter.people(steps) < threshold:
                rare.append(subset)
    names = judged_fields()
    return tuple(tuple(names[place] for place in subset) for subset in rare)


def _options(counter: Counter, threshold: int) -> tuple[Option, ...]:
    """The ways to say it that enough share: least loss first, and none that is another one with more left out."""
    chosen: list[tuple[int, ...]] = []
    for steps in sorted(product(*(range(len(found)) for found in counter.ways)), key=counter.loss):
        if any(all(one <= other for one, other in zip(before, steps, strict=True)) for before in chosen):
            continue
        if counter.people(steps) >= threshold:
            chosen.append(steps)
            if len(chosen) == MOST_OPTIONS:
                break
    return tuple(Option(counter.changes(steps), counter.people(steps), counter.loss(steps)) for steps in chosen)
