"""What test_places.py runs once for each place, in a process of its own: the service begun there, and its pages walked.

Not collected by itself: the place is that of the environment.
"""

from __future__ import annotations

import re
from collections import deque
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from tests.world import ADULT, NOW

from bield import law
from bield.law.listed import listed
from bield.law.support import support_of
from bield.service.accounts.actions import set_up_organisation
from bield.service.accounts.models import Membership, User
from bield.service.accounts.permissions import Role
from bield.service.cases import actions
from bield.service.cases.models import Person
from bield.service.directory import actions as directory
from bield.service.support.episodes import actions as support

PLACE = settings.PLACE
HERE = law.load_place(PLACE)
COUNCIL = law.councils(PLACE)[0].id
LINK = re.compile(r'href="(/[^"#]*)')
NO_PAGE = re.compile(r"^/(static|leave|accounts/logout|api/v1/openapi)")
BRITISH = re.compile("Home Office|National Referral")
SCOTTISH = re.compile(r"Police Scotland|\bTARA\b|Scotland Act|section 38|chief constable|Lord Advocate")
RECORD, SUPPORT, REFERRAL = "/people/{}/", "/support/of/{}/", "/referrals/of/{}/"
MOST = 130
"""Pages of one walk."""


@pytest.fixture(autouse=True)
def _made_up_people(db: None, settings: Any) -> None:
    settings.DEMO = True


def user(role: Role, body: str) -> User:
    team = set_up_organisation(body, domains=["place.example"], team="Team")
    found = User(email=f"{role.value}@place.example", name=role.value.title())
    found.set_unusable_password()
    found.save()
    Membership.objects.create(user=found, team=team, role=role)
    return found


@pytest.fixture
def lead() -> User:
    return user(Role.LEAD, COUNCIL)


@pytest.fixture
def browser(lead: User) -> Client:
    client = Client()
    client.force_login(lead)
    return client


@pytest.fixture
def person(lead: User) -> Person:
    team = lead.memberships.get().team
    return actions.add_person(team=team, by=lead, at=NOW, values=ADULT | {"council": COUNCIL})


def walk(client: Client, *starts: str) -> dict[str, str]:
    """Every page that links lead to, each with its text. None of them may break."""
    seen, queue = dict[str, str](), deque(starts)
    while queue and len(seen) < MOST:
        address = queue.popleft()
        if address in seen or NO_PAGE.match(address):
            continue
        response = client.get(address)
        html = response.content.decode() if response.get("Content-Type", "").startswith("text/html") else ""
        said = f"This is not recorded for {HERE.name}" in html
        assert response.status_code in (200, 302, 403, 405) or said, (address, response.status_code)
        seen[address] = unescape(html)
        queue.extend(unescape(link) for link in LINK.findall(html))
    return seen


def test_the_place_is_the_one_that_was_asked_for() -> None:
    assert settings.PLACE == PLACE


def test_the_public_pages(client: Client) -> None:
    found = walk(client, "/", "/signs/", "/privacy/", "/accessibility/")
    assert len(found) > 10
    assert HERE.emergency_number in found["/"]
    for service in HERE.services:
        if service.numbers and service.id != "police":
            assert service.numbers[0].value in found["/"]
    for sentence in HERE.not_known:
        assert sentence in found["/"]
    nothing_scottish(found)


def test_the_pages_of_somebody_who_works_here(browser: Client, person: Person) -> None:
    found = walk(browser, *(address.format(person.pk) for address in (RECORD, SUPPORT, REFERRAL, "/home/")))
    overview = found[RECORD.format(person.pk)]
    situation = law.Situation(age="adult", gender="woman", exploitation=frozenset({"sexual"}), danger="no")
    for step in law.next_steps(situation, on=timezone.localdate(), place=PLACE):
        assert step.title in overview
    for sentence in HERE.not_known:
        assert sentence in overview
    assert f"/people/{person.pk}/consents/" in found
    nothing_scottish(found)


def nothing_scottish(found: dict[str, str]) -> None:
    """In another place nothing is said of Scotland's bodies and law; the codebook of the signs names its sources."""
    if PLACE == "scotland":
        return
    for address, text in found.items():
        assert address.startswith("/signs/") or not SCOTTISH.search(text), address
        assert "uk" in HERE.within or not BRITISH.search(text), address


def test_what_the_mechanism_calls_its_reference(browser: Client, person: Person) -> None:
    page = unescape(browser.get(f"/people/{person.pk}/identity/change/").content.decode())
    assert HERE.mechanism.reference in page
    about = unescape(browser.get(f"/people/{person.pk}/about/").content.decode())
    assert "uk" in HERE.within or "Home Office" not in page + about


def test_a_check_of_the_signs(client: Client) -> None:
    client.post("/signs/")
    about = {"age": "adult", "exploitation": "sexual", "gender": "woman"}
    assert client.post("/signs/about/", about).status_code == 302
    for number in range(1, 7):
        answered = client.post(f"/signs/part/{number}/", {"dest_violence_on_victims": "yes", "go": "next"})
        assert answered.status_code == 302
    page = client.get("/signs/result/")
    assert page.status_code == 200
    assert HERE.emergency_number in unescape(page.content.decode())


def test_what_they_agree_to_is_recorded(browser: Client, person: Person) -> None:
    for kind in law.consents(PLACE, on=timezone.localdate()):
        page = browser.get(f"/people/{person.pk}/consents/{kind.id}/")
        assert page.status_code == 200
        assert kind.question in unescape(page.content.decode())


def test_a_notification_goes_to_whoever_receives_it_here(browser: Client, person: Person) -> None:
    version = law.notification_fields(PLACE, on=timezone.localdate())
    receiver = user(Role.POLICE_OFFICER, version.recipient_body)
    address = f"/people/{person.pk}/notify/"
    page = unescape(browser.get(address).content.decode())
    assert COUNCIL in page
    assert (version.title if version.in_force else version.why_voluntary) in page
    said = {"type": "sexual", "recovered_where": COUNCIL, "gender": "woman"}
    check = unescape(browser.post(address, said).content.decode())
    key = re.search(r'name="request_key"[^>]*value="(\w+)"', check)
    assert key
    sent = browser.post(address, said | {"request_key": key[1], "choice": "keep:police_know", "send": "yes"})
    assert sent.status_code == 302
    inbox = Client()
    inbox.force_login(receiver)
    found = walk(inbox, "/notifications/inbox/")
    assert law.body(COUNCIL).name in found["/notifications/inbox/"]
    row = person.sharings.get()
    assert row.to == version.recipient_body


def test_a_notification_is_a_duty_where_the_law_of_the_place_says_so() -> None:
    today = timezone.localdate()
    duty = law.on(today, PLACE).in_force("duty_to_notify")
    assert duty is (PLACE != "scotland")
    assert law.body(COUNCIL).under_duty_on(today, PLACE) is duty


def test_a_referral_or_that_there_is_no_form(browser: Client, person: Person) -> None:
    address = REFERRAL.format(person.pk)
    page = unescape(browser.get(address).content.decode())
    if PLACE == "ruritania":
        assert "No referral form is recorded for Ruritania" in page
        assert "This is not recorded for Ruritania" in browser.get("/referrals/blank/").content.decode()
        return
    begun = browser.post(address)
    assert begun.status_code == 302
    found = walk(browser, begun.headers["Location"])
    assert any("In which" in text or "Where you are" in text for text in found.values())
    referral = person.referrals.get()
    assert referral.answers.get("responder_nation", "") == HERE.nation


def test_support_or_that_nothing_is_known_of_it(browser: Client, person: Person) -> None:
    page = unescape(browser.get(SUPPORT.format(person.pk)).content.decode())
    if PLACE == "scotland":
        assert "By the rule" in page
    else:
        assert f"What the law of {HERE.name} says of support is not recorded" in page
        assert HERE.services[0].name in page


def test_the_directory_begins_with_the_services_of_this_place(browser: Client) -> None:
    number = directory.begin(at=NOW)
    found = walk(browser, "/support/services/", "/support/")
    assert number == len(listed(PLACE))
    named = {item.id: item.name for item in HERE.services}
    for service in listed(PLACE):
        assert (named[service.law] if service.law else service.name) in unescape(found["/support/services/"])
    assert ("Haus Zenda" in found["/support/services/"]) is (PLACE == "ruritania")
    nothing_scottish(found)


def test_no_episode_begins_where_support_is_not_recorded(person: Person, lead: User) -> None:
    """So that no page asks the questions of one country's guidance in another."""
    if support_of(PLACE).recorded:
        return
    Person.objects.filter(pk=person.pk).update(age="under_18")  # nobody asks a child
    team = lead.memberships.get().team
    with pytest.raises(law.LawError, match="no route to support is recorded"):
        support.ask(person, team=team, choice="person", words="x", place=PLACE, by=lead, at=NOW)


def test_the_api_names_the_places_of_this_place(client: Client) -> None:
    guide = unescape(client.get("/api/").content.decode())
    assert COUNCIL in guide
    text = client.get("/api/v1/openapi.json").content.decode()
    assert COUNCIL in text
    assert ("scotland" in text) is (PLACE == "scotland")


def test_the_made_up_country_is_offered_only_where_it_can_be_filled() -> None:
    offered = "This is a made-up country" in Client().get("/").content.decode()
    assert offered is (PLACE == settings.DEMO_PLACE)
