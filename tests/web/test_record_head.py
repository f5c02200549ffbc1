"""The head of a record: who it is about, how far things have come, the three next steps, and no name anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format

from bield.service.accounts.permissions import Role
from bield.service.cases import actions, what_next
from bield.service.cases.models import Person
from bield.service.cases.overview import head
from tests.supporting import TODAY, Service
from tests.world import CHANNELS, DAY, NAMES, NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AtWork = Callable[[Role], Client]


def page_of(client: Client, person: Person) -> str:
    answer = client.get(reverse("person", args=[person.pk]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def facts(person: Person) -> dict[str, tuple[str, str]]:
    return {fact.title: (fact.words, fact.more) for fact in head.strip_of(person, today=TODAY)}


def stages(person: Person, *consents: str) -> dict[str, tuple[str, str]]:
    found = head.stages_of(person, person.assessments.first(), consents or ("not_asked",) * 4)
    return {stage.name: (stage.state, stage.words) for stage in found}


def test_the_strip_says_who_it_is_about_and_names_nobody(world: World, at_work: AtWork) -> None:
    person = world.full_person()
    person.refresh_from_db()
    found = facts(person)
    assert found["Who"] == ("Woman, adult", "")
    assert found["Exploitation"] == ("Sexual", "")
    assert found["Found in"] == ("Glasgow City Council", "")
    assert found["Looked after by"][0] == person.worker.name
    assert found["Last met"] == (date_format(DAY), f"{(TODAY - DAY).days} days ago")
    page = page_of(at_work(Role.LEAD), person)
    assert "Woman, adult" in page
    assert not any(words in page for words in (*NAMES.values(), CHANNELS[0]["value"], CHANNELS[0]["note"]))


def test_a_way_that_is_not_safe_is_never_offered(world: World) -> None:
    person, by = world.full_person(), world.cast[Role.FRONTLINE_WORKER]
    assert facts(person)["Safe way to reach them"] == ("None", "Do not use: phone call")
    ways = [*CHANNELS, {"kind": "visit", "value": "At the library", "safe": "yes", "note": ""}]
    actions.change_identity(person=person, expected=1, by=by, at=NOW, names=NAMES, channels=ways)
    assert facts(person)["Safe way to reach them"] == ("In person", "Do not use: phone call")
    assert facts(world.person())["Safe way to reach them"] == ("None: do not ring or write", "")


def test_where_nobody_met_them_yet_it_says_where_they_are(world: World) -> None:
    found = facts(world.person())
    assert "Found in" not in found
    assert found["Where they are"] == ("Glasgow City Council", "")
    assert found["Last met"] == ("Not recorded", "")


def test_the_stages_follow_what_was_recorded(service: Service) -> None:
    person = service.world.person()
    assert stages(person)["Assessed"] == ("now", "no signs signed yet")
    assert stages(person)["Consents"] == ("ahead", "0 of 4 asked")
    assert stages(person, "given", "refused", "over", "not_asked")["Consents"] == ("now", "2 of 4 asked")
    assert stages(person, "given", "refused", "withdrawn", "given")["Consents"] == ("done", "4 of 4 asked")
    assert stages(person)["Support"] == ("ahead", "not asked for")
    assert stages(person)["Decision"] == ("ahead", "no referral made")
    supported = service.open().person
    supported.refresh_from_db()
    assert stages(supported)["Assessed"][0] == "done"
    assert stages(supported)["Support with TARA"] == ("now", "under way")
    Person.objects.filter(pk=supported.pk).update(support="ended", support_ended_on=DAY, referral="conclusive_positive")
    supported.refresh_from_db()
    assert stages(supported)["Support"] == ("done", f"ended {date_format(DAY)}")
    assert stages(supported)["Decision"] == ("done", "positive conclusive grounds")
    assert stages(supported)["Beyond"][0] == "now"


def test_a_child_has_no_stage_of_consents(world: World) -> None:
    assert "Consents" not in stages(world.person(age="under_18"))
    assert "Consents" not in stages(world.person(age="uncertain"))


def test_every_state_of_a_referral_has_words(world: World) -> None:
    from bield.service.codelists import lists

    person = world.person()
    for referral in lists()["referral"].codes:
        person.referral = str(referral)
        assert stages(person)["Decision"][1]


def test_three_steps_are_open_and_the_others_folded(world: World, at_work: AtWork) -> None:
    person = world.full_person()
    page = page_of(at_work(Role.FIRST_RESPONDER), person)
    lists_of_steps = re.findall(r'<ol class="bield-todo bield-next" start="(\d)">(.*?)</ol>', page)
    assert [start for start, _steps in lists_of_steps] == ["1", "4"]
    first, others = (steps.count("<h3>") for _start, steps in lists_of_steps)
    assert first == what_next.AT_ONCE
    assert f"{others} more step" in page
    assert page.count("Why, and how") == first + others
    assert page.index("more step") < page.index('start="4"')


def test_danger_comes_first_then_what_is_late(world: World, at_work: AtWork) -> None:
    decided = TODAY - timedelta(days=95)
    person = world.person(referral="reasonable_grounds", decision_on=decided, danger="yes")
    page = page_of(at_work(Role.LEAD), person)
    titles = re.findall(r"<h3>(.*?)</h3>", page)
    assert titles[0] == "Ring 999 now"
    assert page.index('class="bield-late">Was due') < page.index("more step")
    assert "in danger</span>" in page


def test_the_two_main_actions_follow_the_role_and_a_closed_record_has_none(world: World, at_work: AtWork) -> None:
    person = world.full_person()
    page = page_of(at_work(Role.FRONTLINE_WORKER), person)
    top = page.split('class="bield-strip"')[0]
    assert f'href="{reverse("person-identity", args=[person.pk])}"> Open who they are' in top.replace(
        '">Open', '"> Open'
    )
    assert reverse("encounter-new", args=[person.pk]) in top
    by = world.cast[Role.FRONTLINE_WORKER]
    actions.close(person=person, by=by, at=NOW, reason="wish")
    assert reverse("encounter-new", args=[person.pk]) not in page_of(at_work(Role.FRONTLINE_WORKER), person)


def test_a_full_record_stays_under_thirty_thousand_characters(world: World, at_work: AtWork) -> None:
    for age in ("adult", "uncertain"):
        person = world.full_person(age=age, referral="sent", missing=True, danger="yes", offence="yes")
        answer = at_work(Role.LEAD).get(reverse("person", args=[person.pk]))
        assert len(answer.content) < 30_000, (age, len(answer.content))
