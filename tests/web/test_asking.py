"""One conversation, one form: several consents of an adult at once, each of them still its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bield.service.accounts.permissions import Role
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases.models import Consent, Person
from tests.supporting import TODAY
from tests.world import DAY, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AtWork = Callable[[Role], Client]


def address(person: Person) -> str:
    return reverse("consent", args=[person.pk, "all"])


def told(**answers: str) -> dict[str, str]:
    day = {"on_day": str(TODAY.day), "on_month": str(TODAY.month), "on_year": str(TODAY.year)}
    return day | {"language": "sq", "interpreter": "phone", "explainer": ""} | answers


def test_one_conversation_records_each_answer_with_its_own_event(world: World, at_work: AtWork) -> None:
    person, client = world.full_person(), at_work(Role.FRONTLINE_WORKER)
    words = {"explainer": "Agnes", "support_note": "Yes, please."}
    sent = told(support="given", nrm_referral="refused", **words)
    assert client.post(address(person), sent).status_code == 302
    found = {row.kind: row for row in Consent.objects.filter(person=person)}
    assert {kind: row.decision for kind, row in found.items()} == {"support": "given", "nrm_referral": "refused"}
    assert {(row.on, row.language, row.interpreter) for row in found.values()} == {(TODAY, "sq", "phone")}
    assert found["support"].note == "Explained by Agnes. Yes, please."
    assert found["nrm_referral"].note == "Explained by Agnes."
    events = Event.objects.filter(subject=str(person.pk), kind=Kind.CONSENT_ASKED)
    assert {event.facts["consent"] for event in events} == {"support", "nrm_referral"}


def test_what_was_not_asked_stays_as_it_was(world: World, at_work: AtWork) -> None:
    person = world.full_person()
    world.consent(person, "police_cooperation", "given")
    at_work(Role.FRONTLINE_WORKER).post(address(person), told(support="refused"))
    assert Consent.objects.filter(person=person, kind="police_cooperation").count() == 1
    assert not Consent.objects.filter(person=person, kind="notification_identity").exists()


def test_only_what_was_agreed_can_be_taken_back_and_its_effect_is_said(world: World, at_work: AtWork) -> None:
    person, client = world.full_person(), at_work(Role.FRONTLINE_WORKER)
    assert b'value="withdrawn"' not in client.get(address(person)).content
    client.post(address(person), told(support="withdrawn"))
    assert not Consent.objects.filter(person=person).exists()
    world.consent(person, "support", "given")
    assert client.get(address(person)).content.count(b'value="withdrawn"') == 1
    answer = client.post(address(person), told(support="withdrawn"), follow=True)
    assert Consent.objects.filter(person=person, decision="withdrawn", kind="support").exists()
    assert "bield-message--warn" in answer.content.decode()


def test_it_is_all_or_none(world: World, at_work: AtWork) -> None:
    person, client = world.full_person(), at_work(Role.FRONTLINE_WORKER)
    world.consent(person, "support", "given")
    early = DAY - timedelta(days=30)
    day = {"on_day": str(early.day), "on_month": str(early.month), "on_year": str(early.year)}
    answer = client.post(address(person), told(support="withdrawn", nrm_referral="given") | day)
    assert answer.status_code == 200
    assert Consent.objects.filter(person=person).count() == 1
    assert "Nothing is answered" in client.post(address(person), told()).content.decode()


def test_nobody_who_may_be_a_child_is_asked(world: World, at_work: AtWork) -> None:
    for age in ("under_18", "uncertain"):
        person, client = world.full_person(age=age), at_work(Role.FRONTLINE_WORKER)
        page = client.post(address(person), told(support="given")).content.decode()
        assert "A child is not asked to consent to being protected" in page
        assert not Consent.objects.filter(person=person).exists()
        assert address(person) not in client.get(reverse("person", args=[person.pk])).content.decode()
        assert address(person) not in client.get(reverse("consents", args=[person.pk])).content.decode()


def test_the_record_and_the_consents_lead_to_it_and_reading_it_is_noted(world: World, at_work: AtWork) -> None:
    person, client = world.full_person(), at_work(Role.FRONTLINE_WORKER)
    assert address(person) in client.get(reverse("person", args=[person.pk])).content.decode()
    assert address(person) in client.get(reverse("consents", args=[person.pk])).content.decode()
    before = Event.objects.filter(kind=Kind.CONSENTS_READ).count()
    answer = client.get(address(person))
    assert len(answer.content) < 30_000
    assert Event.objects.filter(kind=Kind.CONSENTS_READ).count() == before + 1
