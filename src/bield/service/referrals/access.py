"""The gate of referrals: through the gate of the record they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from bield.service.accounts.models import Team, User
from bield.service.accounts.permissions import Permission
from bield.service.cases.access import person_for
from bield.service.referrals.models import Evidence, Referral


def referral_for(user: User, referral_id: UUID, permission: Permission) -> Referral:
    """A referral, if this user may do this with the record it belongs to. Raises as `person_for` does."""
    found = Referral.objects.filter(pk=referral_id).first()
    if found is None:
        raise Http404
    found.person = person_for(user, found.person_id, permission)
    return found


def evidence_of(referral: Referral, evidence_id: UUID) -> Evidence:
    """A file of a referral that was fetched through the gate. Raises Http404 for another's."""
    found = Evidence.objects.filter(pk=evidence_id, referral=referral).first()
    if found is None:
        raise Http404
    return found


def referrals_of(teams: Sequence[Team]) -> QuerySet[Referral]:
    """The referrals of some teams, which the caller got for a permission."""
    return Referral.objects.filter(person__team__in=teams)


def to_hand_in(rows: QuerySet[Referral]) -> QuerySet[Referral]:
    """Those that are closed and that nobody has recorded as handed in, the longest ready first."""
    return rows.filter(closed_at__isnull=False, handed_in_on__isnull=True).order_by("closed_at", "pk")


def with_clocks(rows: QuerySet[Referral]) -> QuerySet[Referral]:
    """Those referrals on which a clock runs."""
    return rows.filter(clock_ends__isnull=False)
