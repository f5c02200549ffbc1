"""Two teams of one organisation with a record under the same names: the leads of both are told, and nobody else.

Off unless an administrator of the organisation switched it on. It must not answer guesses: a worker is told once for a
record, and no more once they have put down names in many records on one day; the leads see every hit and whose it was.
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
from bield.service.cases.access import named_alike_in
from bield.service.cases.models import Crossing, Person
from bield.service.days import day_of


@transaction.atomic
def look_elsewhere(person: Person, names: Mapping[str, str], *, by: User, at: datetime) -> bool:
    """Tell the leads where another team of the organisation has these names. Returns whether the worker is told."""
    if not person.team.organisation.compares_teams:
        return False
    # A merged record is closed; its names lead to the record that goes on.
    is_open = Q(closed_at=None) | Q(merged_at__isnull=False, same_as__closed_at=None)
    others = Person.objects.filter(is_open, team__organisation=person.team.organisation_id)
    found = named_alike_in(others.exclude(team=person.team_id), names)
    first = not Crossing.objects.filter(Q(one=person) | Q(other=person)).exists()
    new = [item for item in found if not _between(person, item).exists()]
    for item in new:
        Crossing.objects.create(one=person, other=item, by=by, at=at)
        _note(Kind.CROSSED, person, item, by, at)
    return bool(new) and first and _named_today(by, at) <= settings.NAMES_COMPARED_A_DAY


def _between(one: Person, other: Person) -> QuerySet[Crossing]:
    return Crossing.objects.filter(Q(one=one, other=other) | Q(one=other, other=one))


def _named_today(by: User, at: datetime) -> int:
    rows = Event.objects.filter(kind=Kind.IDENTITY_CHANGED, actor=str(by.pk), at__date=day_of(at))
    return len(set(rows.values_list("subject", flat=True)))


def told_to(user: User) -> QuerySet[Crossing]:
    """What a lead is told of their teams, until it is settled or one of the two is closed."""
    teams = list(teams_with(user, Permission.RECORD_REVIEW).values_list("pk", flat=True))
    rows = Crossing.objects.filter(settled_at=None, one__closed_at=None, other__closed_at=None)
    mine = rows.filter(Q(one__team__in=teams) | Q(other__team__in=teams))
    return mine.select_related("one__team__organisation", "other__team__organisation", "by")


@transaction.atomic
def settle(crossing: Crossing, *, by: User, at: datetime) -> None:
    """Say that the two leads have spoken. A second time changes nothing."""
    if Crossing.objects.filter(pk=crossing.pk, settled_at=None).update(settled_at=at, settled_by=by):
        _note(Kind.CROSSING_SETTLED, crossing.one, crossing.other, by, at)


def _note(kind: Kind, one: Person, other: Person, by: User, at: datetime) -> None:
    """An event of the organisation, and of neither record: a timeline would tell the workers of both."""
    organisation, found = one.team.organisation_id, {"one": one.shown_reference, "other": other.shown_reference}
    record(kind, actor=by.pk, organisation=organisation, at=at, **found)
