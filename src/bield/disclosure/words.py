"""Finds a known identity in words that somebody typed, however it is spelt.

A name is found in any capitals, with or without accents, strokes and apostrophes, in the genitive and the plural,
alone, spelt letter by letter, and with figures after it. It is not found in another script, or with the inflections of
Slavic languages. A name that is also an ordinary word (Will, May, Rose), or has two letters, counts only with a capital
letter, and not where an ordinary sentence or a date would have one. It is better to ask about one word too many than
to miss a name: the user who is asked may say that the word must stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby, permutations
from typing import Final, Literal

from bield.births import month_number
from bield.datafiles import read
from bield.names import fold, forms
from bield.names.letters import letters

LEAST_JOINED: Final = 5
"""How many letters and digits a telephone number, reference, address or the like must have to be looked for."""
MOST_TOKENS: Final = 12
"""How many words such a value may be spread over."""
LAST_DIGITS: Final = 9
"""How many last digits two equal telephone numbers share, whatever country code comes before them."""
UNSPACED: Final = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")
"""Scripts without spaces between words, by the beginning of Unicode's names."""

LEAST_SPELT: Final = 3
"""How many single letters in a row may be a name that is spelt out."""
SPOKEN_SIGNS: Final = frozenset({"at", "dot"})
"""Words for characters in an address: zuzka at mail dot example."""

Kind = Literal["name", "birth", "value"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about who somebody is. values: telephone numbers, e-mail and other addresses, references."""

    names: tuple[str, ...] = ()
    born: date | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A part of a text that matches the identity. text: as it is written there. Only a name may match by accident."""

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Ordinary:
    ordinary: frozenset[str]
    begins: frozenset[str]
    months: frozenset[str]
    before_months: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str


@cache
def _ordinary() -> _Ordinary:
    raw = read("bield.disclosure", "words.v1.toml")
    return _Ordinary(*(frozenset(raw[name]) for name in ("ordinary", "begins", "months", "before_months")))


def identifying(text: str, known: Known) -> tuple[Match, ...]:
    """The parts of a text that match an identity, each once, in the order of the text.

    >>> identifying("Ask NATASHA's sister, born 17.5.2001", Known(names=("Natasha Ivanova",), born=date(2001, 5, 17)))
    (Match(text='NATASHA', kind='name'), Match(text='17.5.2001', kind='birth'))
    """
    plain = "".join(_plain_digit(mark) for mark in text)
    tokens = list(_tokens(plain))
    spans = [*_names(plain, tokens, known.names), *_births(plain, known.born), *_values(plain, tokens, known.values)]
    unique: dict[str, tuple[int, Match]] = {}
    for start, end, kind in sorted(spans, key=lambda item: item[0]):
        words = text[start:end].strip()
        unique.setdefault(words.casefold(), (start, Match(words, kind)))
    return tuple(match for _start, match in unique.values())


def _plain_digit(mark: str) -> str:
    return str(unicodedata.digit(mark)) if unicodedata.category(mark) == "Nd" else mark


def _tokens(text: str) -> Iterator[_Token]:
    """The words of a text, without the s of a genitive; an apostrophe inside a word does not split it."""
    table, start = letters(), -1
    for position, character in enumerate(f"{text} "):
        inside = unicodedata.category(character)[0] in "LNM" or unicodedata.category(character) == "Cf"
        if (
            start >= 0
            and character in table.apostrophes
            and unicodedata.category(text[position + 1 : position + 2] or " ")[0] == "L"
        ):
            inside = True
        if inside and start < 0:
            start = position
        if not inside and start >= 0:
            word = text[start:position]
            if len(word) > 2 and word[-1] in "sS" and word[-2] in table.apostrophes:
                word = word[:-2]
            yield _Token(start, start + len(word), word)
            start = -1


Span = tuple[int, int, Kind]


def _names(text: str, tokens: Sequence[_Token], names: Iterable[str]) -> Iterator[Span]:
    """Where a name is written, in any form."""
    singles, full_names = set(), list(names)
    for name in full_names:
        singles |= {form for form in forms(name) if _is_distinctive(form)}
    written_together = {
        one + other for one, other in permutations([part for name in full_names for part in fold(name)], 2)
    }
    unspaced = [form for form in singles if unicodedata.name(form[0], "").startswith(UNSPACED)]
    yield from _letter_by_letter(tokens, singles)
    for position, token in enumerate(tokens):
        candidates = _names_in(token.text)
        if candidates & written_together:
            yield token.start, token.end, "name"
            continue
        if any(form in singles and _meant(form, text, tokens, position, singles) for form in candidates):
            yield token.start, token.end, "name"
            continue
        after = tokens[position + 1] if position + 1 < len(tokens) else None
        pair = "".join(fold(token.text + after.text)) if after else ""
        if after and len(pair) > LEAST_JOINED and pair in singles and not candidates & singles:
            yield token.start, after.end, "name"
        yield from ((token.start, token.end, "name") for form in unspaced if form in "".join(fold(token.text)))


def _names_in(word: str) -> AbstractSet[str]:
    """The names that a word may be, even with figures after it, as in an address, or the s of a plural."""
    candidates = forms(word)
    if not word.isalpha():
        candidates |= forms(word.rstrip("0123456789"))
    if len(word) > LEAST_JOINED and word[-1] in "sS":
        candidates |= forms(word[:-1])
    return candidates


def _letter_by_letter(tokens: Sequence[_Token], names: set[str]) -> Iterator[Span]:
    """Where a name is spelt with dots or spaces between its letters."""
    for single, group in groupby(tokens, key=lambda token: len(token.text) == 1):
        run = list(group)
        if single and len(run) >= LEAST_SPELT and names & forms("".join(token.text for token in run)):
            yield run[0].start, run[-1].end, "name"


def _is_distinctive(form: str) -> bool:
    """Whether a single name can say who somebody is: not a small word such as "al", and not a single letter."""
    return form not in letters().small and (len(form) > 1 or unicodedata.category(form) == "Lo")


def _meant(form: str, text: str, tokens: Sequence[_Token], position: int, names: set[str]) -> bool:
    """Whether a word that could be a name is meant as one, judging by its capital and its neighbours."""
    table, word = _ordinary(), tokens[position].text
    if len(form) > 2 and form not in table.ordinary:
        return True
    neighbours = [tokens[at] for at in (position - 1, position + 1) if 0 <= at < len(tokens)]
    if any(names & forms(item.text) - {form} - table.ordinary for item in neighbours):
        return True
    if unicodedata.category(word[0]) == "Lo":
        return True
    if not word[0].isupper():
        return False
    if form in table.months and _is_month(tokens, position):
        return False
    return not (form in table.begins and _begins_sentence(text, tokens[position].start))


def _is_month(tokens: Sequence[_Token], position: int) -> bool:
    before = tokens[position - 1].text.casefold() if position else ""
    after = tokens[position + 1].text if position + 1 < len(tokens) else ""
    return before in _ordinary().before_months or before[:1].isdigit() or after[:1].isdigit()


def _begins_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \t\"'“”‘’()[]*-–—•")
    return not before or before[-1] in ".!?:;…\n\r"


_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})\s?[./\-–\s]\s?(\d{1,2})\s?[./\-–\s]\s?(\d{2,4})(?!\d)")
_JOINED = re.compile(r"(?<!\d)\d{8}(?!\d)")
_MONTH = r"(?<![^\W\d_])[^\W\d_]{3,20}"
"""A word that begins here. Without the look-behind, a long run of letters would be tried from each of its letters."""
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?\s*(?:of\s+|[.\-/]\s*)?({_MONTH})\.?,?[\s\-/]*(\d{{4}}|\d{{2}})(?!\d)", re.I
)
_MONTH_FIRST = re.compile(rf"({_MONTH})\.?\s*(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}}|\d{{2}})(?!\d)", re.I)
_YEAR_FIRST = re.compile(rf"(?<!\d)(\d{{4}}),?[\s\-/]+({_MONTH})\.?[\s\-/]+(\d{{1,2}})(?:st|nd|rd|th)?(?!\d)", re.I)


def _births(text: str, born: date | None) -> Iterator[Span]:
    """Where the day of birth is written, in any order of day and month, and with a year of two or four figures."""
    if born is None:
        return
    for pattern, places in (
        (_NUMERIC, ((0, 1, 2), (1, 0, 2), (2, 1, 0))),
        (_DAY_FIRST, ((0, 1, 2),)),
        (_MONTH_FIRST, ((1, 0, 2),)),
        (_YEAR_FIRST, ((2, 1, 0),)),
    ):
        for match in pattern.finditer(text):
            parts = match.groups()
            if any(_is_day(born, *(parts[at] for at in order)) for order in places):
                yield match.start(), match.end(), "birth"
    for match in _JOINED.finditer(text):
        if match[0] in {f"{born:%d%m%Y}", f"{born:%Y%m%d}", f"{born:%m%d%Y}"}:
            yield match.start(), match.end(), "birth"


def _is_day(born: date, day: str, month: str, year: str) -> bool:
    if len(year) not in (2, 4) or len(day) > 2:
        return False
    try:
        return (int(day), month_number(month)) == (born.day, born.month) and f"{born.year:04d}".endswith(year)
    except ValueError:
        return False


_DIGITS = re.compile(r"\+?\d(?:[\s().\-/\u00a0\u2010\u2011\u2013]*\d){4,}")
_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b", re.I)


def _values(text: str, tokens: Sequence[_Token], values: Iterable[str]) -> Iterator[Span]:
    """Where a telephone number, an address, a line of one, a postcode or a reference is written."""
    sought, numbers = set(), []
    for value in ("".join(_plain_digit(mark) for mark in item) for item in values):
        pieces = [value, *re.split(r"[,;\n]", value), *_POSTCODE.findall(value)]
        sought |= {joined for piece in pieces if len(joined := "".join(fold(piece))) >= LEAST_JOINED}
        numbers += [key for match in _DIGITS.finditer(value) if (key := number_key(match[0]))]
    for position in range(len(tokens)):
        if tokens[position].text.casefold() in SPOKEN_SIGNS:
            continue
        joined = ""
        for last in tokens[position : position + MOST_TOKENS]:
            if last.text.casefold() in SPOKEN_SIGNS:
                continue
            joined += "".join(fold(last.text))
            if joined in sought:
                yield tokens[position].start, last.end, "value"
    for number in dict.fromkeys(numbers):
        written = re.compile(r"(?<!\d)\+?(?:\d[\s()\-/.]{0,2}){0,6}?" + r"[\s().,_\-/\u2010-\u2013]{0,3}".join(number))
        yield from ((match.start(), match.end(), "value") for match in written.finditer(text))


def number_key(text: str) -> str:
    """A key that is the same for a telephone number however it is written; empty if the text is not a number.

    >>> number_key("+44 7700 900461") == number_key("07700 900461"), number_key("@zuzka")
    (True, '')
    """
    digits = _only_digits("".join(_plain_digit(mark) for mark in text))
    return digits[-LAST_DIGITS:] if len(digits) > LEAST_JOINED else ""


def _only_digits(text: str) -> str:
    return "".join(mark for mark in text if mark.isdigit())


def known_of(names: Mapping[str, str], ways: Iterable[str], born: date | None) -> Known:
    """What is known, from an identity as a record stores it, without nationality, which alone identifies nobody.

    names: the identity's fields; ways: telephone numbers and addresses.
    """
    full_names = tuple(filter(None, (names.get(key, "") for key in ("given_names", "family_name", "nickname"))))
    return Known(full_names, born, tuple(filter(None, (names.get("home_office_reference", ""), *ways))))
