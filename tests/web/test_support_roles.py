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
from tests.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

Row = tuple[int, int, int, int, int, int, int, int, int]

# What opening an address gives to: who supports somebody at TARA, the lead there; the frontline worker and the lead of
# the council that asked; the guardian of the child; the police officer to whose body the account was granted; the
# statistician; the administrator and everybody else who is signed in; and the lead of another council.
# A stranger is always sent to sign in.
#                                                           isla lead | asks lead guardian officer | stat. other outs.
SUPPORTING: dict[str, Row] = {
    "support/": (200, 200, 403, 200, 200, 403, 403, 403, 200),
    "support/list/": (200, 200, 403, 200, 200, 403, 403, 403, 200),
    "support/list/file/": (200, 200, 403, 200, 200, 403, 403, 403, 200),
    "support/calendar/": (200, 200, 403, 200, 200, 403, 403, 403, 200),
    "support/left/": (200, 200, 403, 200, 200, 403, 403, 403, 200),
    "support/of/<uuid:person_id>/": (404, 404, 200, 200, 404, 404, 404, 404, 404),
    "support/of/<uuid:person_id>/<uuid:episode_id>/take-back/": (405, 405, 405, 405, 405, 405, 405, 405, 405),
    "support/children/": (403, 403, 403, 403, 200, 403, 403, 403, 403),
    "support/children/<uuid:person_id>/": (403, 403, 403, 403, 200, 403, 403, 403, 403),
    "support/granted/": (200, 200, 200, 200, 200, 200, 403, 403, 200),
    "support/granted/<uuid:grant_id>/": (404, 404, 404, 404, 404, 200, 403, 403, 404),
    "support/granted/<uuid:grant_id>/document/": (404, 404, 404, 404, 404, 200, 403, 403, 404),
    "support/granted/<uuid:grant_id>/interview/": (404, 404, 404, 404, 404, 200, 403, 403, 404),
    "support/services/": (200, 200, 200, 200, 200, 200, 403, 403, 200),
    "support/services/new/": (200, 200, 403, 200, 403, 403, 403, 403, 200),
    "support/services/unverified/": (200, 200, 200, 200, 200, 200, 403, 403, 200),
    "support/services/file/": (200, 200, 200, 200, 200, 200, 403, 403, 200),
    "support/services/bring-in/": (200, 200, 403, 200, 403, 403, 403, 403, 200),
    "support/services/bring-in/look/": (302, 302, 403, 302, 403, 403, 403, 403, 302),
    "support/services/<uuid:service_id>/": (200, 200, 200, 200, 200, 200, 403, 403, 200),
    "support/services/<uuid:service_id>/change/": (200, 200, 403, 200, 403, 403, 403, 403, 200),
    "support/services/<uuid:service_id>/check/": (405, 405, 405, 405, 405, 405, 405, 405, 405),
    "statistics/support/": (403, 403, 403, 403, 403, 403, 200, 403, 403),
    "statistics/support/file/": (403, 403, 403, 403, 403, 403, 200, 403, 403),
}

# An episode: for those who support in its team, and for nobody else, who cannot tell that there is one.
EPISODE = "support/<uuid:episode_id>/"
PAGES = (
    "", "who/", "dates/", "circumstances/", "agreement/", "hand-over/", "close/", "plan/",
    "plan/<slug:language>/alone/", "plan/<slug:language>/document/", "outcomes/", "outcomes/new/", "services/",
    "noticed/", "child/", "account/", "account/write/", "account/correct/", "account/interview/", "account/readings/",
    "account/grants/new/", "account/<int:number>/", "parts/<slug:name>/", "parts/<slug:name>/new/",
    "parts/<slug:name>/<uuid:entry_id>/",
)  # fmt: skip
TRANSLATION = "plan/<slug:language>/"
POSTS = (
    "answer/<answer:kind>/", "plan/<slug:language>/review/", "child/guardian/<guardian:what>/",
    "child/steps/<slug:step_id>/",
    "account/grants/<uuid:grant_id>/end/", "parts/<slug:name>/<uuid:entry_id>/remove/",
)  # fmt: skip
OWN: Row = (200, 200, 404, 404, 404, 404, 404, 404, 404)
SHUT: Row = (405,) * 9
SUPPORTING |= {EPISODE + page: OWN for page in (*PAGES, TRANSLATION)} | {EPISODE + page: SHUT for page in POSTS}

# What posting nothing gives, where opening is not possible.
SUPPORT_POSTED: dict[str, Row] = {
    "support/of/<uuid:person_id>/<uuid:episode_id>/take-back/": (404, 404, 302, 302, 404, 404, 404, 404, 404),
    "support/services/<uuid:service_id>/check/": (302, 302, 403, 302, 403, 403, 403, 403, 302),
    EPISODE + "answer/<answer:kind>/": OWN,
    EPISODE + "plan/<slug:language>/review/": (302, 302, 404, 404, 404, 404, 404, 404, 404),
    EPISODE + "child/steps/<slug:step_id>/": (302, 302, 404, 404, 404, 404, 404, 404, 404),
    EPISODE + "child/guardian/<guardian:what>/": (302, 302, 404, 404, 404, 404, 404, 404, 404),
    EPISODE + "account/grants/<uuid:grant_id>/end/": (302, 302, 404, 404, 404, 404, 404, 404, 404),
    EPISODE + "parts/<slug:name>/<uuid:entry_id>/remove/": (302, 302, 404, 404, 404, 404, 404, 404, 404),
}


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


def cast(service: Service, world: World) -> list[list[User]]:
    """Those of each column."""
    named = (Role.FRONTLINE_WORKER, Role.LEAD, Role.STATISTICIAN)
    own = (Role.SUPPORT_WORKER, Role.GUARDIAN, Role.FIRST_RESPONDER, Role.POLICE_OFFICER)
    others = [world.cast[role] for role in Role if role not in (*named, *own)]
    return [
        [service.isla], [service.lead], [world.cast[Role.FRONTLINE_WORKER]], [world.cast[Role.LEAD]],
        [service.guardian], [world.officer], [world.cast[Role.STATISTICIAN]], others, [world.outsider],
    ]  # fmt: skip


@pytest.mark.parametrize("column", range(9))
def test_who_gets_what(column: int, world: World) -> None:
    service = make_service(world)
    values = set_out(service)
    for user in cast(service, world)[column]:
        client = Client()
        client.force_login(user)
        for method, matrix in (("get", SUPPORTING), ("post", SUPPORT_POSTED)):
            for route, row in matrix.items():
                found = getattr(client, method)(filled(route, values)).status_code
                assert found == row[column], (method, route, user.name)


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
