"""Signing in with a body's own identity provider, against one that answers on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from bield.service.accounts.models import User
from bield.service.accounts.permissions import Role
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@dataclass
class Provider:
    """An identity provider, and what it says of whoever asks."""

    address: str = ""
    says: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    made = Provider()

    class Answers(BaseHTTPRequestHandler):
        def _send(self, body: dict[str, Any]) -> None:
            raw = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def do_GET(self) -> None:
            if self.path.endswith("/openid-configuration"):
                endpoints = {f"{name}_endpoint": f"{made.address}/{name}" for name in ("authorization", "token")}
                self._send(endpoints | {"userinfo_endpoint": f"{made.address}/userinfo", "issuer": made.address})
            else:
                self._send(made.says)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._send({"access_token": "token", "token_type": "Bearer"})

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.address = f"http://127.0.0.1:{server.server_address[1]}"
    app = {"provider_id": "council", "name": "Council account", "client_id": "bield", "secret": "s"}
    app["settings"] = {"server_url": f"{made.address}/.well-known/openid-configuration", "body": "glasgow-city"}  # type: ignore[assignment]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    yield made
    server.shutdown()
    server.server_close()


def come_back(client: Client) -> Any:
    """Go to the provider and back, as a browser does."""
    away = client.post("/accounts/oidc/council/login/")
    assert away.status_code == 302
    state = parse_qs(urlsplit(away["Location"]).query)["state"][0]
    return client.get("/accounts/oidc/council/login/callback/", {"code": "code", "state": state})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_somebody_who_was_invited_comes_in(client: Client, world: World, provider: Provider) -> None:
    user = world.cast[Role.FRONTLINE_WORKER]
    provider.says = {"sub": "1", "email": user.email, "email_verified": True, "name": "A. Worker"}
    answer = come_back(client)
    assert answer.status_code == 302, answer.content
    assert client.session["_auth_user_id"] == str(user.pk)
    assert Event.objects.filter(kind=Kind.SIGNED_IN, subject=str(user.pk)).exists()


def test_nobody_comes_in_who_was_not_invited(client: Client, world: World, provider: Provider) -> None:
    provider.says = {"sub": "2", "email": "stranger@glasgow.example", "email_verified": True}
    before = User.objects.count()
    come_back(client)
    assert not signed_in(client)
    assert User.objects.count() == before


def test_an_address_that_the_provider_did_not_check_counts_for_nothing(
    client: Client, world: World, provider: Provider
) -> None:
    user = world.cast[Role.FRONTLINE_WORKER]
    provider.says = {"sub": "3", "email": user.email, "email_verified": False}
    come_back(client)
    assert not signed_in(client)


def test_a_provider_speaks_for_its_own_body_only(client: Client, world: World, provider: Provider) -> None:
    provider.says = {"sub": "4", "email": world.outsider.email, "email_verified": True}
    answer = come_back(client)
    assert answer.status_code == 403
    assert not signed_in(client)
    assert Event.objects.filter(kind=Kind.SIGN_IN_FAILED).exists()


def test_a_provider_does_not_stand_in_for_the_second_factor(
    client: Client, world: World, provider: Provider, settings: Any
) -> None:
    settings.DEMO = False
    user = world.cast[Role.FRONTLINE_WORKER]
    provider.says = {"sub": "1", "email": user.email, "email_verified": True}
    come_back(client)
    assert client.get("/people/")["Location"] == "/accounts/2fa/"
