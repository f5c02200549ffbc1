"""Whether words that somebody typed say who a person is: what of a known identity stands in them, however it is spelt.

A name is found in any capitals, with or without accents, strokes and apostrophes, in the genitive and the plural,
alone, spelt letter by letter, and with figures after it. It is not found in another script, or inflected as Slavic
languages do. A name that is an ordinary word too (Will, May, Rose), or has two letters, counts only with a capital
letter, and not where an ordinary sentence or a date would have one. It is better to ask about a word too many than to
let a name pass: whoever is asked may say that it must stay.
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
"""Letters and digits from which on a telephone number, a reference, an address or the like is looked for."""
MOST_TOKENS: Final = 12
"""Words that one such value may be spread over."""
LAST_DIGITS: Final = 9
"""Digits at the end by which two telephone numbers are the same, whatever country code stands before them."""
UNSPACED: Final = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")
"""Scripts that write no spaces between words, by the beginning of Unicode's names."""

LEAST_SPELT: Final = 3
"""Single letters in a row from which on they may be a name that is spelt out."""
SPOKEN_SIGNS: Final = frozenset({"at", "dot"})
"""Words that stand for a sign in an address: zuzka at mail dot example."""

Kind = Literal["name", "birth", "value"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of who somebody is. values: telephone numbers, e-mail and other addresses, references."""

    names: tuple[str, ...] = ()
    born: date | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """Something in a text that is in the identity. text: as it stands there. A name may be an accident; others not."""

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
    """What in a text is in the identity, each once, in the order of the text.

    >>> identifying("Ask NATASHA's sister, born 17.5.2001", Known(names=("Natasha Ivanova",), born=date(2001, 5, 17)))
    (Match(text='NATASHA', kind='name'), Match(text='17.5.2001', kind='birth'))
    """
    plain = "".join(_plain_digit(mark) for mark in text)
    tokens = list(_tokens(plain))
    found = [*_names(plain, tokens, known.names), *_births(plain, known.born), *_values(plain, tokens, known.values)]
    unique: dict[str, tuple[int, Match]] = {}
    for start, end, kind in sorted(found, key=lambda item: item[0]):
        words = text[start:end].strip()
        unique.setdefault(words.casefold(), (start, Match(words, kind)))
    return tuple(match for _start, match in unique.values())


def _plain_digit(mark: str) -> str:
    return str(unicodedata.digit(mark)) if unicodedata.category(mark) == "Nd" else mark


def _tokens(text: str) -> Iterator[_Token]:
    """The words of a text, without the s of a genitive; an apostrophe inside a word does not part it."""
    table, start = letters(), -1
    for place, mark in enumerate(f"{text} "):
        inside = unicodedata.category(mark)[0] in "LNM" or unicodedata.category(mark) == "Cf"
        if (
            start >= 0
            and mark in table.apostrophes
            and unicodedata.category(text[place + 1 : place + 2] or " ")[0] == "L"
        ):
            inside = True
        if inside and start < 0:
            start = place
        if not inside and start >= 0:
            word = text[start:place]
            if len(word) > 2 and word[-1] in "sS" and word[-2] in table.apostrophes:
                word = word[:-2]
            yield _Token(start, start + len(word), word)
            start = -1


Span = tuple[int, int, Kind]


def _names(text: str, tokens: Sequence[_Token], names: Iterable[str]) -> Iterator[Span]:
    singles, known = set(), list(names)
    for name in known:
        singles |= {form for form in forms(name) if _tells(form)}
    written_together = {one + other for one, other in permutations([part for name in known for part in fold(name)], 2)}
    unspaced = [form for form in singles if unicodedata.name(form[0], "").startswith(UNSPACED)]
    yield from _letter_by_letter(tokens, singles)
    for place, token in enumerate(tokens):
        said = _said(token.text)
        if said & written_together:
            yield token.start, token.end, "name"
            continue
        if any(form in singles and _meant(form, text, tokens, place, singles) for form in said):
            yield token.start, token.end, "name"
            continue
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        pair = "".join(fold(token.text + after.text)) if after else ""
        if after and len(pair) > LEAST_JOINED and pair in singles and not said & singles:
            yield token.start, after.end, "name"
        yield from ((token.start, token.end, "name") for form in unspaced if form in "".join(fold(token.text)))


def _said(word: str) -> AbstractSet[str]:
    """The names that a word may be, also with figures after it, as in an address, or the s of a plural."""
    found = forms(word)
    if not word.isalpha():
        found |= forms(word.rstrip("0123456789"))
    if len(word) > LEAST_JOINED and word[-1] in "sS":
        found |= forms(word[:-1])
    return found


def _letter_by_letter(tokens: Sequence[_Token], names: set[str]) -> Iterator[Span]:
    """Where a name is spelt with dots or spaces between its letters."""
    for single, group in groupby(tokens, key=lambda token: len(token.text) == 1):
        run = list(group)
        if single and len(run) >= LEAST_SPELT and names & forms("".join(token.text for token in run)):
            yield run[0].start, run[-1].end, "name"


def _tells(form: str) -> bool:
    """Whether a single name can say who somebody is: no small word such as "al", and no letter alone."""
    return form not in letters().small and (len(form) > 1 or unicodedata.category(form) == "Lo")


def _meant(form: str, text: str, tokens: Sequence[_Token], place: int, names: set[str]) -> bool:
    """Whether a word that is a name is meant as one, as far as its capital and its neighbours tell."""
    table, word = _ordinary(), tokens[place].text
    if len(form) > 2 and form not in table.ordinary:
        return True
    near = [tokens[at] for at in (place - 1, place + 1) if 0 <= at < len(tokens)]
    if any(names & forms(item.text) - {form} - table.ordinary for item in near):
        return True
    if unicodedata.category(word[0]) == "Lo":
        return True
    if not word[0].isupper():
        return False
    if form in table.months and _is_month(tokens, place):
        return False
    return not (form in table.begins and _begins_sentence(text, tokens[place].start))


def _is_month(tokens: Sequence[_Token], place: int) -> bool:
    before = tokens[place - 1].text.casefold() if place else ""
    after = tokens[place + 1].text if place + 1 < len(tokens) else ""
    return before in _ordinary().before_months or before[:1].isdigit() or after[:1].isdigit()


def _begins_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \t\"'“”‘’()[]*-–—•")
    return not before or before[-1] in ".!?:;…\n\r"


_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})\s?[./\-–\s]\s?(\d{1,2})\s?[./\-–\s]\s?(\d{2,4})(?!\d)")
_JOINED = re.compile(r"(?<!\d)\d{8}(?!\d)")
_MONTH = r"(?<![^\W\d_])[^\W\d_]{3,20}"
"""A word that begins here: without the look back, a long run of letters would be tried from each of its letters."""
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?\s*(?:of\s+|[.\-/]\s*)?({_MONTH})\.?,?[\s\-/]*(\d{{4}}|\d{{2}})(?!\d)", re.I
)
_MONTH_FIRST = re.compile(rf"({_MONTH})\.?\s*(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}}|\d{{2}})(?!\d)", re.I)
_YEAR_FIRST = re.compile(rf"(?<!\d)(\d{{4}}),?[\s\-/]+({_MONTH})\.?[\s\-/]+(\d{{1,2}})(?:st|nd|rd|th)?(?!\d)", re.I)


def _births(text: str, born: date | None) -> Iterator[Span]:
    """Where the day of birth stands, in any order of day and month, and with two figures of the year."""
    if born is None:
        return
    for pattern, places in (
        (_NUMERIC, ((0, 1, 2), (1, 0, 2), (2, 1, 0))),
        (_DAY_FIRST, ((0, 1, 2),)),
        (_MONTH_FIRST, ((1, 0, 2),)),
        (_YEAR_FIRST, ((2, 1, 0),)),
    ):
        for found in pattern.finditer(text):
            parts = found.groups()
            if any(_is_day(born, *(parts[at] for at in order)) for order in places):
                yield found.start(), found.end(), "birth"
    for found in _JOINED.finditer(text):
        if found[0] in {f"{born:%d%m%Y}", f"{born:%Y%m%d}", f"{born:%m%d%Y}"}:
            yield found.start(), found.end(), "birth"


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
    """Where a telephone number, an address, a line of one, its postcode or a reference stands."""
    sought, numbers = set(), []
    for value in ("".join(_plain_digit(mark) for mark in item) for item in values):
        pieces = [value, *re.split(r"[,;\n]", value), *_POSTCODE.findall(value)]
        sought |= {joined for piece in pieces if len(joined := "".join(fold(piece))) >= LEAST_JOINED}
        numbers += [key for found in _DIGITS.finditer(value) if (key := number_key(found[0]))]
    for place in range(len(tokens)):
        if tokens[place].text.casefold() in SPOKEN_SIGNS:
            continue
        joined = ""
        for last in tokens[place : place + MOST_TOKENS]:
            if last.text.casefold() in SPOKEN_SIGNS:
                continue
            joined += "".join(fold(last.text))
            if joined in sought:
                yield tokens[place].start, last.end, "value"
    for number in dict.fromkeys(numbers):
        written = re.compile(r"(?<!\d)\+?(?:\d[\s()\-/.]{0,2}){0,6}?" + r"[\s().,_\-/\u2010-\u2013]{0,3}".join(number))
        yield from ((found.start(), found.end(), "value") for found in written.finditer(text))


def number_key(text: str) -> str:
    """What two telephone numbers have in common that are the same, however written; empty for what is no number.

    >>> number_key("+44 7700 900461") == number_key("07700 900461"), number_key("@zuzka")
    (True, '')
    """
    digits = _only_digits("".join(_plain_digit(mark) for mark in text))
    return digits[-LAST_DIGITS:] if len(digits) > LEAST_JOINED else ""


def _only_digits(text: str) -> str:
    return "".join(mark for mark in text if mark.isdigit())


def known_of(names: Mapping[str, str], ways: Iterable[str], born: date | None) -> Known:
    """What is known, from an identity as a record keeps it. A nationality alone says of nobody who they are."""
    called = tuple(filter(None, (names.get(key, "") for key in ("given_names", "family_name", "nickname"))))
    return Known(called, born, tuple(filter(None, (names.get("home_office_reference", ""), *ways))))
