"""Names of the world: which meet, and which must never find each other."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bield.names import asked, covers, fold, forms, meet
from bield.names.letters import letters

TABLE = Path(__file__).parent / "data" / "names.csv"
PAIRS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))


# Every small Latin letter of the first blocks that Unicode takes apart into a plain letter and accents.
def plain(letter: str) -> str:
    """The letters of the plain keyboard in what Unicode makes of one."""
    return "".join(mark for mark in unicodedata.normalize("NFKD", letter) if mark.isascii() and mark.isalpha())


ACCENTED = [
    (chr(code), plain(chr(code)))
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if unicodedata.category(chr(code)) == "Ll" and unicodedata.normalize("NFKD", chr(code))[0].isascii()
]

SCRIPTS = ("DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM",
           "SINHALA", "KHMER", "MYANMAR", "TIBETAN")  # fmt: skip


def vowel_signs(script: str) -> list[str]:
    """The vowel signs of a script, by Unicode's own names."""
    start = f"{script} VOWEL SIGN "
    found = [chr(code) for code in range(0x0900, 0x1800) if unicodedata.name(chr(code), "").startswith(start)]
    return [mark for mark in found if unicodedata.normalize("NFKD", mark) == mark]


def consonant(script: str) -> str:
    for name in (f"{script} LETTER KA", f"{script} LETTER KAYANNA", f"{script} LETTER ALPAPRAANA KAYANNA"):
        try:
            return unicodedata.lookup(name)
        except KeyError:
            continue
    raise AssertionError(script)


def test_the_table_is_large_enough() -> None:
    made = len(ACCENTED) + sum(len(vowel_signs(script)) - 1 for script in SCRIPTS)
    assert len(PAIRS) >= 130
    assert len(PAIRS) + made >= 400
    assert {row["meet"] for row in PAIRS} == {"yes", "no"}


@pytest.mark.parametrize("row", PAIRS, ids=lambda row: f"{row['one']}~{row['other']}")
def test_which_names_meet(row: dict[str, str]) -> None:
    assert meet(row["one"], row["other"]) is (row["meet"] == "yes")
    assert meet(row["other"], row["one"]) is (row["meet"] == "yes")


@pytest.mark.parametrize(("letter", "typed"), ACCENTED, ids=lambda value: value)
def test_every_accented_letter_is_found_from_a_plain_keyboard(letter: str, typed: str) -> None:
    assert meet(f"Ka{letter}lan", f"KA{typed.upper()}LAN")


@pytest.mark.parametrize("letter", [chr(code) for code in letters().plain])
def test_every_letter_of_the_table_is_found(letter: str) -> None:
    stands_for = letters().plain[ord(letter)]
    assert meet(f"ka{letter}lan", f"ka{stands_for}lan") or not letter.isalpha() or ord(letter) > 0x400
    assert fold(letter + letter.upper()) == fold(str(stands_for) * 2)


@pytest.mark.parametrize("script", SCRIPTS)
def test_vowel_signs_are_letters(script: str) -> None:
    signs, base = vowel_signs(script), consonant(script)
    assert len(signs) > 3
    words = [base + sign + base for sign in signs]
    assert len({fold(word) for word in words}) == len(words)
    assert not meet(words[0], base + base)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(NAMES)
def test_folding_twice_is_folding_once(name: str) -> None:
    once = fold(name)
    assert fold(" ".join(once)) == once


@given(NAMES)
def test_case_and_normal_form_do_not_matter(name: str) -> None:
    for kind in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(kind, name)) == fold(name)


WHOLE = st.sampled_from([row["one"] for row in PAIRS if len(row["one"]) > 2])


@given(st.lists(WHOLE, min_size=1, max_size=3))
def test_the_order_of_names_does_not_matter(names: list[str]) -> None:
    whole = " ".join(names)
    turned = " ".join(reversed(fold(whole)))
    assert meet(whole, whole)
    assert meet(whole, turned)


@given(NAMES, NAMES)
def test_what_is_looked_up_is_enough_to_answer(one: str, other: str) -> None:
    there = forms(one)
    held = asked(other) & there
    assert covers(other, held.__contains__) is covers(other, there.__contains__)


def test_every_name_of_somebody_finds_them_and_every_other_word_keeps_them_apart() -> None:
    there = forms("Maria del Carmen Gómez Núñez").__contains__
    for words in ("maria", "Gomez", "nunez maria", "del Carmen", "Carmen Gómez"):
        assert covers(words, there), words
    for words in ("del", "maria lopez", "carmen x", "", "   ", "g"):
        assert not covers(words, there), words
