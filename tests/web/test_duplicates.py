"""Two records of one person: found when the second gets the same names, and led from one to the other."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bield.service.accounts.permissions import Role
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases import actions
from bield.service.cases.access import alike
from bield.service.cases.models import Person
from tests.world import NAMES, NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AtWork = Callable[[Role], Client]


def named(world: World, given: str, family: str, **changes: Any) -> Person:
    person = world.person(**changes)
    names = NAMES | {"given_names": given, "family_name": family}
    by = world.cast[Role.FRONTLINE_WORKER]
    actions.change_identity(person=person, expected=0, by=by, at=NOW, names=names, channels=[])
    return person


def save(client: Client, person: Person, given: str, family: str) -> Any:
    sent = {"given_names": given, "family_name": family, "version": 0, "way-TOTAL_FORMS": 0, "way-INITIAL_FORMS": 0}
    return client.post(reverse("person-identity-edit", args=[person.pk]), sent, follow=True)


@pytest.mark.parametrize(
    ("given", "family", "found"),
    [
        ("Tereza", "Vondráková", True),
        ("TEREZA", "vondrakova", True),
        ("Vondrakova", "Tereza", True),
        ("Tereza", "", False),
        ("Tereza", "Novakova", False),
        ("", "", False),
    ],
)
def test_the_same_names_lead_to_the_record_that_is_there(
    world: World, at_work: AtWork, given: str, family: str, found: bool
) -> None:
    first, second = named(world, "Tereza", "Vondráková"), world.person()
    response = save(at_work(Role.FRONTLINE_WORKER), second, given, family)
    page, wanted = response.content.decode(), reverse("person-alike", args=[second.pk])
    assert (response.redirect_chain[-1][0] == wanted) is found
    assert (first.shown_reference in page) is found
    assert "Vondr" not in page
    assert Event.objects.filter(kind=Kind.FOUND_BY_NAME.value, subject=str(first.pk)).exists() is found


def test_records_of_another_team_are_not_looked_through(world: World) -> None:
    first, second = named(world, "Tereza", "Vondráková"), named(world, "Tereza", "Vondráková")
    assert alike(second, NAMES | {"given_names": "Tereza", "family_name": "Vondráková"}) == [first]
    Person.objects.filter(pk=first.pk).update(team=world.outsider.memberships.get().team)
    assert alike(second, NAMES | {"given_names": "Tereza", "family_name": "Vondráková"}) == []


def test_a_second_record_names_the_one_that_goes_on_and_both_lead_to_each_other(world: World, at_work: AtWork) -> None:
    first, second = named(world, "Tereza", "Vondráková"), named(world, "Tereza", "Vondráková")
    client, close = at_work(Role.FRONTLINE_WORKER), reverse("person-close", args=[second.pk])
    assert first.shown_reference in client.get(f"{close}?other={first.shown_reference}").content.decode()
    for typed, words in (
        ("", "Enter the reference of the other record"),
        ("K7M4-XXX", "is not the reference of another record of your team"),
        (second.shown_reference, "is not the reference of another record of your team"),
    ):
        page = client.post(close, {"reason": "duplicate", "other": typed}).content.decode()
        assert words in page
        assert 'href="#id_other"' in page
    assert client.post(close, {"reason": "duplicate", "other": first.shown_reference.lower()}).status_code == 302
    second.refresh_from_db()
    assert (second.closing, second.same_as) == ("duplicate", first)
    for one, other in ((first, second), (second, first)):
        assert other.shown_reference in client.get(reverse("person", args=[one.pk])).content.decode()
    assert second.shown_reference in client.get(reverse("person-timeline", args=[first.pk])).content.decode()
    assert alike(first, NAMES | {"given_names": "Tereza", "family_name": "Vondráková"}) == []


def test_a_record_that_was_closed_as_a_second_one_does_not_go_on(world: World, at_work: AtWork) -> None:
    first, second = world.person(), world.person()
    by = world.cast[Role.FRONTLINE_WORKER]
    actions.close(person=second, by=by, at=NOW, reason="duplicate", same_as=first)
    sent = {"reason": "duplicate", "other": second.shown_reference}
    page = at_work(Role.FRONTLINE_WORKER).post(reverse("person-close", args=[first.pk]), sent).content.decode()
    assert "is itself closed as a duplicate" in page
    first.refresh_from_db()
    assert first.closed_at is None


def test_opening_it_again_parts_them(world: World) -> None:
    first, second = world.person(), world.person()
    by = world.cast[Role.FRONTLINE_WORKER]
    actions.close(person=second, by=by, at=NOW, reason="duplicate", same_as=first)
    actions.reopen(person=second, by=by, at=NOW)
    second.refresh_from_db()
    assert second.same_as is None
    kinds = list(Event.objects.filter(subject=str(first.pk)).values_list("kind", flat=True))
    assert {Kind.DUPLICATE_CLOSED.value, Kind.DUPLICATE_REOPENED.value} <= set(kinds)


def test_another_reason_leads_nowhere(world: World, at_work: AtWork) -> None:
    first, second = world.person(), world.person()
    sent = {"reason": "wish", "other": first.shown_reference}
    at_work(Role.FRONTLINE_WORKER).post(reverse("person-close", args=[second.pk]), sent)
    second.refresh_from_db()
    assert (second.closing, second.same_as) == ("wish", None)


@pytest.mark.parametrize("second", [True, False])
def test_a_closed_record_has_nothing_to_do_but_to_go_on_elsewhere_or_to_open_it_again(
    world: World, at_work: AtWork, second: bool
) -> None:
    goes_on, closed = world.person(), world.full_person()
    by = world.cast[Role.FRONTLINE_WORKER]
    client, address = at_work(Role.FRONTLINE_WORKER), reverse("person", args=[closed.pk])
    to_do = ("<h2>Next</h2>", "Do it here", "/steps/", reverse("encounter-new", args=[closed.pk]))
    leads = re.compile(rf"(?:href|action)=\"({address}[^\"]*)\"")
    before = client.get(address).content.decode()
    assert all(words in before for words in to_do)
    kept = {"reason": "duplicate", "same_as": goes_on} if second else {"reason": "wish"}
    actions.close(person=closed, by=by, at=NOW, **kept)
    page = client.get(address).content.decode()
    assert not any(words in page for words in to_do)
    read = ("identity/", "consents/", "encounters/", "timeline/", "assessments/", "close/", "copy")
    elsewhere = [found for found in leads.findall(page) if found != address]
    assert reverse("person-close", args=[closed.pk]) in elsewhere
    assert [found for found in elsewhere if not found.removeprefix(address).startswith(read)] == []
    assert (goes_on.shown_reference in page) is second
    actions.reopen(person=closed, by=by, at=NOW)
    assert all(words in client.get(address).content.decode() for words in to_do)
