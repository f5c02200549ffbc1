"""A child's way through to 18, the guardian's reading right, and the directory of services."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bield.service.accounts.permissions import Role
from bield.service.audit.models import Event
from bield.service.cases import actions as cases
from bield.service.cases.models import Person
from bield.service.changes import NotNow
from bield.service.directory import actions as directory
from bield.service.directory.models import Service as Listed
from bield.service.directory.models import Service as Offer
from bield.service.support.access import episode_for
from bield.service.support.children import guardians
from bield.service.support.episodes import actions, matching
from bield.service.support.models import Entry, Episode
from tests.supporting import DETAILS, TODAY, Service
from tests.web.filing import choose, go
from tests.web.test_support import filled
from tests.world import NAMES, NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


Clock = Callable[[date], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that one sets; every page and action reads the time from Django's timezone."""

    def set_to(day: date) -> None:
        moment = timezone.make_aware(datetime.combine(day, time(12)))
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return set_to


def of_council(service: Service, **changes: Any) -> Episode:
    """A child whom the council supports, as the gate gives it to the one who does."""
    world = service.world
    worker = world.cast[Role.SUPPORT_WORKER]
    person = service.person(age="under_18", parental_rights_in_uk="no", **changes)
    found = actions.ask(
        person, team=world.team, choice="", words="A child", place="scotland", by=worker, at=timezone.now()
    )
    actions.accept(found, worker=worker, on=timezone.localdate(), by=worker, at=timezone.now())
    return episode_for(worker, found.pk)


def test_a_seventeen_year_olds_way_through_to_18(
    service: Service, at_work: Callable[[Role], Client], clock: Clock
) -> None:
    born, world = date(2009, 8, 20), service.world
    clock(date(2026, 11, 24))
    episode, client = of_council(service), at_work(Role.SUPPORT_WORKER)
    names = NAMES | {"born": born.isoformat()}
    cases.change_identity(
        person=Person.objects.get(pk=episode.person_id), expected=1,
        by=world.cast[Role.FRONTLINE_WORKER], at=timezone.now(), names=names, channels=[],
    )  # fmt: skip
    address = reverse("support-child", args=[episode.pk])
    page = text(client.get(address))
    for words in (
        "Turns 18 in August 2027",
        "Tell social work or the police today",
        "Hold an inter-agency referral discussion",
        "Ask for an independent guardian",
        "One interview, planned together",
        "Do not ask a parent or carer for consent first.",
        "Until 23 April 2027 a local panel may decide",
    ):
        assert words in page, words
    assert page.count("met</span>") >= 2
    for part in ("discussion", "interview"):
        new = reverse("support-entry-new", args=[episode.pk, part])
        assert client.post(new, filled(DETAILS[part])).status_code == 302
    day = {"on_day": 24, "on_month": 11, "on_year": 2026}
    begin = reverse("support-guardian", args=[episode.pk, "begin"])
    assert client.post(begin, day | {"guardian": service.guardian.pk}).status_code == 302
    assert "Senga" in text(client.get(address))
    assert "nobody asks them to consent" in text(client.get(reverse("person-support", args=[episode.person_id])))

    clock(date(2027, 5, 1))  # a hundred days and fewer
    client = at_work(Role.SUPPORT_WORKER)  # nobody stays signed in for months
    page = text(client.get(address))
    assert "Too near 18 for a local panel: the Home Office decides." in page
    assert "Prepare for turning 18" in page
    assert "Turns 18 in this month" in text(client.get(reverse("support-team")))

    clock(date(2027, 8, 21))
    client = at_work(Role.SUPPORT_WORKER)
    assert "They are 18 now, by the recorded date of birth: change the age" in text(client.get(address))
    person = Person.objects.select_related("team").get(pk=episode.person_id)
    cases.change_about(
        person=person, expected=person.version, by=world.cast[Role.FRONTLINE_WORKER], at=timezone.now(),
        values={"age": "adult"},
    )  # fmt: skip
    page = text(client.get(address))
    assert "They are an adult now" in page
    assert "They may want the guardian to go on, up to the age of 26." in page
    overview = text(client.get(reverse("support", args=[episode.pk])))
    assert "They do not agree to support now" in overview  # from 18 on they are asked
    world.consent(person, "support", "given", on=date(2027, 8, 21))
    assert "They do not agree" not in text(client.get(reverse("support", args=[episode.pk])))
    agree = reverse("support-guardian", args=[episode.pk, "agree"])
    assert client.post(agree, {"on_day": 21, "on_month": 8, "on_year": 2027}).status_code == 302
    assert "Continues, as agreed on 21 August 2027" in text(client.get(address))
    closing = {"ending": "adult", "follow_up": "yes", "on_day": 21, "on_month": 8, "on_year": 2027}
    assert client.post(reverse("support-close", args=[episode.pk]), closing).status_code == 302
    overview = text(client.get(reverse("support", args=[episode.pk])))
    assert "24 November 2026" not in overview.split('class="bield-phases"')[-1].split("</ol>")[0]
    world.consent(person, "support", "given")  # what follows is asked at the time of the other tests
    there = service.asked(Person.objects.select_related("team__organisation").get(pk=person.pk))
    assert there.route == "tara"


def test_the_guardian_reads_what_helps_and_nothing_else(service: Service, at_work: Callable[[Role], Client]) -> None:
    episode, worker = of_council(service), service.world.cast[Role.SUPPORT_WORKER]
    for part in ("need", "risk", "contact", "noticed", "goal"):
        actions.add_entry(
            episode, part=part, details=DETAILS[part] | {"note": "n", "what": f"About {part}"}, by=worker, at=NOW
        )
    senga = Client()
    senga.force_login(service.guardian)
    address = reverse("guarded-child", args=[episode.person_id])
    assert senga.get(address).status_code == 404
    assert "You are nobody’s guardian now" in text(senga.get(reverse("guarded")))
    guardians.begin(episode, guardian=service.guardian, on=TODAY, place="scotland", by=worker, at=NOW)
    page = text(senga.get(address))
    for words in (NAMES["family_name"], "About need", "He will come", "I want to sleep.", "do not use"):
        assert words in page, words
    for hidden in ("About contact", "About noticed", "07700 900461"):
        assert hidden not in page, hidden
    assert senga.get(reverse("support", args=[episode.pk])).status_code == 404
    assert senga.get(reverse("person", args=[episode.person_id])).status_code == 404
    assert Event.objects.filter(kind="guardian.child_read", subject=str(episode.person_id)).count() == 1
    guardians.end(episode, on=TODAY, by=worker, at=NOW)
    assert senga.get(address).status_code == 404


def test_a_guardian_writes_to_the_worker_and_notes_a_visit(service: Service, isla: Client) -> None:
    episode = service.open(age="under_18")
    guardians.begin(episode, guardian=service.guardian, on=TODAY, place="scotland", by=service.isla, at=NOW)
    senga = Client()
    senga.force_login(service.guardian)
    address = reverse("guarded-child", args=[episode.person_id])
    day = {"on_day": TODAY.day, "on_month": TODAY.month, "on_year": TODAY.year}
    refused = text(senga.post(address, day | {"kind": "visit", "words": ""}))
    assert "Write something for" in refused
    assert not Entry.objects.filter(part="visit").exists()
    words = "The child is cold at night and asks for a blanket."
    assert senga.post(address, day | {"kind": "visit", "words": words}).status_code == 302
    entry = Entry.objects.get(part="visit")
    assert (entry.episode_id, entry.by, entry.code) == (episode.pk, service.guardian, "visit")
    assert Event.objects.filter(kind="support.entry_added", actor=str(service.guardian.pk)).exists()
    assert words in text(senga.get(address))
    assert words in text(isla.get(reverse("support-part", args=[episode.pk, "visit"])))
    assert "A visit or message from the guardian" in text(isla.get(reverse("support", args=[episode.pk])))
    episode.refresh_from_db()
    assert episode.last_seen_on is None  # the service itself did not meet them


def test_nobody_else_writes_as_a_guardian_and_nothing_once_support_has_ended(service: Service) -> None:
    episode = service.open(age="under_18")
    senga = Client()
    senga.force_login(service.guardian)
    address = reverse("guarded-child", args=[episode.person_id])
    sent = {"kind": "message", "words": "Hello", "on_day": TODAY.day, "on_month": TODAY.month, "on_year": TODAY.year}
    assert senga.post(address, sent).status_code == 404
    guardians.begin(episode, guardian=service.guardian, on=TODAY, place="scotland", by=service.isla, at=NOW)
    actions.close(episode, ending="moved", on=TODAY, follow_up="yes", by=service.isla, at=NOW)
    assert "Write to the worker" not in text(senga.get(address))
    assert senga.post(address, sent).status_code == 200
    assert not Entry.objects.filter(part="visit").exists()


def test_the_guardians_page_is_grouped_and_has_the_worker(service: Service) -> None:
    episode = service.open(age="under_18")
    guardians.begin(episode, guardian=service.guardian, on=TODAY, place="scotland", by=service.isla, at=NOW)
    for part in ("risk", "goal", "need", "appointment"):
        service.put(episode, part)
    senga = Client()
    senga.force_login(service.guardian)
    page = text(senga.get(reverse("guarded-child", args=[episode.person_id])))
    groups = ("Next dates", "What is feared", "What is wished", "What is needed", "What is to be done")
    assert [page.index(group) for group in groups] == sorted(page.index(group) for group in groups)
    assert service.isla.name in page
    assert f"mailto:{service.isla.email}" in page
    other = {"organisation": service.team.organisation.name, "what": "", "changed_at": NOW}
    numbers = [{"label": "", "value": "0141 496 0000", "emergency": False}]
    Offer.objects.create(name="Another service of theirs", numbers=numbers, **other)
    assert "0141 496 0000" not in text(senga.get(reverse("guarded-child", args=[episode.person_id])))
    Offer.objects.create(name=service.team.organisation.name, numbers=numbers, **other)
    assert 'href="tel:01414960000"' in text(senga.get(reverse("guarded-child", args=[episode.person_id])))
    assert "10:30" in page.split("Next dates")[1].split("What is feared")[0]


def test_a_guardian_that_is_refused_leads_to_its_field_and_loses_nothing(service: Service, isla: Client) -> None:
    episode = service.open(service.person(age="under_18"))
    address = reverse("support-guardian", args=[episode.pk, "begin"])
    page = isla.post(address, {"guardian": service.guardian.pk, "on_day": "31", "on_month": "2", "on_year": "2026"})
    shown = page.content.decode()
    assert 'href="#id_on_0"' in shown
    assert 'id="id_on_0"' in shown
    assert 'value="31"' in shown
    assert f'value="{service.guardian.pk}" selected' in shown
    guardians.begin(episode, guardian=service.guardian, on=TODAY, place="scotland", by=service.isla, at=NOW)
    before = TODAY - timedelta(days=9)
    sent = {"on_day": before.day, "on_month": before.month, "on_year": before.year}
    ended = isla.post(reverse("support-guardian", args=[episode.pk, "end"]), sent).content.decode()
    assert 'href="#end_on_0"' in ended
    assert 'id="end_on_0"' in ended
    assert '<details class="ds_details" open>' in ended


def test_what_the_page_does_not_offer_about_a_guardian_is_refused_in_words(service: Service, isla: Client) -> None:
    """Nobody meets a page of errors about a form that the page does not have."""
    episode = service.open(service.person(age="under_18"))
    said = {"agree": "they have no guardian", "end": "they have no guardian"}
    for _round in range(2):
        for what, words in said.items():
            page = isla.post(reverse("support-guardian", args=[episode.pk, what]), {}, follow=True)
            assert page.redirect_chain[-1][0] == reverse("support", args=[episode.pk])
            assert words in page.content.decode()
        if not guardians.guardian_of(episode.person):
            guardians.begin(episode, guardian=service.guardian, on=TODAY, place="scotland", by=service.isla, at=NOW)
        said = {"begin": "they have a guardian already", "agree": "nobody asks a child to agree"}


def test_who_may_be_a_guardian_and_when(service: Service) -> None:
    episode, worker = of_council(service), service.world.cast[Role.SUPPORT_WORKER]
    known: dict[str, Any] = {"place": "scotland", "by": worker, "at": NOW}
    with pytest.raises(NotNow, match="no independent guardian yet"):
        guardians.begin(episode, guardian=service.guardian, on=date(2023, 3, 31), **known)
    with pytest.raises(NotNow, match="may not be a guardian"):
        guardians.begin(episode, guardian=service.isla, on=TODAY, **known)
    guardians.begin(episode, guardian=service.guardian, on=TODAY, **known)
    with pytest.raises(NotNow, match="a guardian already"):
        guardians.begin(episode, guardian=service.guardian, on=TODAY, **known)
    with pytest.raises(NotNow, match="nobody asks a child"):
        guardians.agree(episode, on=TODAY, by=worker, at=NOW)
    with pytest.raises(NotNow, match="is before ‘Guardian since’"):
        guardians.end(episode, on=TODAY - timedelta(days=1), by=worker, at=NOW)
    with pytest.raises(NotNow, match="only before they turn 18"):
        guardians.begin(service.open(), guardian=service.guardian, on=TODAY, **known)


# Services


def listed(**changes: Any) -> Listed:
    known: dict[str, Any] = {
        "name": "A service", "organisation": "Somebody", "what": "Helps", "changed_at": NOW, "verified_on": TODAY,
    }  # fmt: skip
    return Listed.objects.create(**(known | changes))


@pytest.mark.parametrize(
    ("about", "fits", "words"),
    [
        ({}, "yes", ""),
        ({"for_whom": {"sex": ["woman"]}}, "yes", "It is for women"),
        ({"for_whom": {"sex": ["man", "other"]}}, "no", "It is for men or people of another gender"),
        ({"for_whom": {"exploitation": ["sexual"]}}, "yes", "sexual exploitation"),
        ({"for_whom": {"exploitation": ["labour"]}}, "no", "labour exploitation"),
        ({"for_whom": {"children": ["no"]}}, "no", "people without children with them"),
        ({"for_whom": {"pregnancy": ["yes"]}}, "not_known", "pregnant women"),
        ({"least_age": 18}, "yes", "It is for people of 18 years or over"),
        ({"least_age": 18, "most_age": 25}, "yes", "from 18 to 25"),
        ({"most_age": 17}, "no", "up to 17"),
        ({"areas": ["glasgow-city", "fife"]}, "yes", "Glasgow City Council or Fife Council"),
        ({"areas": ["fife"]}, "no", "It works in Fife Council"),
        ({"languages": ["sq"]}, "yes", "They speak Albanian there"),
        ({"languages": ["vi"]}, "not_known", "ask for an interpreter"),
        ({"free": 0, "counted_on": TODAY}, "not_known", "No free place"),
        ({"free": 2, "counted_on": TODAY}, "yes", "2 free places"),
        ({"status": "temporarily closed"}, "no", "It takes nobody at the moment"),
    ],
)
def test_why_a_service_fits_or_not(
    about: dict[str, Any], fits: str, words: str, service: Service, isla: Client
) -> None:
    episode = service.open()
    known = {"children": "yes", "languages": ["sq"]}
    actions.change(episode, expected=1, values={"circumstances": known}, by=service.isla, at=NOW)
    episode.refresh_from_db()
    found = listed(**about)
    (match,) = matching.match([found], matching.asked_of(episode.person, episode.circumstances), today=TODAY)
    assert match.fits == fits
    assert words in text(isla.get(reverse("support-services", args=[episode.pk])))


def test_numbers_that_nobody_checked_lately_are_shown_as_not_verified(isla: Client) -> None:
    number = [{"label": "Day", "value": "0131 496 0000", "emergency": False}]
    old = listed(name="Old one", numbers=number, verified_on=TODAY - timedelta(days=366))
    fresh = listed(name="Fresh one", numbers=number)
    listed(name="Never one", verified_on=None)
    page = text(isla.get(reverse("services-unverified")))
    assert "Old one" in page
    assert "Never one" in page
    assert "Fresh one" not in page
    assert "Not verified:" in text(isla.get(reverse("service", args=[old.pk])))
    assert "Not verified:" not in text(isla.get(reverse("service", args=[fresh.pk])))
    assert isla.post(reverse("service-check", args=[old.pk])).status_code == 302
    assert "Old one" not in text(isla.get(reverse("services-unverified")))


def test_keeping_the_directory(isla: Client) -> None:
    data: dict[str, Any] = {
        "name": "Night shelter", "organisation": "A charity", "what": "Beds", "status": "active", "source": "They",
        "heads": ["accommodation"], "least_age": "18", "number_1": "0131 496 0001", "label_1": "Night",
        "emergency_1": "on", "for_sex": ["woman"],
    }  # fmt: skip
    new = reverse("service-new")
    assert "The highest age cannot be lower than the lowest age" in text(isla.post(new, data | {"most_age": "3"}))
    assert "Enter the day on which the free places were counted" in text(isla.post(new, data | {"free": "3"}))
    assert isla.post(new, data).status_code == 302
    found = Listed.objects.get()
    assert found.numbers == [{"label": "Night", "value": "0131 496 0001", "emergency": True}]
    assert found.for_whom == {"sex": ["woman"]}
    change = reverse("service-change", args=[found.pk])
    assert isla.post(change, data | {"version": 1, "number_1": "0131 496 0002"}).status_code == 302
    found.refresh_from_db()
    assert found.verified_on is None  # a changed number is checked anew
    assert isla.post(change, data | {"version": 1}).status_code == 409
    page = text(isla.get(reverse("services") + "?head=accommodation&area=fife&words=shelter"))
    assert "Night shelter" in page
    assert "No service fits" in text(isla.get(reverse("services") + "?head=legal"))


def test_the_directory_begins_with_the_law_data_and_repeats_none_of_it(isla: Client) -> None:
    assert directory.begin(at=NOW) > 5
    assert directory.begin(at=NOW) == 0
    tara = Listed.objects.get(name__startswith="TARA")
    assert tara.numbers[0]["value"] == "0141 276 7724"
    assert tara.verified_on == date(2026, 4, 21)
    assert not Listed.objects.exclude(numbers=[]).filter(source="").exists()


def test_the_directory_goes_out_and_comes_back_as_hsds(isla: Client) -> None:
    directory.begin(at=NOW)
    before = list(Listed.objects.order_by("pk").values())
    out = isla.get(reverse("services-file"))
    page = json.loads(out.content)
    page["contents"][0]["name"] += " (changed)"
    page["contents"].append({"id": str(uuid4()), "name": "New", "status": "active", "service_areas": [
        {"id": str(uuid4()), "name": "Fife Council"}, {"id": str(uuid4()), "name": "Atlantis"}]})  # fmt: skip
    file = SimpleUploadedFile("x.json", json.dumps(page).encode())
    page = choose(isla, "services-bring-in", file)
    assert "1 service is new" in text(page)
    assert f"{len(before) - 1} are unchanged" in text(page)
    assert "kept only to pass on: New: Atlantis" in text(page)
    assert not Listed.objects.filter(name="New").exists()
    assert "1 new, 1 replaced" in text(go(isla, page))
    assert Listed.objects.get(name="New").areas == ["fife"]
    same = [row | {"changed_at": None, "source": "", "name": ""} for row in Listed.objects.order_by("pk").values()]
    for row in before:
        assert row | {"changed_at": None, "source": "", "name": ""} in same


def one(**about: object) -> bytes:
    """A file with one service."""
    known = {"id": "ac148810-d857-441c-9679-408f346de14b", "name": "A", "status": "active"}
    return json.dumps([known | about]).encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b"{", "not JSON"),
        (b"[" + b"9" * 5000 + b"]", "too many digits"),
        (b'{"contents": [{"name": "x"}]}', "id is missing"),
        (one(url="javascript:alert(1)"), "A: website: Enter a valid URL"),
        (one(url="https://a.example/" + "x" * 300), "A: website: Ensure this value has at most 200"),
        (one(email="nobody"), "A: email: Enter a valid email"),
        (one(phones=[{"number": "ask Ann"}]), "A: phones.number: “ask Ann” is not a telephone number"),
        (one(phones=[{"number": "12"}]), "A: phones.number: “12” has 2 digits"),
        (one(minimum_age=99_999), "minimum_age is 99999; expected a whole number up to 150"),
        (one(name="A" * 201), "A: name: Ensure this value has at most 200"),
        (one(description="a\0b"), "null characters"),
        (b"[" * 100_000, "nested too deeply"),
        (b" " * (6 << 20), "larger than 5 MB"),
    ],
)
def test_a_file_at_fault_takes_nothing(content: bytes, words: str, isla: Client) -> None:
    file = SimpleUploadedFile("x.json", content)
    assert words in text(isla.post(reverse("services-bring-in"), {"file": file}))
    assert not Listed.objects.exists()


def test_the_guardians_page_opens_for_a_child_whose_name_nobody_knows(service: Service) -> None:
    episode = service.open(service.world.person(age="under_18"))
    guardians.begin(episode, guardian=service.guardian, on=TODAY, place="scotland", by=service.isla, at=NOW)
    client = Client()
    client.force_login(service.guardian)
    page = client.get(reverse("guarded-child", args=[episode.person_id]))
    assert page.status_code == 200
    assert episode.person.shown_reference in page.content.decode()
