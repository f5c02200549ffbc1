"""No token that opens something stands in a log, and every page of signing in answers."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, path

from bield.service.accounts.permissions import Role
from bield.service.logs import SECRET, HidesTokens, tokens
from bield.service.urls import urlpatterns
from tests.web.matrix import STRANGERS
from tests.web.test_service import EXAMPLES, addresses
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SECRET_WORD = "xK9-secret_token"
ADDRESSES = [
    f"/accounts/invitation/{SECRET_WORD}/",
    f"/support/calendar/{SECRET_WORD}.ics",
    f"/accounts/password/reset/key/1-{SECRET_WORD}/",
    f"/accounts/confirm-email/{SECRET_WORD}/",
]


@pytest.fixture
def log() -> Any:
    """What the handler of the settings writes."""
    handlers = logging.getLogger().handlers
    handler = next(item for item in handlers if any(isinstance(one, HidesTokens) for one in item.filters))
    assert isinstance(handler, logging.StreamHandler)
    stream, text = handler.stream, io.StringIO()
    handler.setStream(text)
    yield text
    handler.setStream(stream)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_no_token_stands_in_the_log(client: Client, log: io.StringIO, address: str, method: str) -> None:
    getattr(client, method)(address)
    logging.getLogger("django.request").warning("Gone: %s", address)
    assert SECRET_WORD not in log.getvalue()
    assert "Gone: " in log.getvalue()


HARMLESS = {
    "membership_id", "invitation_id", "request_id", "person_id", "encounter_id", "number", "assessment_id", "kind",
    "step_id", "referral_id", "evidence_id", "decision_id", "hand_in_id", "episode_id", "entry_id", "part", "grant_id",
    "service_id", "notification_id", "question_id", "key_id", "draft_id", "pk", "provider_id", "shown",
    "name", "language", "what", "other_id", "merge_id", "path",
}  # fmt: skip
"""The parts of addresses that open nothing by themselves: numbers of rows, behind a gate, and names of pages."""


def parts(route: str) -> list[str]:
    return re.findall(r"<(?:[^<>:]+:)?(\w+)>", route)


def test_every_part_of_every_address_is_known_to_open_something_or_nothing() -> None:
    found = {name for route in addresses(get_resolver().url_patterns) for name in parts(route)}
    assert found - SECRET - HARMLESS == set()
    assert not SECRET & HARMLESS


@pytest.mark.parametrize(
    "route", [route for route in addresses(urlpatterns) if SECRET & set(parts(route)) and "demo/" not in route]
)
def test_every_address_with_a_token_is_written_without_it(log: io.StringIO, route: str) -> None:
    address = "/" + re.sub(r"\(\?P<\w+>.*\)|<[^<>]+>", SECRET_WORD, route).replace("^", "").replace("$", "")
    assert SECRET_WORD in address
    logging.getLogger("django.request").warning("Gone: %s", address)
    logging.getLogger("django.server").warning('"GET %s HTTP/1.1" 404', f"https://bield.example{address}?x=1")
    assert SECRET_WORD not in log.getvalue()


def test_a_new_address_with_a_token_is_hidden_too(log: io.StringIO) -> None:
    added = path("new/<int:number>/<str:token>/end/", lambda request: request, name="new")
    urlpatterns.append(added)
    tokens.cache_clear()
    try:
        logging.getLogger("django.request").warning("Gone: %s", f"/new/7/{SECRET_WORD}/end/")
    finally:
        urlpatterns.remove(added)
        tokens.cache_clear()
    assert SECRET_WORD not in log.getvalue()
    assert "/new/7/…" in log.getvalue()


ALLAUTH = [route for route in STRANGERS if route.startswith("accounts/") and "oidc" not in route]


@pytest.mark.parametrize("route", ALLAUTH)
def test_every_page_of_signing_in_answers_somebody_who_is_signed_in(
    at_work: Callable[[Role], Client], route: str
) -> None:
    address = "/" + route
    for variable, example in EXAMPLES.items():
        address = address.replace(variable, example)
    assert at_work(Role.LEAD).get(address).status_code < 500


def test_the_page_of_passkeys_shows_them(world: World, at_work: Callable[[Role], Client]) -> None:
    from allauth.mfa.models import Authenticator

    client = at_work(Role.LEAD)
    data = {"name": "My telephone", "credential": {}, "passwordless": True}
    Authenticator.objects.create(user=world.cast[Role.LEAD], type=Authenticator.Type.WEBAUTHN, data=data)
    page = client.get("/accounts/2fa/webauthn/", follow=True)
    assert page.status_code == 200
