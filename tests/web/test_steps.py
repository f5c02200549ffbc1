"""What is recorded anywhere closes the steps it shows to be done; an open step leads to its form and can be marked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format

from bield.law.pathway import load_pathway
from bield.service.accounts.models import Membership, Organisation, Team
from bield.service.accounts.permissions import Permission, Role, roles_with
from bield.service.cases import actions as cases
from bield.service.cases import display, steps, what_next
from bield.service.cases.access import person_for
from bield.service.cases.models import Person, StepMark
from bield.service.days import day_of
from bield.service.design.past import ago
from bield.service.notifications import actions as notices
from bield.service.referrals import actions as referrals
from bield.service.support.children import guardians
from bield.service.support.episodes import actions
from tests.supporting import DETAILS, TODAY, Service
from tests.world import DAY, NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def mark(person: Person, step: str) -> StepMark | None:
    return StepMark.objects.filter(person=person, step=step).first()


@pytest.mark.parametrize(
    ("part", "step", "day"),
    [
        ("discussion", "inter-agency-discussion", date(2026, 1, 2)),
        ("accommodation", "child-accommodation", TODAY),
        ("prosecutor", "child-offence", date(2026, 1, 2)),
        ("missing", "missing", date(2026, 1, 2)),
    ],
)
def test_what_support_writes_down_closes_the_step(service: Service, part: str, step: str, day: date) -> None:
    episode = service.open(age="under_18")
    entry = service.put(episode, part)
    found = mark(episode.person, step)
    assert found
    assert (found.on, found.shown_by, found.by) == (day, part, service.isla)
    actions.remove_entry(entry, episode=episode, by=service.isla, at=NOW)
    assert mark(episode.person, step) is None


def test_an_interview_closes_its_step_only_once_it_was_held(service: Service) -> None:
    episode = service.open(age="under_18")
    entry = service.put(episode, "interview")
    assert mark(episode.person, "child-interview") is None
    details = DETAILS["interview"] | {"on": DAY.isoformat()}
    actions.change_entry(entry, episode=episode, expected=1, details=details, state="held", by=service.isla, at=NOW)
    assert mark(episode.person, "child-interview")


def test_a_guardian_closes_the_step_and_their_end_opens_it(service: Service) -> None:
    episode = service.open(age="under_18")
    guardians.begin(episode, guardian=service.guardian, on=DAY, place="scotland", by=service.isla, at=NOW)
    found = mark(episode.person, "guardian")
    assert found
    assert found.on == DAY
    guardians.end(episode, on=TODAY, by=service.isla, at=NOW)
    assert mark(episode.person, "guardian") is None


def test_asking_for_support_closes_the_step_and_a_refusal_opens_it(service: Service) -> None:
    episode = service.asked()
    assert mark(episode.person, "support-tara")
    actions.decline(episode, reason="full", by=service.isla, at=NOW)
    assert mark(episode.person, "support-tara") is None


def test_a_refusal_opens_nothing_while_another_provider_is_asked(service: Service) -> None:
    first = service.asked()
    team = Team.objects.create(organisation=service.team.organisation, name="Another")
    by = service.world.cast[Role.FRONTLINE_WORKER]
    other = actions.ask(first.person, team=team, choice="person", words="", place="scotland", by=by, at=NOW)
    actions.decline(first, reason="full", by=service.isla, at=NOW)
    assert mark(first.person, "support-tara")
    actions.take_back(other, by=by, at=NOW)
    assert mark(first.person, "support-tara") is None


def test_every_step_that_a_record_shows_is_one_of_the_pathway() -> None:
    known = {step.id for step in load_pathway().steps}
    assert {step for found in steps.shown_by_records().values() for step in found} <= known


def test_what_the_record_itself_shows(world: World) -> None:
    person, by = world.full_person(), world.cast[Role.FIRST_RESPONDER]
    assert mark(person, "signs")
    asked = {"support": "ask-support", "nrm_referral": "ask-referral", "police_cooperation": "ask-police"}
    for kind, step in asked.items():
        world.consent(person, kind, "given")
        found = mark(person, step)
        assert found
        assert found.on == DAY
    cases.assess_age(person=person, by=by, at=NOW, on=DAY, council="fife", result="inconclusive")
    assert mark(person, "age-assessment")
    # What shows a step done stands among the changes; that it does is an event too, with the title of the step.
    steps.mark_step(person=person, step="support-tara", done=True, by=by, at=NOW)
    changes, everything = display.events_of(person, reading=False), display.events_of(person)
    titles = [what_next.step_titles()[step] for step in ("support-tara", "age-assessment")]
    assert [item.detail for item in changes if item.detail in titles] == titles[:1]
    assert [item.detail for item in everything if item.detail in titles] == titles
    referrals.begin(person_for(by, person.pk, Permission.REFERRAL_MAKE), by=by, at=NOW)
    assert mark(person, "refer") is None  # a draft is no referral


def test_what_somebody_marked_by_hand_stays(service: Service) -> None:
    episode = service.open(age="under_18")
    steps.mark_step(person=episode.person, step="inter-agency-discussion", done=True, by=service.isla, at=NOW)
    entry = service.put(episode, "discussion")
    actions.remove_entry(entry, episode=episode, by=service.isla, at=NOW)
    assert mark(episode.person, "inter-agency-discussion")


def test_an_open_step_leads_to_its_form_and_can_be_marked(service: Service, isla: Client) -> None:
    episode = service.open(age="under_18")
    page = isla.get(reverse("support-child", args=[episode.pk])).content.decode()
    assert reverse("support-entry-new", args=[episode.pk, "discussion"]) in page
    assert 'href="#guardian"' in page
    isla.post(reverse("support-step", args=[episode.pk, "inter-agency-discussion"]), {"done": "yes"})
    assert mark(episode.person, "inter-agency-discussion")
    isla.post(reverse("support-step", args=[episode.pk, "inter-agency-discussion"]))
    assert mark(episode.person, "inter-agency-discussion") is None
    assert isla.post(reverse("support-step", args=[episode.pk, "nothing-of-the-kind"])).status_code == 404


def test_every_address_of_a_step_opens(world: World, at_work: Callable[[Role], Client]) -> None:
    person, client = world.full_person(), at_work(Role.LEAD)
    for step in what_next.PAGES:
        assert client.get(what_next.address_of(step, person)).status_code == 200, step


def test_facts_that_contradict_each_other_are_said(service: Service, isla: Client) -> None:
    episode = service.open(age="under_18")
    guardians.begin(episode, guardian=service.guardian, on=DAY, place="scotland", by=service.isla, at=NOW)
    address = reverse("support-child", args=[episode.pk])
    Person.objects.filter(pk=episode.person_id).update(parental_rights_in_uk="yes")
    assert "One of the two is wrong" in isla.get(address).content.decode()
    Person.objects.filter(pk=episode.person_id).update(parental_rights_in_uk="not_known")
    assert "One of the two is wrong" not in isla.get(address).content.decode()


def page_of(world: World, role: Role, person: Person) -> str:
    client = Client()
    client.force_login(world.cast[role])
    return " ".join(client.get(reverse("person", args=[person.pk])).content.decode().split())


def step_of(page: str, title: str) -> str:
    """The piece of a record's page about one step."""
    return page.split(f"<h3>{title}</h3>")[1].split("</li>")[0]


def test_a_step_that_one_cannot_do_names_who_can_and_offers_to_hand_over(world: World) -> None:
    person = world.full_person()
    world.consent(person, "nrm_referral", "given")
    title, hand_over = "Make the referral", reverse("person-hand-over", args=[person.pk])
    step = step_of(page_of(world, Role.FRONTLINE_WORKER, person), title)
    assert "Your role cannot do this here." in step
    assert "In Adult protection these people can do it:" in step
    assert "First Responder (first responder)" in step
    assert hand_over in step
    assert "Do it here" not in step
    own = step_of(page_of(world, Role.FIRST_RESPONDER, person), title)
    assert reverse("person-referral", args=[person.pk]) in own
    assert "Your role cannot" not in own


def test_where_the_team_has_nobody_another_team_is_named_and_else_the_role(world: World) -> None:
    person = world.person()
    Membership.objects.filter(team=world.team, role__in=roles_with(Permission.REFERRAL_MAKE)).delete()
    found = what_next.who_can(person, Permission.REFERRAL_MAKE)
    assert "It takes the role of First responder or Lead" in found
    assert "which nobody in Glasgow City Council has: ask your administrator" in found
    other = Team.objects.create(organisation=world.team.organisation, name="Referrals")
    Membership.objects.create(user=world.cast[Role.FIRST_RESPONDER], team=other, role=Role.FIRST_RESPONDER)
    assert what_next.who_can(person, Permission.REFERRAL_MAKE).startswith(
        "In Referrals these people can do it: First Responder"
    )


def test_a_body_that_cannot_refer_is_not_led_to_its_own_referral_of_a_child(world: World) -> None:
    child = world.full_person(age="under_18")
    title = "Social work makes the referral to the National Referral Mechanism"
    address = reverse("person-referral", args=[child.pk])
    assert address in step_of(page_of(world, Role.FIRST_RESPONDER, child), title)
    Organisation.objects.filter(pk=world.team.organisation_id).update(body="nhs-fife")
    assert address not in step_of(page_of(world, Role.FIRST_RESPONDER, child), title)


def test_a_day_that_has_gone_by_is_said_to_be_past(world: World) -> None:
    decided = TODAY - timedelta(days=95)
    person = world.person(referral="reasonable_grounds", decision_on=decided)
    day = date_format(decided + timedelta(days=90))
    page = page_of(world, Role.LEAD, person)
    assert f"Was due on {day}, 5 days ago" in page
    assert f"the last day was {day}, 5 days ago" in page
    assert "Review by" not in page
    coming = world.person(referral="reasonable_grounds", decision_on=TODAY - timedelta(days=89))
    assert "in 1 day" in page_of(world, Role.LEAD, coming)


@pytest.mark.parametrize(("days", "words"), [(0, "today"), (1, "1 day ago"), (5, "5 days ago"), (-1, "in 1 day")])
def test_how_long_ago_is_said_in_words(days: int, words: str) -> None:
    assert ago(TODAY - timedelta(days=days), today=TODAY) == words


def test_what_others_have_is_known_after_notifying_and_referring(world: World) -> None:
    person, by = world.full_person(), world.cast[Role.FRONTLINE_WORKER]
    assert "With others now" not in page_of(world, Role.FRONTLINE_WORKER, person)
    sent = world.notify(extra={"local_reference": person.reference})
    page = page_of(world, Role.FRONTLINE_WORKER, person)
    assert f"notified on {date_format(day_of(NOW))}: sent, not acknowledged yet" in page
    assert "With others now" in page
    notices.acknowledge(sent, by=world.officer, at=NOW)
    assert "acknowledged" in page_of(world, Role.FRONTLINE_WORKER, person)
    sharing = {"on": DAY, "what": "referral", "to": "sca", "consent": "", "note": ""}
    cases.share(person=person, by=by, at=NOW, values=sharing)
    Person.objects.filter(pk=person.pk).update(referral="sent")
    words = f"a referral was handed in on {date_format(DAY)}; no decision yet"
    assert words in page_of(world, Role.FRONTLINE_WORKER, person)
    assert reverse("person-referral", args=[person.pk]) not in page_of(world, Role.FRONTLINE_WORKER, person)
    assert f'{reverse("person-referral", args=[person.pk])}">{words}' in page_of(world, Role.FIRST_RESPONDER, person)


def test_handing_in_closes_the_step_and_the_next_one_waits_for_the_decision(world: World) -> None:
    person = world.full_person()
    world.consent(person, "nrm_referral", "given")
    assert "<h3>Make the referral</h3>" in page_of(world, Role.FIRST_RESPONDER, person)
    Person.objects.filter(pk=person.pk).update(referral="sent")
    page = page_of(world, Role.FIRST_RESPONDER, person)
    assert "<h3>Make the referral</h3>" not in page
    assert "Wait for the reasonable grounds decision" in page
