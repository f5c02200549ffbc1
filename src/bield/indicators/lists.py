"""Lists that are read and not added up: checklists of signs, and common reactions with what helps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from bield.indicators.codebook import CodebookError, read_data


@dataclass(frozen=True, slots=True)
class Checklist:
    """Signs to know, without strengths and without a rule."""

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
    """The checklists, in the order of the file. Raises CodebookError saying what is wrong with it."""
    filename = "checklists.v1.toml"
    raw = read_data(filename, missing=f"{filename} is missing")
    return tuple(
        _made(Checklist, filename, body | {"items": tuple(body.get("items", ()))}) for body in raw["checklists"]
    )


@cache
def reactions() -> Reactions:
    """Common reactions, in the order of the file. Raises CodebookError saying what is wrong with it."""
    filename = "reactions.v1.toml"
    raw = read_data(filename, missing=f"{filename} is missing")
    every = tuple(
        _made(
            Reaction,
            filename,
            body | {"seen": tuple(body.get("seen", ())), "helps": tuple(body.get("helps", ()))},
        )
        for body in raw["reactions"]
    )
    return Reactions(raw["title"], raw["source"], every)


def _made(kind: Any, filename: str, body: dict[str, Any]) -> Any:
    try:
        return kind(**body)
    except TypeError as error:
        raise CodebookError(f"{filename}, {body.get('id')!r}: {error}") from error
