"""Reads, checks and converts files of cases: HTCDS as JSON or as a table, and the CSV files of CTDC."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from itertools import chain, islice
from typing import Any, Final

from bield.delimited import SCIENTIFIC, Dialect, cell_count, rows_of, scientific
from bield.standards.ctdc import (
    NO_COUNTRY,
    Generation,
    Row,
    document,
    from_htcds,
    generations,
    read_rows,
    to_htcds,
    write_rows,
)
from bield.standards.fields import LISTED, OF_A_PERSON, Field, StandardsError, groups
from bield.standards.schema import country_codes
from bield.standards.validate import Problem, check, read_json

JSON_KIND: Final = "htcds"
TABLE_KIND: Final = "htcds-table"
YES_NO: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
SEVERAL: Final = re.compile(r"[;|,\s]+")
"""What separates the values in a cell: XLSForm uses a space, spreadsheets a semicolon or a comma."""

FLAGS: Final = ("", "-99", "0", "1", "0.0", "1.0")


@dataclass(frozen=True, slots=True)
class Cases:
    """The content of a file. kind: htcds, htcds-table or the id of a CTDC generation.

    cases: those of HTCDS. rows: those of CTDC, which are kept as rows so that a no stays a no.
    """

    kind: str
    problems: tuple[Problem, ...]
    cases: tuple[Mapping[str, Any], ...] = ()
    rows: tuple[Row, ...] = ()

    def as_htcds(self) -> tuple[Mapping[str, Any], ...]:
        """The cases; rows of CTDC are converted as far as HTCDS has a place for what they say."""
        return self.cases or tuple(to_htcds(row)[0] for row in self.rows)

    @property
    def label(self) -> str:
        names = {JSON_KIND: "HTCDS 2.0", TABLE_KIND: "a table of HTCDS 2.0"}
        return names.get(self.kind) or f"CTDC, {generations()[self.kind].label}"


def read_cases(
    where: str,
    content: bytes,
    *,
    today: date,
    dialect: Dialect | None = None,
    most: int | None = None,
    guess: bool = False,
) -> Cases:
    """Read and check a file. most: how many problems to look for; None for all. guess: as in delimited.rows_of.

    Raises UserError if it is not a file of cases at all.
    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        parsed, repeats = read_json(where, content)
        problems = tuple(islice(chain(repeats, check(parsed, today=today)), most))
        return Cases(JSON_KIND, problems, tuple(parsed["cases"]) if not problems else ())
    layout, rows = rows_of(where, content, dialect or Dialect(), guess=guess)
    names = _as_spelt([name.strip() for name in layout.names])
    if repeated := sorted(name for name, times in Counter(names).items() if times > 1):
        raise StandardsError(f"{where}: the heading {repeated[0]!r} appears twice")
    uneven_rows = [
        Problem(f"line {line}", f"{cell_count(len(cells))} where the headings have {len(names)}")
        for line, cells in rows
        if len(cells) != len(names)
    ]
    full_rows = [(line, dict(zip(names, cells, strict=True))) for line, cells in rows if len(cells) == len(names)]
    if generation := _generation(names):
        return _of_ctdc(generation, full_rows, uneven_rows, most)
    if not _fields().keys() & set(names):
        raise StandardsError(f"{where}: {_no_known_headings(names)}")
    return _of_table(names, full_rows, uneven_rows, today, most)


def _as_spelt(names: Sequence[str]) -> list[str]:
    """Headings with the capitals of their standard, which spreadsheets and statistical packages may change."""
    names_in_standards = [*_fields(), *(column.name for item in generations().values() for column in item.columns)]
    spelt = {name.casefold(): name for name in names_in_standards}
    return [spelt.get(name.casefold(), name) for name in names]


def _generation(names: Sequence[str]) -> Generation | None:
    """The generation of CTDC with exactly these columns; None if no generation has them."""
    return next((item for item in generations().values() if {one.name for one in item.columns} == set(names)), None)


def _no_known_headings(names: Sequence[str]) -> str:
    nearest = max(generations().values(), key=lambda item: len(set(names) & {one.name for one in item.columns}))
    columns = {item.name for item in nearest.columns}
    if not columns & set(names):
        return "no heading is a field of HTCDS (such as vic_MethodsOfControl) or a column of CTDC (such as ageBroad)"
    lacking, extra = sorted(columns - set(names)), sorted(set(names) - columns)
    parts = [f"lacks {', '.join(lacking[:9])}"] if lacking else []
    parts += [f"has {', '.join(map(repr, extra[:9]))} beside them"] if extra else []
    return f"the headings are nearest to CTDC's {nearest.id!r} columns, but the file {' and '.join(parts)}"


Rows = Sequence[tuple[int, Mapping[str, str]]]
"""The cells of each row by heading, with its line."""


def _of_ctdc(generation: Generation, rows: Rows, odd: list[Problem], most: int | None) -> Cases:
    cells = (item for line, row in rows for item in _ctdc_problems(line, row, generation))
    problems = tuple(islice(chain(odd, cells), most))
    found = () if problems else tuple(read_rows([row for _, row in rows], generation))
    return Cases(generation.id, problems, rows=found)


def _ctdc_problems(line: int, row: Mapping[str, str], generation: Generation) -> Iterator[Problem]:
    for column in generation.columns:
        cell = row[column.name].strip()
        if column.holds == "flag":
            if cell not in FLAGS:
                yield Problem(f"line {line}, {column.name}", "expected 1, 0, -99 or nothing")
        elif cell in ("", "-99"):
            continue
        elif column.says in ("citizenship", "country") and cell != NO_COUNTRY and cell not in country_codes():
            yield Problem(f"line {line}, {column.name}", "expected a country by its two letters such as VN, or 00")
        elif column.says == "year" and not re.fullmatch(r"(19|20)[0-9]{2}", cell):
            yield Problem(f"line {line}, {column.name}", "expected a year such as 2016")


def _fields() -> Mapping[str, tuple[str, Field]]:
    """Every field by its id, with its group."""
    return {item.id: (name, item) for name, group in groups().items() for item in group.fields}


def _of_table(names: Sequence[str], rows: Rows, odd: list[Problem], today: date, most: int | None) -> Cases:
    """Read a table with a case and a person in each row. If a case may have a group several times, a row has one."""
    fields = _fields()
    unknown = [name for name in names if name not in fields]
    headings = [Problem(f"heading {name!r}", f"is not a field of HTCDS{_near(name, fields)}") for name in unknown]
    cases: list[Mapping[str, Any]] = []

    def cells() -> Iterator[Problem]:
        for line, row in rows:
            for name, cell in row.items():
                if scientific(cell):
                    yield Problem(f"line {line}, {name}", SCIENTIFIC)
            case = _case({name: cell.strip() for name, cell in row.items() if name in fields and cell.strip()}, fields)
            cases.append(case)
            for item in check(document([case]), today=today):
                yield Problem(f"line {line}, {_field_of(item.path)}", item.words)

    problems = tuple(islice(chain(headings, odd, cells()), most))
    return Cases(TABLE_KIND, problems, () if problems else tuple(cases))


def _near(name: str, fields: Iterable[str]) -> str:
    near = get_close_matches(name, list(fields), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _field_of(path: str) -> str:
    """The field at the end of a path, because a table has only fields."""
    return re.sub(r"\[[0-9]+\]$", "", path).rpartition(".")[2]


def _case(cells: Mapping[str, str], fields: Mapping[str, tuple[str, Field]]) -> dict[str, Any]:
    person: dict[str, Any] = {}
    case: dict[str, Any] = {"persons": [person]}
    for name, cell in cells.items():
        group, field = fields[name]
        value = _value(field, cell)
        if group in OF_A_PERSON:
            person.setdefault(group, {})[name] = value
        elif group in LISTED:
            case.setdefault(LISTED[group], [{}])[0][name] = value
        else:
            case.setdefault(group, {})[name] = value
    return case


def _value(field: Field, cell: str) -> Any:
    """A cell as a value of the standard; what cannot be read stays text, so that the check reports it."""
    if field.holds in ("several", "texts"):
        return [_listed(field, item) for item in SEVERAL.split(cell) if item]
    if field.holds == "checkbox":
        return YES_NO.get(cell.casefold(), cell)
    if field.holds == "number":
        return _number(cell)
    return _listed(field, cell)


def _listed(field: Field, cell: str) -> str:
    """A code as the list spells it, whatever its capitals; other words unchanged."""
    spellings = [*field.allowed, *(item.value for item in field.aliases)]
    return field.read({item.casefold(): item for item in spellings}.get(cell.casefold(), cell))


def _number(cell: str) -> int | float | str:
    if not re.fullmatch(r"-?[0-9]{1,9}([.,][0-9]{1,9})?", cell):
        return cell
    return float(cell.replace(",", ".")) if "." in cell or "," in cell else int(cell)


# Conversion


def targets() -> Mapping[str, str]:
    """What a file can be converted to, each with the ending of its name."""
    return {JSON_KIND: ".json", TABLE_KIND: ".csv"} | dict.fromkeys(generations(), ".csv")


def convert(source: Cases, target: str) -> tuple[str, Mapping[str, int]]:
    """The text of a file in another form, and how often each thing had no place in it.

    What is not known is never written as a no. Raises StandardsError for an unknown form.
    """
    if target not in targets():
        raise StandardsError(f"{target!r} is not a form of file; expected one of {', '.join(targets())}")
    lost: Counter[str] = Counter()
    if target in generations():
        rows = source.rows or tuple(_rows(source.cases, lost))
        generation = generations()[target]
        _count_lost(rows, generation, lost)
        return _csv([item.name for item in generation.columns], write_rows(rows, generation)), lost
    cases = source.cases or tuple(_cases(source.rows, lost))
    if target == JSON_KIND:
        return json.dumps(document(cases), indent=1, ensure_ascii=False) + "\n", lost
    flat = [row for case in cases for row in _flat(case, lost)]
    used = {name for row in flat for name in row}
    return _csv([name for name in _fields() if name in used], flat), lost


def _rows(cases: Iterable[Mapping[str, Any]], lost: Counter[str]) -> Iterator[Row]:
    """A row for each person of each case, without perpetrators."""
    for case in cases:
        lost.update(f"{name} (of the case)" for name in case if name != "persons")
        for person in case.get("persons", ()):
            if "perpetrator" in person:
                lost["a perpetrator"] += 1
                continue
            row, missing = from_htcds({"persons": [person]})
            lost.update(missing)
            yield row


def _cases(rows: Iterable[Row], lost: Counter[str]) -> Iterator[Mapping[str, Any]]:
    for row in rows:
        case, missing = to_htcds(row)
        lost.update(missing)
        yield case


def _count_lost(rows: Iterable[Row], generation: Generation, lost: Counter[str]) -> None:
    with_column = {item.says for item in generation.columns}
    grouped = any(name.startswith("group.") for name in with_column)
    for row in rows:
        lost.update(name for name in row.texts if name not in with_column)
        lost.update(
            name
            for name, known in row.flags.items()
            if known is not None and name not in with_column and not (grouped and name.startswith("means."))
        )


def _flat(case: Mapping[str, Any], lost: Counter[str]) -> Iterator[dict[str, str]]:
    """A row for each person, with what their case says. If a case has several of a thing, the row has the first."""
    shared: dict[str, str] = {}
    for name, value in case.items():
        if name == "persons":
            continue
        entries = value if isinstance(value, list) else [value]
        lost.update({f"{name} after the first": len(entries) - 1} if len(entries) > 1 else {})
        shared |= {key: _cell(item) for entry in entries[:1] for key, item in entry.items()}
    for person in case.get("persons") or [{}]:
        yield shared | {key: _cell(item) for group in person.values() for key, item in group.items()}


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(map(str, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _csv(names: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(names), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
