"""Facts about support: what they can carry, and that they can carry nothing else."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bield.births import Birth
from bield.disclosure import NotMinimal, Span, SupportFact, countries, support_fact
from bield.disclosure.support_facts import ADULTS, DIRECTIONS, SEXES, bands, direction, kinds, parts_of_the_world
from bield.law.bodies import load_bodies

GOOD: dict[str, Any] = {
    "provider": "tara",
    "sex": "woman",
    "band": "25_34",
    "world": "GB",
    "direction": "same",
    "spans": (),
}
DAYS = st.dates(date(2015, 1, 1), date(2030, 1, 1))
REPORTS = st.lists(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 5)), max_size=4)


@pytest.mark.parametrize("name", [item.name for item in fields(SupportFact) if item.name != "spans"])
@given(st.text(max_size=30))
def test_a_fact_takes_nothing_but_its_closed_lists(name: str, value: str) -> None:
    known: dict[str, Any] = {
        "provider": load_bodies(),
        "sex": SEXES,
        "band": bands(),
        "world": parts_of_the_world("scotland"),
        "direction": DIRECTIONS,
    }
    if value in known[name]:
        SupportFact(**(GOOD | {name: value}))
        return
    with pytest.raises(NotMinimal) as error:
        SupportFact(**(GOOD | {name: value}))
    assert str(error.value) == f"{name} is not from its closed list"  # and what it was is not repeated


@pytest.mark.parametrize(
    "change",
    [{"kind": "Zdravka"}, {"first": "2026-04-17"}, {"first": "2026"}, {"last": "2026-13"}, {"last": "2025-01"}],
)
def test_a_span_is_told_in_months_and_kinds(change: dict[str, str]) -> None:
    with pytest.raises(NotMinimal):
        Span(**({"kind": "support", "first": "2026-04", "last": "2026-05"} | change))


@given(
    age=st.sampled_from(["under_18", "adult", "uncertain"]),
    born=st.none() | st.dates(date(1930, 1, 1), date(2026, 1, 1)),
    nationality=st.text(max_size=8) | st.sampled_from([code for code in countries().parents if len(code) == 2]),
    began=DAYS,
    days=st.none() | st.integers(0, 900),
    kind=st.sampled_from(sorted(kinds("scotland"))),
    reports=REPORTS,
)
def test_whatever_a_record_holds_a_fact_names_no_day_and_no_country(
    *, age: str, born: date | None, nationality: str, began: date, days: int | None, kind: str, reports: Any
) -> None:
    last = None if days is None else began + timedelta(days=days)
    found = support_fact(
        place="scotland",
        provider="tara",
        gender="woman",
        age=age,
        born=Birth.on(born) if born else None,
        nationality=nationality,
        given=[("support", began, last), (kind, began, None)],
        reports=reports,
    )
    text = repr(found)
    assert began.isoformat() not in text
    assert born is None or born.isoformat() not in text
    assert found.world in parts_of_the_world("scotland")
    assert (
        found.world == "GB"
        or len(found.world) != 2
        or found.world not in countries().parents
        or (countries().parents[found.world] == "")
    )


@pytest.mark.parametrize(
    ("age", "born", "band"),
    [
        ("adult", date(2008, 4, 2), "under_18"),
        ("adult", date(2008, 4, 1), "18_24"),
        ("adult", date(2001, 4, 1), "25_34"),
        ("adult", date(1981, 4, 2), "35_44"),
        ("adult", date(1981, 4, 1), "45_over"),
        ("adult", None, "adult"),
        ("under_18", None, "under_18"),
        ("uncertain", None, "not_known"),
    ],
)
def test_the_band_is_that_of_the_first_day_of_support(age: str, born: date | None, band: str) -> None:
    given_ = [("support", date(2027, 1, 1), None), ("support", date(2026, 4, 1), date(2026, 5, 1))]
    found = support_fact(
        place="scotland",
        provider="tara",
        gender="man",
        age=age,
        born=Birth.on(born) if born else None,
        nationality="VN",
        given=given_,
        reports=[],
    )
    assert found.band == band
    assert (found.band in ADULTS) is (band not in ("under_18", "not_known"))
    assert found.world == countries().up("VN")[-2]


@pytest.mark.parametrize(
    ("born", "band"), [("1999", "25_34"), ("2001-05", "18_24"), ("2008", "adult"), ("2001~", "adult")]
)
def test_a_band_is_counted_only_where_what_is_known_of_the_birth_lies_in_one(born: str, band: str) -> None:
    spans = [("support", date(2026, 4, 1), None)]
    birth = Birth.read(born)
    fact = support_fact(
        place="scotland",
        provider="tara",
        gender="man",
        age="adult",
        born=birth,
        nationality="VN",
        given=spans,
        reports=[],
    )
    assert fact.band == band


@pytest.mark.parametrize(
    ("reports", "word"),
    [
        ([], "not_known"),
        ([{"a": 1}], "not_known"),
        ([{"a": 1}, {"b": 5}], "not_known"),
        ([{"a": 1, "b": 3}, {"a": 2, "b": 3}], "better"),
        ([{"a": 4}, {"a": 5}, {"a": 2}], "worse"),
        ([{"a": 1, "b": 3}, {"a": 3, "b": 1}], "same"),
    ],
)
def test_the_direction_of_what_they_say(reports: list[dict[str, int]], word: str) -> None:
    assert direction(reports) == word


@given(REPORTS)
def test_turned_around_better_is_worse(reports: list[dict[str, int]]) -> None:
    other = {"better": "worse", "worse": "better"}
    there = direction(reports)
    assert direction(list(reversed(reports))) == other.get(there, there)
