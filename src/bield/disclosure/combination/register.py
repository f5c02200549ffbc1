"""How many people there are of each combination, counted in one pass.

Each row of the register is placed by how far up each ladder one must go for it to fit; the counts of every way to say
something are running sums over that small table. Method: docs/methods/combination.md.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bield.disclosure.combination.rules import combination_rules, rungs_of
from bield.disclosure.ladders import NOT_SAID, Ladder

TABLES_KEPT = 512

Counts = NDArray[np.int64]


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
        self._tables: OrderedDict[tuple[tuple[str, ...], ...], Counts] = OrderedDict()

    def table(self, knowns: Sequence[Sequence[str]]) -> Counts:
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

    def _counted(self, knowns: Sequence[Sequence[str]]) -> Counts:
        shape = [len(known) + 1 for known in knowns]  # the last place of each axis is for rows that never fit
        place = np.zeros(self._codes.shape[1], dtype=np.int64)
        for field, vocabulary, known, codes, size in zip(
            combination_rules().fields, self._vocabularies, knowns, self._codes, shape, strict=True
        ):
            rungs = rungs_of(field, self.place)
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
