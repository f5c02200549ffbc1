"""The gate before every view of a person's record."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse

from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases.access import person_for
from bield.service.cases.events import note
from bield.service.cases.models import Person
from bield.service.cases.same_person.merged_away import leads_on
from bield.service.gates import Gate, View


def on_record(
    permission: Permission, reading: Kind = Kind.PERSON_READ
) -> Callable[[View[Person]], Callable[..., HttpResponse]]:
    """Pass the person to the view if the user may do this with the record. reading: the event that seeing it leaves.

    A user who opens a merged record, or sends a form while it is being merged, is redirected to the kept record.
    """
    before = Gate("person_id", lambda user, pk: person_for(user, pk, permission), note).before(reading)
    return lambda view: leads_on(before(view))
