"""Reads the circumstances that decide whether a service fits a person, each with the question to ask the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from bield.datafiles import build, check_parts, entries, read

FILE: Final = "circumstances.v1.toml"


@dataclass(frozen=True, slots=True)
class Value:
    """An answer, with words for the people it covers, such as ‘women’."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Circumstance:
    """A circumstance that decides whether a service fits. from_record: the record's field that answers it, if any."""

    id: str
    label: str
    question: str
    source: str
    values: tuple[Value, ...]
    from_record: str = ""


@cache
def circumstances() -> Mapping[str, Circumstance]:
    """Every circumstance by its id."""
    raw = read("bield.service.directory", FILE)
    check_parts(FILE, raw, {"version", "circumstances"})
    by_id = {}
    for where, body in entries(FILE, "circumstance", raw["circumstances"]):
        circumstance = build(Circumstance, where, _renamed(body))
        by_id[circumstance.id] = circumstance
    return MappingProxyType(by_id)


def _renamed(body: dict[str, Any]) -> dict[str, Any]:
    """Rename `from` in the file to `from_record`: in the law's files `from` is a day."""
    return {("from_record" if key == "from" else key): value for key, value in body.items()}
