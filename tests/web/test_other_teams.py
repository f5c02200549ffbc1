"""Two teams of one body with a record under the same names: their leads are told, and it answers no guesses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from bield.service.accounts.models import Membership, Organisation, Team, User
from bield.service.accounts.permissions import Role
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases import actions as cases
from bield.service.cases.models import Person, SharedNames
from tests.web.test_duplicates import named, save
from tests.world import NAMES, NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AtWork = Callable[[Role], Client]
TOLD = "Another team of your organisation may know this person: ask your lead."


@pytest.fixture
def other(world: World) -> Team:
    """A second team of the first council, which knows Tereza Vondráková, with a lead of its own."""
    Organisation.objects.filter(pk=world.team.organisation_id).update(compares_teams=True)
    team = Team.objects.create(organisation=world.team.organisation, name="Children and families")
    lead = User.objects.create(email="second@glasgow.example", name="Second lead")
    Membership.objects.create(user=lead, team=team, role=Role.LEAD)
    person = named(world, "Tereza", "Vondráková")
    Person.objects.filter(pk=person.pk).update(team=team)
    return team


def tell(client: Client, person: Person, given: str = "Tereza", family: str = "Vondrakova") -> str:
    return str(save(client, person, given, family).content.decode())


def test_the_worker_is_told_to_ask_their_lead_and_nothing_else(world: World, other: Team, at_work: AtWork) -> None:
    known, person = other.people.get(), world.person()
    page = tell(at_work(Role.FRONTLINE_WORKER), person)
    assert TOLD in page
    assert other.name not in page
    assert known.shown_reference not in page
    timeline = at_work(Role.FRONTLINE_WORKER).get(reverse("person-timeline", args=[person.pk])).content.decode()
    assert "another team" not in timeline


def test_the_leads_of_both_teams_are_told_the_two_references(world: World, other: Team, at_work: AtWork) -> None:
    known, person = other.people.get(), world.person()
    tell(at_work(Role.FRONTLINE_WORKER), person)
    second = Client()
    second.force_login(User.objects.get(email="second@glasgow.example"))
    for lead in (at_work(Role.LEAD), second):
        assert reverse("people-other-teams") in lead.get(reverse("people")).content.decode()
        page = lead.get(reverse("people-other-teams")).content.decode()
        assert known.shown_reference in page
        assert person.shown_reference in page
        assert "Vondr" not in page
    found = Event.objects.get(kind=Kind.CROSSED)
    assert (found.subject, found.facts["other"]) == ("", known.shown_reference)
    second.post(reverse("people-other-teams"), {"shared": SharedNames.objects.get().pk})
    assert "no records to discuss" in at_work(Role.LEAD).get(reverse("people-other-teams")).content.decode()


@pytest.mark.parametrize("family", ["", "Novakova"])
def test_some_of_the_names_tell_nothing(world: World, other: Team, at_work: AtWork, family: str) -> None:
    assert TOLD not in tell(at_work(Role.FRONTLINE_WORKER), world.person(), family=family)
    assert not SharedNames.objects.exists()


def test_it_is_off_unless_an_administrator_switched_it_on(world: World, other: Team, at_work: AtWork) -> None:
    client, address = at_work(Role.ADMINISTRATOR), reverse("teams-compared")
    assert "checked" in client.get(address).content.decode()
    client.post(address, {})
    assert TOLD not in tell(at_work(Role.FRONTLINE_WORKER), world.person())
    client.post(address, {"compared": str(world.team.organisation_id)})
    assert [item.facts for item in Event.objects.filter(kind=Kind.TEAMS_COMPARED).order_by("pk")] == [
        {"on": False},
        {"on": True},
    ]
    assert not Organisation._meta.get_field("compares_teams").default
    assert TOLD in tell(at_work(Role.FRONTLINE_WORKER), world.person())


def test_an_administrator_of_another_body_changes_nothing_here(world: World, other: Team) -> None:
    outsider, client = User.objects.create(email="admin@highland.example", name="Admin"), Client()
    Membership.objects.create(user=outsider, team=world.elsewhere, role=Role.ADMINISTRATOR)
    client.force_login(outsider)
    assert client.post(reverse("teams-compared"), {"compared": str(other.organisation_id)}).status_code == 200
    client.post(reverse("teams-compared"), {})
    assert Organisation.objects.get(pk=other.organisation_id).compares_teams


def test_another_body_is_never_compared(world: World, other: Team, at_work: AtWork) -> None:
    Person.objects.update(team=world.elsewhere)
    Organisation.objects.update(compares_teams=True)
    assert TOLD not in tell(at_work(Role.FRONTLINE_WORKER), world.person())
    assert not SharedNames.objects.exists()


def test_names_tried_one_after_another_in_one_record_answer_once(world: World, other: Team, at_work: AtWork) -> None:
    second = named(world, "Zedka", "Kowalczyk")
    Person.objects.filter(pk=second.pk).update(team=other)
    person, client = world.person(), at_work(Role.FRONTLINE_WORKER)
    assert TOLD in tell(client, person)
    sent: dict[str, Any] = {"given_names": "Zedka", "family_name": "Kowalczyk", "version": 1}
    sent |= {"way-TOTAL_FORMS": 0, "way-INITIAL_FORMS": 0}
    page = client.post(reverse("person-identity-edit", args=[person.pk]), sent, follow=True).content.decode()
    assert TOLD not in page
    assert SharedNames.objects.count() == 2, "the leads are told of every hit"


def test_who_puts_down_names_in_many_records_is_told_nothing_more_that_day(
    world: World, other: Team, at_work: AtWork
) -> None:
    client = at_work(Role.FIRST_RESPONDER)
    for number in range(settings.NAMES_COMPARED_A_DAY):
        tell(client, world.person(), "Anna", f"Nova{number}")
    assert TOLD not in tell(client, world.person())
    assert SharedNames.objects.count() == 1


def test_what_is_closed_is_no_longer_told(world: World, other: Team, at_work: AtWork) -> None:
    person = world.person()
    tell(at_work(Role.FRONTLINE_WORKER), person)
    by = world.cast[Role.FRONTLINE_WORKER]
    cases.close(person=person, by=by, at=NOW + timedelta(minutes=1), reason="lost")
    page = at_work(Role.LEAD).get(reverse("people-other-teams")).content.decode()
    assert person.shown_reference not in page
    assert NAMES["family_name"] not in page
