"""The rule of one dimension, against a second one written from its words, for every set of ticks there is."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from bield.indicators import Counts, Strength, load
from bield.indicators.packed import pack, unpack
from bield.indicators.rule import STRENGTHS, Need

BOOK = load()
DIMENSIONS = [(key, dimension) for key in BOOK.sets for dimension in BOOK.dimensions]


def by_the_words(strong: int, medium: int, weak: int) -> bool:
    """(a) 2 strong; (b) 1 strong and 1 medium or weak; (c) 3 medium; (d) 2 medium and 1 weak."""
    other = medium + weak
    return strong >= 2 or (strong >= 1 and other >= 1) or medium >= 3 or (medium >= 2 and weak >= 1)


@pytest.mark.parametrize(("indicator_set", "dimension"), DIMENSIONS)
def test_every_set_of_ticks_on_python_and_on_packed_words(indicator_set: str, dimension: str) -> None:
    strengths = [item.strength[indicator_set] for item in BOOK.signs(indicator_set, dimension)]
    ticks = np.array(list(product([False, True], repeat=len(strengths))))
    totals = {strength: ticks[:, [item is strength for item in strengths]].sum(axis=1) for strength in STRENGTHS}
    expected = np.array([by_the_words(*counts) for counts in zip(*totals.values(), strict=True)])
    packed = {
        strength: [pack(ticks[:, place]) for place, item in enumerate(strengths) if item is strength]
        for strength in STRENGTHS
    }
    answer = BOOK.rule.evaluate(packed, nothing=pack(np.zeros(len(ticks), np.bool_)))
    assert (unpack(answer, len(ticks)).astype(bool) == expected).all()
    places = {strength: [at for at, item in enumerate(strengths) if item is strength] for strength in STRENGTHS}
    for row, positive in zip(ticks.tolist(), expected.tolist(), strict=True):
        columns = {strength: [row[at] for at in places[strength]] for strength in STRENGTHS}
        assert BOOK.rule.evaluate(columns, nothing=False) is positive


@pytest.mark.parametrize(
    ("strong", "medium", "weak", "positive", "clause"),
    [
        (0, 0, 0, False, ""),
        (1, 0, 0, False, ""),
        (0, 2, 0, False, ""),
        (0, 1, 1, False, ""),
        (0, 1, 4, False, ""),
        (0, 0, 4, False, ""),
        (2, 0, 0, True, "a"),
        (1, 1, 0, True, "b"),
        (1, 0, 1, True, "b"),
        (0, 3, 0, True, "c"),
        (0, 2, 1, True, "d"),
        (1, 2, 0, True, "b"),
    ],
)
def test_the_arithmetic_of_the_reference(strong: int, medium: int, weak: int, positive: bool, clause: str) -> None:
    counts = Counts(strong, medium, weak)
    assert BOOK.rule.holds(counts) is positive
    assert [item.id for item in BOOK.rule.satisfied(counts)][:1] == ([clause] if clause else [])


def test_more_ticks_or_stronger_ones_never_undo_a_positive() -> None:
    for counts in product(range(4), range(5), range(4)):
        if BOOK.rule.holds(Counts(*counts)):
            for place in range(3):
                more = list(counts)
                more[place] += 1
                assert BOOK.rule.holds(Counts(*more))
            strong, medium, weak = counts
            if medium:
                assert BOOK.rule.holds(Counts(strong + 1, medium - 1, weak))
            if weak:
                assert BOOK.rule.holds(Counts(strong, medium + 1, weak - 1))


def test_a_need_that_the_words_cannot_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="2 over 2 strengths"):
        Need(2, (Strength.MEDIUM, Strength.WEAK))
