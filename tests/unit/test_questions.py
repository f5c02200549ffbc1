"""The questions in plain words: one for each sign, about her, him or anybody, kind, and the same signs as before."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

import pytest

from bield.indicators import Strength, load
from bield.indicators.codebook import Codebook, CodebookError, Indicator, Wording, every_version, parse, words_for
from bield.indicators.lists import reactions
from bield.service.signs.asking import arrange, effort, signs_of_part
from tests.unit.test_codebook import RAW

BOOK, BEFORE = load(), load(version="1")
SETS = [(key,) for key in BOOK.sets] + [("adult_labour", "adult_sexual"), ("child_labour", "child_sexual")]
WORDINGS = [
    (key, words)
    for key, rows in [
        *((sign.id, sign.asks) for sign in BOOK.indicators.values()),
        *((part.id, part.titles) for part in BOOK.dimensions.values()),
        *((item.id, item.inherent_asks) for item in BOOK.sets.values()),
    ]
    for words in rows
]
UNKIND = re.compile(
    r"uncooperative|ungrateful|complain|undoing their own|that is not so|manipulative|attention|easily led|"
    r"\bvictim|prostitut|illegal|promiscu|ended badly|once there",
    re.IGNORECASE,
)
"""What would blame somebody, or make them less than they are."""


def _measures(book: Codebook) -> Any:
    """What a result depends on: the signs in their order, their strengths, the rule and the policies."""
    signs = [(sign.id, sign.dimension, dict(sign.strength), sign.disputed) for sign in book.indicators.values()]
    policies = [
        (policy.id, policy.age, [(outcome.id, outcome.indicated, patterns) for outcome, patterns in policy.steps])
        for policy in book.policies.values()
    ]
    return signs, policies, [asdict(clause) for clause in book.rule.clauses], list(book.dimensions), list(book.sets)


def test_new_words_change_no_result() -> None:
    assert [book.version for book in every_version()] == ["1", "2"]
    assert BOOK.version == "2"
    assert _measures(BOOK) == _measures(BEFORE)


@pytest.mark.parametrize("sign", BOOK.indicators.values(), ids=lambda sign: sign.id)
def test_every_sign_is_asked_in_one_short_question(sign: Indicator) -> None:
    for sets in SETS:
        if any(key in sign.strength for key in sets):
            for gender in ("woman", "man", "not_known"):
                question = sign.ask(sets, gender)
                assert question.endswith("?")
                assert question.count("?") == 1
                assert len(question) <= 90
                assert " / " not in question


@pytest.mark.parametrize(("key", "words"), WORDINGS, ids=lambda value: value if isinstance(value, str) else "")
def test_words_about_her_and_him_and_anybody_keep_to_them(key: str, words: Wording) -> None:
    assert not re.search(r"\b(she|her|he|him|his)\b", words.they, re.IGNORECASE)
    assert not re.search(r"\b(they|them|their|he|him|his)\b", words.she, re.IGNORECASE)
    assert not re.search(r"\b(they|them|their|she|her)\b", words.he, re.IGNORECASE)
    assert bool(words.she) is bool(words.he) is bool(re.search(r"\b(they|them|their)\b", words.they, re.IGNORECASE))
    assert not UNKIND.search(words.they)


def test_the_wording_is_of_the_lists_that_are_asked() -> None:
    hours, tasks = BOOK.indicators["excessive_working_days_or_hours"], BOOK.indicators["dest_forced_tasks_or_clients"]
    assert hours.ask(["adult_labour"], "not_known") == "Do they work very long hours, or every day?"
    assert hours.ask(["adult_labour"], "woman") == "Does she work very long hours, or every day?"
    assert hours.ask(["child_sexual"], "man") == "Is he made to do this for very long hours, or every day?"
    assert "clients" not in tasks.ask(["adult_labour"], "man")
    assert "clients" not in tasks.ask(["child_sexual"], "man")
    assert "clients" in tasks.ask(["adult_labour", "adult_sexual"], "man")
    assert words_for((), ["adult_labour"], "man") == ""


def test_words_for_some_lists_only_are_refused() -> None:
    raw = RAW | {"indicators": [dict(RAW["indicators"][0], asks=[{"sets": ["adult_sexual"], "they": "Why?"}])]}
    with pytest.raises(CodebookError, match="first words must be for every list"):
        parse("x", raw)
    raw["indicators"][0]["asks"] = [{"they": "Why?"}, {"sets": ["adults"], "they": "Why?"}]
    with pytest.raises(CodebookError, match=r"unknown sets.*adults"):
        parse("x", raw)


@pytest.mark.parametrize("sets", SETS, ids=str)
@pytest.mark.parametrize("dimension", BOOK.dimensions)
def test_strong_signs_are_asked_first_and_few_are(sets: tuple[str, ...], dimension: str) -> None:
    signs = signs_of_part(BOOK, sets, dimension)
    arranged = arrange(signs, sets)
    assert sorted(sign.id for sign in arranged.first + arranged.more) == sorted(sign.id for sign in signs)
    assert 3 <= len(arranged.first) <= 10
    assert len(arranged.first) <= 5 or all(sign.first or _strong(sign, sets) for sign in arranged.first)
    assert not any(_strong(sign, sets) for sign in arranged.more)
    assert [_strong(sign, sets) for sign in arranged.first] == sorted(
        (_strong(sign, sets) for sign in arranged.first), reverse=True
    )


def _strong(sign: Indicator, sets: tuple[str, ...]) -> bool:
    return any(sign.strength.get(key) is Strength.STRONG for key in sets)


def test_a_fold_says_that_its_signs_weigh_less_only_where_each_does() -> None:
    labour = arrange(signs_of_part(BOOK, ["adult_labour"], "exploitation"), ["adult_labour"])
    assert labour.more_words == "Five more signs"
    assert [sign.id for sign in labour.first][:2] == ["excessive_working_days_or_hours", "low_or_no_salary"]
    child = arrange(signs_of_part(BOOK, ["child_sexual"], "coercion_at_destination"), ["child_sexual"])
    assert child.more_words == "Seven more signs, which weigh less"
    old = arrange(signs_of_part(BEFORE, ["adult_sexual"], "exploitation"), ["adult_sexual"])
    assert len(old.first) == 3


def test_minutes_follow_the_number_of_questions_and_words() -> None:
    first, whole = (effort(BOOK, ("adult_labour", "adult_sexual"), first_only=few) for few in (True, False))
    assert whole.questions == 67
    assert first.questions < whole.questions / 2
    assert 0 < first.minutes < whole.minutes
    assert effort(BOOK, ("adult_sexual",), first_only=False).minutes <= whole.minutes


def test_nothing_that_is_read_blames_anybody() -> None:
    assert [item.id for item in reactions().reactions] == [item.id for item in reactions("1").reactions]
    said = [line for item in reactions().reactions for line in (item.name, *item.seen, *item.helps)]
    said += [sign.explanation for sign in BOOK.indicators.values()] + [
        sign.question for sign in BOOK.indicators.values()
    ]
    said += [words for part in BOOK.dimensions.values() for words in (part.plain, part.about, part.noun)]
    assert [line for line in said if UNKIND.search(line)] == []
