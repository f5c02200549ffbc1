"""Evaluates the rule for millions of people at a time on bit-packed words, 64 people in each machine word.

A column has two rows of bits, as in Arrow's boolean arrays: which answers are yes, and which are known. Taking unknown
answers as no and as yes gives the two bounds of every dimension; a person between them is undetermined.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bield.indicators.assessment import Answer, Status, indicated, possible_outcomes, with_fact
from bield.indicators.codebook import Codebook
from bield.indicators.rule import STRENGTHS, Strength

Words = NDArray[np.uint64]

PEOPLE_PER_WORD = 64
CHUNK_WORDS = 8192
"""Words processed at a time: few enough to stay in the processor's cache, enough to make each call worth its cost."""

STATUSES = (Status.NEGATIVE, Status.UNDETERMINED, Status.POSITIVE)
"""The status for each small number: the number is how many of the two bounds are true."""


@dataclass(frozen=True, slots=True)
class PackedAnswers:
    """The answers to an indicator of many people.

    yes: a bit is set if the answer is yes; bits of unknown answers may be anything.
    known: a bit is set if the answer is yes or no; None if every answer is known.
    """

    yes: Words
    known: Words | None


def words_for(people: int) -> int:
    """How many words hold this many people."""
    return -(-people // PEOPLE_PER_WORD)


def dimension_bounds(
    book: Codebook,
    indicator_set: str,
    answers: Mapping[str, PackedAnswers],
    words: int,
    *,
    lower: Words | None = None,
    upper: Words | None = None,
) -> tuple[Words, Words]:
    """Whether each dimension is positive with unknown answers taken as no (lower) and as yes (upper).

    answers: by indicator id, each `words` long; an indicator left out is unknown for everybody.
    Returns two arrays of shape (dimensions, words): `lower` and `upper` filled, if given.
    """
    shape = (len(book.dimensions), words)
    low = np.empty(shape, np.uint64) if lower is None else lower
    high = np.empty(shape, np.uint64) if upper is None else upper
    plan = [_columns(book, indicator_set, dimension) for dimension in book.dimensions]
    nothing = np.zeros((2, CHUNK_WORDS), np.uint64)
    for start in range(0, words, CHUNK_WORDS):
        part = slice(start, min(start + CHUNK_WORDS, words))
        empty = nothing[:, : part.stop - part.start]
        for row, names in enumerate(plan):
            columns = {
                strength: (_both_bounds(answers.get(name), part, empty) for name in chosen)
                for strength, chosen in names.items()
            }
            low[row, part], high[row, part] = book.rule.evaluate(columns, nothing=empty)
    return low, high


def _both_bounds(answer: PackedAnswers | None, part: slice, empty: Words) -> Words:
    """A column of a chunk, of shape (2, words): unknown answers taken as no, and as yes."""
    both = np.empty_like(empty)
    if answer is None:
        both[0] = 0
        both[1] = ~np.uint64(0)
    elif answer.known is None:
        both[:] = answer.yes[part]
    else:
        yes, known = answer.yes[part], answer.known[part]
        np.bitwise_and(yes, known, out=both[0])
        np.invert(known, out=both[1])
        both[1] |= yes
    return both


def _columns(book: Codebook, indicator_set: str, dimension: str) -> dict[Strength, list[str]]:
    """The indicator ids of a dimension, by strength."""
    signs = book.signs(indicator_set, dimension)
    return {strength: [item.id for item in signs if item.strength[indicator_set] is strength] for strength in STRENGTHS}


def statuses(lower: Words, upper: Words, people: int) -> NDArray[np.uint8]:
    """The status of each person as 0, 1 or 2 (see STATUSES), from the two bounds of a dimension."""
    return unpack(lower, people) + unpack(upper, people)


def unpack(bits: Words, people: int) -> NDArray[np.uint8]:
    """One byte for each person, 0 or 1, from bit-packed words."""
    return np.unpackbits(bits.view(np.uint8), count=people, bitorder="little")


def pack(flags: NDArray[np.bool_]) -> Words:
    """Bit-packed words from one truth value for each person; the last word is padded with no."""
    packed = np.packbits(flags, bitorder="little")
    padded = np.zeros(words_for(len(flags)) * 8, np.uint8)
    padded[: len(packed)] = packed
    return padded.view(np.uint64)


@dataclass(frozen=True, slots=True)
class ConclusionTable:
    """The conclusion for every combination of statuses, worked out once.

    names: outcome ids and "undetermined". outcome, indicated: arrays of 3**dimensions small numbers, the index in
    `names` and the status (see STATUSES), at the index that `combination` gives.
    """

    names: tuple[str, ...]
    outcome: NDArray[np.int8]
    indicated: NDArray[np.uint8]


def conclusion_table(book: Codebook, indicator_set: str, policy: str, fact: Answer) -> ConclusionTable:
    """Tabulate the conclusion of a set under a policy. fact: what is known about the fact that the set is about."""
    rules = book.policy_for(indicator_set, policy)
    set_definition = book.indicator_set(indicator_set)
    names = (*dict.fromkeys(outcome.id for outcome, _ in rules.steps), Status.UNDETERMINED.value)
    dimensions = tuple(book.dimensions)
    size = 3 ** len(dimensions)
    outcome = np.empty(size, np.int8)
    status_codes = np.empty(size, np.uint8)
    for index in range(size):
        by_dimension = {dimension: STATUSES[index // 3**position % 3] for position, dimension in enumerate(dimensions)}
        if set_definition.inherent:
            by_dimension[set_definition.inherent] = with_fact(by_dimension[set_definition.inherent], fact)
        possible = possible_outcomes(
            book,
            rules.id,
            frozenset(key for key, status in by_dimension.items() if status is Status.POSITIVE),
            frozenset(key for key, status in by_dimension.items() if status is Status.UNDETERMINED),
        )
        settled = possible[0].id if len(possible) == 1 else names[-1]
        outcome[index] = names.index(settled)
        status_codes[index] = STATUSES.index(indicated(possible))
    return ConclusionTable(names, outcome, status_codes)


def combination(by_dimension: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """The index into a ConclusionTable, from statuses of shape (dimensions, people)."""
    index = np.zeros(by_dimension.shape[1], np.uint16)
    for position, dimension_statuses in enumerate(by_dimension):
        index += dimension_statuses.astype(np.uint16) * np.uint16(3**position)
    return index
