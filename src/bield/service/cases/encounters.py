"""Records times when somebody was met, changes them, and takes them back with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from bield.service.accounts.models import User
from bield.service.audit.kinds import Kind
from bield.service.cases.actions import locked
from bield.service.cases.events import note, touch
from bield.service.cases.models import Encounter, Person
from bield.service.changes import NotNow, set_fields
from bield.service.drafts.actions import forget

WRITTEN: Final = frozenset({"on", "council", "place_kind", "attention", "note"})
"""The columns of an encounter that people write."""


@transaction.atomic
def add_encounter(*, person: Person, by: User, at: datetime, values: Mapping[str, Any]) -> Encounter:
    """Record a time when somebody was met."""
    encounter = Encounter.objects.create(person=person, by=by, at=at, **values)
    update_last_met(person)
    note(Kind.ENCOUNTER_ADDED, person, by, at=at, encounter=encounter.pk)
    touch(person, at)
    return encounter


@transaction.atomic
def change_encounter(
    *, person: Person, encounter: Encounter, expected: int, by: User, at: datetime, values: Mapping[str, Any]
) -> None:
    """Correct an encounter. Raises Conflict if somebody else did so first, NotNow if it was taken back."""
    row = locked(Encounter, encounter.pk, expected)
    if row.taken_back_at is not None:
        raise NotNow("this encounter was taken back")
    set_fields(row, values, allowed=WRITTEN)
    row.save()
    update_last_met(person)
    note(Kind.ENCOUNTER_CHANGED, person, by, at=at, encounter=row.pk)
    touch(person, at)


@transaction.atomic
def take_encounter_back(*, person: Person, encounter: Encounter, by: User, at: datetime, why: str) -> None:
    """Take an encounter back, with a reason. Raises NotNow if it was taken back already."""
    row = Encounter.objects.select_for_update().get(pk=encounter.pk)
    if row.taken_back_at is not None:
        raise NotNow("this encounter was taken back already")
    row.taken_back_at, row.taken_back_by, row.why = at, by, why
    row.save(update_fields=["taken_back_at", "taken_back_by", "why"])
    update_last_met(person)
    forget(f"encounter:{row.pk}")
    note(Kind.ENCOUNTER_TAKEN_BACK, person, by, at=at, encounter=row.pk)
    touch(person, at)


def update_last_met(person: Person) -> None:
    """Store on the record when they were last met."""
    last_met = person.encounters.filter(taken_back_at=None).order_by("-on").values_list("on", flat=True).first()
    Person.objects.filter(pk=person.pk).update(last_met_on=last_met)
