"""Support in the law data: who gives it, the parts of its time, the tests for a guardian."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bield.datafiles import DataError
from bield.law import LawError, Situation
from bield.law.reading import read
from bield.law.support import guardian_tests, parse_support, phases, route, statutory_clock, support_of

ON = date(2026, 11, 24)
DAY = timedelta(days=1)
DAYS = st.dates(date(2018, 4, 1), date(2030, 1, 1))


def situation(**known: Any) -> Situation:
    return Situation(**({"age": "adult", "gender": "woman", "exploitation": frozenset({"sexual"})} | known))


@pytest.mark.parametrize(
    ("known", "provider"),
    [
        ({}, "tara"),
        ({"exploitation": frozenset({"sexual", "labour"})}, "tara"),
        ({"gender": "man"}, "migrant-help"),
        ({"exploitation": frozenset({"labour"})}, "migrant-help"),
        ({"exploitation": frozenset()}, "migrant-help"),
        ({"gender": "not_known"}, "migrant-help"),
        ({"age": "under_18"}, "council"),
        ({"age": "uncertain"}, "council"),
    ],
)
def test_who_gives_support(known: dict[str, Any], provider: str) -> None:
    found = route(situation(**known), on=ON, place="scotland")
    assert found.provider == provider
    assert found.reason
    assert found.source


def test_a_place_without_routes_says_so() -> None:
    with pytest.raises(LawError, match="no route"):
        route(situation(), on=ON, place="england_wales")


def test_the_eight_heads_of_section_9() -> None:
    assert [item.id for item in support_of("scotland").heads] == [
        "accommodation", "day_to_day", "health", "language", "counselling", "legal", "information", "return",
    ]  # fmt: skip


def test_90_days_from_1_april_2018_and_45_the_day_before() -> None:
    before, after = (
        statutory_clock(date(2018, 3, 31), place="scotland"),
        statutory_clock(date(2018, 4, 1), place="scotland"),
    )
    assert before is not None
    assert after is not None
    assert (before.days, after.days) == (45, 90)


def test_a_conclusive_decision_ends_the_statutory_period_early() -> None:
    found = phases(date(2026, 1, 1), grounds_on=date(2026, 1, 10), conclusive_on=date(2026, 2, 1), place="scotland")
    assert [(item.rule.id, item.begins, item.ends) for item in found] == [
        ("before", date(2026, 1, 1), date(2026, 1, 9)),
        ("statutory", date(2026, 1, 10), date(2026, 2, 1)),
        ("after", date(2026, 2, 2), None),
    ]


def test_after_day_90_support_goes_on_until_the_conclusive_decision_and_beyond_it() -> None:
    found = phases(date(2026, 1, 1), grounds_on=date(2026, 1, 10), conclusive_on=date(2026, 8, 1), place="scotland")
    assert [(item.rule.id, item.begins, item.ends) for item in found] == [
        ("before", date(2026, 1, 1), date(2026, 1, 9)),
        ("statutory", date(2026, 1, 10), date(2026, 4, 10)),
        ("beyond", date(2026, 4, 11), date(2026, 8, 1)),
        ("after", date(2026, 8, 2), None),
    ]
    assert [item.rule.duty for item in found] == [False, True, False, False]


def test_a_conclusive_decision_older_than_the_first_is_refused() -> None:
    with pytest.raises(LawError, match="older"):
        phases(ON, grounds_on=ON, conclusive_on=ON - DAY, place="scotland")


@given(DAYS, st.integers(-200, 400), st.none() | st.integers(0, 600), st.none() | st.integers(0, 900))
def test_every_day_of_support_lies_in_one_part_and_in_one_only(
    began: date, grounds: int, conclusive: int | None, ended: int | None
) -> None:
    grounds_on = began + timedelta(days=grounds)
    conclusive_on = None if conclusive is None else grounds_on + timedelta(days=conclusive)
    ended_on = None if ended is None else began + timedelta(days=ended)
    found = phases(began, grounds_on=grounds_on, conclusive_on=conclusive_on, ended_on=ended_on, place="scotland")
    assert found[0].begins == began
    assert found[-1].ends == ended_on
    for one, next_one in pairwise(found):
        assert one.ends is not None
        assert next_one.begins == one.ends + DAY
    for day in (began, grounds_on, began + timedelta(days=100)):
        inside = began <= day and (ended_on is None or day <= ended_on)
        assert sum(item.holds(day) for item in found) == inside


@given(DAYS)
def test_the_statutory_period_is_never_longer_than_its_days(grounds_on: date) -> None:
    (only,) = [item for item in phases(grounds_on, grounds_on=grounds_on, place="scotland") if item.rule.duty]
    assert only.ends is not None
    assert (only.ends - only.begins).days == 90


@pytest.mark.parametrize(
    ("known", "answers"),
    [
        ({"age": "under_18", "parental_rights_in_uk": "no", "signs": "indicated"}, ["yes", "yes", "yes"]),
        ({"age": "uncertain", "parental_rights_in_uk": "yes", "signs": "none"}, ["yes", "no", "no"]),
        ({"age": "under_18"}, ["yes", "not_known", "not_known"]),
        ({"age": "adult", "parental_rights_in_uk": "no", "signs": "indicated"}, ["no", "yes", "yes"]),
    ],
)
def test_whether_a_guardian_is_to_be_asked_for(known: dict[str, Any], answers: list[str]) -> None:
    assert [item.answer for item in guardian_tests(situation(**known), on=ON, place="scotland")] == answers


def test_before_1_april_2023_there_was_no_such_guardian() -> None:
    assert not guardian_tests(situation(age="under_18"), on=date(2023, 3, 31), place="scotland")
    assert guardian_tests(situation(age="under_18"), on=date(2023, 4, 1), place="scotland")


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("routes", {"when": {"nothing": ["yes"]}}),
        ("routes", {"strange": 1}),
        ("phases", {"id": "never"}),
        ("heads", {"confidence": "sure"}),
        ("guardian_tests", {"when": {"child": ["perhaps"]}}),
        ("turning_18", {"who": 3}),
    ],
)
def test_a_fault_in_the_file_is_named(part: str, change: dict[str, Any]) -> None:
    filename, raw = read("support")
    raw[part][0] |= change
    with pytest.raises(DataError, match="support"):
        parse_support(filename, raw)
