"""What decides whether a service fits somebody: data, with the question as it is asked of a person."""

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
    """One answer, with the words for whom a service is that takes it."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Circumstance:
    """Something that decides whether a service fits. from_record: the field of the record that answers it."""

    id: str
    label: str
    question: str
    source: str
    values: tuple[Value, ...]
    from_record: str = ""


@cache
def circumstances() -> Mapping[str, Circumstance]:
    """Everything that decides whether a service fits, by its id."""
    raw = read("bield.service.directory", FILE)
    check_parts(FILE, raw, {"version", "circumstances"})
    found = {}
    for where, body in entries(FILE, "circumstance", raw["circumstances"]):
        item = build(Circumstance, where, _renamed(body))
        found[item.id] = item
    return MappingProxyType(found)


def _renamed(body: dict[str, Any]) -> dict[str, Any]:
    """`from` of the file is `from_record` here: in the law's files it is a day."""
    return {("from_record" if key == "from" else key): value for key, value in body.items()}
