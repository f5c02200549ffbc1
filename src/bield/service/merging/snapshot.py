"""What a merge changes in the kept record: stored as it was, and restored if nobody changed it since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from bield.service.cases.models import Channel, Consent, Identity, Person, SignAnswer, StepMark

COUNTED: Final = ("last_met_on", "support", "support_ended_on", "to_hand_in_since", "review")
"""Counted from what hangs on a record, and counted anew."""
KEPT_APART: Final = (
    "id",
    "reference",
    "team",
    "worker",
    "version",
    "opened_at",
    "changed_at",
    "closed_at",
    "closing",
    "same_as",
    "merged_at",
)
COLUMNS: Final = tuple(
    field.name for field in Person._meta.concrete_fields if field.name not in (*COUNTED, *KEPT_APART)
)
ANSWER: Final = ("answer", "source", "words", "by_id", "at")
MARK: Final = ("step", "on", "shown_by", "by_id", "at")


def plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def columns_of(person: Person) -> dict[str, Any]:
    """The columns of a record that a merge may change."""
    return {name: plain(getattr(person, name)) for name in COLUMNS}


def answers_of(person: Person) -> dict[str, list[Any]]:
    """The answers to the signs, by sign."""
    rows = SignAnswer.objects.filter(person=person)
    return {item.indicator: [plain(getattr(item, name)) for name in ANSWER] for item in rows}


def marks_of(person: Person) -> dict[str, list[Any]]:
    """The steps that are marked, by step."""
    rows = StepMark.objects.filter(person=person)
    return {item.step: [plain(getattr(item, name)) for name in MARK] for item in rows}


def identity_of(person: Person) -> dict[str, Any]:
    """Who they are and how to reach them, with the version of it; version 0 where nobody put it down."""
    found = Identity.objects.filter(person=person).first()
    return {
        "version": found.version if found else 0,
        "names": dict(found.names) if found else None,
        "changed": [found.changed_at.isoformat(), str(found.changed_by_id)] if found else None,
        "channels": [
            [item.kind, item.safe, item.details] for item in Channel.objects.filter(person=person).order_by("pk")
        ],
    }


def snapshot(person: Person) -> dict[str, Any]:
    """A record as it stands, as far as a merge may change it."""
    row = Person.objects.get(pk=person.pk)
    return {
        "columns": columns_of(row),
        "answers": answers_of(row),
        "marks": marks_of(row),
        "identity": identity_of(row),
        "consents": list(Consent.objects.filter(person=row).values_list("pk", flat=True)),
    }


def back(person: Person, name: str, value: Any) -> None:
    """Put a column of a record back, as `columns_of` kept it."""
    field: Any = Person._meta.get_field(name)
    setattr(person, name, field.to_python(value) if value is not None else None)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The keys whose value a merge changed."""
    return [key for key in before if before[key] != after.get(key)]
