"""The directory of services: what it begins with, what changes it, and its exchange as HSDS."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from bield import law
from bield.law import load_place
from bield.law.listed import listed
from bield.law.support import support_of
from bield.service.accounts.models import User
from bield.service.accounts.noting import note_in_each
from bield.service.audit.kinds import Kind
from bield.service.cases.actions import Conflict
from bield.service.codelists import lists as case_lists
from bield.service.design.fields import LEAST_SHORT, check_phone
from bield.service.support.models import Service
from bield.standards import hsds

FIELDS = (
    "name", "organisation", "what", "heads", "least_age", "most_age", "for_whom", "areas", "languages", "access",
    "apply", "numbers", "email", "website", "places", "free", "counted_on", "status", "source",
)  # fmt: skip
"""What somebody who keeps the directory may change."""


def _note(kind: Kind, by: User, at: datetime, **facts: Any) -> None:
    """An event of the directory, in the organisations of whoever works on it."""
    note_in_each(kind, by, at=at, **facts)


@transaction.atomic
def add(*, values: Mapping[str, Any], verified_on: date | None, by: User, at: datetime) -> Service:
    """Add a service."""
    found = Service.objects.create(**dict(values), verified_on=verified_on, changed_at=at)
    _note(Kind.SERVICE_CHANGED, by, at, service=str(found.pk))
    return found


@transaction.atomic
def change(service: Service, *, expected: int, values: Mapping[str, Any], by: User, at: datetime) -> None:
    """Change a service. A changed number has to be checked anew. Raises Conflict if somebody else changed it first."""
    row = Service.objects.select_for_update().get(pk=service.pk)
    if row.version != expected:
        raise Conflict(row)
    if "numbers" in values and values["numbers"] != row.numbers:
        row.verified_on = None
    for name, value in values.items():
        setattr(row, name, value)
    row.version, row.changed_at = row.version + 1, at
    row.save()
    _note(Kind.SERVICE_CHANGED, by, at, service=str(row.pk))


@transaction.atomic
def check(service: Service, *, on: date, by: User, at: datetime) -> None:
    """Note that everything was checked with the service itself."""
    Service.objects.filter(pk=service.pk).update(verified_on=on, changed_at=at)
    _note(Kind.SERVICE_CHECKED, by, at, service=str(service.pk))


# What it begins with


def begin(*, at: datetime) -> int:
    """Put in the services that the place's folder names in services.v1.toml, where the directory is empty. How many.

    None where its folder has no such file: the directory of a place begins with its own services, or with nothing.
    """
    if Service.objects.exists():
        return 0
    held = {item.id: item for item in load_place(settings.PLACE).services}
    rows = []
    for item in listed(settings.PLACE):
        body: dict[str, Any] = {name: value for name, value in asdict(item).items() if name != "law"}
        body |= {"heads": list(item.heads), "numbers": list(item.numbers)}
        if item.law:  # its number and what it is for stand in the law data, and nowhere twice
            known = held[item.law]
            numbers = [{"label": n.label, "value": n.value, "emergency": False} for n in known.numbers]
            about = {"name": known.name, "what": known.what, "numbers": numbers, "source": known.source}
            body |= about | {"verified_on": known.verified_on}
        rows.append(Service(id=uuid.uuid5(uuid.NAMESPACE_URL, f"bield:service:{body['name']}"), changed_at=at, **body))
    return len(Service.objects.bulk_create(rows))


# Exchange


def as_hsds(services: Iterable[Service]) -> dict[str, Any]:
    """Services as a page of HSDS."""
    return hsds.write(_to_hsds(item) for item in services)


def _to_hsds(item: Service) -> hsds.HsdsService:
    languages = case_lists()["language"].codes
    return hsds.HsdsService(
        id=item.pk,
        name=item.name,
        organisation=item.organisation,
        what=item.what,
        status=item.status,
        heads=tuple(item.heads),
        least_age=item.least_age,
        most_age=item.most_age,
        for_whom={key: tuple(values) for key, values in item.for_whom.items()},
        areas=tuple((code, law.body(code).name) for code in item.areas),
        languages=tuple((code, languages[code].label) for code in item.languages if code in languages),
        access=item.access,
        apply=item.apply,
        phones=tuple(hsds.Phone(n["value"], n["label"], n["emergency"]) for n in item.numbers),
        email=item.email,
        website=item.website,
        places=item.places,
        free=item.free,
        counted_on=item.counted_on,
        verified_on=item.verified_on,
        other=item.other,
    )


@dataclass(frozen=True, slots=True)
class Planned:
    """What a file would do with one service.

    was: what stands here; None for a new one. changed: the fields that differ. lost: what is not understood here, and
    kept only for handing on.
    """

    item: hsds.HsdsService
    values: Mapping[str, Any]
    was: Service | None
    changed: tuple[str, ...]
    lost: tuple[str, ...]


def plan(raw: object) -> list[Planned]:
    """What a file of HSDS would do: one with the id of one that stands here replaces it. Raises HsdsError."""
    items = list(hsds.read(raw))
    here = Service.objects.in_bulk([item.id for item in items])
    found = []
    for item in items:
        lost: list[str] = []
        values = _from_hsds(item, lost)
        _refuse_what_does_not_fit(item, values)
        was = here.get(item.id)
        changed = tuple(name for name in values if was and name != "source" and getattr(was, name) != values[name])
        found.append(Planned(item, values, was, changed, tuple(dict.fromkeys(lost))))
    return found


@transaction.atomic
def bring_in(planned: Iterable[Planned], *, by: User, at: datetime) -> tuple[int, int]:
    """Take services from HSDS: how many were new, and how many replaced one that stood here.

    One that says nothing new is left as it is. What of a service has no place here is kept for export.
    """
    added = changed = 0
    for item in planned:
        if item.was is not None and not item.changed:
            continue
        Service.objects.update_or_create(pk=item.item.id, defaults=dict(item.values) | {"changed_at": at})
        added, changed = added + (item.was is None), changed + (item.was is not None)
    _note(Kind.SERVICES_BROUGHT_IN, by, at, added=added, changed=changed)
    return added, changed


def _refuse_what_does_not_fit(item: hsds.HsdsService, values: Mapping[str, Any]) -> None:
    """What is no address or telephone number, too long or out of range: HsdsError, with the service and field."""
    filled = {name for name, value in values.items() if value not in (None, "", [], {})}
    others = [field.name for field in Service._meta.fields if field.name not in filled]
    try:
        Service(pk=item.id, **values).clean_fields(exclude=others)
        for phone in item.phones:
            check_phone(phone.number, label="phones.number", elsewhere="phones.description", least=LEAST_SHORT)
    except ValidationError as error:
        where = item.name[:60]
        words = (
            [f"{name}: {said[0]}" for name, said in error.message_dict.items()] if hasattr(error, "error_dict") else []
        )
        raise hsds.HsdsError(f"{where}: {(words or error.messages)[0]}") from None


def _from_hsds(item: hsds.HsdsService, lost: list[str]) -> dict[str, Any]:
    councils = {body.name: body.id for body in law.councils(settings.PLACE)}
    areas = [code if code in councils.values() else councils.get(name, "") for code, name in item.areas]
    languages = [code for code, _name in item.languages if code in case_lists()["language"].codes]
    unread = [name for (_code, name), found in zip(item.areas, areas, strict=True) if not found]
    unread += [name or code for code, name in item.languages if code not in languages]
    lost += [f"{item.name}: {word}" for word in unread]
    if unread and not any(areas) and item.areas:
        lost.append(f"{item.name}: its area is not known here, so it is shown for the whole country")
    return {
        "name": item.name,
        "organisation": item.organisation or item.name,
        "what": item.what or item.name,
        "status": item.status,
        "heads": [head for head in item.heads if head in {known.id for known in support_of(settings.PLACE).heads}],
        "least_age": item.least_age,
        "most_age": item.most_age,
        "for_whom": {key: list(values) for key, values in item.for_whom.items()},
        "areas": [area for area in areas if area],
        "languages": languages,
        "access": item.access,
        "apply": item.apply,
        "numbers": [{"label": p.label, "value": p.number, "emergency": p.emergency} for p in item.phones],
        "email": item.email,
        "website": item.website,
        "places": item.places,
        "free": item.free,
        "counted_on": item.counted_on,
        "verified_on": item.verified_on,
        "source": "HSDS",
        "other": dict(item.other),
    }
