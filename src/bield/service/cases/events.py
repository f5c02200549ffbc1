"""What every change of a record leaves behind: an event, and the time of the change."""

from __future__ import annotations

from datetime import datetime

from bield.service.accounts.models import User
from bield.service.audit.actions import record
from bield.service.audit.kinds import Kind
from bield.service.cases.models import Person


def note(kind: Kind, person: Person, by: User, *, at: datetime | None = None, **facts: bool | int | str) -> None:
    """An event about a person's record."""
    record(
        kind,
        actor=by.pk,
        organisation=person.team.organisation_id,
        subject=person.pk,
        at=at,
        **facts,
    )


def touch(person: Person, at: datetime) -> None:
    """Keep the time at which the record last changed."""
    Person.objects.filter(pk=person.pk).update(changed_at=at)
    person.changed_at = at
