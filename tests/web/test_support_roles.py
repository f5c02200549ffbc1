"""Who gets what in support and the statistics: every address, as a table that a reviewer can read."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from bield.service.accounts.models import Membership, User
from bield.service.accounts.permissions import Role
from bield.service.cases.models import Person
from bield.service.directory.models import Service as Listed
from bield.service.support.children import guardians
from tests.supporting import TODAY, Service, make_service
from tests.web.matrix import EPISODE, OUTSIDER, PAGES, PLACES, SUPPORT_SENT, SUPPORTING, TRANSLATION
from tests.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def set_out(service: Service) -> dict[str, Any]:
    """A child who is supported, with something in every place; and the values of the addresses."""
    episode = service.open(age="under_18")
    person = Person.objects.get(pk=episode.person_id)
    guardians.begin(episode, guardian=service.guardian, on=TODAY, place="scotland", by=service.isla, at=NOW)
    granted = service.grant(episode, service.told(episode))
    listed = Listed.objects.create(name="A service", organisation="Somebody", what="Helps", changed_at=NOW)
    return {
        "<uuid:person_id>": person.pk,
        "<uuid:episode_id>": episode.pk,
        "<uuid:grant_id>": granted.pk,
        "<uuid:service_id>": listed.pk,
        "<uuid:entry_id>": service.put(episode, "need").pk,
        "<slug:name>": "need",
        "<slug:language>": "en",
        "<int:number>": 1,
        "<answer:kind>": "accept",
        "<slug:step_id>": "child-interview",
        "<guardian:what>": "agree",
    }


def filled(route: str, values: dict[str, Any]) -> str:
    if route.endswith((TRANSLATION, TRANSLATION + "review/")):
        values = values | {"<slug:language>": "sq"}
    for variable, value in values.items():
        route = route.replace(variable, str(value))
    return f"/{route}"


def cast(service: Service, world: World) -> dict[str, list[User]]:
    """Those of each place."""
    named = (Role.FRONTLINE_WORKER, Role.LEAD, Role.STATISTICIAN)
    elsewhere = (Role.SUPPORT_WORKER, Role.GUARDIAN, Role.FIRST_RESPONDER, Role.POLICE_OFFICER)
    return {
        "supports": [service.isla],
        "leads there": [service.lead],
        "asked": [world.cast[Role.FRONTLINE_WORKER]],
        "leads the asking team": [world.cast[Role.LEAD]],
        "guardian": [service.guardian],
        "officer": [world.officer],
        "statistician": [world.cast[Role.STATISTICIAN]],
        "others": [world.cast[role] for role in Role if role not in (*named, *elsewhere)],
        OUTSIDER: [world.outsider],
    }


@pytest.mark.parametrize("place", PLACES)
def test_who_gets_what(place: str, world: World) -> None:
    service = make_service(world)
    values = set_out(service)
    for user in cast(service, world)[place]:
        client = Client()
        client.force_login(user)
        for method, matrix in (("get", SUPPORTING), ("post", SUPPORT_SENT)):
            for route, answers in matrix.items():
                found = getattr(client, method)(filled(route, values)).status_code
                assert found == answers[place], (method, route, user.name)


def test_a_stranger_is_sent_to_sign_in(world: World) -> None:
    values, client = set_out(make_service(world)), Client()
    for route in SUPPORTING:
        assert client.get(filled(route, values)).status_code == 302, route
        assert client.post(filled(route, values)).status_code == 302, route


def test_somebody_who_left_the_team_gets_nothing(world: World) -> None:
    service = make_service(world)
    values, client = set_out(service), Client()
    client.force_login(service.isla)
    Membership.objects.filter(user=service.isla).delete()
    for page in PAGES:
        assert client.get(filled(EPISODE + page, values)).status_code == 404, page
