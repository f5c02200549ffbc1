"""The timeline: a picture over time with a lane for each kind, the same as a list, and filters by kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bield.service.accounts.permissions import Role
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases import display
from bield.service.cases.overview import history
from tests.supporting import TODAY
from tests.world import NAMES, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AtWork = Callable[[Role], Client]


def test_every_kind_of_event_has_a_lane() -> None:
    assert {history.lane_of(kind.value) for kind in Kind} == set(history.LANES)
    assert history.lane_of("person.shared") == "consents"
    assert history.lane_of("person.changed") == history.lane_of("nothing.of.the.kind") == history.RECORD


def test_the_picture_counts_what_the_list_shows(world: World) -> None:
    person = world.full_person()
    world.consent(person, "support", "given")
    events = display.events_of(person, reading=False)
    picture = history.picture_of(events, today=TODAY)
    assert picture
    assert sum(lane.number for lane in picture.lanes) == len(events)
    assert all(0 <= mark <= 100 for lane in picture.lanes for mark in lane.marks)
    assert all(len(history.chosen(events, lane.id)) == lane.number for lane in picture.lanes)
    assert history.chosen(events, "nonsense") == events
    assert history.picture_of([], today=TODAY) is None
    later = history.picture_of(events, today=TODAY + timedelta(days=100))
    assert later
    assert max(later.lanes[0].marks) < 50


def test_the_page_filters_names_nobody_and_is_noted(world: World, at_work: AtWork) -> None:
    person, client = world.full_person(), at_work(Role.FRONTLINE_WORKER)
    world.consent(person, "support", "given")
    address = reverse("person-timeline", args=[person.pk])
    page = client.get(address).content.decode()
    assert "Recorded an encounter" in page
    assert "<circle" in page
    assert not any(name in page for name in NAMES.values())
    only = client.get(f"{address}?kind=consents").content.decode()
    assert "Recorded an encounter" not in only
    assert "Recorded an answer about consent" in only
    assert re.search(r'kind=consents" aria-current="page"', only)
    assert client.get(f"{address}?kind=nonsense&page=99").status_code == 200
    assert Event.objects.filter(kind=Kind.TIMELINE_READ, subject=str(person.pk)).count() == 3


def test_a_long_history_comes_in_pages_that_stay_small(world: World, at_work: AtWork) -> None:
    person, client = world.full_person(), at_work(Role.FRONTLINE_WORKER)
    for number in range(60):
        world.consent(person, "support", ("given", "refused")[number % 2])
    address = reverse("person-timeline", args=[person.pk])
    first = client.get(address)
    assert len(first.content) < 40_000
    events = len(display.events_of(person, reading=False))
    assert (b'rel="next"' in first.content) is (events > history.MOST)
