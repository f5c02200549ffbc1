"""Access to referrals, through the gate of the record they belong to."""

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
    """A referral, if the user has the permission on the record it belongs to. Raises what `person_for` raises."""
    referral = Referral.objects.filter(pk=referral_id).first()
    if referral is None:
        raise Http404
    referral.person = person_for(user, referral.person_id, permission)
    return referral


def evidence_of(referral: Referral, evidence_id: UUID) -> Evidence:
    """A file of a referral that was fetched through the gate. Raises Http404 for a file of another referral."""
    evidence = Evidence.objects.filter(pk=evidence_id, referral=referral).first()
    if evidence is None:
        raise Http404
    return evidence


def referrals_of(teams: Sequence[Team]) -> QuerySet[Referral]:
    """The referrals of some teams. The caller must have checked the user's permission in them."""
    return Referral.objects.filter(person__team__in=teams)


def to_hand_in(referrals: QuerySet[Referral]) -> QuerySet[Referral]:
    """The referrals that are closed and not recorded as handed in, the one closed longest ago first."""
    return referrals.filter(closed_at__isnull=False, handed_in_on__isnull=True).order_by("closed_at", "pk")


def with_clocks(referrals: QuerySet[Referral]) -> QuerySet[Referral]:
    """The referrals with a running clock."""
    return referrals.filter(clock_ends__isnull=False)
