"""Checking a document against HTCDS 2.0, with words that say where, what was found and what was expected."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from bield.standards.fields import LISTED, OF_A_PERSON, Field, StandardsError, groups
from bield.standards.schema import DATE, FORMAT, PATTERNS, VERSION

EXPECTED = {"country": "a country such as VN", "language": "a language such as vi", "phone": "a number in E.164"}

KINDS = {
    dict: "an object",
    list: "a list",
    tuple: "something that is no list",
    str: "a text",
    bool: "true or false",
    type(None): "nothing",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not fit. path: where in the document, such as cases[0].persons[1].victim."""

    path: str
    words: str

    def __str__(self) -> str:
        return f"{self.path or 'document'}: {self.words}"


def validate_file(path: Path) -> list[Problem]:
    """Check a JSON file. Raises StandardsError for one that cannot be read as JSON."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise StandardsError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise StandardsError(f"{path}: byte {error.start} is not UTF-8, so this is no JSON file") from error
    try:
        return validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise StandardsError(f"{path}: line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise StandardsError(f"{path}: nested too deeply") from error


def validate(document: object) -> list[Problem]:
    """Everything in a document that does not fit; nothing if it does."""
    return list(_document(document))


def _document(document: object) -> Iterator[Problem]:
    if not isinstance(document, dict):
        yield Problem("", f"expected an object with format, version and cases; found {_kind(document)}")
        return
    yield from _names("", document, {"format", "version", "cases"})
    for name, expected in (("format", FORMAT), ("version", VERSION)):
        if document.get(name) != expected:
            found = repr(document[name])[:60] if name in document else "nothing"
            yield Problem(name, f"expected {expected!r}; found {found}")
    if "cases" not in document:
        yield Problem("cases", "expected a list; found nothing")
    for path, case in _each("cases", document.get("cases", [])):
        yield from _case(path, case)


def _case(path: str, case: object) -> Iterator[Problem]:
    single = {name for name in groups() if name not in LISTED and name not in OF_A_PERSON}
    if not isinstance(case, dict):
        yield Problem(path, f"expected an object; found {_kind(case)}")
        return
    yield from _names(path, case, {"persons", *single, *LISTED.values()})
    for name in sorted(single & case.keys()):
        yield from _group(f"{path}.{name}", name, case[name])
    for name, listed in LISTED.items():
        for at, item in _each(f"{path}.{listed}", case.get(listed, [])):
            yield from _group(at, name, item)
    for at, person in _each(f"{path}.persons", case.get("persons", [])):
        if not isinstance(person, dict):
            yield Problem(at, f"expected an object; found {_kind(person)}")
            continue
        yield from _names(at, person, set(OF_A_PERSON))
        for name in OF_A_PERSON:
            if name in person:
                yield from _group(f"{at}.{name}", name, person[name])


def _each(path: str, value: object) -> Iterator[tuple[str, object]]:
    """Each entry of a list with its place; what is no list gives itself, which no entry can be."""
    if not isinstance(value, list):
        yield path, (value,)
        return
    for number, item in enumerate(value):
        yield f"{path}[{number}]", item


def _group(path: str, name: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(path, f"expected an object; found {_kind(value)}")
        return
    fields = {item.id: item for item in groups()[name].fields}
    yield from _names(path, value, set(fields))
    for key, given in value.items():
        if key in fields:
            yield from _field(f"{path}.{key}", fields[key], given)


def _names(path: str, value: Mapping[str, Any], known: set[str]) -> Iterator[Problem]:
    for name in value:
        if name not in known:
            near = get_close_matches(name, known, n=2, cutoff=0.5)
            hint = f"; near it: {', '.join(near)}" if near else ""
            yield Problem(path, f"there is no {name[:60]!r} here{hint}")


def _field(path: str, field: Field, value: object) -> Iterator[Problem]:
    if field.holds in ("several", "texts"):
        if not isinstance(value, list):
            yield Problem(path, f"expected a list; found {_kind(value)}")
            return
        texts = [item for item in value if isinstance(item, str)]
        if len(texts) != len(set(texts)) or any(item in value[:at] for at, item in enumerate(value)):
            yield Problem(path, "a value stands twice")
        for number, item in enumerate(value):
            yield from _one(f"{path}[{number}]", field, item)
    else:
        yield from _one(path, field, value)


def _one(path: str, field: Field, value: object) -> Iterator[Problem]:
    if field.allowed:
        if value not in field.allowed:
            yield Problem(path, f"{_shown(value)} is not one of {', '.join(field.allowed)}{_hint(field, value)}")
    elif field.holds == "number":
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield Problem(path, f"expected a number; found {_kind(value)}")
    elif field.holds == "checkbox":
        if not isinstance(value, bool):
            yield Problem(path, f"expected true or false; found {_kind(value)}")
    elif not isinstance(value, str):
        yield Problem(path, f"expected a text; found {_kind(value)}")
    elif field.holds == "date" and not _looks(DATE, value):
        yield Problem(path, f"{_shown(value)} is not a day; expected one such as 2026-03-31")
    elif field.format and not _looks(PATTERNS[field.format], value):
        expected = {
            "country": "a country such as VN",
            "language": "a language such as vi",
            "phone": "a number in E.164",
        }
        yield Problem(path, f"{_shown(value)} is not {expected[field.format]}")


def _hint(field: Field, value: object) -> str:
    read = field.read(value) if isinstance(value, str) else value
    return f"; IOM's other spelling of {read}: write that" if read != value else ""


def _looks(pattern: str, value: str) -> bool:
    return re.search(pattern.removesuffix("$") + r"\Z", value) is not None


def _shown(value: object) -> str:
    return repr(value)[:60]


def _kind(value: object) -> str:
    return KINDS.get(type(value), "a number" if isinstance(value, int | float) else type(value).__name__)
