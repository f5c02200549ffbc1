"""Makes a JSON Schema of HTCDS 2.0 from its fields, because IOM does not publish one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from bield.disclosure.ladders import countries
from bield.standards.fields import LISTED, OF_A_PERSON, Field, Group, groups

FORMAT: Final = "htcds"
VERSION: Final = "2.0"
SCHEMA_ID: Final = "urn:bield:htcds-2.0"

DATE: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
PATTERNS: Final = {"language": "^[a-z]{2,3}$", "phone": r"^\+?[1-9][0-9]{1,14}$"}
"""The pattern of each format. Language: ISO 639; phone: E.164. Countries are a list of codes."""


@cache
def country_codes() -> Mapping[str, str]:
    """The name of each country, by its ISO 3166-1 alpha-2 code, with XK for Kosovo."""
    ladder = countries()
    return {code: name for code, name in ladder.labels.items() if len(code) == 2 and code.isupper()}


def htcds_schema() -> dict[str, Any]:
    """The schema of a document of cases, each with its persons and other groups. It requires nothing else.

    Fields marked core by IOM have "x-core"; values that are Bield's are named in "$comment".
    """
    all_groups = groups()
    person = {name: _group(all_groups[name]) for name in OF_A_PERSON}
    case: dict[str, Any] = {"persons": {"type": "array", "items": _object(person)}}
    for name, group in all_groups.items():
        if name in LISTED:
            case[LISTED[name]] = {"type": "array", "items": _group(group)}
        elif name not in OF_A_PERSON:
            case[name] = _group(group)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Human Trafficking Case Data Standard 2.0, as Bield reads it",
        "$comment": "The standard is IOM's (CC BY 4.0); this schema is Bield's, and not IOM's.",
        **_object(
            {
                "format": {"const": FORMAT},
                "version": {"const": VERSION},
                "cases": {"type": "array", "items": _object(case)},
            },
            required=["format", "version", "cases"],
        ),
    }


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": required} if required else {})


def _group(group: Group) -> dict[str, Any]:
    return {"title": group.label, **_object({item.id: _field(item) for item in group.fields})}


def _field(field: Field) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": field.label, "x-core": field.core}
    if field.deprecated:
        schema["deprecated"] = True
    notes = [f"{item.value} is Bield's: {item.why}." for item in field.added]
    notes += [f"{field.mended}."] if field.mended else []
    notes += ["The bounds are Bield's."] if field.most is not None else []
    if notes:
        schema["$comment"] = " ".join(notes)
    return schema | _value(field)


def _value(field: Field) -> dict[str, Any]:
    if field.holds == "choice":
        return {"enum": list(field.allowed)}
    if field.holds == "several":
        return {"type": "array", "items": {"enum": list(field.allowed)}, "uniqueItems": True}
    if field.holds == "number":
        bounds = {"minimum": field.least, "maximum": field.most}
        kind = {"type": "integer" if field.whole else "number"}
        return kind | {name: value for name, value in bounds.items() if value is not None}
    if field.holds == "checkbox":
        return {"type": "boolean"}
    if field.holds == "date":
        return {"type": "string", "pattern": DATE, "format": "date"}
    text: dict[str, Any] = {"type": "string"}
    if field.format == "country":
        text["enum"] = list(country_codes())
    elif field.format:
        text["pattern"] = PATTERNS[field.format]
    return {"type": "array", "items": text, "uniqueItems": True} if field.holds == "texts" else text
