"""Every reading of a person's record leaves an event: whatever the address, whatever the method."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from bield.service.accounts.models import User
from bield.service.accounts.permissions import Permission, Role
from bield.service.audit.kinds import READING, Kind
from bield.service.audit.models import Event
from bield.service.cases.access import person_for
from bield.service.cases.models import Person
from bield.service.notifications import actions as notices
from bield.service.notifications.models import ApiKey, Notification
from bield.service.referrals import actions as referrals
from bield.service.urls import urlpatterns
from tests.supporting import Service, make_service
from tests.web.test_referrals import PNG
from tests.web.test_service import addresses
from tests.web.test_support_roles import filled, set_out
from tests.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

METHODS = ("get", "head", "post")
LISTING = frozenset(
    {
        Kind.LIST_READ,
        Kind.LIST_EXPORTED,
        Kind.SEARCHED,
        Kind.NOTIFICATIONS_LISTED,
        Kind.NOTIFICATIONS_EXPORTED,
        Kind.REFERRALS_LISTED,
        Kind.SUPPORT_LISTED,
        Kind.SUPPORT_EXPORTED,
        Kind.CHILDREN_LISTED,
        Kind.GRANTS_LISTED,
    }
)
"""Readings of many records at once: one event with their number."""


def everything(world: World, service: Service) -> dict[str, Any]:
    """A child and an adult with something in every place; and the values of the addresses."""
    values = set_out(service)
    child = Person.objects.get(pk=values["<uuid:person_id>"])
    found, by = world.notify(extra={"local_reference": child.reference}), world.cast[Role.FIRST_RESPONDER]
    question = notices.ask(found, by=world.officer, at=NOW, question="still")
    key, _text = notices.make_key(team=world.team, name="System", by=world.cast[Role.ADMINISTRATOR], at=NOW)
    referral = referrals.begin(person_for(by, child.pk, Permission.REFERRAL_MAKE), by=by, at=NOW)
    evidence = referrals.add_evidence(referral, name="x", content=PNG, shows="", by=by, at=NOW)
    encounter, assessment = child.encounters.get(), child.assessments.get()
    return values | {
        "<uuid:notification_id>": found.pk,
        "<int:question_id>": question.pk,
        "<int:key_id>": key.pk,
        "<uuid:referral_id>": referral.pk,
        "<uuid:evidence_id>": evidence.pk,
        "<int:encounter_id>": encounter.pk,
        "<uuid:assessment_id>": assessment.pk,
        "<slug:kind>": "support",
        "<slug:step_id>": "ask-support",
    }


def subjects(values: dict[str, Any]) -> dict[str, str]:
    """The records that an address may show, by what stands in the address."""
    person = Person.objects.get(pk=values["<uuid:person_id>"])
    return {
        "person_id": str(person.pk),
        "episode_id": str(person.pk),
        "referral_id": str(person.pk),
        "grant_id": str(person.pk),
        "notification_id": str(values["<uuid:notification_id>"]),
    }


def shown(response: Any) -> str:
    """What an answer shows: a page's text; anything else is a file of the record."""
    if not response["Content-Type"].startswith("text/"):
        return "file"
    return str(response.content.decode())


def readers(world: World, service: Service) -> list[User]:
    return [
        world.cast[Role.LEAD],
        world.cast[Role.FIRST_RESPONDER],
        service.isla,
        service.lead,
        service.guardian,
        world.officer,
    ]


@pytest.mark.parametrize("method", METHODS)
def test_every_reading_leaves_an_event(world: World, method: str) -> None:
    service = make_service(world)
    values = everything(world, service)
    of = subjects(values)
    references = {
        Person.objects.get(pk=values["<uuid:person_id>"]).shown_reference,
        Notification.objects.get(pk=values["<uuid:notification_id>"]).shown_reference,
    }
    seen: set[str] = set()
    routes = [route for route in addresses(urlpatterns) if not route.startswith(("accounts/", "api/", "demo/"))]
    for user in readers(world, service):
        client = Client()
        client.force_login(user)
        for route in routes:
            address = filled(route, values)
            if "<" in address:
                continue
            last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            response = getattr(client, method)(address)
            if response.status_code in (302, 403, 404, 405):
                continue
            kinds = set(Event.objects.filter(pk__gt=last).values_list("kind", "subject"))
            told = {kind for kind, _subject in kinds}
            subject = next((of[name] for name in resolve(address).kwargs if name in of), None)
            if subject is not None and "/services/" not in route:
                assert any(kind in READING | LISTING and who == subject for kind, who in kinds), (
                    method,
                    route,
                    user.name,
                )
                seen.add(route)
            elif any(reference in shown(response) for reference in references):
                assert told & (READING | LISTING), (method, route, user.name)
                seen.add(route)
    assert len(seen) > {"get": 60, "head": 60, "post": 20}[method]


def test_a_stale_version_that_shows_the_record_again_is_a_reading(world: World) -> None:
    person, client = world.full_person(), Client()
    client.force_login(world.cast[Role.LEAD])
    encounter = person.encounters.get()
    sent = {
        "version": 0,
        "on_day": "1",
        "on_month": "2",
        "on_year": "2026",
        "place_kind": "hotel",
        "attention": "police",
    }
    before = Event.objects.filter(kind="encounter.read").count()
    assert client.post(f"/people/{person.pk}/encounters/{encounter.pk}/", sent).status_code == 409
    assert Event.objects.filter(kind="encounter.read").count() == before + 1


def test_what_a_system_reads_is_noted(world: World) -> None:
    found, admin = world.notify(), world.cast[Role.ADMINISTRATOR]
    _key, text = notices.make_key(team=world.team, name="System", by=admin, at=NOW)
    client = Client(headers={"authorization": f"Bearer {text}"})
    assert client.get(f"/api/v1/notifications/{found.shown_reference}").status_code == 200
    assert client.get("/api/v1/notifications").json()["notifications"][0]["reference"] == found.shown_reference
    actor = f"key:{ApiKey.objects.get().pk}"
    noted = set(Event.objects.filter(actor=actor).values_list("kind", "subject"))
    assert noted == {("notification.read", str(found.pk)), ("notifications.list_read", "")}
