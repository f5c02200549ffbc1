"""Reads and writes CTDC rows in three generations of columns, and converts them to HTCDS. Unknown is never a no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal

from bield.datafiles import build, build_all, check_parts, entries, no_repeats, read
from bield.law.reading import Confidence
from bield.standards.fields import StandardsError, groups
from bield.standards.schema import FORMAT, VERSION

Known = bool | None
"""Yes, no, or not known."""

GENDERS: Final = {"Female": "Feminine", "Male": "Masculine"}
NO_COUNTRY: Final = "00"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file. says: our name for what it says, the same in every generation."""

    name: str
    holds: Literal["text", "flag"]
    says: str


@dataclass(frozen=True, slots=True)
class Generation:
    """The columns of a generation of CTDC files, and what it writes for a value that is not known."""

    id: str
    label: str
    source: str
    confidence: Confidence
    missing_flag: str
    missing_text: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What a row says, whatever its generation. texts: those that are known. flags: yes, no, or None if not known."""

    texts: Mapping[str, str]
    flags: Mapping[str, Known]

    def flag(self, says: str) -> Known:
        """What is known about a flag. A group of means follows from its parts, if the row has them."""
        if says in self.flags:
            return self.flags[says]
        parts = _read().means_groups.get(says.removeprefix("group."), ())
        known_parts = [self.flags.get(f"means.{name}") for name in parts]
        if any(known_parts):
            return True
        return False if known_parts and all(item is False for item in known_parts) else None


@dataclass(frozen=True, slots=True)
class _Same:
    field: str
    value: str
    says: str


@dataclass(frozen=True, slots=True)
class _Read:
    generations: Mapping[str, Generation]
    means_groups: Mapping[str, tuple[str, ...]]
    same: tuple[_Same, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    id: str
    of: tuple[str, ...]


@cache
def _read() -> _Read:
    filename = "ctdc.v1.toml"
    raw = read("bield.standards", filename)
    check_parts(filename, raw, {"version", "generations", "means_groups", "same"})
    all_generations = build_all(Generation, filename, "generation", raw["generations"])
    for item in all_generations:
        no_repeats(f"{filename}, generation {item.id!r}", "column", [column.name for column in item.columns])
    means = build_all(_Group, filename, "group", raw["means_groups"])
    same = tuple(build(_Same, at, row) for at, row in entries(filename, "value", raw["same"]))
    return _Read(
        MappingProxyType({item.id: item for item in all_generations}),
        MappingProxyType({item.id: item.of for item in means}),
        same,
    )


def generations() -> Mapping[str, Generation]:
    """Every generation by its id."""
    return _read().generations


def detect(columns: Sequence[str]) -> Generation:
    """The generation with exactly these headings. Raises StandardsError if no generation has them."""
    given = [name.strip() for name in columns]
    for item in generations().values():
        if set(given) == {column.name for column in item.columns}:
            return item
    nearest = max(generations().values(), key=lambda item: len(set(given) & {column.name for column in item.columns}))
    names = {column.name for column in nearest.columns}
    raise StandardsError(
        f"these are not the columns of a CTDC file; the nearest is {nearest.id!r}, which lacks "
        f"{sorted(set(given) - names)[:5]} and also has {sorted(names - set(given))[:5]}"
    )


def read_rows(rows: Iterable[Mapping[str, str]], generation: Generation) -> list[Row]:
    """What rows say. Raises StandardsError, with row and column, for a flag that is neither yes, no nor missing."""
    return [_row(number, row, generation) for number, row in enumerate(rows, start=1)]


def _row(number: int, row: Mapping[str, str], generation: Generation) -> Row:
    texts, flags = {}, {}
    for column in generation.columns:
        value = (row.get(column.name) or "").strip()
        if column.holds == "flag":
            flags[column.says] = _flag(number, column.name, value)
        elif value not in ("", "-99") and not (column.says in ("citizenship", "country") and value == NO_COUNTRY):
            texts[column.says] = value
    return Row(MappingProxyType(texts), MappingProxyType(flags))


def _flag(number: int, name: str, value: str) -> Known:
    if value in ("", "-99"):
        return None
    if value in ("0", "1", "0.0", "1.0"):
        return value.startswith("1")
    raise StandardsError(f"row {number}, {name}: expected 1, 0, -99 or nothing")


def write_rows(rows: Iterable[Row], generation: Generation) -> list[dict[str, str]]:
    """Rows as a generation writes them. What has no column is left out; what is not known stays unknown."""
    return [{column.name: _cell(row, column, generation) for column in generation.columns} for row in rows]


def _cell(row: Row, column: Column, generation: Generation) -> str:
    if column.holds == "flag":
        known = row.flag(column.says)
        return generation.missing_flag if known is None else str(int(known))
    return row.texts.get(column.says) or generation.missing_text


def to_htcds(row: Row) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A row as a case of HTCDS, and the names of what has no place in it.

    A no has no place: HTCDS lists what is true, and what it does not list may be unknown.
    """
    values: dict[str, list[str]] = {}
    converted, lost = set(), []
    for item in _read().same:
        if row.flags.get(item.says):
            values.setdefault(item.field, []).append(item.value)
        converted.add(item.says)
    lost += [name for name, known in row.flags.items() if known is False or (known and name not in converted)]
    victim: dict[str, Any] = dict(values)
    person: dict[str, Any] = {}
    if citizenship := row.texts.get("citizenship"):
        person["prs_Citizenship"] = [citizenship]
    if gender := GENDERS.get(row.texts.get("gender", "")):
        person["prs_Gender"] = gender
    if country := row.texts.get("country"):
        victim["vic_LocationOfExploitation"] = country
    converted_texts = {"citizenship", "country"} | ({"gender"} if gender else set())
    lost += [name for name in row.texts if name not in converted_texts]
    return {"persons": [{"person": person, "victim": victim}]}, tuple(sorted(lost))


def from_htcds(case: Mapping[str, Any]) -> tuple[Row, tuple[str, ...]]:
    """The first person of a case as a row, and the names of the fields that have no column.

    What a case does not list is not known, so it is never written as a no.
    """
    first: Mapping[str, Any] = next(iter(case.get("persons", ())), {})
    victim, person = first.get("victim", {}), first.get("person", {})
    fields = {item.id: item for item in groups()["victim"].fields}
    flags: dict[str, Known] = {item.says: None for item in _read().same}
    lost = set()
    for name in {item.field for item in _read().same}:
        for value in victim.get(name, ()):
            says = [item.says for item in _read().same if (item.field, item.value) == (name, fields[name].read(value))]
            flags |= dict.fromkeys(says, True)
            lost |= set() if says else {f"{name}={value}"}
    texts = {}
    if citizenship := person.get("prs_Citizenship"):
        texts["citizenship"] = citizenship[0]
        lost |= {"prs_Citizenship (others)"} if len(citizenship) > 1 else set()
    gender = next((ours for ours, theirs in GENDERS.items() if theirs == person.get("prs_Gender")), "")
    if gender:
        texts["gender"] = gender
    if country := victim.get("vic_LocationOfExploitation"):
        texts["country"] = country
    converted = {item.field for item in _read().same} | {"vic_LocationOfExploitation", "prs_Citizenship"}
    converted |= {"prs_Gender"} if gender else set()
    lost |= {name for held in (victim, person) for name in held if name not in converted}
    return Row(MappingProxyType(texts), MappingProxyType(flags)), tuple(sorted(lost))


def document(cases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Cases as a document of HTCDS."""
    return {"format": FORMAT, "version": VERSION, "cases": list(cases)}
