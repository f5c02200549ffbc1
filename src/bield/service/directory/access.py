"""Which services of the directory there are. It names nobody, so everybody who works with people may read it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from bield.law.clocks import own_clock
from bield.service.directory.models import Service


def service_of(service_id: UUID) -> Service:
    """A service by its id. Raises Http404 for none."""
    found = Service.objects.filter(pk=service_id).first()
    if found is None:
        raise Http404
    return found


def services_with(*, words: str = "", status: str = "", head: str = "", area: str = "") -> QuerySet[Service]:
    """Those that have some words, a status, a head of support, and a council in which they work; "" leaves one out."""
    found = Service.objects.all()
    if words:
        found = found.filter(Q(name__icontains=words) | Q(what__icontains=words) | Q(organisation__icontains=words))
    if status:
        found = found.filter(status=status)
    # The two lists are JSON; SQLite cannot ask whether a list holds something, so the text of it is looked through:
    # codes are quoted there, and none is part of another.
    if head:
        found = found.filter(heads__icontains=f'"{head}"')
    if area:
        found = found.filter(Q(areas=[]) | Q(areas__icontains=f'"{area}"'))
    return found


def unchecked(*, today: date) -> QuerySet[Service]:
    """Those that are in use and that nobody has checked for too long."""
    limit = today - timedelta(days=own_clock("service_number").days or 0)
    return Service.objects.exclude(status="defunct").filter(Q(verified_on__isnull=True) | Q(verified_on__lt=limit))


def is_checked(service: Service, *, today: date) -> bool:
    """Whether its numbers were checked lately enough to be shown as they are. The limit is a clock of the law data."""
    if service.verified_on is None:
        return False
    return today <= own_clock("service_number").ends(service.verified_on)
