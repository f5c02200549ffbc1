"""The overview of an episode: the time as a line, safe ways, what is due, the people around, one history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases.models import Channel
from bield.service.support import phases
from bield.service.support.children import guardians
from bield.service.support.episodes import actions, display, glance
from bield.service.support.models import Entry, Episode
from tests.supporting import DETAILS, TODAY, Service
from tests.world import CHANNELS, DAY, NAMES, NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def page_of(client: Client, episode: Episode) -> str:
    answer = client.get(reverse("support", args=[episode.pk]))
    assert answer.status_code == 200
    assert len(answer.content) < 30_000
    return " ".join(answer.content.decode().split())


def rows_of(episode: Episode) -> list[display.Shown]:
    return display.shown(list(Entry.objects.filter(episode=episode).select_related("by")), today=TODAY)


def line_of(episode: Episode) -> glance.Line:
    found = phases.shown_phases(episode, phases.decided([episode])[episode.pk], [], today=TODAY)
    line = glance.line_of(episode, found, rows_of(episode), today=TODAY)
    assert line
    return line


def test_it_names_nobody_and_says_how_to_reach_them(service: Service, isla: Client) -> None:
    episode = service.open()
    service.put(episode, "interpreter")
    page = page_of(isla, episode)
    assert "Woman, adult" in page
    assert "Albanian, A woman" in page
    assert "The only way to reach them is not safe: phone call" in page
    assert "Do not ring, write or go to their door" in page
    assert "they keep the ways to reach them" in page
    assert not any(words in page for words in (*NAMES.values(), CHANNELS[0]["value"], CHANNELS[0]["note"]))
    assert Event.objects.filter(kind=Kind.SUPPORT_READ, subject=str(episode.person_id)).exists()


def test_with_a_safe_way_it_does_not_warn(service: Service, isla: Client) -> None:
    episode = service.open()
    Channel.objects.create(person=episode.person, kind="visit", safe="yes", details={"value": "Library", "note": ""})
    page = page_of(isla, episode)
    assert "is not safe:" not in page
    assert "In person" in page
    Channel.objects.filter(person=episode.person).delete()
    assert "No safe way to reach them is known" in page_of(isla, episode)


def test_the_line_begins_with_support_and_has_today_on_it(service: Service, isla: Client) -> None:
    episode = service.open(days=50)
    line = line_of(episode)
    assert line.begins == episode.began_on
    assert line.day == 51
    assert 0 < line.today < 100
    assert line.ends > TODAY
    assert {piece.state for piece in line.pieces} == {"now", "ahead"}
    assert "Today is day 51" in page_of(isla, episode)


def test_what_is_over_is_dark_and_contacts_are_marks(service: Service) -> None:
    episode = service.open(days=200)
    episode.grounds_on = TODAY - timedelta(days=195)
    episode.save()
    service.put(episode, "contact")
    service.put(episode, "contact", result="no_answer")
    line = line_of(episode)
    assert [piece.state for piece in line.pieces][:2] == ["done", "done"]
    assert line.pieces[-1].state == "ahead"
    assert len(line.contacts) == 1  # nobody was reached by the other one
    assert all(0 <= piece.at <= 100 and piece.at + piece.length <= 100.2 for piece in line.pieces)


def test_a_child_has_a_line_too_until_they_turn_18(service: Service, isla: Client) -> None:
    episode = service.open(age="under_18")
    line = line_of(episode)
    assert len(line.pieces) >= 1
    assert episode.person.turns_18
    assert line.ends >= episode.person.turns_18[0]
    guardians.begin(episode, guardian=service.guardian, on=DAY, place="scotland", by=service.isla, at=NOW)
    page = page_of(isla, episode)
    assert f"<dt>Guardian</dt><dd>{service.guardian.name}</dd>" in page
    assert reverse("support-child", args=[episode.pk]) in page


def test_once_support_has_ended_the_line_ends_too(service: Service, isla: Client) -> None:
    episode = service.open()
    actions.close(episode, ending="ready", on=TODAY, follow_up="yes", by=service.isla, at=NOW)
    episode.refresh_from_db()
    line = line_of(episode)
    assert (line.ends, line.side) == (TODAY, "start" if line.day == 1 else "end")
    page = page_of(isla, episode)
    assert "Support began on" in page
    assert "Record a contact" not in page
    assert reverse("support-entry-new", args=[episode.pk, "need"]) not in page


def test_what_is_due_comes_soonest_first_with_steps_and_their_buttons(service: Service, isla: Client) -> None:
    episode = service.open()
    goal = service.put(episode, "goal")
    late = service.put(episode, "step", under=goal, by=(TODAY - timedelta(days=3)).isoformat())
    service.put(episode, "need", review_on=(TODAY + timedelta(days=2)).isoformat())
    due = glance.due_rows(rows_of(episode), today=TODAY)
    assert [(item.what, item.late) for item in due] == [
        ("Do a step of the plan", True),
        ("Look at a need again", False),
    ]
    page = page_of(isla, episode)
    assert "3 days late" in page
    assert reverse("support-entry", args=[episode.pk, "step", late.pk]) in page


def test_a_goal_whose_steps_are_all_done_asks_what_comes_next(service: Service, isla: Client) -> None:
    episode = service.open()
    goal = service.put(episode, "goal")
    step = service.put(episode, "step", under=goal)
    assert "Reached? What next?" not in page_of(isla, episode)
    details = DETAILS["step"]
    actions.change_entry(step, episode=episode, expected=1, details=details, state="done", by=service.isla, at=NOW)
    page = page_of(isla, episode)
    assert "Every step is done. Reached? What next?" in page
    assert reverse("support-entry", args=[episode.pk, "goal", goal.pk]) in page
    assert f"{reverse('support-entry-new', args=[episode.pk, 'step'])}?under={goal.pk}" in page


def test_the_safety_plan_and_the_next_appointment_stand_on_it(service: Service, isla: Client) -> None:
    episode = service.open()
    assert "There is no safety plan yet" in page_of(isla, episode)
    service.put(episode, "safety", people="Ring Aunt Bora and say blue")
    service.put(episode, "appointment", on=(TODAY + timedelta(days=9)).isoformat())
    sooner = service.put(episode, "appointment", on=(TODAY + timedelta(days=4)).isoformat(), time="09:15")
    found = glance.next_appointment(rows_of(episode), today=TODAY)
    assert found
    assert found.entry.pk == sooner.pk
    page = page_of(isla, episode)
    assert "Where they are safe, by day and by night:" in page
    assert "Ring Aunt Bora and say blue" in page
    assert "09:15" in page


def test_last_contacts_say_the_way_the_worker_and_the_interpreter(service: Service, isla: Client) -> None:
    episode = service.open()
    service.put(episode, "contact", interpreter="phone")
    page = page_of(isla, episode)
    assert "Met as arranged before. We met." in page
    assert "interpreter: a professional, by phone or video" in page
    assert service.isla.name in page


def test_empty_parts_are_behind_add_and_others_are_links_with_counts(service: Service, isla: Client) -> None:
    episode = service.open()
    service.put(episode, "need")
    page = page_of(isla, episode)
    recorded = page.split("Recorded here")[1].split("</section>")[0]
    assert ">Needs</a>" in recorded
    assert "MARAC" not in recorded
    adding = page.split("Recorded here")[1].split("> Add </summary>")[-1]
    assert reverse("support-entry-new", args=[episode.pk, "marac"]) in adding


def test_one_history_in_order_of_time_can_be_narrowed(service: Service, isla: Client) -> None:
    episode = service.open(days=30)
    service.put(episode, "contact", on=(TODAY - timedelta(days=20)).isoformat())
    service.put(episode, "noticed", on=(TODAY - timedelta(days=10)).isoformat())
    service.put(episode, "outcome", on=TODAY.isoformat())
    days = [item.on for item in glance.history_of(rows_of(episode))]
    assert days == sorted(days, reverse=True)
    address = reverse("support-part", args=[episode.pk, "all"])
    page = isla.get(address).content.decode()
    links = ("noticed", "contact")
    assert page.index(f"/parts/{links[0]}/") < page.index(f"/parts/{links[1]}/")
    assert reverse("support-outcomes", args=[episode.pk]) in page
    only = isla.get(f"{address}?part=contact").content.decode()
    assert "/parts/contact/" in only
    assert "/parts/noticed/" not in only
    assert isla.get(f"{address}?part=nonsense").status_code == 200


def test_the_overview_takes_no_more_queries_with_more_entries(
    service: Service, isla: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    episode = service.open(days=60)
    for _number in range(12):
        service.put(episode, "contact")
        service.put(episode, "need")
    with django_assert_max_num_queries(45):
        page_of(isla, episode)
