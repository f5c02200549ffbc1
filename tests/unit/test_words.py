"""Explanations: complete, plain, never a verdict in numbers; and stored assessments that replay."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bield.indicators import Answer, StoredError, assess, explain, from_json, load, to_json
from tests import natasha

BOOK = load()
ANSWERS = st.dictionaries(st.sampled_from(sorted(BOOK.indicators)), st.sampled_from(list(Answer)), max_size=67)
CASES = given(ANSWERS, st.sampled_from(sorted(BOOK.sets)))


@CASES
def test_every_sign_that_was_answered_is_in_the_words(answers: dict[str, Answer], key: str) -> None:
    result = assess(answers, key, policy="palermo")
    words = explain(result)
    text = words.as_text()
    for item in result.dimensions:
        for sign in item.signs:
            if sign.answer is not Answer.UNKNOWN:
                assert f"‘{sign.label}’" in text
        if item.lone_strong is not None:
            assert any(f"‘{item.lone_strong.label}’" in line for line in words.standing_alone)
    assert "No tool can identify trafficking" in text


@CASES
def test_no_number_is_offered_as_a_verdict(answers: dict[str, Answer], key: str) -> None:
    words = explain(assess(answers, key, policy="palermo"))
    said = [words.summary, *words.conclusion, *words.standing_alone]
    said += [line for item in words.dimensions for line in (item.short, *item.reasons)]
    assert not re.search(r"\d|per cent|score|probab", " ".join(said))


def test_additional_exploitation_is_never_shown_as_none() -> None:
    no = dict.fromkeys(BOOK.indicators, Answer.NO)
    words = explain(assess(no, "child_sexual", policy="palermo", inherent="yes"))
    assert any("exploitation is established by that fact alone" in line for line in words.conclusion)
    assert "no exploitation" not in words.as_text().lower()
    shown = next(item for item in words.dimensions if item.id == "exploitation")
    assert shown.heading == "Exploited in other ways as well"


def test_what_would_settle_it_comes_nearest_first_with_open_questions() -> None:
    words = explain(assess(dict.fromkeys(natasha.SIGNS, Answer.YES), "adult_sexual", policy="palermo"))
    assert words.find_out
    assert {item.dimension for item in words.find_out} == {"Forced into it"}
    assert all(item.question.endswith(("?", ".")) for item in words.find_out)


def test_a_disputed_strength_that_matters_is_said_to_matter() -> None:
    no = dict.fromkeys(BOOK.indicators, Answer.NO)
    answers = no | dict.fromkeys(["rvuln_difficulties_in_the_past", "rvuln_difficulty_organising_travel"], Answer.YES)
    grounds = " ".join(explain(assess(answers, "adult_labour", policy="palermo")).grounds)
    assert "would change nothing" in grounds
    answers["rvuln_economic_reasons"] = Answer.YES
    grounds = " ".join(explain(assess(answers, "adult_labour", policy="palermo")).grounds)
    assert "‘Vulnerability used to recruit’ would be positive" in grounds


@CASES
def test_a_stored_assessment_replays(answers: dict[str, Answer], key: str) -> None:
    book = BOOK.with_alternatives(["no_access_to_education"])
    result = assess(answers, key, policy="three_part", codebook=book, act="yes", inherent="unknown")
    assert from_json(to_json(result)) == result


def _changed(**changes: Any) -> str:
    raw = json.loads(to_json(assess({"hazardous_work": "yes"}, "adult_labour", policy="palermo")))
    return json.dumps(raw | changes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nothing", "not JSON"),
        ("[]", "expected an object"),
        ("{}", "format is None"),
        (_changed(codebook={"id": "ilo-ec-delphi-2009", "version": "7", "alternatives": []}), "version '7'"),
        (_changed(codebook="x"), "indices"),
        (_changed(answers={"hazardous_work": "no"}), "one of them was changed"),
        (_changed(answers={"hazard": "no"}), "'hazard'"),
        (_changed(answers=3), "int"),
        (_changed(indicator_set="adults"), "'adults'"),
    ],
)
def test_a_stored_assessment_that_was_changed_is_refused(text: str, words: str) -> None:
    with pytest.raises(StoredError, match=words):
        from_json(text)
