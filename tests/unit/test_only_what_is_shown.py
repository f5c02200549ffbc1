"""A result asserts only what was answered: for no answer at all, and for every single answer in every set."""

from __future__ import annotations

import pytest

from bield.indicators import Answer, Status, assess, explain, load
from bield.indicators.explain import Explanation

BOOK = load()
CASES = [
    (key, sign, answer)
    for key in BOOK.sets
    for sign in (None, *(item.id for item in BOOK.indicators.values() if key in item.strength))
    for answer in (Answer.YES, Answer.NO)
    if sign is not None or answer is Answer.YES
]
POLICIES = {
    key: [policy.id for policy in BOOK.policies.values() if policy.age == about.age] for key, about in BOOK.sets.items()
}


def asserted(words: Explanation) -> str:
    """Everything that is said as it is, and not as what would be."""
    reasons = [line for item in words.dimensions for line in (item.short, *item.reasons)]
    return " ".join([words.summary, *words.conclusion, *words.standing_alone, *reasons])


@pytest.mark.parametrize(("key", "sign", "answer"), CASES, ids=str)
def test_one_answer_asserts_nothing_but_itself(key: str, sign: str | None, answer: Answer) -> None:
    for policy in POLICIES[key]:
        result = assess({sign: answer} if sign else {}, key, policy=policy)
        words = explain(result)
        said = asserted(words)
        assert result.conclusion.outcome is None
        for outcome in BOOK.outcomes.values():
            assert outcome.sentence not in said
            assert all(outcome.sentence not in line for line in words.could_change)
        assert "point to trafficking" not in words.as_text()
        fact = BOOK.indicator_set(key).inherent_fact
        assert not fact or fact not in said
        assert all(" if " in f" {line.lower()} " or "would" in line for line in words.could_change)
        if answer is Answer.NO or sign is None:
            assert "Found" not in said
            assert "This is enough" not in said
        if sign is None:
            assert words.summary == "No sign is recorded yet."


@pytest.mark.parametrize("answer", list(Answer))
def test_the_fact_is_said_only_where_it_is_known(answer: Answer) -> None:
    words = explain(assess({}, "child_sexual", policy="palermo", inherent=answer))
    fact = BOOK.indicator_set("child_sexual").inherent_fact
    assert (f"Because {fact}" in asserted(words)) is (answer is Answer.YES)
    assert any(f"not known whether {fact}" in line for line in words.could_change) is (answer is Answer.UNKNOWN)


@pytest.mark.parametrize("key", BOOK.sets)
def test_enough_to_act_on_from_a_strong_sign_or_a_dimension_that_is_found(key: str) -> None:
    for sign in BOOK.indicators.values():
        if key in sign.strength:
            result = assess({sign.id: Answer.YES}, key, policy=POLICIES[key][0])
            positive = any(item.status is Status.POSITIVE for item in result.dimensions)
            assert result.enough_to_act is (sign.strength[key].value == "strong" or positive)
            assert not assess({sign.id: Answer.NO}, key, policy=POLICIES[key][0]).enough_to_act
