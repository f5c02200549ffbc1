"""Assesses a batch of people, and makes the columns that are written for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bield.indicators.assessment import Answer
from bield.indicators.batch.columns import ANSWERS, BAD, UNKNOWN, cell_codes, packed_answers
from bield.indicators.batch.plan import CONCLUSION, LEVELS, Plan
from bield.indicators.batch.problems import BadValue
from bield.indicators.codebook import load
from bield.indicators.packed import (
    STATUSES,
    ConclusionTable,
    PackedAnswers,
    Words,
    combination,
    conclusion_table,
    dimension_bounds,
    pack,
    statuses,
    unpack,
    words_for,
)
from bield.indicators.rule import Strength

AN_ANSWER = "an answer (yes, no or unknown in a known spelling; others are given with --answers)"


@dataclass(frozen=True)
class People:
    """A batch, assessed.

    found: array of shape (dimensions, people), a status as a small number (see packed.STATUSES).
    conclusion: the index of each person's conclusion in `conclusions`. indicated: its status as a small number.
    bad: the cells that cannot be read, with the row within the batch; the results of these rows mean nothing.
    """

    rows: pa.RecordBatch
    found: NDArray[np.uint8]
    conclusion: NDArray[np.int8]
    conclusions: tuple[str, ...]
    indicated: NDArray[np.uint8]
    counts: Mapping[str, NDArray[np.uint8]]
    bad: tuple[tuple[int, BadValue], ...]

    def written(self, plan: Plan) -> pa.RecordBatch:
        """The columns to write, in order."""
        words = pa.array([status.value for status in STATUSES])
        columns = [self.rows.column(name) for name in plan.kept]
        columns += [_dictionary(row.view(np.int8), words) for row in self.found]
        columns.append(_dictionary(self.conclusion, pa.array(self.conclusions)))
        columns += [pa.array(values) for values in self.counts.values()]
        names = [*plan.kept, *plan.request.codebook.dimensions, CONCLUSION, *self.counts]
        return pa.RecordBatch.from_arrays(columns, names=names)

    def only(self, keep: NDArray[np.bool_]) -> People:
        """The people with a true value in `keep`."""
        return People(
            rows=self.rows.filter(pa.array(keep)),
            found=self.found[:, keep],
            conclusion=self.conclusion[keep],
            conclusions=self.conclusions,
            indicated=self.indicated[keep],
            counts={name: values[keep] for name, values in self.counts.items()},
            bad=(),
        )


def _dictionary(codes: NDArray[np.int8], words: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes), words, safe=False)


def assess_people(plan: Plan, rows: pa.RecordBatch, *, file: Path, first_row: int) -> People:
    """Assess a batch of rows. first_row: how many rows of the file come before it."""
    people = rows.num_rows
    answers: dict[str, PackedAnswers] = {}
    bad: list[tuple[int, BadValue]] = []
    for name in plan.answers:
        answers[name], wrong = packed_answers(rows.column(name), plan.request.spellings)
        bad += _bad_values(name, wrong, file, first_row, AN_ANSWER)
    choice, wrong_sets = _choice(plan, rows, file, first_row)
    bad += wrong_sets
    facts, wrong_facts = _facts(plan, rows, file, first_row)
    bad += wrong_facts
    tables = _tables(plan)
    low, high = _bounds(plan, answers, people, choice)
    by_dimension = np.stack([statuses(a, b, people) for a, b in zip(low, high, strict=True)])
    index = combination(by_dimension)
    if len(tables) == 1:
        conclusion, pointed = tables[0].outcome[index], tables[0].indicated[index]
    else:
        table_index = (0 if choice is None else choice.astype(np.int16)) * len(plan.facts) + facts
        conclusion = np.stack([table.outcome for table in tables])[table_index, index]
        pointed = np.stack([table.indicated for table in tables])[table_index, index]
    return People(
        rows=rows,
        found=by_dimension,
        conclusion=conclusion,
        conclusions=tables[0].names,
        indicated=pointed,
        counts=_counts(plan, answers, people, choice) if plan.request.counts else {},
        bad=tuple(sorted(bad, key=lambda item: item[0])),
    )


def _bad_values(
    column: str, wrong: NDArray[np.intp], file: Path, first_row: int, expected: str
) -> list[tuple[int, BadValue]]:
    return [(row, BadValue(file, first_row + row + 1, column, expected)) for row in map(int, wrong)]


def _choice(
    plan: Plan, rows: pa.RecordBatch, file: Path, first_row: int
) -> tuple[NDArray[np.int8] | None, list[tuple[int, BadValue]]]:
    """The index in plan.sets of each person's set, or None if all have the same."""
    if plan.set_column is None:
        return None, []
    places = {name: place for place, name in enumerate(plan.sets)}
    column = rows.column(plan.set_column)
    wrong_code = len(plan.sets)
    codes = cell_codes(column, lambda value: places.get(str(value).strip(), wrong_code), missing=wrong_code)
    expected = f"a set ({', '.join(plan.sets)})"
    wrong = _bad_values(plan.set_column, np.flatnonzero(codes == wrong_code), file, first_row, expected)
    return np.where(codes == wrong_code, 0, codes).astype(np.int8), wrong


def _facts(
    plan: Plan, rows: pa.RecordBatch, file: Path, first_row: int
) -> tuple[NDArray[np.int8] | int, list[tuple[int, BadValue]]]:
    """The index in plan.facts of what is known about each person's fact."""
    if plan.fact_column is None:
        return 0, []
    codes = cell_codes(rows.column(plan.fact_column), plan.request.spellings.code, missing=UNKNOWN)
    wrong = _bad_values(plan.fact_column, np.flatnonzero(codes == BAD), file, first_row, AN_ANSWER)
    codes = np.where(codes == BAD, UNKNOWN, codes)
    places = np.array([plan.facts.index(Answer(name)) for name in ANSWERS], np.int8)
    return places[codes], wrong


def _tables(plan: Plan) -> list[ConclusionTable]:
    """A table for each set, and within it for each answer about the fact that the set is about."""
    book = plan.request.codebook
    return _merged(book.id, book.version, book.alternatives, plan.sets, plan.request.policy, plan.facts)


@lru_cache(maxsize=32)
def _merged(
    book_id: str,
    version: str,
    alternatives: tuple[str, ...],
    sets: tuple[str, ...],
    policy: str,
    facts: tuple[Answer, ...],
) -> list[ConclusionTable]:
    """The conclusion tables with the same list of names, because a file must have one dictionary throughout."""
    book = load(book_id, version).with_alternatives(alternatives)
    tables = [conclusion_table(book, name, policy, fact) for name in sets for fact in facts]
    names = tuple(dict.fromkeys(name for table in tables for name in table.names))
    return [
        ConclusionTable(
            names,
            np.array([names.index(name) for name in table.names], np.int8)[table.outcome],
            table.indicated,
        )
        for table in tables
    ]


def _bounds(
    plan: Plan,
    answers: Mapping[str, PackedAnswers],
    people: int,
    choice: NDArray[np.int8] | None,
) -> tuple[Words, Words]:
    """Both bounds of every dimension, for each person in their own set."""
    book, words = plan.request.codebook, words_for(people)
    if choice is None:
        return dimension_bounds(book, plan.sets[0], answers, words)
    low = np.zeros((len(book.dimensions), words), np.uint64)
    high = np.zeros_like(low)
    for place, name in enumerate(plan.sets):
        chosen = choice == place
        if chosen.any():
            mask = pack(chosen)
            lower, upper = dimension_bounds(book, name, answers, words)
            low |= lower & mask
            high |= upper & mask
    return low, high


def _counts(
    plan: Plan,
    answers: Mapping[str, PackedAnswers],
    people: int,
    choice: NDArray[np.int8] | None,
) -> dict[str, NDArray[np.uint8]]:
    """How many signs of each strength are present, by result column."""
    book = plan.request.codebook
    present = {
        name: unpack(item.yes if item.known is None else item.yes & item.known, people)
        for name, item in answers.items()
    }
    counts: dict[str, NDArray[np.uint8]] = {}
    for dimension in book.dimensions:
        for level in LEVELS:
            total = np.zeros(people, np.uint8)
            for place, name in enumerate(plan.sets):
                chosen = None if choice is None else (choice == place).view(np.uint8)
                for item in book.signs(name, dimension):
                    if item.strength[name] == Strength(level) and item.id in present:
                        total += present[item.id] if chosen is None else present[item.id] & chosen
            counts[f"{dimension}_{level}"] = total
    return counts
