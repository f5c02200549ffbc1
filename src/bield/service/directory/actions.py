"""Changes to the directory of services, and the services it starts with."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from bield.law import load_place
from bield.law.listed import listed
from bield.service.accounts.models import User
from bield.service.accounts.noting import note_in_each
from bield.service.audit.kinds import Kind
from bield.service.changes import Conflict, set_fields
from bield.service.directory.models import Service

WRITTEN: Final = frozenset(
    {
        "name", "organisation", "what", "heads", "least_age", "most_age", "for_whom", "areas", "languages", "access",
        "apply", "numbers", "email", "website", "places", "free", "counted_on", "status", "source",
    }
)  # fmt: skip
"""The fields of a service that the directory's form may change."""


@transaction.atomic
def add(*, values: Mapping[str, Any], verified_on: date | None, by: User, at: datetime) -> Service:
    """Add a service to the directory."""
    service = Service.objects.create(**dict(values), verified_on=verified_on, changed_at=at)
    note_in_each(Kind.SERVICE_CHANGED, by, at=at, service=str(service.pk))
    return service


@transaction.atomic
def change(service: Service, *, expected: int, values: Mapping[str, Any], by: User, at: datetime) -> None:
    """Change a service. Changed numbers must be checked again. Raises Conflict if somebody else changed it first."""
    locked = Service.objects.select_for_update().get(pk=service.pk)  # services are marked as ended, never deleted
    if locked.version != expected:
        raise Conflict(locked)
    if "numbers" in values and values["numbers"] != locked.numbers:
        locked.verified_on = None
    set_fields(locked, values, allowed=WRITTEN)
    locked.version, locked.changed_at = locked.version + 1, at
    locked.save()
    note_in_each(Kind.SERVICE_CHANGED, by, at=at, service=str(locked.pk))


@transaction.atomic
def check(service: Service, *, on: date, by: User, at: datetime) -> None:
    """Record that everything was checked with the service itself."""
    Service.objects.filter(pk=service.pk).update(verified_on=on, changed_at=at)
    note_in_each(Kind.SERVICE_CHECKED, by, at=at, service=str(service.pk))


def begin(*, at: datetime) -> int:
    """Fill an empty directory with the services in services.v1.toml of the place's folder. Returns how many.

    Adds none if the folder has no such file: a place's directory starts with its own services, or empty.
    """
    if Service.objects.exists():
        return 0
    in_law = {service.id: service for service in load_place(settings.PLACE).services}
    services = []
    for entry in listed(settings.PLACE):
        body: dict[str, Any] = {name: value for name, value in asdict(entry).items() if name != "law"}
        body |= {"heads": list(entry.heads), "numbers": list(entry.numbers)}
        if entry.law:  # its number and purpose are in the law data, and not repeated in the file
            published = in_law[entry.law]
            numbers = [{"label": n.label, "value": n.value, "emergency": False} for n in published.numbers]
            values = {"name": published.name, "what": published.what, "numbers": numbers, "source": published.source}
            body |= values | {"verified_on": published.verified_on}
        services.append(
            Service(id=uuid.uuid5(uuid.NAMESPACE_URL, f"bield:service:{body['name']}"), changed_at=at, **body)
        )
    return len(Service.objects.bulk_create(services))
