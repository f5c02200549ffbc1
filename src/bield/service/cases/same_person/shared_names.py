"""Tells the leads of two teams in one organisation, and nobody else, that both have a record under the same names.

Off unless an administrator of the organisation switched it on. It must not answer guesses: a worker is told once for
each record, and not at all once they have entered names in many records that day. The leads see every hit and whose it
was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from bield.service.accounts.access import teams_with
from bield.service.accounts.models import User
from bield.service.accounts.permissions import Permission
from bield.service.audit.actions import record
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases.access import with_same_names
from bield.service.cases.models import Person, SharedNames
from bield.service.days import day_of


@transaction.atomic
def compare_with_other_teams(person: Person, names: Mapping[str, str], *, by: User, at: datetime) -> bool:
    """Tell the leads if another team of the organisation has these names. Returns whether to tell the worker too."""
    if not person.team.organisation.compares_teams:
        return False
    # A merged record is closed; its names lead to the record that was kept.
    is_open = Q(closed_at=None) | Q(merged_at__isnull=False, same_as__closed_at=None)
    others = Person.objects.filter(is_open, team__organisation=person.team.organisation_id)
    matching = with_same_names(others.exclude(team=person.team_id), names)
    first = not SharedNames.objects.filter(Q(one=person) | Q(other=person)).exists()
    new = [other for other in matching if not _shared_between(person, other).exists()]
    for other in new:
        SharedNames.objects.create(one=person, other=other, by=by, at=at)
        _note(Kind.CROSSED, person, other, by, at)
    return bool(new) and first and _records_named_today(by, at) <= settings.NAMES_COMPARED_A_DAY


def _shared_between(one: Person, other: Person) -> QuerySet[SharedNames]:
    return SharedNames.objects.filter(Q(one=one, other=other) | Q(one=other, other=one))


def _records_named_today(by: User, at: datetime) -> int:
    """In how many records this user changed the identity on that day."""
    events = Event.objects.filter(kind=Kind.IDENTITY_CHANGED, actor=str(by.pk), at__date=day_of(at))
    return len(set(events.values_list("subject", flat=True)))


def shared_names_for(user: User) -> QuerySet[SharedNames]:
    """The shared names to show a lead of either team: those not settled, with both records open."""
    teams = list(teams_with(user, Permission.RECORD_REVIEW).values_list("pk", flat=True))
    unsettled = SharedNames.objects.filter(settled_at=None, one__closed_at=None, other__closed_at=None)
    mine = unsettled.filter(Q(one__team__in=teams) | Q(other__team__in=teams))
    return mine.select_related("one__team__organisation", "other__team__organisation", "by")


@transaction.atomic
def settle(shared: SharedNames, *, by: User, at: datetime) -> None:
    """Record that the two leads have spoken. Doing it again changes nothing."""
    if SharedNames.objects.filter(pk=shared.pk, settled_at=None).update(settled_at=at, settled_by=by):
        _note(Kind.SHARED_NAMES_SETTLED, shared.one, shared.other, by, at)


def _note(kind: Kind, one: Person, other: Person, by: User, at: datetime) -> None:
    """An event of the organisation, not of either record: a timeline would tell the workers of both."""
    organisation, references = one.team.organisation_id, {"one": one.shown_reference, "other": other.shown_reference}
    record(kind, actor=by.pk, organisation=organisation, at=at, **references)
