"""What was put down wrongly is taken back with a reason: it stays to be read, and counts no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bield.service.accounts.permissions import Role
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases import actions, copy
from bield.service.cases.actions import NotNow
from bield.service.cases.models import Encounter, Person
from tests.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = timezone.localdate()


def met(world: World, person: Person, days: int) -> Encounter:
    values = {"on": TODAY - timedelta(days=days), "council": "", "place_kind": "home", "attention": "own_visit"}
    by = world.cast[Role.FRONTLINE_WORKER]
    return actions.add_encounter(person=person, by=by, at=NOW, values=values | {"note": "at the harbour"})


def test_an_encounter_that_was_put_down_wrongly_counts_no_more(world: World, at_work: Callable[[Role], Client]) -> None:
    person, client = world.person(), at_work(Role.FRONTLINE_WORKER)
    first, wrong = met(world, person, 9), met(world, person, 2)
    address = reverse("encounter-take-back", args=[person.pk, wrong.pk])
    assert address in client.get(reverse("encounter", args=[person.pk, wrong.pk])).content.decode()
    assert "Say why it is taken back" in client.post(address, {"why": " "}).content.decode()
    assert client.post(address, {"why": "It was somebody else."}).status_code == 302
    person.refresh_from_db()
    assert person.last_met_on == first.on
    page = client.get(reverse("encounters", args=[person.pk])).content.decode()
    assert "It was somebody else." in page
    assert "at the harbour" in page
    one = client.get(reverse("encounter", args=[person.pk, wrong.pk])).content.decode()
    assert "It was somebody else." in one
    assert "<textarea" not in one
    late = {
        "on_day": 1,
        "on_month": 1,
        "on_year": TODAY.year,
        "place_kind": "home",
        "attention": "police",
        "version": 1,
    }
    late_page = client.post(reverse("encounter", args=[person.pk, wrong.pk]), late, follow=True).content.decode()
    assert "was taken back" in late_page
    assert "Took an encounter back" in client.get(reverse("person-timeline", args=[person.pk])).content.decode()
    assert Event.objects.get(kind=Kind.ENCOUNTER_TAKEN_BACK.value).facts == {"encounter": wrong.pk}
    said = {
        item["on"]: item["taken_back"] for item in copy.everything(person, place="scotland", today=TODAY)["encounters"]
    }
    assert said == {first.on: "", wrong.on: "It was somebody else."}


def test_it_is_taken_back_once_and_not_changed_any_more(world: World) -> None:
    person, by = world.person(), world.cast[Role.FRONTLINE_WORKER]
    wrong = met(world, person, 2)
    actions.take_encounter_back(person=person, encounter=wrong, by=by, at=NOW, why="Twice.")
    assert Person.objects.get().last_met_on is None
    with pytest.raises(NotNow, match="taken back already"):
        actions.take_encounter_back(person=person, encounter=wrong, by=by, at=NOW, why="Twice.")
    with pytest.raises(NotNow, match="was taken back"):
        actions.change_encounter(person=person, encounter=wrong, expected=1, by=by, at=NOW, values={"note": "no"})


def test_an_encounter_of_another_record_is_not_there(world: World, at_work: Callable[[Role], Client]) -> None:
    mine, other = world.person(), world.person()
    there = met(world, other, 2)
    address = reverse("encounter-take-back", args=[mine.pk, there.pk])
    assert at_work(Role.FRONTLINE_WORKER).post(address, {"why": "x"}).status_code == 404
