"""Notes an event and the time for every change of a record, and refuses changes to a merged one."""

from __future__ import annotations

from datetime import datetime

from bield.service.accounts.models import User
from bield.service.audit.actions import record
from bield.service.audit.kinds import Kind
from bield.service.cases.models import Person


class MergedAway(Exception):
    """A record was merged into another one, `kept`, which now has everything."""

    def __init__(self, person: Person, kept: Person) -> None:
        super().__init__("merged into another record")
        self.person, self.kept = person, kept


def note(kind: Kind, person: Person, by: User, *, at: datetime | None = None, **facts: bool | int | str) -> None:
    """Write an event about a person's record."""
    record(
        kind,
        actor=by.pk,
        organisation=person.team.organisation_id,
        subject=person.pk,
        at=at,
        **facts,
    )


def touch(person: Person, at: datetime) -> None:
    """Store when the record last changed.

    Raises MergedAway if it was merged while somebody had it open: nothing is written to a record that nobody sees.
    """
    if not Person.objects.filter(pk=person.pk, merged_at=None).update(changed_at=at):
        _refuse_merged(Person.objects.get(pk=person.pk))
    person.changed_at = at


def lock(person: Person) -> Person:
    """The record as it is now, locked until the transaction ends. Raises MergedAway if it was merged meanwhile."""
    row = Person.objects.select_for_update().get(pk=person.pk)
    row.team = person.team
    _refuse_merged(row)
    return row


def _refuse_merged(row: Person) -> None:
    if row.merged_at is not None and row.same_as is not None:
        raise MergedAway(row, row.same_as)
