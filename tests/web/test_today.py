"""Today: what waits for a user, in order of time, and nothing that the gates would not give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from bield.service.accounts.models import Membership, User
from bield.service.accounts.permissions import Role
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases import actions as cases
from bield.service.cases.who import who
from bield.service.support.children import guardians
from bield.service.support.episodes import actions as support
from bield.service.support.models import Entry, Episode
from bield.service.today import help as helping
from bield.service.today.since import OF_RECORDS
from tests.supporting import TODAY, Service
from tests.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AtWork = Callable[[Role], Client]


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def due(service: Service, episode: Episode, part: str, days: int, **details: Any) -> Entry:
    """An entry that is due so many days from today."""
    entry = service.put(episode, part, **details)
    Entry.objects.filter(pk=entry.pk).update(due=TODAY + timedelta(days=days), open=True)
    return entry


def test_what_is_late_comes_first_and_each_row_has_the_button_that_does_it(service: Service, isla: Client) -> None:
    episode = service.open(days=5)
    late, soon = due(service, episode, "risk", -3), due(service, episode, "need", 4)
    page = text(isla.get(reverse("home")))
    assert "3 days late" in page
    assert page.index("Do now") < page.index("Review a risk") < page.index("The next two weeks")
    for entry in (late, soon):
        assert reverse("support-entry", args=[episode.pk, entry.part, entry.pk]) in page
    assert f">{episode.person.shown_reference}</a>" in page
    assert who(episode.person) in page


def test_things_due_for_one_person_stand_in_one_row(service: Service, isla: Client) -> None:
    episode = service.open(days=5)
    due(service, episode, "risk", -3)
    due(service, episode, "need", -1)
    page = text(isla.get(reverse("home")))
    assert page.count("bield-work__when") == 1
    assert page.index("Review a risk") < page.index("Also:") < page.index("Look at a need again")
    assert "2 late" in page


def test_nothing_is_shown_of_people_somebody_else_supports(service: Service, world: World) -> None:
    episode = service.open(days=5)
    due(service, episode, "risk", -3)
    other = User.objects.create(email="other@tara.example", name="Other Worker")
    Membership.objects.create(user=other, team=episode.team, role=Role.SUPPORT_WORKER)
    client = Client()
    client.force_login(other)
    assert episode.person.shown_reference not in text(client.get(reverse("home")))
    assert reverse("support", args=[episode.pk]) not in text(client.get(reverse("home")))


def test_a_request_waits_for_every_worker_of_the_team_until_it_is_answered(service: Service, isla: Client) -> None:
    episode = service.asked(service.person(age="under_18", believed_under_18=True))
    page = text(isla.get(reverse("home")))
    assert "Waiting for your answer" in page
    assert "Answer a request from" in page
    assert "child" in page
    support.decline(episode, by=service.isla, at=NOW, reason="full")
    assert "Answer a request from" not in text(isla.get(reverse("home")))


def test_a_lead_sees_the_reviews_that_others_asked_for(world: World, at_work: AtWork) -> None:
    person, lead = world.full_person(), world.cast[Role.LEAD]
    cases.ask_review(person=person, by=world.cast[Role.FRONTLINE_WORKER], at=NOW, words="Please look")
    assert "Review a record for" in text(at_work(Role.LEAD).get(reverse("home")))
    assert "Review a record for" not in text(at_work(Role.FRONTLINE_WORKER).get(reverse("home")))
    own = world.full_person()
    cases.ask_review(person=own, by=lead, at=NOW, words="Mine")
    assert own.shown_reference not in text(at_work(Role.LEAD).get(reverse("home")))


def test_the_police_see_urgent_notifications_first_and_how_long_each_waits(world: World) -> None:
    old = world.notify(at=NOW - timedelta(days=3))
    urgent = world.notify(urgent="yes")
    client = Client()
    client.force_login(world.officer)
    page = text(client.get(reverse("home")))
    assert page.index(urgent.shown_reference) < page.index(old.shown_reference)
    assert "Waits 3 days" in page


def test_a_question_from_the_police_waits_for_the_team_that_sent(world: World, at_work: AtWork) -> None:
    from bield.service.notifications import actions as notifications

    notification = world.notify()
    notifications.ask(notification, question="field:gender", by=world.officer, at=NOW)
    page = text(at_work(Role.FRONTLINE_WORKER).get(reverse("home")))
    assert page.count("Answer a question from the police</a>") == 1
    assert reverse("notification", args=[notification.pk]) in page


def test_a_question_answered_before_does_not_make_an_open_one_older(world: World, at_work: AtWork) -> None:
    from bield.service.notifications import actions as notifications

    notification, worker = world.notify(at=NOW - timedelta(days=9)), world.cast[Role.FRONTLINE_WORKER]
    long_ago = NOW - timedelta(days=8)
    first = notifications.ask(notification, question="field:gender", by=world.officer, at=long_ago)
    notifications.answer(first, choice="not_known", by=worker, at=long_ago)
    notifications.ask(notification, question="field:type", by=world.officer, at=NOW - timedelta(days=2))
    page = text(at_work(Role.FRONTLINE_WORKER).get(reverse("home")))
    assert page.count("Answer a question from the police</a>") == 1
    assert "Waits 2 days" in page


def test_a_lead_sees_who_has_how_much_and_a_worker_does_not(world: World, at_work: AtWork) -> None:
    world.person()
    worker = world.cast[Role.FRONTLINE_WORKER]
    page = text(at_work(Role.LEAD).get(reverse("home")))
    assert "Your team" in page
    assert f"?worker={worker.pk}" in page
    assert "Your team" not in text(at_work(Role.FRONTLINE_WORKER).get(reverse("home")))


def test_a_guardian_sees_the_children_they_are_the_guardian_of_and_no_other(service: Service) -> None:
    client = Client()
    client.force_login(service.guardian)
    child = service.open(service.person(age="under_18"))
    assert child.person.shown_reference not in text(client.get(reverse("home")))
    guardians.begin(child, guardian=service.guardian, on=TODAY, place="scotland", by=service.isla, at=NOW)
    page = text(client.get(reverse("home")))
    assert reverse("guarded-child", args=[child.person_id]) in page


def test_a_lead_is_led_to_what_a_colleague_who_left_looked_after(world: World, at_work: AtWork) -> None:
    world.person()
    assert reverse("people-left") not in text(at_work(Role.LEAD).get(reverse("home")))
    User.objects.filter(pk=world.cast[Role.FRONTLINE_WORKER].pk).update(is_active=False)
    page = text(at_work(Role.LEAD).get(reverse("home")))
    assert "Hand over 1 record" in page
    assert reverse("people-left") in page


def test_since_you_were_last_here_shows_what_others_did_and_nothing_of_before(world: World, at_work: AtWork) -> None:
    person, worker = world.full_person(), world.cast[Role.FRONTLINE_WORKER]
    client = at_work(Role.FRONTLINE_WORKER)
    assert "First time here?" in text(client.get(reverse("home")))
    User.objects.filter(pk=worker.pk).update(here_at=NOW - timedelta(hours=3))
    assert "Nothing happened to your people" in text(client.get(reverse("home")))
    cases.close(person=person, by=world.cast[Role.LEAD], at=NOW + timedelta(minutes=1), reason="moved")
    cases.reopen(person=person, by=world.cast[Role.LEAD], at=NOW + timedelta(minutes=2))
    page = text(client.get(reverse("home")))
    assert "Closed the record" in page
    assert "Opened the record again" in page


def test_what_happens_within_support_is_not_told_to_whoever_keeps_the_record() -> None:
    from bield.service.audit.kinds import OF_SUPPORT

    assert not set(OF_RECORDS) & OF_SUPPORT


def test_reading_it_leaves_one_event_an_organisation_and_no_words(service: Service, isla: Client) -> None:
    service.open(days=5)
    isla.get(reverse("home"))
    event = Event.objects.get(kind=Kind.TODAY_READ)
    assert event.actor == str(service.isla.pk)
    assert event.organisation == str(service.isla.memberships.get().team.organisation_id)


def test_it_takes_the_same_number_of_queries_however_much_waits(service: Service, isla: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert isla.get(reverse("home")).status_code == 200
        return len(found)

    def fill() -> None:
        episode = service.open(service.person(), days=40)
        Episode.objects.filter(pk=episode.pk).update(grounds_on=TODAY - timedelta(days=30))
        due(service, episode, "risk", -2)
        due(service, episode, "appointment", 0)
        service.asked(service.person())

    fill()
    queries()
    before = queries()
    for _number in range(4):
        fill()
    assert queries() == before <= 40


@pytest.mark.parametrize("role", list(Role))
def test_everybody_has_a_first_page_that_says_what_they_can_do(at_work: AtWork, role: Role) -> None:
    page = text(at_work(role).get(reverse("home")))
    assert "Good " in page
    assert 'aria-current="true"' in page
    assert reverse("help") in page


def test_the_navigation_counts_what_waits_and_not_what_there_is(service: Service, isla: Client) -> None:
    service.open(days=5)
    assert "bield-count" not in text(isla.get(reverse("support-list")))
    service.asked(service.person())
    assert text(isla.get(reverse("support-list"))).count("bield-count") == 1


def test_finding_reaches_support_and_notifications_by_reference(service: Service, isla: Client, world: World) -> None:
    episode = service.open(days=5)
    found = isla.post(reverse("find"), {"find": episode.person.shown_reference})
    assert found.status_code in (200, 302)
    assert reverse("support", args=[episode.pk]) in (found.headers.get("Location", "") + text(found))
    notification, police = world.notify(), Client()
    police.force_login(world.officer)
    answer = police.post(reverse("find"), {"find": notification.shown_reference})
    assert answer.headers["Location"] == reverse("notification", args=[notification.pk])
    assert episode.person.shown_reference not in text(police.post(reverse("find"), {"find": episode.person.reference}))


class TestHelp:
    """Short answers, about the page one came from first."""

    def test_the_topic_about_the_page_stands_open(self, client: Client) -> None:
        page = text(client.get(reverse("help"), {"about": "consents"}))
        assert (
            page.index("About the page you came from")
            < page.index("Which consents are there")
            < page.index("Everything else")
        )

    def test_words_find_topics_and_say_so_where_none_fits(self, client: Client) -> None:
        assert "Does support end when the statutory period ends?" in text(
            client.get(reverse("help"), {"q": "statutory"})
        )
        assert "No answer has all of these words" in text(client.get(reverse("help"), {"q": "zebra"}))
        assert "<script" not in client.get(reverse("help"), {"q": "<script>x"}).content.decode().split("<main")[1]

    def test_every_page_that_a_topic_names_exists(self) -> None:
        names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
        assert {page for topic in helping.topics() for page in topic.pages} <= names
