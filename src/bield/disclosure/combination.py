"""Whether what is said, taken together, singles somebody out; and how to say it so that it does not.

How many people share a combination is counted in one pass over the register: each row is placed by how far up each
ladder one must go for it to fit, and the counts of every way to say it are running sums over that small table.
Method: docs/methods/combination.md.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from types import MappingProxyType
from typing import Any

import numpy as np

from bield.datafiles import DataError, build, build_all, check_parts, entries, read
from bield.disclosure.ladders import NOT_SAID, Ladder, countries, places
from bield.disclosure.minimisation import Notice
from bield.law.reading import Confidence, has, kept, read_of

LARGEST_SUBSET = 4
"""Combinations of up to so many fields are looked at for what makes them rare."""

MOST_OPTIONS = 3
TABLES_KEPT = 512


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


@kept
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


def _rungs(field: Judged, place: str) -> Ladder | None:
    if field.ladder == "country":
        return countries()
    return places(place) if field.ladder == "place" else None


class Register:
    """How many people there are of each combination. Built once, asked often.

    cells: the values of `judged_fields` in order, empty where not said, and how many people have them. place: where
    all of them were notified.
    """

    def __init__(self, cells: Iterable[tuple[Sequence[str], int]], *, place: str) -> None:
        self.place, fields = place, combination_rules().fields
        self._vocabularies: list[dict[str, int]] = [{} for _field in fields]
        rows, people = [], []
        for values, count in cells:
            rows.append(
                [
                    vocabulary.setdefault(value, len(vocabulary))
                    for vocabulary, value in zip(self._vocabularies, values, strict=True)
                ]
            )
            people.append(count)
        self._codes = np.array(rows, dtype=np.int32).reshape(len(rows), len(fields)).T.copy()
        self._people = np.array(people, dtype=np.float64)
        self.people = int(self._people.sum())
        self._tables: OrderedDict[tuple[tuple[str, ...], ...], np.ndarray[Any, np.dtype[np.int64]]] = OrderedDict()

    def table(self, knowns: Sequence[Sequence[str]]) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The number of people for every choice of one value a field.

        knowns: for each field its values from narrow to broad, each within the next. The last few hundred tables are
        kept: what bodies send repeats itself.
        """
        key = tuple(tuple(known) for known in knowns)
        found = self._tables.get(key)
        if found is None:
            found = self._tables[key] = self._counted(knowns)
            if len(self._tables) > TABLES_KEPT:
                self._tables.popitem(last=False)
        return found

    def _counted(self, knowns: Sequence[Sequence[str]]) -> np.ndarray[Any, np.dtype[np.int64]]:
        shape = [len(known) + 1 for known in knowns]  # the last place of each axis is for rows that never fit
        place = np.zeros(self._codes.shape[1], dtype=np.int64)
        for field, vocabulary, known, codes, size in zip(
            combination_rules().fields, self._vocabularies, knowns, self._codes, shape, strict=True
        ):
            rungs = _rungs(field, self.place)
            steps = [_first_fit(rungs, known, value) for value in vocabulary]
            place = place * size + np.array([*steps, 0], dtype=np.int64)[codes]
        counts = np.bincount(place, weights=self._people, minlength=int(np.prod(shape))).reshape(shape)
        counts = counts[tuple(slice(0, -1) for _axis in shape)]
        for axis in range(counts.ndim):
            counts = counts.cumsum(axis=axis)
        return counts.astype(np.int64)


def _first_fit(rungs: Ladder | None, known: Sequence[str], value: str) -> int:
    """How far up one must go for a stored value to fit; the number of steps where it never does."""
    for step, broad in enumerate(known):
        if broad in (NOT_SAID, value) or (rungs and value in rungs and rungs.holds(broad, value)):
            return step
    return len(known)


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
class _Way:
    """One way to say a field: what is shown, and what the reader knows with everything sent before.

    known is None where it adds something that no count of single values can judge: it counts as nobody.
    """

    shown: str
    known: str | None
    loss: int


def identifiability(
    notice: Notice, register: Register, *, earlier: Sequence[Notice] = (), counted: bool = False
) -> Finding:
    """How many people share what a notice says, together with what earlier notices about the same person said.

    A reader who holds the earlier ones knows the narrower of both, so that is what is counted: a later notice cannot be
    subtracted from an earlier one to learn more. counted: the person is in the register already; with an earlier notice
    they are.
    """
    rules = combination_rules()
    ways, changed = [], []
    for field in rules.fields:
        found, differs = _ways(
            field, _rungs(field, register.place), notice.value(field.id), [item.value(field.id) for item in earlier]
        )
        ways.append(found)
        changed += [field.id] if differs else []
    asked = published(register.place) if register.people < rules.small_register.people else None
    people = _counter(ways, register, asked, own=1 if earlier or counted else 0)
    now = tuple(0 for _way in ways)
    threshold = rules.threshold.people
    enough = people(now) >= threshold
    return Finding(
        people=people(now),
        threshold=threshold,
        rare=() if enough else _rare(ways, people, threshold, rules.fields),
        options=() if enough else _options(ways, people, threshold, rules.fields),
        changed=tuple(changed),
        published=asked is not None,
    )


def _ways(field: Judged, rungs: Ladder | None, now: str, before: Sequence[str]) -> tuple[list[_Way], bool]:
    """Every way to say a field, narrowest first, and whether it differs from what was said before."""
    broader = () if field.ladder == "kept" or now == NOT_SAID else rungs.up(now)[1:] if rungs else (NOT_SAID,)
    shown = [now, *broader]
    said = [item for item in before if item != NOT_SAID]
    ways, loss = [], 0
    for step, value in enumerate(shown):
        ways.append(_Way(value, _meet(rungs, [*said, value]), loss))
        loss += field.losses[step] if step < len(field.losses) else 0
    return ways, ways[0].known is None


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


def _counter(ways: Sequence[Sequence[_Way]], register: Register, asked: Published | None, *, own: int) -> Any:
    """A function from one way a field to the number of others who share what is then known.

    own: how many of the register's people are this one.
    """
    knowns = [list(dict.fromkeys(way.known for way in found if way.known is not None)) or [NOT_SAID] for found in ways]
    table = register.table(knowns)
    names = judged_fields()

    def people(steps: Sequence[int]) -> int:
        known = [found[step].known for found, step in zip(ways, steps, strict=True)]
        if None in known:
            return 0
        count = int(table[tuple(axis.index(value or NOT_SAID) for axis, value in zip(knowns, known, strict=True))])
        count = max(count - own, 0)
        if asked:
            count = max(count, asked.people(dict(zip(names, (value or NOT_SAID for value in known), strict=True))))
        return count

    return people


def _rare(
    ways: Sequence[Sequence[_Way]], people: Any, threshold: int, fields: Sequence[Judged]
) -> tuple[tuple[str, ...], ...]:
    """The smallest sets of fields that are already too rare, everything else being said as broadly as can be."""
    movable = [place for place, found in enumerate(ways) if len(found) > 1]
    found: list[tuple[int, ...]] = []
    for size in range(1, min(LARGEST_SUBSET, len(movable)) + 1):
        for subset in combinations(movable, size):
            if any(set(smaller) <= set(subset) for smaller in found):
                continue
            steps = [0 if place in subset else len(ways[place]) - 1 for place in range(len(ways))]
            if people(steps) < threshold:
                found.append(subset)
    return tuple(tuple(fields[place].id for place in subset) for subset in found)


def _options(
    ways: Sequence[Sequence[_Way]], people: Any, threshold: int, fields: Sequence[Judged]
) -> tuple[Option, ...]:
    """The ways to say it that enough share: least loss first, and none that is another one with more left out."""
    by_loss = sorted(
        product(*(range(len(found)) for found in ways)),
        key=lambda steps: sum(found[step].loss for found, step in zip(ways, steps, strict=True)),
    )
    kept: list[tuple[int, ...]] = []
    for steps in by_loss:
        if any(all(one <= other for one, other in zip(before, steps, strict=True)) for before in kept):
            continue
        if people(steps) >= threshold:
            kept.append(steps)
            if len(kept) == MOST_OPTIONS:
                break
    return tuple(
        Option(
            tuple(
                Change(field.id, found[0].shown, found[step].shown)
                for field, found, step in zip(fields, ways, steps, strict=True)
                if step
            ),
            people(steps),
            sum(found[step].loss for found, step in zip(ways, steps, strict=True)),
        )
        for steps in kept
    )
