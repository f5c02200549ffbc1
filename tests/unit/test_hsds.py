"""HSDS: a directory goes out and comes back the same, and a fault is named."""

from __future__ import annotations

import json
import uuid
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bield.standards.hsds import STATUSES, HsdsError, HsdsService, Phone, read, write

WORDS = st.text("abcdefghij äöü", min_size=1, max_size=20).map(str.strip).filter(bool)
CODES = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3).map(tuple)
NUMBER = st.none() | st.integers(0, 99)


@st.composite
def services(draw: st.DrawFn) -> HsdsService:
    counted = draw(st.none() | st.dates())
    return HsdsService(
        id=draw(st.uuids()),
        name=draw(WORDS),
        organisation=draw(WORDS),
        what=draw(WORDS),
        status=draw(st.sampled_from(STATUSES)),
        heads=draw(CODES),
        least_age=draw(NUMBER),
        most_age=draw(NUMBER),
        for_whom={key: codes for key in draw(CODES) if (codes := draw(CODES))},
        areas=tuple((code, code) for code in draw(CODES)),
        languages=tuple((code, code) for code in draw(CODES)),
        access=draw(st.just("") | WORDS),
        apply=draw(st.just("") | WORDS),
        phones=tuple(Phone(item, draw(WORDS), draw(st.booleans())) for item in draw(CODES)),
        places=draw(NUMBER) if counted else None,
        free=draw(st.integers(0, 9)) if counted else None,
        counted_on=counted,
        verified_on=draw(st.none() | st.dates()),
        other=draw(st.dictionaries(st.sampled_from(["fees_description", "alert"]), WORDS)),
    )


@given(st.lists(services(), max_size=4, unique_by=lambda item: item.id))
def test_what_goes_out_comes_back_the_same(found: list[HsdsService]) -> None:
    page = json.loads(json.dumps(write(found)))
    assert read(page) == found
    assert page["total_items"] == len(found)


REQUIRED = {
    "phones": {"id", "number"},
    "languages": {"id"},
    "service_areas": {"id"},
    "capacities": {"id", "unit", "available", "updated"},
    "attributes": {"id"},
    "service_at_locations": {"id"},
}
"""What HSDS 3.2 requires of the parts of a service (schema/*.json of openreferral/specification)."""


@given(services())
def test_every_part_has_what_the_standard_requires_and_ids_that_stay(found: HsdsService) -> None:
    (body,) = write([found])["contents"]
    assert {"id", "name", "status"} <= body.keys()
    assert {"id", "name", "description"} <= body["organization"].keys()
    for part, required in REQUIRED.items():
        for row in body.get(part, ()):
            assert required <= row.keys()
            uuid.UUID(row["id"])
    for row in body["attributes"]:
        assert {"id", "name", "description"} <= row["taxonomy_term"].keys()
    assert write([found]) == write([found])


def test_a_service_of_another_directory_is_read() -> None:
    (found,) = read(
        {
            "id": "ac148810-d857-441c-9679-408f346de14b",
            "name": "Community Counselling",
            "description": "Counselling.",
            "status": "active",
            "assured_date": "2026-01-31",
            "phones": [{"id": "x", "number": "0131 496 0000"}],
            "attributes": [{"id": "y", "taxonomy_term": {"taxonomy": "openeligibility", "code": "1102"}}],
            "fees_description": "Free",
        }
    )
    assert (found.name, found.verified_on) == ("Community Counselling", date(2026, 1, 31))
    assert found.phones == (Phone("0131 496 0000"),)
    assert found.other == {"fees_description": "Free"}
    assert found.heads == ()


GOOD = {"id": "ac148810-d857-441c-9679-408f346de14b", "name": "A", "status": "active"}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (3, "list of services"),
        ([3], "service 1: expected an object"),
        ([GOOD, GOOD], "service 2: its id appears twice in the file"),
        ([{**GOOD, "id": ""}], "id is missing"),
        ([{**GOOD, "id": "7"}], "id is '7'; expected a UUID"),
        ([{**GOOD, "status": "open"}], "status is 'open'; expected one of active"),
        ([{**GOOD, "minimum_age": "old"}], "minimum_age is 'old'; expected a whole number"),
        ([{**GOOD, "minimum_age": 1.5}], "minimum_age is 1.5"),
        ([{**GOOD, "assured_date": "soon"}], "assured_date is 'soon'"),
        ([{**GOOD, "phones": {}}], "phones is dict; expected list"),
        ([{**GOOD, "phones": [3]}], "phones: expected objects"),
        ([{**GOOD, "phones": [{"id": "1"}]}], "a telephone has no number"),
        ([{**GOOD, "description": 5}], "description is int"),
        ([{**GOOD, "name": "a\udcff"}], "service 1: contains a character that is not text"),
        ([GOOD, {**GOOD, "phones": [{"number": "1", "description": "\ud800"}]}], "service 2: contains a character"),
        ([{**GOOD, "of another system": {"\0": []}}], "service 1: contains a character that is not text"),
        ([{**GOOD, "capacities": [{"available": -1}]}], "available is -1"),
    ],
)
def test_a_fault_is_named_with_its_place(raw: Any, words: str) -> None:
    with pytest.raises(HsdsError, match=words):
        read(raw)
