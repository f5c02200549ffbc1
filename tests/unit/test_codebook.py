"""The codebook holds what the brochure prints, and a damaged one is refused by file and entry."""

from __future__ import annotations

import copy
import pickle
import tomllib
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from bield.indicators import Counts, load
from bield.indicators.codebook import CodebookError, parse
from bield.indicators.lists import checklists, reactions

FILE = "ilo-ec-delphi-2009.v1.toml"
RAW = tomllib.loads((files("bield.indicators") / "data" / FILE).read_text(encoding="utf-8"))

# Strong, medium and weak by set, as counted in the brochure.
COUNTS = {
    "deceptive_recruitment": [(1, 8, 1), (1, 8, 1), (2, 8, 0), (1, 9, 0)],
    "coercive_recruitment": [(1, 9, 0), (4, 6, 0), (4, 6, 0), (5, 5, 0)],
    "recruitment_by_abuse_of_vulnerability": [(0, 12, 4), (0, 15, 1), (0, 15, 0), (0, 16, 0)],
    "exploitation": [(1, 7, 1), (0, 8, 0), (1, 7, 0), (1, 6, 0)],
    "coercion_at_destination": [(4, 10, 1), (6, 9, 0), (8, 7, 0), (8, 7, 0)],
    "abuse_of_vulnerability_at_destination": [(0, 5, 2), (0, 6, 1), (0, 7, 0), (1, 6, 0)],
}


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("dimension", COUNTS)
def test_strengths_are_as_many_as_the_brochure_prints(dimension: str, version: str) -> None:
    book = load(version=version)
    found = [Counts.of(item.strength[key] for item in book.signs(key, dimension)) for key in book.sets]
    assert found == [Counts(*counts) for counts in COUNTS[dimension]]


def test_every_indicator_says_what_it_means_and_on_what_that_rests() -> None:
    for item in load().indicators.values():
        assert item.explanation.endswith(".")
        assert "?" in item.question
        assert item.basis


def test_the_alternative_reading_of_a_dispute() -> None:
    book = load()
    assert {item.id for item in book.disputed} == {
        "rvuln_difficulties_in_the_past",
        "rvuln_difficulty_organising_travel",
        "no_access_to_education",
    }
    other = book.with_alternatives(["no_access_to_education"])
    assert "adult_sexual" not in book.indicators["no_access_to_education"].strength
    assert other.indicators["no_access_to_education"].strength["adult_sexual"].value == "weak"
    assert len(other.signs("adult_sexual", "exploitation")) == 9
    assert other.original is book


def test_a_codebook_is_sent_by_name() -> None:
    other = load().with_alternatives(["rvuln_difficulties_in_the_past"])
    assert pickle.loads(pickle.dumps(other)) == other  # noqa: S301


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda book: book.indicator_set("adults"), "adult_labour"),
        (lambda book: book.policy("strict"), "palermo"),
        (lambda book: book.policy_for("adult_sexual", "child"), "for children"),
        (lambda book: book.with_alternatives(["dest_debt_bondage"]), "not a disputed"),
        (lambda book: load("nothing"), "no codebook"),
        (lambda book: load("ilo-ec-delphi-2009", "99"), "'99'"),
        (lambda book: load("../../etc/passwd", "1"), "no codebook"),
    ],
)
def test_what_does_not_exist_is_named(asked: Callable[[Any], Any], words: str) -> None:
    with pytest.raises(CodebookError, match=words):
        asked(load())


def _repeat(raw: dict[str, Any]) -> None:
    raw["indicators"].append(raw["indicators"][0])


def _misspell(raw: dict[str, Any]) -> None:
    raw["indicators"][0]["explantion"] = "x"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda raw: raw.update(extra=1), "unknown parts.*extra"),
        (lambda raw: raw.pop("rule"), "missing 'rule'"),
        (lambda raw: raw["codebook"].pop("version"), "codebook"),
        (_repeat, "indicator 68 .*appears twice"),
        (_misspell, "indicator 1 .*explantion"),
        (lambda raw: raw["indicators"][2].update(dimension="work"), "unknown dimension 'work'"),
        (lambda raw: raw["indicators"][3]["strength"].update(adult_labour="big"), "'big'"),
        (lambda raw: raw["indicators"][3]["strength"].update(adults="weak"), "unknown sets"),
        (lambda raw: raw["indicators"][4].update(basis=["Z"]), "unknown basis"),
        (lambda raw: raw["sets"].clear(), "no sets"),
        (lambda raw: raw["dimensions"][0].pop("id"), "dimensions 1: missing 'id'"),
        (lambda raw: raw["policies"][0]["outcomes"].pop(), "last outcome"),
        (lambda raw: raw["policies"][0]["outcomes"][0].update(outcome="x"), "unknown outcome 'x'"),
        (lambda raw: raw["policies"][0].update(source="x"), "unknown source 'x'"),
    ],
)
def test_a_damaged_file_is_refused_by_entry(damage: Callable[[Any], Any], words: str) -> None:
    raw = copy.deepcopy(RAW)
    damage(raw)
    with pytest.raises(CodebookError, match=words) as caught:
        parse(FILE, raw)
    assert FILE in str(caught.value)


def test_lists_that_are_not_added_up() -> None:
    assert [len(item.items) for item in checklists()] == [13, 12, 11]
    assert len(reactions().reactions) == 8
