"""Reads the tables of letters from data/letters.v1.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bield.datafiles import read


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters that people type for one another.

    plain: each letter with its plain one. spelt_out: each letter with its other spelling. look_alike: letters of other
    scripts inside a Latin word. vanish: characters inside a name that do not count. points: marks that may be left out.
    accented: scripts with marks that are all accents, by the first word of Unicode's names. small: words that alone
    find nobody. apostrophes: characters after a beginning. beginnings: what may be left out before one, as in O'Neill.
    """

    plain: Mapping[int, str]
    spelt_out: Mapping[str, str]
    look_alike: Mapping[int, str]
    vanish: frozenset[str]
    points: frozenset[str]
    accented: frozenset[str]
    small: frozenset[str]
    apostrophes: frozenset[str]
    beginnings: frozenset[str]


@cache
def letters() -> Letters:
    """The tables."""
    raw = read("bield.names", "letters.v1.toml")
    signs = raw["signs"]
    return Letters(
        plain=str.maketrans(raw["plain"]),
        spelt_out=raw["spelt_out"],
        look_alike=str.maketrans(raw["look_alike"]),
        vanish=frozenset(signs["vanish"]),
        points=frozenset(signs["points"]),
        accented=frozenset(signs["accented"]),
        small=frozenset(signs["small"]),
        apostrophes=frozenset(signs["apostrophes"]),
        beginnings=frozenset(signs["beginnings"]),
    )
