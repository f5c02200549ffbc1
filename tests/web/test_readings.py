"""Every reading of a person's record leaves an event: whatever the address, whatever the method."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve, reverse

from bield.service.accounts.permissions import Role
from bield.service.audit.kinds import READING, Kind
from bield.service.audit.models import Event
from bield.service.gates import moves_on
from bield.service.notifications import actions as notices
from bield.service.notifications.models import ApiKey
from tests.web.crawl import Reading, read_all
from tests.world import DAY, NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LISTING = frozenset(
    {
        Kind.TODAY_READ,
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


def check(reading: Reading, *, least: int) -> None:
    seen = set()
    for found in reading.pages:
        noted = {subject for kind, subject in found.noted if kind in READING | LISTING}
        of = reading.subjects
        subject = next((of[name] for name in resolve(found.address).kwargs if name in of), None)
        if subject is not None and "/services/" not in found.route:
            assert subject in noted, (found.route, found.email)
            seen.add(found.route)
        elif any(reference in found.text for reference in reading.references):
            assert noted, (found.route, found.email)
            seen.add(found.route)
    assert len(seen) >= least


def test_every_reading_leaves_an_event(reading: Reading) -> None:
    check(reading, least=60)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "least"), [("head", 60), ("post", 20)])
def test_what_is_read_in_another_way_leaves_an_event_too(world: World, method: str, least: int) -> None:
    check(read_all(world, method=method), least=least)


def test_a_stale_version_that_shows_the_record_again_is_a_reading(world: World) -> None:
    person, client = world.full_person(), Client()
    client.force_login(world.cast[Role.LEAD])
    encounter = person.encounters.get()
    day = {"on_day": str(DAY.day), "on_month": str(DAY.month), "on_year": str(DAY.year)}
    sent = {"version": 0, "place_kind": "hotel", "attention": "police"} | day
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


@pytest.mark.parametrize(
    ("status", "moves"), [(200, False), (299, False), (300, True), (303, True), (399, True), (400, False), (409, False)]
)
def test_only_a_redirect_moves_on(status: int, moves: bool) -> None:
    assert moves_on(HttpResponse(status=status)) is moves


def test_a_page_is_noted_once_and_a_form_that_was_saved_not_at_all(
    world: World, at_work: Callable[[Role], Client]
) -> None:
    client, address = at_work(Role.LEAD), reverse("encounter-new", args=[world.person().pk])
    day = {"on_day": DAY.day, "on_month": DAY.month, "on_year": DAY.year}
    whole = day | {"place_kind": "hotel", "attention": "police", "council": "", "note": "She wants to sleep."}

    def readings(status: int, method: str, data: Mapping[str, object] | None = None) -> int:
        before = Event.objects.filter(kind__in=READING).count()
        assert getattr(client, method)(address, data or {}).status_code == status
        return Event.objects.filter(kind__in=READING).count() - before

    assert readings(200, "get") == 1
    assert readings(200, "head") == 1
    assert readings(200, "post", {"note": "No day"}) == 1
    assert readings(302, "post", whole) == 0
