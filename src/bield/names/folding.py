"""Folds a name to what different people would type for it, and compares names by that."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise

from bield.names.letters import letters


def fold(name: str) -> tuple[str, ...]:
    """The single names in a name, each as it is typed on a plain keyboard; their order is kept.

    Capitals, accents, strokes, apostrophes and zero-width characters do not count. In scripts that write vowels as
    marks, the marks are letters and are kept.

    >>> fold(" Nataša  O’Brien-Śmith ")
    ('natasa', 'obrien', 'smith')
    >>> fold("Thị Hương Đặng")
    ('thi', 'huong', 'dang')
    """
    return tuple(filter(None, (_plain(part) for part in _split(name))))


def forms(name: str) -> frozenset[str]:
    """Every form that finds a name: each single name, neighbours written as one, other spellings.

    A name with a beginning such as O' is found without it too: Neill finds O'Neill.

    >>> sorted(forms("Ahmed al-Hassan"))
    ['ahmed', 'ahmedal', 'al', 'alhassan', 'hassan']
    """
    all_forms = set()
    for text in {name, _spelt_out(name)}:
        parts = fold(text)
        all_forms |= set(parts) | {first + second for first, second in pairwise(parts)}
        all_forms |= {after for part in _after_beginnings(text) for after in fold(part)}
    return frozenset(all_forms)


def _after_beginnings(name: str) -> Iterable[str]:
    """The rest of every word that begins with something like O' or D’."""
    table = letters()
    for word in "".join(" " if mark in "-‐‑" else mark for mark in name).split():
        for position, mark in enumerate(word):
            if mark in table.apostrophes and "".join(fold(word[:position])) in table.beginnings:
                yield word[position + 1 :]
                break


def covers(words: str, there: Callable[[str], bool]) -> bool:
    """Whether every single name in some words is among the forms of a name.

    there: tells whether a form is. Two words may be one word in the name, or one word two. Small words such as "al" or
    "de" alone find nobody.
    """
    parts = fold(words)
    if not any(_names_somebody(part) for part in parts):
        return False
    return _covered(parts, there)


def _names_somebody(part: str) -> bool:
    """Whether a single name can find somebody. One letter can if a letter is a word, as in Chinese."""
    if part in letters().small:
        return False
    return len(part) > 1 or unicodedata.category(part) == "Lo"


def _covered(parts: tuple[str, ...], there: Callable[[str], bool]) -> bool:
    if not parts:
        return True
    if there(parts[0]) and _covered(parts[1:], there):
        return True
    return len(parts) > 1 and there(parts[0] + parts[1]) and _covered(parts[2:], there)


def asked(words: str) -> frozenset[str]:
    """The forms to look up to answer `covers` for some words."""
    parts = fold(words)
    return frozenset(parts) | {first + second for first, second in pairwise(parts)}


def meet(one: str, other: str) -> bool:
    """Whether two names may be the same person's: all single names of one are in the other, in any order.

    >>> meet("Maria del Carmen Gómez Núñez", "Maria Gomez")
    True
    >>> meet("மீனா", "மோனா")
    False
    """
    return covers(one, forms(other).__contains__) or covers(other, forms(one).__contains__)


def _split(name: str) -> Iterable[str]:
    """The words of a name. Characters that do not count are dropped; all others but letters and marks split words."""
    table, word = letters(), ""
    for mark in unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name)):
        category = unicodedata.category(mark)
        if category == "Cf" or mark in table.vanish:
            continue
        if category[0] in "LNM":
            word += mark
        elif word:
            yield word
            word = ""
    if word:
        yield word


@lru_cache(maxsize=4096)
def _plain(word: str) -> str:
    """A word as it is typed on a plain keyboard."""
    table = letters()
    text = unicodedata.normalize("NFKD", word.casefold())
    characters, accented = [], False
    for mark in text:
        if unicodedata.category(mark)[0] == "M":
            if not accented and mark not in table.points:
                characters.append(mark)
            continue
        accented = unicodedata.name(mark, "").split(" ")[0] in table.accented
        characters.append(mark)
    folded = unicodedata.normalize("NFC", "".join(characters)).translate(table.plain)
    scripts = {unicodedata.name(mark, "").split(" ")[0] for mark in folded if mark.isalpha()}
    return folded.translate(table.look_alike) if "LATIN" in scripts and len(scripts) > 1 else folded


def _spelt_out(name: str) -> str:
    """A name with letters such as ö or ß in their other spelling."""
    text = unicodedata.normalize("NFC", name).casefold()
    return "".join(letters().spelt_out.get(mark, mark) for mark in text)
