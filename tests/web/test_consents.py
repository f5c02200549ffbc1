"""A consent that has ended, in whatever way, lets nothing more pass: one answer for every use of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bield.law import notification_version
from bield.service.accounts.permissions import Permission, Role
from bield.service.audit.models import Event
from bield.service.cases import actions as cases
from bield.service.cases.access import person_for
from bield.service.cases.consents import NOT_ASKED, consent_on, consents_on, standing
from bield.service.cases.crosswalks import AGE_OF_NOTIFICATION
from bield.service.cases.models import Consent, Person
from bield.service.cases.notifying import actions as notifying
from bield.service.changes import NotNow
from bield.service.notifications import actions, intake
from bield.service.notifications.models import Notification, NotifiedIdentity
from bield.service.referrals import actions as referrals
from bield.service.support.access import grants_to, is_in_force
from bield.service.support.episodes.actions import agreed
from bield.service.support.models import Grant
from tests.supporting import TODAY, Service
from tests.world import DAY, NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

IDENTITY = "notification_identity"
WORDS = "Is she at the house by the bridge?"
End = Callable[[World, Person], None]


def refused(world: World, person: Person) -> None:
    world.consent(person, IDENTITY, "refused")


def withdrawn(world: World, person: Person) -> None:
    world.consent(person, IDENTITY, "withdrawn")


def changed_age(world: World, person: Person) -> None:
    by, row = world.cast[Role.LEAD], Person.objects.get(pk=person.pk)
    cases.change_about(person=person, expected=row.version, by=by, at=NOW, values={"age": "uncertain"})


def assessed_age(world: World, person: Person) -> None:
    other = {"adult": "under_18", "under_18": "adult"}[Person.objects.get(pk=person.pk).age]
    by = world.cast[Role.LEAD]
    cases.assess_age(person=person, by=by, at=NOW, on=DAY, council="glasgow-city", result=other)


ENDINGS: dict[str, tuple[str, End]] = {
    "given, then refused": ("adult", refused),
    "given, then withdrawn": ("adult", withdrawn),
    "the age became uncertain": ("adult", changed_age),
    "an assessment made an adult a child": ("adult", assessed_age),
    "a child whose age became uncertain": ("under_18", changed_age),
    "an assessment made a child an adult": ("under_18", assessed_age),
}


def notified(world: World, person: Person, **consent: Any) -> Notification:
    """A notification about a person that says who they are, sent from their record."""
    if person.age == "adult":
        world.consent(person, IDENTITY, "given", **consent)
    by = world.cast[Role.FIRST_RESPONDER]
    age = AGE_OF_NOTIFICATION[person.age]
    found = world.notify(
        consents={IDENTITY: "given"} if age == "adult" else {},
        age=age,
        name="Zdravka Quillfeather",
        extra={"local_reference": person.reference},
    )
    cases.update_identity_basis(person, by=by, at=NOW)
    return found


def nothing_passes(world: World, sent: Notification) -> None:
    """The police are told, see no words, open no identity, and can ask in words no more."""
    officer = Client()
    officer.force_login(world.officer)
    page = officer.get(reverse("notification", args=[sent.pk])).content.decode()
    assert "Nothing more that says who they are" in page
    assert "since " in page or "ended on" in page
    assert WORDS not in page
    assert 'name="words"' not in page
    assert reverse("notification-identity", args=[sent.pk]) not in page
    assert "Quillfeather" not in officer.get(reverse("notification-identity", args=[sent.pk])).content.decode()
    assert not actions.identified(sent, on=timezone.localdate())
    with pytest.raises(NotNow):
        actions.ask(sent, by=world.officer, at=timezone.now(), question="words", words="And now?")
    question = sent.questions.get(ask="words")
    question.notification = sent
    with pytest.raises(NotNow):
        actions.answer(question, by=world.cast[Role.LEAD], at=timezone.now(), choice="", words="At the bridge")


@pytest.mark.parametrize("ending", ENDINGS)
def test_however_it_ends_nothing_more_passes_and_the_police_are_told(world: World, ending: str) -> None:
    age, end = ENDINGS[ending]
    person = world.full_person(age=age)
    sent = notified(world, person)
    actions.ask(sent, by=world.officer, at=NOW, question="words", words=WORDS)
    officer = Client()
    officer.force_login(world.officer)
    before = officer.get(reverse("notification", args=[sent.pk])).content.decode()
    assert WORDS in before
    assert "Quillfeather" in officer.get(reverse("notification-identity", args=[sent.pk])).content.decode()
    end(world, person)
    nothing_passes(world, sent)
    sent.refresh_from_db()
    assert sent.identity.withdrawn_at == NOW
    assert Event.objects.filter(kind="consent.withdrawn", subject=str(sent.pk)).count() == 1


def test_an_agreement_ends_with_its_last_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    person, last = world.full_person(), timezone.localdate() + timedelta(days=2)
    sent = notified(world, person, until=last)
    assert sent.identity.agreed_until is None  # as it was fetched
    sent.refresh_from_db()
    sent = Notification.objects.get(pk=sent.pk)
    assert sent.identity.agreed_until == last
    actions.ask(sent, by=world.officer, at=NOW, question="words", words=WORDS)
    assert actions.identified(sent, on=last)
    assert not actions.identified(sent, on=last + timedelta(days=1))
    later = timezone.now() + timedelta(days=3)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    nothing_passes(world, sent)


def test_the_police_are_told_of_a_last_day_that_passed(world: World) -> None:
    person, last = world.full_person(), timezone.localdate() + timedelta(days=2)
    sent = notified(world, person, until=last)
    assert intake.end_past_agreements(today=last, at=NOW) == 0
    assert intake.end_past_agreements(today=last + timedelta(days=1), at=NOW) == 1
    assert intake.end_past_agreements(today=last + timedelta(days=1), at=NOW) == 0
    event = Event.objects.get(kind="consent.withdrawn", subject=str(sent.pk))
    assert event.actor == "system"


def test_agreeing_for_longer_moves_the_last_day(world: World) -> None:
    person, last = world.full_person(), timezone.localdate() + timedelta(days=2)
    sent = notified(world, person, until=last)
    world.consent(person, IDENTITY, "given", until=last + timedelta(days=30))
    assert actions.identified(sent, on=last + timedelta(days=30))
    assert not actions.identified(sent, on=last + timedelta(days=31))
    world.consent(person, IDENTITY, "given")
    assert actions.identified(sent, on=last + timedelta(days=400))


def test_what_another_person_answers_ends_nothing(world: World) -> None:
    person, other = world.full_person(), world.full_person()
    sent = notified(world, person)
    notified(world, other)
    refused(world, other)
    assert actions.identified(sent, on=timezone.localdate())


def test_a_sender_without_a_record_can_say_that_it_was_taken_back(world: World) -> None:
    sent = world.notify(consents={IDENTITY: "given"}, name="Zdravka Quillfeather")
    actions.ask(sent, by=world.officer, at=NOW, question="words", words=WORDS)
    client, officer = Client(), Client()
    client.force_login(world.cast[Role.FIRST_RESPONDER])
    officer.force_login(world.officer)
    address = reverse("notification-take-back", args=[sent.pk])
    assert address in client.get(reverse("notification", args=[sent.pk])).content.decode()
    assert address not in officer.get(reverse("notification", args=[sent.pk])).content.decode()
    assert officer.post(address).status_code == 403
    for _time in range(2):
        assert client.post(address).status_code == 302
    nothing_passes(world, sent)
    assert Event.objects.filter(kind="consent.withdrawn", subject=str(sent.pk)).count() == 1


# The one answer, day by day


def test_how_an_answer_stands() -> None:
    day = date(2026, 3, 1)
    assert standing(None, on=day) is NOT_ASKED
    assert standing(Consent(decision="reset"), on=day) is NOT_ASKED
    for decision in ("refused", "withdrawn"):
        assert standing(Consent(decision=decision), on=day).state == decision
        assert not standing(Consent(decision=decision), on=day).given
    until = Consent(decision="given", until=day)
    assert standing(until, on=day).given
    assert standing(until, on=day).until == day
    over = standing(until, on=day + timedelta(days=1))
    assert (over.state, over.given, over.until) == ("over", False, None)
    assert standing(Consent(decision="given"), on=day + timedelta(days=10_000)).given


@pytest.mark.parametrize("decision", ["refused", "withdrawn", "over", "reset"])
def test_support_rests_on_it_the_same_way(world: World, service: Service, decision: str) -> None:
    episode = service.open()
    person = episode.person
    assert agreed(person, today=TODAY)
    if decision == "over":
        world.consent(person, "support", "given", until=TODAY - timedelta(days=1))
    elif decision == "reset":
        row = Person.objects.get(pk=person.pk)
        by = world.cast[Role.LEAD]
        cases.change_about(person=row, expected=row.version, by=by, at=NOW, values={"age": "uncertain"})
        row.refresh_from_db()
        cases.change_about(person=row, expected=row.version, by=by, at=NOW, values={"age": "adult"})
        person.refresh_from_db()
    else:
        world.consent(person, "support", decision)
    assert not agreed(person, today=TODAY)
    isla = Client()
    isla.force_login(service.isla)
    page = isla.get(reverse("support-who", args=[episode.pk])).content.decode()
    assert "Quillfeather" not in page
    assert consent_on(person, "support", on=TODAY).given is False


def test_a_referral_says_willing_only_while_they_are(world: World) -> None:
    person = world.full_person()
    for kind in ("nrm_referral", "police_cooperation"):
        world.consent(person, kind, "given")
    by = world.cast[Role.FIRST_RESPONDER]
    draft = referrals.begin(person_for(by, person.pk, Permission.REFERRAL_MAKE), by=by, at=NOW)
    assert draft.answers["willing"] == "yes"
    words = "willing to talk to the police"
    assert not [item for item in referrals.hindrances(draft, today=TODAY) if words in item]
    world.consent(person, "police_cooperation", "withdrawn")
    assert [item for item in referrals.hindrances(draft, today=TODAY) if words in item]


@pytest.mark.parametrize("days", [0, 1])
def test_a_grant_is_read_on_its_last_day_and_not_after(world: World, service: Service, days: int) -> None:
    episode = service.open()
    granted = service.grant(episode, service.told(episode), until=TODAY + timedelta(days=10))
    day = granted.until + timedelta(days=days)
    holds = days == 0
    assert is_in_force(Grant.objects.get(pk=granted.pk), today=day) is holds
    assert grants_to(world.officer, today=day).filter(pk=granted.pk).exists() is holds


@pytest.mark.parametrize("given", [True, False])
def test_notifying_from_a_record_says_so_in_the_record_whoever_calls_it(world: World, given: bool) -> None:
    """The duty to note what was shared lies with sending, and not with a page."""
    person = world.full_person()
    by = world.cast[Role.FRONTLINE_WORKER]
    if given:
        world.consent(person, "notification_identity", "given")
    consents = {kind: item.state for kind, item in consents_on(person, on=DAY).items()}
    version = notification_version("scotland-2019-proposal")
    record = notifying.codes_of(person) | (notifying.identity_of(person) if given else {})
    found = notifying.minimised(person, record, version, consents, on=DAY)
    extra = intake.Extra(local_reference=person.reference, request_key="k", if_rare="place_needed")
    for made in (True, False):
        sent = notifying.notify_police(
            person, found, sender=intake.Sender(person.team, by=by), way="page", at=NOW, extra=extra
        )
        assert sent.made is made
    shared = person.sharings.get()
    assert (shared.what, shared.consent) == ("notification", "notification_identity" if given else "")
    assert person.step_marks.filter(shown_by="notification").exists()
    assert NotifiedIdentity.objects.exists() is given
