"""The gate before every view of a referral."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse

from bield.service.accounts.models import User
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases.events import note
from bield.service.cases.same_person.merged_away import leads_on
from bield.service.gates import Gate, View
from bield.service.referrals.access import referral_for
from bield.service.referrals.models import Referral

MAKE = Permission.REFERRAL_MAKE


def on_referral(reading: Kind = Kind.REFERRAL_READ) -> Callable[[View[Referral]], Callable[..., HttpResponse]]:
    """Give the view the referral if the user may make referrals for its record.

    reading: the event that opening the page records.
    """
    gate = Gate("referral_id", lambda user, pk: referral_for(user, pk, MAKE), _note).before(reading)
    return lambda view: leads_on(gate(view))


def _note(kind: Kind, referral: Referral, by: User) -> None:
    note(kind, referral.person, by)
