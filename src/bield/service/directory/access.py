"""Finds services in the directory. It names nobody, so everybody who works with people may read it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from bield.law.clocks import own_clock
from bield.service.directory.models import Service


def service_of(service_id: UUID) -> Service:
    """A service by its id. Raises Http404 if there is no such service."""
    service = Service.objects.filter(pk=service_id).first()
    if service is None:
        raise Http404
    return service


def services_with(*, words: str = "", status: str = "", head: str = "", area: str = "") -> QuerySet[Service]:
    """The services that match some words, a status, a head of support and a council; "" matches any."""
    services = Service.objects.all()
    if words:
        services = services.filter(
            Q(name__icontains=words) | Q(what__icontains=words) | Q(organisation__icontains=words)
        )
    if status:
        services = services.filter(status=status)
    # The two lists are JSON, and SQLite cannot ask whether a list contains a value, so this searches their text:
    # codes are quoted there, so no code can match part of another.
    if head:
        services = services.filter(heads__icontains=f'"{head}"')
    if area:
        services = services.filter(Q(areas=[]) | Q(areas__icontains=f'"{area}"'))
    return services


def unchecked(*, today: date) -> QuerySet[Service]:
    """The services in use that nobody has checked for too long."""
    limit = today - timedelta(days=own_clock("service_number").days or 0)
    return Service.objects.exclude(status="defunct").filter(Q(verified_on__isnull=True) | Q(verified_on__lt=limit))


def is_checked(service: Service, *, today: date) -> bool:
    """Whether its details were checked recently enough. The limit is the clock ‘service_number’."""
    if service.verified_on is None:
        return False
    return today <= own_clock("service_number").ends(service.verified_on)
