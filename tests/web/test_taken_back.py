"""What was put down wrongly is taken back with a reason: it stays to be read, and counts no more."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bield.service.accounts.permissions import Role
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases import encounters
from bield.service.cases.models import Encounter, Person
from bield.service.cases.rights import subject_access
from bield.service.changes import NotNow
from bield.service.referrals.models import Decision
from bield.service.support.models import Episode, Grant
from tests.supporting import Service
from tests.web.test_referrals import closed as closed_referral
from tests.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = timezone.localdate()


def met(world: World, person: Person, days: int) -> Encounter:
    values = {"on": TODAY - timedelta(days=days), "council": "", "place_kind": "home", "attention": "own_visit"}
    by = world.cast[Role.FRONTLINE_WORKER]
    return encounters.add_encounter(person=person, by=by, at=NOW, values=values | {"note": "at the harbour"})


def test_an_encounter_that_was_put_down_wrongly_counts_no_more(world: World, at_work: Callable[[Role], Client]) -> None:
    person, client = world.person(), at_work(Role.FRONTLINE_WORKER)
    first, wrong = met(world, person, 9), met(world, person, 2)
    address = reverse("encounter-take-back", args=[person.pk, wrong.pk])
    assert address in client.get(reverse("encounter", args=[person.pk, wrong.pk])).content.decode()
    assert "Say why you are taking it back" in client.post(address, {"why": " "}).content.decode()
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
        "on_day": wrong.on.day,
        "on_month": wrong.on.month,
        "on_year": wrong.on.year,
        "place_kind": "home",
        "attention": "police",
        "version": 1,
    }
    late_page = client.post(reverse("encounter", args=[person.pk, wrong.pk]), late, follow=True).content.decode()
    assert "was taken back" in late_page
    assert "Took an encounter back" in client.get(reverse("person-timeline", args=[person.pk])).content.decode()
    assert Event.objects.get(kind=Kind.ENCOUNTER_TAKEN_BACK.value).facts == {"encounter": wrong.pk}
    said = {
        item["on"]: item["taken_back"]
        for item in subject_access.everything(person, place="scotland", today=TODAY)["encounters"]
    }
    assert said == {first.on: "", wrong.on: "It was somebody else."}


def test_it_is_taken_back_once_and_not_changed_any_more(world: World) -> None:
    person, by = world.person(), world.cast[Role.FRONTLINE_WORKER]
    wrong = met(world, person, 2)
    encounters.take_encounter_back(person=person, encounter=wrong, by=by, at=NOW, why="Twice.")
    assert Person.objects.get().last_met_on is None
    with pytest.raises(NotNow, match="taken back already"):
        encounters.take_encounter_back(person=person, encounter=wrong, by=by, at=NOW, why="Twice.")
    with pytest.raises(NotNow, match="was taken back"):
        encounters.change_encounter(person=person, encounter=wrong, expected=1, by=by, at=NOW, values={"note": "no"})


def test_an_encounter_of_another_record_is_not_there(world: World, at_work: Callable[[Role], Client]) -> None:
    mine, other = world.person(), world.person()
    there = met(world, other, 2)
    address = reverse("encounter-take-back", args=[mine.pk, there.pk])
    assert at_work(Role.FRONTLINE_WORKER).post(address, {"why": "x"}).status_code == 404


def form_key(client: Client, address: str) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', client.get(address).content.decode())
    assert found
    return found[1]


def send(client: Client, address: str, values: dict[str, str]) -> Any:
    """Send a form from a page that was opened anew, as people do."""
    return client.post(address, values | {"form_key": form_key(client, address)})


def day(name: str, days: int = 0) -> dict[str, str]:
    on = TODAY - timedelta(days=days)
    return {f"{name}_day": str(on.day), f"{name}_month": str(on.month), f"{name}_year": str(on.year)}


def test_an_encounter_recorded_again_after_it_was_taken_back_is_no_repeat(
    world: World, at_work: Callable[[Role], Client]
) -> None:
    person, client = world.person(), at_work(Role.FRONTLINE_WORKER)
    address = reverse("encounter-new", args=[person.pk])
    first = day("on", 2) | {"place_kind": "home", "attention": "own_visit", "note": "at the harbour"}
    other = first | {"note": "at the station"}
    for values in (first, other):
        assert send(client, address, values).status_code == 302
        assert send(client, address, values).status_code == 409
    wrong = Encounter.objects.earliest("pk")
    colleague = at_work(Role.LEAD)
    taken_back = colleague.post(reverse("encounter-take-back", args=[person.pk, wrong.pk]), {"why": "Not here."})
    assert taken_back.status_code == 302
    assert send(client, address, other).status_code == 409, "only what was taken back may come again"
    assert send(client, address, first).status_code == 302
    assert send(client, address, first).status_code == 409
    assert [item.note for item in Encounter.objects.filter(taken_back_at=None).order_by("pk")] == [
        "at the station",
        "at the harbour",
    ]


def test_the_same_answer_after_agreement_was_taken_back_is_no_repeat(
    world: World, at_work: Callable[[Role], Client]
) -> None:
    person, client = world.person(), at_work(Role.FRONTLINE_WORKER)
    address, other = (reverse("consent", args=[person.pk, kind]) for kind in ("support", "nrm_referral"))
    given = day("on") | {"decision": "given", "language": "sq", "interpreter": "phone"}
    for page in (address, other):
        assert send(client, page, given).status_code == 302
    assert send(client, address, given).status_code == 409
    assert send(client, address, given | {"decision": "withdrawn"}).status_code == 302
    assert send(client, other, given).status_code == 409
    assert send(client, address, given).status_code == 302
    assert list(person.consents.filter(kind="support").order_by("pk").values_list("decision", flat=True)) == [
        "given",
        "withdrawn",
        "given",
    ]


def test_a_decision_and_a_hand_in_recorded_again_after_they_were_taken_back_are_no_repeat(
    world: World, at_work: Callable[[Role], Client]
) -> None:
    person = world.full_person()
    for kind in ("nrm_referral", "support"):
        world.consent(person, kind, "given")
    found, client = closed_referral(world, person), at_work(Role.LEAD)
    hand_in, decision = (reverse(name, args=[found.pk]) for name in ("referral-hand-in", "referral-decision"))
    handed = day("on") | {"way": "email", "number": ""}
    assert send(client, hand_in, handed).status_code == 302
    undo = {"reason": "not_yet", "words": ""}
    assert client.post(reverse("referral-take-back", args=[found.pk]), undo).status_code == 302
    assert send(client, hand_in, handed).status_code == 302
    letter = day("on") | {"kind": "rg_positive"}
    assert send(client, decision, letter).status_code == 302
    assert send(client, decision, letter).status_code == 409
    wrong = Decision.objects.get()
    back = reverse("referral-decision-take-back", args=[found.pk, wrong.pk])
    assert client.post(back, {"why": "Another person's letter."}).status_code == 302
    assert send(client, decision, letter).status_code == 302
    assert Decision.objects.count() == 1


def test_asking_for_support_again_after_it_was_taken_back_or_declined_is_no_repeat(
    service: Service, isla: Client, at_work: Callable[[Role], Client]
) -> None:
    person, client = service.person(), at_work(Role.FRONTLINE_WORKER)
    address = reverse("person-support", args=[person.pk])
    asked = {"team": str(service.team.pk), "words": "A bed tonight", "choice": ""}
    assert send(client, address, asked).status_code == 302
    assert send(client, address, asked).status_code == 409
    episode = Episode.objects.get()
    assert client.post(reverse("person-support-take-back", args=[person.pk, episode.pk])).status_code == 302
    assert send(client, address, asked).status_code == 302
    waiting = Episode.objects.get(state="asked")
    answered = isla.post(reverse("support-answer", args=[waiting.pk, "decline"]), {"reason": "room"})
    assert answered.status_code == 302
    assert send(client, address, asked).status_code == 302
    assert Episode.objects.count() == 3


def test_a_grant_given_again_after_it_was_taken_back_is_no_repeat(service: Service, isla: Client) -> None:
    episode = service.open()
    service.told(episode)
    address = reverse("support-grant-new", args=[episode.pk])
    said = {"to": str(service.world.police.organisation_id), "parts": "journey", "purpose": "investigation"}
    said |= day("agreed_on") | day("until", -9) | {"explained": "Read out"}
    assert send(isla, address, said).status_code == 302
    assert send(isla, address, said).status_code == 409
    assert isla.post(reverse("support-grant-end", args=[episode.pk, Grant.objects.get().pk])).status_code == 302
    assert send(isla, address, said).status_code == 302
    assert Grant.objects.filter(ended_at=None).count() == 1
