"""No token that opens something stands in a log, and every page of signing in answers."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from bield.service.accounts.permissions import Role
from bield.service.logs import HidesTokens
from tests.web.test_service import EXAMPLES, MATRIX
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SECRET = "xK9-secret_token"
ADDRESSES = [
    f"/accounts/invitation/{SECRET}/",
    f"/support/calendar/{SECRET}.ics",
    f"/accounts/password/reset/key/1-{SECRET}/",
    f"/accounts/confirm-email/{SECRET}/",
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
    assert SECRET not in log.getvalue()
    assert "Gone: " in log.getvalue()


ALLAUTH = [route for route in MATRIX if route.startswith("accounts/") and "oidc" not in route]


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
