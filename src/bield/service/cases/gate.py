"""The gate before every view of a person's record."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse

from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases.access import person_for
from bield.service.cases.events import note
from bield.service.cases.merged_away import leads_on
from bield.service.cases.models import Person
from bield.service.gates import Gate, View


def on_record(
    permission: Permission, reading: Kind = Kind.PERSON_READ
) -> Callable[[View[Person]], Callable[..., HttpResponse]]:
    """Give the view the person, if the user may do this with the record. reading: the event of seeing its page.

    Whoever comes to a record that was merged into another one, or sends a form of one while it is merged, is led on.
    """
    before = Gate("person_id", lambda user, pk: person_for(user, pk, permission), note).before(reading)
    return lambda view: leads_on(before(view))
