"""The referral form: which questions are asked with which answers, and what a changed answer takes away."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bield.law import NrmField, nrm_form, nrm_form_version
from bield.law.reading import LawError

FORM = nrm_form("scotland", on=date(2026, 11, 24))


def answer_to(item: NrmField) -> st.SearchStrategy[Any]:
    keys = [choice.key for choice in item.choices]
    if item.holds == "several":
        return st.lists(st.sampled_from(keys), max_size=3)
    return st.sampled_from(["", *keys]) if keys else st.sampled_from(["", "words"])


answers = st.fixed_dictionaries({item.id: answer_to(item) for item in FORM.fields})


def asked(given_answers: dict[str, Any]) -> set[str]:
    return {item.id for fields in FORM.asked(given_answers).values() for item in fields}


@given(answers)
def test_what_is_asked_depends_only_on_what_is_asked(given_answers: dict[str, Any]) -> None:
    """An answer to a question that is no longer asked changes nothing: leaving it out asks the same."""
    assert asked(FORM.counting(given_answers)) == asked(given_answers)
    assert FORM.missing(FORM.counting(given_answers)) == FORM.missing(given_answers)


@given(answers)
def test_a_child_and_somebody_not_sure_are_never_asked_to_consent(given_answers: dict[str, Any]) -> None:
    for age in ("yes", "not_sure"):
        found = asked(given_answers | {"under_18": age})
        assert not found & {"wants_referral", "needs_support", "reach", "decision_to", "safe_to_write", "refusal"}
        assert {"council", "council_phone", "given_names"} <= found


@given(answers)
def test_an_adult_who_says_no_is_asked_for_no_name(given_answers: dict[str, Any]) -> None:
    found = asked(given_answers | {"under_18": "no", "wants_referral": "no"})
    assert not found & {"given_names", "family_name", "born", "decision_to", "needs_support", "council"}
    assert "refusal" in found


@given(answers)
def test_an_adult_who_says_yes_is_asked_where_it_is_safe_to_write(given_answers: dict[str, Any]) -> None:
    found = asked(given_answers | {"under_18": "no", "wants_referral": "yes"})
    assert {"needs_support", "reach", "decision_to", "decision_by", "safe_to_write", "given_names"} <= found


@pytest.mark.parametrize(
    ("first", "then", "gone"),
    [
        ({"under_18": "no", "wants_referral": "yes", "reach": "phone"}, {"under_18": "yes"}, {"reach", "phone"}),
        ({"still_there": "yes"}, {"still_there": "no"}, {"what_keeps_them"}),
        ({"taken": "yes"}, {"taken": "no"}, {"journey"}),
        ({"types": ["other", "crime"]}, {"types": ["crime"]}, {"types_other"}),
    ],
)
def test_a_changed_answer_takes_away_what_rested_on_it(
    first: dict[str, Any], then: dict[str, Any], gone: set[str]
) -> None:
    before = {"under_18": "no", **first} | dict.fromkeys(gone - first.keys(), "words")
    assert gone <= FORM.counting(before).keys()
    assert not gone & FORM.counting(before | then).keys()


@given(answers)
def test_what_is_missing_is_needed_asked_and_empty(given_answers: dict[str, Any]) -> None:
    for fields in FORM.missing(given_answers).values():
        for item in fields:
            assert item.required
            assert item.id in asked(given_answers)
            assert not given_answers[item.id]


def test_the_ten_types_and_the_seven_times_of_the_form() -> None:
    fields = {item.id: item for item in FORM.fields}
    assert len(fields["types"].choices) == 10
    assert len(fields["last_contact"].choices) == 7
    assert {item.key for item in fields["permission"].choices} == {"yes"}
    assert {item.key for item in fields["safe_to_write"].choices} == {"yes"}


def test_a_version_is_found_by_its_id() -> None:
    assert nrm_form_version("2026-04") is FORM
    with pytest.raises(LawError, match="1999"):
        nrm_form_version("1999")
