"""In production behind a proxy: strangers keep nobody out, cookies stay safe, and pages say the day that it is here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest
import requests

from tests.production.conftest import ROOT, Production
from tests.web.test_people import ABOUT

pytestmark = pytest.mark.production

WORKER = "frontline_worker@glasgow.example"
MOMENTS = {
    "00:30 on 15 June": (datetime(2027, 6, 14, 23, 30, tzinfo=UTC), "15 Jun 2027"),
    "00:30 as the clock goes forward": (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), "28 Mar 2027"),
    "02:30 once it went forward": (datetime(2027, 3, 28, 1, 30, tzinfo=UTC), "28 Mar 2027"),
    "00:30 as the clock goes back": (datetime(2027, 10, 30, 23, 30, tzinfo=UTC), "31 Oct 2027"),
    "01:30 for the second time": (datetime(2027, 10, 31, 1, 30, tzinfo=UTC), "31 Oct 2027"),
}


def password_taken(answer: requests.Response) -> bool:
    """Whether the answer to a sign-in asks for the second step."""
    return "/accounts/2fa/authenticate/" in answer.url


def test_strangers_keep_nobody_out(production: Production) -> None:
    with production.serving(pace=0.02):
        stranger, colleague = production.visitor("127.0.0.2"), production.visitor("127.0.0.3")
        for number in range(15):
            # What a client says of itself does not count: the proxy adds the address that it saw.
            forged = {"X-Forwarded-For": f"192.0.2.{number}"}
            stranger.sign_in(f"nobody{number}@glasgow.example", "wrong", **forged)
        assert not password_taken(stranger.sign_in(WORKER))
        assert password_taken(colleague.sign_in(WORKER))


def test_pages_and_cookies_are_for_tls_alone(production: Production) -> None:
    with production.serving() as clock:
        visitor = production.visitor("127.0.0.4")
        visitor.sign_in(WORKER)
        answer = visitor.second_factor(clock())
        assert answer.url.endswith("/home/")
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert {cookie.name for cookie in visitor.session.cookies} >= {"sessionid", "csrftoken"}
        assert all(cookie.secure for cookie in visitor.session.cookies)
        past_the_proxy = requests.get(
            f"http://127.0.0.1:{production.behind}/", headers={"Host": "localhost"}, allow_redirects=False, timeout=20
        )
        assert past_the_proxy.status_code == 301
        assert past_the_proxy.headers["Location"].startswith("https://")
        assert visitor.get("/people/no-such-page/").status_code == 404
    assert WORKER not in production.log()
    assert "Traceback" not in production.log()
    lines = [line for line in production.log().splitlines() if not line.startswith("Bield answers at ")]
    found = [json.loads(line) for line in lines]  # every line but the greeting is JSON, the server's own too
    assert {"account_login", "home", "unknown"} <= {line.get("route") for line in found}
    assert "_granian" in {line["logger"] for line in found}


def test_the_check_of_the_container_asks_past_the_proxy(production: Production) -> None:
    check = [sys.executable, str(ROOT / "deploy" / "healthcheck.py"), str(production.behind)]
    with production.serving():
        assert subprocess.run(check, env=production.environment, check=False).returncode == 0
    assert subprocess.run(check, env=production.environment, check=False).returncode == 1


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_record_begun_just_now_says_today(production: Production, moment: str) -> None:
    at, day = MOMENTS[moment]
    with production.serving(at=at) as clock:
        visitor = production.visitor("127.0.0.5")
        visitor.sign_in(WORKER)
        answer = visitor.second_factor(clock())
        assert answer.url.endswith("/home/"), answer.text
        team = re.search(r'name="team".*?value="([0-9a-f-]+)"', visitor.get("/people/new/").text, re.DOTALL)
        assert team
        # Another council each time: the same record twice within minutes would be asked about.
        council = ("fife", "moray", "highland", "falkirk", "angus")[list(MOMENTS).index(moment)]
        begun = visitor.send("/people/new/", ABOUT | {"team": team[1], "council": council})
        assert re.search(r"/people/[0-9a-f-]{36}/", begun.url), re.findall(r"<li><a href=\"#[^<]*", begun.text)
        timeline = visitor.get(begun.url.removeprefix(visitor.base) + "timeline/").text
        named = re.findall(r"\b(\d{1,2} [A-Z][a-z]{2})[a-z]* (2027)\b", timeline)
        assert {" ".join(found) for found in named} == {day}
