"""E-mails about what waits: by choice, at once or in the morning, and never about whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from bield.service.accounts.models import User
from bield.service.accounts.news import When
from bield.service.accounts.permissions import Role
from bield.service.cases import actions as cases
from bield.service.cases.models import Person, Review
from bield.service.notifications import actions as notifications
from bield.service.support.episodes import actions as support
from bield.service.today.letter import send_daily
from tests.supporting import Service
from tests.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

Callbacks = Callable[..., Any]


def wants(user: User, when: When) -> None:
    User.objects.filter(pk=user.pk).update(news=when)
    user.refresh_from_db()


def names_nobody(*references: str) -> None:
    """No e-mail has a name, a reference or an address of a record in it."""
    for message in mail.outbox:
        said = f"{message.subject} {message.body}"
        assert "Zdravka" not in said
        assert not [reference for reference in references if reference in said]
        assert said.count("http") == 2
        assert reverse("home") in said


def test_a_question_a_handover_a_review_and_a_request_are_told_at_once(
    service: Service, world: World, django_capture_on_commit_callbacks: Callbacks
) -> None:
    worker, lead = world.cast[Role.FRONTLINE_WORKER], world.cast[Role.LEAD]
    person, notification = world.full_person(), world.notify()
    for user in (worker, lead, service.isla):
        wants(user, When.AT_ONCE)
    told: dict[str, list[list[str]]] = {}

    def done(name: str, act: Callable[[], object]) -> None:
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
        told[name] = [message.to for message in mail.outbox]
        names_nobody(person.shown_reference, notification.shown_reference)

    done("question", lambda: notifications.ask(notification, question="field:gender", by=world.officer, at=NOW))
    done("review", lambda: cases.ask_review(person=person, by=worker, at=NOW, words="Zdravka"))
    done("decided", lambda: cases.decide_review(person=person, by=lead, at=NOW, decision="approved", words="Zdravka"))
    done("handed over", lambda: cases.hand_over(person=person, to=lead, by=worker, at=NOW, words="Zdravka"))
    done("request", lambda: service.asked(service.person()))
    assert [worker.email] in told["question"]
    assert told["review"] == [[lead.email]]
    assert told["decided"] == [[worker.email]]
    assert told["handed over"] == [[lead.email]]
    assert [service.isla.email] in told["request"]


def test_nobody_is_told_at_once_who_did_not_choose_it_or_whose_account_is_closed(
    world: World, django_capture_on_commit_callbacks: Callbacks
) -> None:
    person, lead = world.full_person(), world.cast[Role.LEAD]
    for when, active in ((When.NEVER, True), (When.DAILY, True), (When.AT_ONCE, False)):
        wants(lead, when)
        User.objects.filter(pk=lead.pk).update(is_active=active)
        with django_capture_on_commit_callbacks(execute=True):
            cases.ask_review(person=person, by=world.cast[Role.FRONTLINE_WORKER], at=NOW, words="")
            cases.close(person=person, by=world.cast[Role.FRONTLINE_WORKER], at=NOW, reason="moved")
            cases.reopen(person=person, by=world.cast[Role.FRONTLINE_WORKER], at=NOW)
        person.refresh_from_db()
        Person.objects.filter(pk=person.pk).update(review="")
        Review.objects.all().delete()
    assert mail.outbox == []


def test_a_mail_server_that_does_not_answer_stops_nothing(
    world: World, django_capture_on_commit_callbacks: Callbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr("bield.service.accounts.news.send_mail", refuse)
    person, lead = world.full_person(), world.cast[Role.LEAD]
    wants(lead, When.AT_ONCE)
    with django_capture_on_commit_callbacks(execute=True):
        cases.hand_over(person=person, to=lead, by=world.cast[Role.FRONTLINE_WORKER], at=NOW, words="")
    person.refresh_from_db()
    assert person.worker_id == lead.pk


def test_the_morning_e_mail_counts_what_waits_once_a_day(service: Service) -> None:
    episode = service.asked(service.person())
    wants(service.isla, When.DAILY)
    assert send_daily(now=NOW) == 1
    assert send_daily(now=NOW + timedelta(minutes=5)) == 0
    assert "1 thing waits for your answer." in mail.outbox[0].body
    names_nobody(episode.person.shown_reference)
    support.decline(episode, by=service.isla, at=NOW, reason="full")
    assert send_daily(now=NOW + timedelta(days=1)) == 0  # nothing waits: no e-mail
    assert len(mail.outbox) == 1


def test_the_choice_is_made_on_a_page_of_the_account(world: World, client: Client) -> None:
    user = world.cast[Role.FRONTLINE_WORKER]
    client.force_login(user)
    assert client.post(reverse("news"), {"when": "hourly"}).status_code == 200
    assert client.post(reverse("news"), {"when": "daily"}).headers["Location"] == reverse("home")
    user.refresh_from_db()
    assert user.news == When.DAILY
