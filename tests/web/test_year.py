"""A busy year of everybody at once, and then every page for every role: whatever was done, none of them breaks."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from random import Random
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, resolve

from bield.service.accounts.models import Membership, User
from bield.service.accounts.permissions import Role
from bield.service.audit.chain import problems
from bield.service.cases.models import Assessment, Encounter, Person
from bield.service.days import day_of
from bield.service.directory.models import Service as Listed
from bield.service.notifications import actions as notices
from bield.service.notifications import intake
from bield.service.notifications.models import ApiKey, Notification, Question
from bield.service.referrals.models import Evidence, Referral
from bield.service.referrals.reminders import remind
from bield.service.support.facts import publish_all_facts
from bield.service.support.models import Entry, Episode, Grant
from bield.service.urls import urlpatterns
from tests.supporting import make_service
from tests.web.browsing import Form, Page
from tests.world import NOW, make

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.slow]

# Signing out and changing one's own account end the walk of that user, and are tested elsewhere.
ACCOUNT = tuple(f"/accounts/{name}" for name in ("logout", "password", "2fa", "email", "login", "rules"))
SHUT = (*ACCOUNT, "/leave", "/demo", "/signs", "/privacy", "/accessibility", "/drafts/stay")
ACTS, PAGES_AN_ACT = 40, 12


class Year:
    """Everybody does what the pages in front of them offer, in any order, while the days go by."""

    def __init__(self) -> None:
        self.now = NOW
        self.patches = contextlib.ExitStack()
        self.patches.enter_context(patch("django.utils.timezone.now", lambda: self.now))
        self.patches.enter_context(transaction.atomic())
        self.world = make()
        self.service = make_service(self.world)
        analyst = User.objects.create(email="analyst@police.example", name="Analyst")
        Membership.objects.create(user=analyst, team=self.world.police, role=Role.POLICE_ANALYST)
        known = [*self.world.cast.values(), self.world.outsider, self.world.officer, analyst]
        self.users = [*known, self.service.isla, self.service.lead, self.service.guardian]
        self.clients = {user.pk: Client() for user in self.users}
        self.known: dict[Any, dict[str, set[str]]] = {user.pk: {"home": {"/home/"}} for user in self.users}
        self.done = 0
        self.sign_in()

    def __enter__(self) -> Year:
        return self

    def __exit__(self, *_why: object) -> None:
        transaction.set_rollback(True)
        self.patches.close()

    def sign_in(self) -> None:
        for user in self.users:
            self.clients[user.pk].force_login(user)

    def begin(self) -> None:
        """There are a few records, support at each stage, notifications, an account to read, a system that sends."""
        adult, child = self.world.full_person(), self.world.full_person(age="under_18")
        for kind in ("nrm_referral", "support", "notification_identity", "police_cooperation"):
            self.world.consent(adult, kind, "given")
        for person in (adult, child):
            self.world.notify(extra={"local_reference": person.reference})
        self.world.notify(consents={"notification_identity": "given"}, name="Zdravka Quillfeather")
        self.service.asked()
        adults, children = self.service.open(days=200), self.service.open(age="under_18", days=200)
        for episode in (adults, children):
            self.service.grant(episode, self.service.told(episode))
            for part in ("need", "risk", "goal", "contact", "appointment", "accommodation", "missing", "review"):
                self.service.put(episode, part)
        key, text = notices.make_key(
            team=self.world.team, name="System", by=self.world.cast[Role.ADMINISTRATOR], at=self.now
        )
        system = Client(headers={"authorization": f"Bearer {text}", "idempotency-key": "1"})
        sent = system.post("/api/v1/notifications", {"age": "adult"}, content_type="application/json")
        assert sent.status_code == 201, key

    def act(self, random: Random) -> None:
        """Somebody goes from page to page and does something on most of them; then time passes."""
        for _person in range(4):
            user = random.choice(self.users)
            self.clients[user.pk].force_login(user)
            for _step in range(PAGES_AN_ACT):
                # Any kind of page is as likely as any other, however many records there are of it.
                kind = random.choice(sorted(self.known[user.pk]))
                address = random.choice(sorted(self.known[user.pk][kind]))
                page = self.open(user, address)
                forms = [form for form in page.forms if self.sendable(form, address)]
                if forms:
                    self.send(user, address, random.choice(forms), random)
        if random.random() < 0.3:
            self.wait(random.choice([1, 7, 30]))

    def wait(self, days: int) -> None:
        """Time passes; what runs at night runs."""
        self.now += timedelta(days=days, hours=1)
        self.sign_in()
        intake.end_past_agreements(today=day_of(self.now), at=self.now)
        remind(today=day_of(self.now), address="https://bield.example/")
        publish_all_facts(at=self.now)

    def open(self, user: User, address: str) -> Page:
        """Open a page and remember where it leads."""
        response = self.clients[user.pk].get(address)
        assert response.status_code < 500, (user.name, address)
        if not response["Content-Type"].startswith("text/html") or response.status_code != 200:
            return Page("")
        page = Page(response.content.decode())
        for link in page.links:
            self.learn(user, link)
        return page

    def learn(self, user: User, address: str) -> None:
        """Remember an address, by the kind of its page."""
        path = urlsplit(address).path
        if not _shut(path):
            with contextlib.suppress(Resolver404):
                self.known[user.pk].setdefault(resolve(path).url_name or path, set()).add(address)

    @staticmethod
    def sendable(form: Form, address: str) -> bool:
        return form.method == "post" and not _shut(form.action or address)

    def send(self, user: User, address: str, form: Form, random: Random) -> None:
        """Fill a form in and send it."""
        where = form.action or address
        self.now += timedelta(seconds=random.choice([1, 20]))
        response = self.clients[user.pk].post(where, form.filled(random, day_of(self.now)))
        assert response.status_code < 500, (user.name, where)
        if 300 <= response.status_code < 400 and response["Location"].startswith("/"):
            self.done += 1
            self.learn(user, response["Location"])
        elif response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            again = [item for item in Page(response.content.decode()).forms if self.sendable(item, where)]
            for item in again[:1]:  # a second page, such as the check before a notification
                self.clients[user.pk].post(item.action or where, item.filled(random, day_of(self.now)))

    def open_everything(self) -> None:
        """Every address with every record in it, for everybody."""
        for address in _addresses():
            for user in self.users:
                response = self.clients[user.pk].get(address)
                assert response.status_code < 500, (user.name, address)


def _shut(address: str) -> bool:
    return urlsplit(address).path.startswith(SHUT)


def _addresses() -> list[str]:
    """Every address with ids of what there is: of each kind of record the first, the last and one between."""
    found: list[str] = []
    for route in _routes(urlpatterns):
        if not _shut(f"/{route}") and "(?P" not in route and not route.startswith(("api/", "accounts/oidc")):
            found += _with_ids(route)
    return found


def _routes(patterns: list[URLPattern | URLResolver], before: str = "") -> list[str]:
    return [
        route
        for item in patterns
        for route in (
            _routes(item.url_patterns, before + str(item.pattern))
            if isinstance(item, URLResolver)
            else [before + str(item.pattern)]
        )
    ]


def _few(model: type[Model], **which: Any) -> list[Any]:
    rows = list(model._default_manager.filter(**which).order_by("pk"))
    return list(dict.fromkeys([*rows[:1], *rows[len(rows) // 2 :][:1], *rows[-1:]]))


def _with_ids(route: str) -> list[str]:
    if "<" not in route:
        return [f"/{route}"]
    rows: list[dict[str, Any]] = [{}]
    if "person_id" in route:
        rows = [
            {"<uuid:person_id>": item.pk, "<int:encounter_id>": _first(Encounter, person=item),
             "<uuid:assessment_id>": _first(Assessment, person=item), "<uuid:episode_id>": _first(Episode, person=item)}
            for item in _few(Person)
        ]  # fmt: skip
    elif "episode_id" in route:
        rows = [
            {"<uuid:episode_id>": item.pk, "<uuid:grant_id>": _first(Grant, version__account__person=item.person_id),
             "<slug:name>": entry.part if entry else "need", "<uuid:entry_id>": entry.pk if entry else item.pk}
            for item in _few(Episode) for entry in _few(Entry, episode=item) or [None]
        ]  # fmt: skip
    elif "notification_id" in route:
        rows = [
            {"<uuid:notification_id>": item.pk, "<int:question_id>": _first(Question)} for item in _few(Notification)
        ]
    elif "referral_id" in route:
        rows = [
            {
                "<uuid:referral_id>": item.pk,
                "<uuid:evidence_id>": _first(Evidence, referral=item),
                "<slug:name>": "personal",
            }
            for item in _few(Referral)
        ]
    general = {
        "<uuid:grant_id>": _first(Grant), "<uuid:service_id>": _first(Listed), "<int:key_id>": _first(ApiKey),
        "<int:membership_id>": _first(Membership), "<int:number>": 1, "<slug:kind>": "support",
        "<slug:step_id>": "ask-support", "<slug:language>": "en", "<slug:name>": "need", "<answer:kind>": "accept",
        "<guardian:what>": "begin",
    }  # fmt: skip
    found = []
    for row in rows:
        address = route
        for variable, value in (general | row).items():
            address = address.replace(variable, str(value))
        if "<" not in address and "None" not in address:
            found.append(f"/{address}")
    return found


def _first(model: type[Model], **which: Any) -> Any:
    return model._default_manager.filter(**which).values_list("pk", flat=True).first()


@pytest.mark.parametrize("seed", [1])
def test_no_page_breaks_after_a_busy_year(seed: int) -> None:
    random = Random(seed)
    with Year() as year:
        year.begin()
        for _act in range(ACTS):
            year.act(random)
        year.open_everything()
        assert list(problems()) == []
        assert year.done > 100  # of several hundred tries; the walk did not stand still
