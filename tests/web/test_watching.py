"""What whoever runs the service can watch: a line in the log for each request, and metrics. Neither names anybody."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from prometheus_client import REGISTRY, generate_latest

from bield.service.accounts.models import User
from bield.service.accounts.permissions import Role
from bield.service.cases.models import Person
from bield.service.logs import JsonLines
from bield.service.metrics import Nights
from bield.service.nightly.models import Step, note_done
from tests.supporting import make_service
from tests.web.crawl import crawl
from tests.web.test_people import ABOUT
from tests.world import CHANNELS, NAMES, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TOKEN = "xK9-secret_token"
COLLEAGUE = "Ingrid Wetherby"
PERSONAL = (NAMES["given_names"], NAMES["family_name"], NAMES["home_office_reference"], CHANNELS[0]["value"])


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What production would write, of every logger and every level that it writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root, requests = logging.getLogger(), logging.getLogger("bield.requests")
    level = requests.level
    root.addHandler(handler)
    requests.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    requests.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_request_is_one_line_with_the_name_of_its_page(client: Client, log: io.StringIO) -> None:
    answer = client.get("/signs/")
    (line,) = lines(log)
    assert line.keys() == {"at", "level", "logger", "request", "method", "route", "status", "ms"}
    assert (line["method"], line["route"], line["status"]) == ("GET", "signs-start", 200)
    assert line["request"] == answer["X-Request-ID"]
    assert datetime.fromisoformat(line["at"]).tzinfo == UTC
    assert client.get("/signs/")["X-Request-ID"] != line["request"]


def test_what_was_asked_for_in_vain_is_not_written(client: Client, log: io.StringIO) -> None:
    client.generic("ZDRAVKA", "/people/Quillfeather/?names=Zdravka")
    (line,) = [line for line in lines(log) if line["logger"] == "bield.requests"]
    assert (line["method"], line["route"], line["status"]) == ("other", "unknown", 404)
    assert not re.search("zdravka|quillfeather", log.getvalue(), re.IGNORECASE)


def test_a_fault_is_written_with_its_places_and_without_its_words(
    client: Client, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        try:
            raise ValueError("Zdravka")
        except ValueError as error:
            raise RuntimeError("Quillfeather, 07700 900461") from error

    monkeypatch.setattr("bield.service.views.failing", broken)
    client.raise_request_exception = False
    client.get("/health/")
    (fault,) = [line for line in lines(log) if "exception" in line]
    (request,) = [line for line in lines(log) if line["logger"] == "bield.requests"]
    assert (fault["exception"], fault["because"], request["status"]) == ("RuntimeError", "ValueError", 500)
    assert fault["places"][-1].endswith(" broken")
    assert fault["request"] == request["request"]
    assert not re.search("zdravka|quillfeather|900461", log.getvalue(), re.IGNORECASE)


def test_other_libraries_messages_are_written_as_places(log: io.StringIO) -> None:
    logging.getLogger("elsewhere").warning("Gone: %s", "/people/?names=Zdravka")
    logging.getLogger("elsewhere").warning("%(name)s", {"name": "Zdravka"})
    logging.getLogger("bield.anything").warning("%d of %d", 1, 2)
    logging.getLogger("_granian").error("The application failed\nValueError: Zdravka")
    elsewhere, named, ours, granian = lines(log)
    assert "test_watching.test_other_libraries" in elsewhere["place"]
    assert elsewhere.keys() == named.keys() == {"at", "level", "logger", "place"}
    assert (ours["message"], granian["message"]) == ("1 of 2", "The application failed")


def forms_with_names(world: World, at_work: Callable[[Role], Client]) -> None:
    """What people type: names, ways to reach somebody, addresses, passwords and tokens, rightly and wrongly."""
    worker, stranger = at_work(Role.FRONTLINE_WORKER), Client()
    worker.get("/people/", {"names": NAMES["given_names"]})
    worker.post("/people/new/", ABOUT | {"team": world.team.pk, "note": PERSONAL[0]})
    worker.post("/people/new/", {"note": NAMES["family_name"]})
    for address in (f"/accounts/invitation/{TOKEN}/", f"/support/calendar/{TOKEN}.ics"):
        stranger.get(address)
        stranger.post(address, {"name": NAMES["family_name"]})
    stranger.get(f"/accounts/password/reset/key/1-{TOKEN}/")
    stranger.post("/accounts/login/", {"login": world.cast[Role.LEAD].email, "password": "wrong " + TOKEN})
    stranger.post("/accounts/password/reset/", {"email": world.cast[Role.LEAD].email})
    stranger.get("/", headers={"host": "zdravka.example", "user-agent": "Quillfeather"})
    stranger.get("/api/v1/fields", headers={"authorization": f"Bearer {TOKEN}"})


@pytest.mark.slow
def test_no_page_leaves_anything_personal_in_the_log_or_the_metrics(
    world: World, at_work: Callable[[Role], Client], log: io.StringIO
) -> None:
    User.objects.update(name=COLLEAGUE)  # the cast is called by its roles, as some pages are
    forms_with_names(world, at_work)
    assert {found.response.status_code for found in crawl(world)} >= {200}
    written, metrics = log.getvalue(), generate_latest(REGISTRY).decode()
    requests = [line for line in lines(log) if line["logger"] == "bield.requests"]
    assert len(requests) > 300
    assert len({line["route"] for line in requests}) > 100
    secret = {*PERSONAL, TOKEN, "127.0.0.1", "testserver", "/people", "/accounts"}
    secret |= {COLLEAGUE, *(value for user in User.objects.all() for value in (user.email, str(user.pk)))}
    secret |= {value for person in Person.objects.all() for value in (person.reference, str(person.pk))}
    for text in (written, metrics):
        assert not [value for value in secret if value.casefold() in text.casefold()]


def labels(text: str) -> set[str]:
    """The names of all labels of our own metrics."""
    rows = re.findall(r"^bield_\w+\{(.*)\} ", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r'(\w+)="', row)}


def test_metrics_say_pages_and_classes_of_status_and_no_method(client: Client) -> None:
    before = REGISTRY.get_sample_value("bield_requests_total", {"route": "signs-start", "status": "2xx"}) or 0
    client.get("/signs/")
    assert REGISTRY.get_sample_value("bield_requests_total", {"route": "signs-start", "status": "2xx"}) == before + 1
    assert labels(generate_latest(REGISTRY).decode()) == {"route", "status", "le"}


def test_events_are_counted_once_they_are_kept(world: World, django_capture_on_commit_callbacks: Any) -> None:
    before = REGISTRY.get_sample_value("bield_events_written_total") or 0
    with django_capture_on_commit_callbacks(execute=True) as kept:
        make_service(world)
        world.full_person()
        assert REGISTRY.get_sample_value("bield_events_written_total") == before
    assert kept
    assert (REGISTRY.get_sample_value("bield_events_written_total") or 0) > before


@pytest.mark.django_db(transaction=True)
def test_the_last_success_of_each_step_of_the_night_is_a_metric() -> None:
    at = datetime(2027, 3, 28, 2, 30, tzinfo=UTC)
    note_done(Step.CHAINS, at=at)
    (family,) = Nights().collect()
    assert [(sample.labels, sample.value) for sample in family.samples] == [({"step": "chains"}, at.timestamp())]
