"""Checks a document against HTCDS 2.0; messages say where, what was found and what was expected."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Any

from bield.standards.fields import LISTED, OF_A_PERSON, Field, StandardsError, groups
from bield.standards.schema import DATE, FORMAT, PATTERNS, VERSION, country_codes

KINDS = {
    dict: "an object",
    list: "a list",
    tuple: "something that is not a list",
    str: "a text",
    bool: "true or false",
    type(None): "nothing",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault in a document. path: where it is, such as cases[0].persons[1].victim."""

    path: str
    words: str

    def __str__(self) -> str:
        return f"{self.path or 'document'}: {self.words}"


@dataclass(frozen=True, slots=True)
class Summary:
    """All problems of a kind. path: with [] for every place in a list. first: the first place."""

    path: str
    words: str
    count: int
    first: str

    def __str__(self) -> str:
        if self.count == 1:
            return f"{self.first or 'document'}: {self.words}"
        return (
            f"{self.path or 'document'}: {self.words} ({self.count:,} times, first at {self.first or 'the document'})"
        )


def summarised(problems: Iterable[Problem]) -> list[Summary]:
    """One summary for each kind of problem, by first place: a column that is wrong throughout is one problem."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for item in problems:
        kinds.setdefault((_every(item.path), item.words), []).append(item.path)
    return [Summary(path, words, len(found), found[0]) for (path, words), found in kinds.items()]


def _every(path: str) -> str:
    """A path without numbers: persons[3].victim as persons[].victim, and a column without its line."""
    return re.sub(r"^line [0-9]+(, )?", "", re.sub(r"\[[0-9]+\]", "[]", path)) or ("rows" if path else "")


def read_json(where: str, content: bytes) -> tuple[Any, list[Problem]]:
    """A JSON document, and the names that an object has twice. Raises StandardsError if it cannot be read."""
    twice: list[Problem] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in found]
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            twice.append(
                Problem("", f"{_name(name)} appears twice in one object, so that one of its values would be lost")
            )
        return dict(found)

    def no_number(_: str) -> Any:
        raise StandardsError(f"{where}: NaN and Infinity are not numbers in JSON")

    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=pairs, parse_constant=no_number), twice
    except UnicodeDecodeError as error:
        raise StandardsError(f"{where}: byte {error.start} is not UTF-8, so this is not a JSON file") from error
    except json.JSONDecodeError as error:
        raise StandardsError(f"{where}: line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise StandardsError(f"{where}: nested too deeply") from error
    except StandardsError:
        raise
    except ValueError as error:
        raise StandardsError(f"{where}: contains a number with too many digits") from error


def check(document: object, *, today: date) -> Iterator[Problem]:
    """Everything that `validate` finds, and what no schema can: births in the future, and forbidden characters."""
    yield from _document(document)
    yield from _beyond("", document, today)


def _beyond(path: str, value: object, today: date) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _beyond(f"{path}.{_name(str(name))}" if path else str(name), inner, today)
            if name == "prs_Birthdate" and isinstance(inner, str) and (day := real_day(inner)) and day > today:
                yield Problem(f"{path}.{name}", "the birth date is in the future")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _beyond(f"{path}[{number}]", inner, today)
    elif isinstance(value, str) and NEVER.search(value):
        yield Problem(path, "contains a character that is not text (a NUL, or half of a surrogate pair)")


NEVER = re.compile("[\0\ud800-\udfff]")


def validate(document: object) -> list[Problem]:
    """Every fault in a document; empty if it has no fault."""
    return list(_document(document))


def _document(document: object) -> Iterator[Problem]:
    if not isinstance(document, dict):
        yield Problem("", f"expected an object with format, version and cases; found {_kind(document)}")
        return
    yield from _names("", document, {"format", "version", "cases"})
    for name, expected in (("format", FORMAT), ("version", VERSION)):
        if document.get(name) != expected:
            actual = "something else" if name in document else "nothing"
            yield Problem(name, f"expected {expected!r}; found {actual}")
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
    """Each entry of a list with its path. Anything but a list is returned as a tuple, which no check accepts."""
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
            yield Problem(path, f"there is no {_name(name)} here{hint}")


def _name(name: str) -> str:
    """The name of a field as it was written, if it can be one; anything else may be a person's name."""
    return repr(name) if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,59}", name) else "such name"


def _field(path: str, field: Field, value: object) -> Iterator[Problem]:
    if field.holds in ("several", "texts"):
        if not isinstance(value, list):
            yield Problem(path, f"expected a list; found {_kind(value)}{_hint(field, value) if field.allowed else ''}")
            return
        texts = [item for item in value if isinstance(item, str)]
        if len(texts) != len(set(texts)) or any(item in value[:at] for at, item in enumerate(value)):
            yield Problem(path, "a value appears twice")
        for number, item in enumerate(value):
            yield from _one(f"{path}[{number}]", field, item)
    else:
        yield from _one(path, field, value)


def _one(path: str, field: Field, value: object) -> Iterator[Problem]:
    """What is wrong with a value. The message never repeats it, because it is about a person."""
    if field.allowed:
        if value not in field.allowed:
            yield Problem(path, f"not one of {', '.join(field.allowed)}{_hint(field, value)}")
    elif field.holds == "number":
        yield from _number(path, field, value)
    elif field.holds == "checkbox":
        if not isinstance(value, bool):
            yield Problem(path, f"expected true or false; found {_kind(value)}")
    elif not isinstance(value, str):
        yield Problem(path, f"expected a text; found {_kind(value)}")
    elif field.holds == "date" and real_day(value) is None:
        yield Problem(path, "expected a day of the calendar such as 2026-03-31")
    elif field.format == "country":
        if value not in country_codes():
            yield Problem(path, f"expected a country by its two letters such as VN{_hint(field, value)}")
    elif field.format and not _looks(PATTERNS[field.format], value):
        yield Problem(path, f"expected {EXPECTED[field.format]}")


EXPECTED = {"language": "a language such as vi", "phone": "a number in E.164 such as +441412767724"}


def _number(path: str, field: Field, value: object) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Problem(path, f"expected a number; found {_kind(value)}")
    elif field.whole and value != int(value):
        yield Problem(path, "expected a whole number")
    elif field.least is not None and field.most is not None and not field.least <= value <= field.most:
        yield Problem(path, f"expected a number from {field.least} to {field.most}")


def real_day(value: str) -> date | None:
    """A day written as 2026-03-31; None if it is not one, or the calendar does not have it."""
    if not _looks(DATE, value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _hint(field: Field, value: object) -> str:
    """What the user may have meant: a code of the standard, which reveals about the value only that it is similar."""
    if not isinstance(value, str):
        return ""
    allowed = field.allowed or country_codes()
    if (read := field.read(value)) != value:
        return f"; IOM's other spelling of {read}: write that"
    parts = [item for item in re.split(r"[\s,;|]+", value) if item]
    if len(parts) > 1 and all(item in allowed for item in parts):
        more = (
            "write each as an entry of the list" if field.holds in ("several", "texts") else "only one is allowed here"
        )
        return f"; there are several values in one: {more}"
    if not field.allowed:
        return _hint_of_country(value)
    if meant := _by_folded(field.allowed).get(_folded(value)):
        return f"; did you mean {meant}?"
    near = get_close_matches(value, field.allowed, n=1, cutoff=0.7) if len(value) <= LONGEST_VALUE else []
    return f"; did you mean {near[0]}?" if near else ""


LONGEST_VALUE = 80
"""How many characters a value may have to be a misspelt code; the longest code has 57."""


@cache
def _by_folded(allowed: tuple[str, ...]) -> Mapping[str, str]:
    return {_folded(item): item for item in allowed}


def _hint_of_country(value: str) -> str:
    """The kind of slip, without the country: a column of names is one problem, and reveals nothing about anybody."""
    if value.upper() in country_codes():
        return "; write it in capitals"
    return "; this is a country's name: write its code" if _folded(value) in _country_names() else ""


@cache
def _country_names() -> frozenset[str]:
    return frozenset(map(_folded, country_codes().values()))


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).casefold()


def _looks(pattern: str, value: str) -> bool:
    return re.search(pattern.removesuffix("$") + r"\Z", value) is not None


def _kind(value: object) -> str:
    return KINDS.get(type(value), "a number" if isinstance(value, int | float) else type(value).__name__)
