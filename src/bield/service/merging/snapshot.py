"""Stores what a merge changes in the kept record, so that it can be restored if nobody has changed it since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from bield.service.cases.models import Channel, Consent, Identity, Person, SignAnswer, StepMark

COUNTED: Final = ("last_met_on", "support", "support_ended_on", "to_hand_in_since", "review")
"""Columns worked out from other rows of the record, and worked out again after a merge."""
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
    """A value as JSON stores it."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def columns_of(person: Person) -> dict[str, Any]:
    """The columns of a record that a merge may change."""
    return {name: plain(getattr(person, name)) for name in COLUMNS}


def answers_of(person: Person) -> dict[str, list[Any]]:
    """The answers to the signs, by sign."""
    answers = SignAnswer.objects.filter(person=person)
    return {answer.indicator: [plain(getattr(answer, name)) for name in ANSWER] for answer in answers}


def marks_of(person: Person) -> dict[str, list[Any]]:
    """The marks on steps, by step."""
    marks = StepMark.objects.filter(person=person)
    return {mark.step: [plain(getattr(mark, name)) for name in MARK] for mark in marks}


def identity_of(person: Person) -> dict[str, Any]:
    """Who they are and how to reach them, with its version; version 0 if no identity is recorded."""
    identity = Identity.objects.filter(person=person).first()
    return {
        "version": identity.version if identity else 0,
        "names": dict(identity.names) if identity else None,
        "changed": [identity.changed_at.isoformat(), str(identity.changed_by_id)] if identity else None,
        "channels": [
            [channel.kind, channel.safe, channel.details]
            for channel in Channel.objects.filter(person=person).order_by("pk")
        ],
    }


def snapshot(person: Person) -> dict[str, Any]:
    """What a merge may change in a record, as it is now."""
    row = Person.objects.get(pk=person.pk)
    return {
        "columns": columns_of(row),
        "answers": answers_of(row),
        "marks": marks_of(row),
        "identity": identity_of(row),
        "consents": list(Consent.objects.filter(person=row).values_list("pk", flat=True)),
    }


def restore_column(person: Person, name: str, value: Any) -> None:
    """Set a column of a record to a value from `columns_of`."""
    field: Any = Person._meta.get_field(name)
    setattr(person, name, field.to_python(value) if value is not None else None)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The keys whose value a merge changed."""
    return [key for key in before if before[key] != after.get(key)]
