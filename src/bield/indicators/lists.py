"""Lists to read, which are not assessed: checklists of signs, and common reactions with what helps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from bield.datafiles import build, build_all, read


@dataclass(frozen=True, slots=True)
class Checklist:
    """Signs to know, without strengths or a rule."""

    id: str
    title: str
    source: str
    note: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reaction:
    """How a reaction may be seen, and what helps."""

    id: str
    name: str
    seen: tuple[str, ...]
    helps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reactions:
    title: str
    source: str
    reactions: tuple[Reaction, ...]


@cache
def checklists() -> tuple[Checklist, ...]:
    """The checklists, in the order of the file. Raises DataError saying what is wrong with it."""
    filename = "checklists.v1.toml"
    raw = read("bield.indicators", filename)
    return build_all(Checklist, filename, "checklist", raw["checklists"])


REACTIONS = "2"
"""The version of the common reactions that is shown. Version 1 has the same ones, in words that are not used now."""


@cache
def reactions(version: str = REACTIONS) -> Reactions:
    """Common reactions, in the order of the file. Raises DataError saying what is wrong with it."""
    filename = f"reactions.v{version}.toml"
    return build(Reactions, filename, read("bield.indicators", filename))
