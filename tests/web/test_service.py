"""The service as a whole: every address, headers, settings, and forged requests."""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from bield.service.urls import urlpatterns
from tests.web.matrix import RECEIVING, REFERRING, STAFF_OPENED, STRANGERS, SUPPORTING

ROOT = Path(__file__).parents[2]

EXAMPLES = {
    "<shown>": "K7M4-PXC",
    "<int:number>": "1",
    "<slug:key>": "nobody",
    "<str:token>": "never-sent",
    "^confirm-email/(?P<key>[-:\\w]+)/$": "confirm-email/x/",
    "^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "password/reset/key/1-x/",
    "<int:pk>": "1",
    "<path:path>": "never-written.html",
    "<uuid:draft_id>": "00000000-0000-4000-8000-000000000000",
    "^(?P<provider_id>[^/]+)/login/": "nobody/login/",
    "$": "",
}


def addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> list[str]:
    found: list[str] = []
    for item in patterns:
        route = before + str(item.pattern)
        found += addresses(item.url_patterns, route) if isinstance(item, URLResolver) else [route]
    return found


def test_every_address_has_a_row_in_the_matrix() -> None:
    known = STRANGERS.keys() | STAFF_OPENED.keys() | RECEIVING.keys() | REFERRING.keys() | SUPPORTING.keys()
    assert set(addresses(urlpatterns)) == known
    assert set(addresses(get_resolver().url_patterns)) == known


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize("route", STRANGERS)
def test_what_a_stranger_gets(client: Client, route: str) -> None:
    address = "/" + route
    for variable, example in EXAMPLES.items():
        address = address.replace(variable, example)
    assert (client.get(address).status_code, client.post(address).status_code) == STRANGERS[route]


class _Inline(HTMLParser):
    """Collects what a strict policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.headings = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.headings += tag == "h1"
        if tag == "style" or "style" in names or any(name.startswith("on") for name in names):
            self.found.append(tag)
        if tag == "script" and "src" not in names:
            self.found.append(tag)
        for name in ("src", "action", "href"):
            value = names.get(name) or ""
            if value.startswith(("http:", "https:", "//", "javascript:")):
                self.found.append(f"{tag} {value}")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/", "/signs/", "/signs/about/", "/signs/list/", "/signs/reactions/", "/privacy/", "/no"]
)
def test_pages_are_private_plain_and_call_nobody(client: Client, address: str) -> None:
    response = client.get(address)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "same-origin"
    page = _Inline()
    page.feed(response.content.decode())
    assert page.found == []
    assert page.headings == 1


def test_a_forged_form_is_refused_kindly() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/signs/about/", {"age": "adult"})
    assert response.status_code == 403
    assert "The page was open too long" in response.content.decode()


def test_another_host_is_refused(client: Client) -> None:
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "evil.example" not in response.content.decode()


def test_something_broken_is_owned_up_to(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bield.service.views.failing", None)
    client.raise_request_exception = False
    response = client.get("/health/")
    assert response.status_code == 500
    assert "It is not your doing" in response.content.decode()


@override_settings(LEAVE_TO="https://weather.example/")
def test_leaving_leads_where_the_settings_say(client: Client) -> None:
    assert client.get("/leave/?next=https://evil.example").headers["Location"] == "https://weather.example/"


GOOD = {
    "BIELD_ENV": "production",
    "SECRET_KEY": "k" * 60,
    "ALLOWED_HOSTS": "bield.example",
    "HSTS_SECONDS": "31536000",
    "DATABASE_URL": "postgres://nowhere/nothing",
    "IDENTITY_KEYS": "Zm9yLXRlc3RzLW9ubHktYW5kLW5vdC1hLXNlY3JldCE=",
    "INDEX_KEYS": "i" * 40,
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({}, "", marks=pytest.mark.slow),
        ({"BIELD_ENV": "prod"}, "BIELD_ENV is 'prod'"),
        ({"SECRET_KEY": ""}, "set SECRET_KEY"),
        ({"ALLOWED_HOSTS": ""}, "set ALLOWED_HOSTS"),
        ({"DATABASE_URL": ""}, "set DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:///x"}, "production needs PostgreSQL"),
        ({"DEBUG": "yes"}, "production refuses DEBUG"),
        ({"DEMO": "yes"}, "production refuses DEMO"),
        ({"IDENTITY_KEYS": ""}, "set IDENTITY_KEYS"),
        ({"IDENTITY_KEYS": "short"}, "IDENTITY_KEYS: make each key with `bield keys new`"),
        ({"INDEX_KEYS": ""}, "set INDEX_KEYS"),
        ({"INDEX_KEYS": "short"}, "INDEX_KEYS: each needs 32 characters"),
        ({"IDLE_MINUTES": "soon"}, "IDLE_MINUTES is 'soon'"),
        ({"OIDC_PROVIDERS": "{"}, "OIDC_PROVIDERS is not JSON"),
        ({"OIDC_PROVIDERS": '[{"id": "council"}]'}, "OIDC_PROVIDERS: entry 1 needs exactly body, client_id, id"),
        ({"DEBUG": "1"}, "DEBUG is '1'"),
        ({"HSTS_SECONDS": ""}, "set HSTS_SECONDS"),
        ({"PLACE": "wales"}, "PLACE is 'wales'; places with law data here: england_wales, scotland"),
        pytest.param({"PLACE": "england_wales"}, "", marks=pytest.mark.slow),
        ({"BEHIND_PROXY": "yes"}, "BEHIND_PROXY=yes needs PROXY_COUNT"),
        ({"BEHIND_PROXY": "yes", "PROXY_COUNT": "0"}, "BEHIND_PROXY=yes needs PROXY_COUNT"),
        ({"BEHIND_PROXY": "yes", "PROXY_COUNT": "one"}, "PROXY_COUNT is 'one'"),
        pytest.param({"BEHIND_PROXY": "yes", "PROXY_COUNT": "2"}, "", marks=pytest.mark.slow),
    ],
)
def test_production_refuses_to_start_unsafe(changes: dict[str, str], words: str) -> None:
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")}
    run = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=kept | GOOD | changes,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode == 0) is (not words)
    assert words in run.stderr


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/design/", "/docs/", "/docs/index.html"])
def test_components_and_documentation_are_not_there_in_production(address: str) -> None:
    env = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")} | GOOD
    code = f"import django; django.setup(); from django.urls import resolve; resolve('/signs/'); resolve('{address}')"
    env["DJANGO_SETTINGS_MODULE"] = "bield.service.settings"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert run.stderr.splitlines()[-1].startswith("django.urls.exceptions.Resolver404: ")


@pytest.mark.slow
def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 60 + "\n")
    env = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")} | GOOD
    env |= {"SECRET_KEY": "", "SECRET_KEY_FILE": str(tmp_path / "key")}
    run = subprocess.run([sys.executable, "manage.py", "check"], cwd=ROOT, env=env, capture_output=True, check=False)
    assert run.returncode == 0


def test_every_setting_from_the_environment_is_documented() -> None:
    import re

    source = (ROOT / "src/bield/service/settings.py").read_text()
    names = set(re.findall(r'(?:setting|switch|number|environ\.get)\(\s*"([A-Z_]+)"', source))
    documented = (ROOT / "docs/reference/settings.md").read_text()
    assert names
    assert not [name for name in names if f"`{name}`" not in documented]


def test_pages_are_closed_to_debugging_in_tests() -> None:
    assert settings.DEBUG is False
