"""Who gets what: every address of people at work, for every role, as a table that a reviewer can read."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from bield.service.accounts import rulebook
from bield.service.accounts.models import Membership, User
from bield.service.accounts.permissions import Permission, Role, allows
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases.access import people_visible_to, person_for
from bield.service.cases.models import Merge, Person
from bield.service.notifications import actions
from bield.service.notifications.models import ApiKey, Question
from tests.web.matrix import BODIES, OUTSIDER, RECEIVED, RECEIVING, STAFF_OPENED, STAFF_SENT
from tests.world import NOW, World, make

pytestmark = [pytest.mark.django_db, pytest.mark.database]

WHO = (None, *Role, OUTSIDER)


def values_of(person: Person, world: World) -> dict[str, str]:
    """What stands in the addresses of a real record."""
    encounter, assessment = person.encounters.first(), person.assessments.first()
    membership = Membership.objects.get(user=world.cast[Role.TRAINER])
    assert encounter is not None
    assert assessment is not None
    question, done = Question.objects.get(), Merge.objects.get()
    others = Person.objects.filter(merged_at=None).exclude(pk=person.pk)
    values: dict[str, object] = {
        "<uuid:other_id>": others.values_list("pk", flat=True)[0],
        "<int:merge_id>": done.pk,
        "<uuid:notification_id>": question.notification_id,
        "<int:question_id>": question.pk,
        "<int:key_id>": ApiKey.objects.get().pk,
        "<uuid:person_id>": person.pk,
        "<int:encounter_id>": encounter.pk,
        "<uuid:assessment_id>": assessment.pk,
        "<int:number>": 1,
        "<slug:kind>": "support",
        "<slug:step_id>": "ask-support",
        "<int:membership_id>": membership.pk,
        "<int:request_id>": 0,
        "<uuid:invitation_id>": uuid.uuid4(),
    }
    return {variable: str(value) for variable, value in values.items()}


def filled(route: str, values: Mapping[str, str]) -> str:
    """The address with the ids of a real record in it."""
    for variable, value in values.items():
        route = route.replace(variable, value)
    return f"/{route}"


def asked_about(world: World) -> Question:
    """A notification of the first council with a question of the police, and a key of that council."""
    actions.make_key(team=world.team, name="System", by=world.cast[Role.ADMINISTRATOR], at=NOW)
    return actions.ask(world.notify(), by=world.officer, at=NOW, question="still")


@pytest.mark.parametrize("who", WHO, ids=str)
def test_who_gets_what(world: World, who: Role | str | None) -> None:
    person = world.full_person()
    asked_about(world)
    world.merge_an_empty_record_into(person)
    world.person()
    client, found, wanted = Client(), {}, {}
    if who is not None:
        client.force_login(world.outsider if who == OUTSIDER else world.cast[Role(who)])
    for method, matrix in (("get", STAFF_OPENED), ("post", STAFF_SENT)):
        values = values_of(person, world)
        for route, answers in matrix.items():
            found[method, route] = getattr(client, method)(filled(route, values)).status_code
            wanted[method, route] = 302 if who is None else answers[who]  # a stranger is sent to sign in first of all
    assert found == wanted


def test_who_works_with_what_is_received(world: World) -> None:
    person = world.full_person()
    asked_about(world)
    world.merge_an_empty_record_into(person)
    world.person()
    analyst = User.objects.create(email="analyst@police.example", name="Analyst")
    Membership.objects.create(user=analyst, team=world.police, role=Role.POLICE_ANALYST)
    council = [world.cast[Role.POLICE_OFFICER], world.cast[Role.POLICE_ANALYST]]
    others = [world.cast[role] for role in Role if role not in (Role.POLICE_OFFICER, Role.POLICE_ANALYST)]
    client = Client()
    bodies = dict(zip(BODIES, ([world.officer], [analyst], *([user] for user in council), others), strict=True))
    for route, answers in RECEIVING.items():
        assert client.get(f"/{route}").status_code == 302
        for body, users in bodies.items():
            for user in users:
                client.force_login(user)
                assert client.get(f"/{route}").status_code == answers[body], (route, user.name)
        client.logout()
    for user in (world.officer, analyst):
        client.force_login(user)
        values = values_of(person, world)
        for route, wanted_here in RECEIVED.items():
            address = filled(route, values)
            assert (client.get(address).status_code, client.post(address).status_code) == wanted_here, route


def test_an_officer_of_a_body_that_receives_nothing_has_an_empty_inbox(world: World) -> None:
    sent, client = world.notify(), Client()
    client.force_login(world.cast[Role.POLICE_ANALYST])
    assert sent.shown_reference not in client.get("/notifications/inbox/").content.decode()
    assert sent.shown_reference not in client.get("/notifications/inbox/file/").getvalue().decode()


def test_an_outsider_cannot_tell_a_hidden_record_from_none(world: World) -> None:
    person, client = world.full_person(), Client()
    client.force_login(world.outsider)
    for name in ("person", "person-identity", "person-about", "consents", "person-looks", "person-copy-file"):
        with CaptureQueriesContext(
            connection,
        ) as at_hidden:
            hidden = client.get(reverse(name, args=[person.pk]))
        with CaptureQueriesContext(connection) as at_absent:
            absent = client.get(reverse(name, args=[uuid.uuid4()]))
        assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
        assert hidden.headers.keys() == absent.headers.keys()
        assert len(at_hidden) == len(at_absent)  # the same work, so the same class of time


def test_an_encounter_of_somebody_else_is_not_reached_through_a_record_of_ones_own(
    world: World, at_work: Callable[[Role], Client]
) -> None:
    mine, other = world.full_person(), world.full_person()
    client = at_work(Role.FRONTLINE_WORKER)
    encounter, assessment = other.encounters.get(), other.assessments.get()
    assert client.get(reverse("encounter", args=[mine.pk, encounter.pk])).status_code == 404
    assert client.get(reverse("person-assessment", args=[mine.pk, assessment.pk])).status_code == 404


@given(st.data())
def test_lists_show_exactly_what_the_gate_would_give(data: st.DataObject) -> None:
    from django.db import transaction
    from django.http import Http404

    with transaction.atomic():
        world = make()
        people = [world.person() for _number in range(data.draw(st.integers(0, 3)))]
        user = data.draw(st.sampled_from([*world.cast.values(), world.outsider]))
        if data.draw(st.booleans()):
            Membership.objects.create(user=world.outsider, team=world.team, role=data.draw(st.sampled_from(list(Role))))
        if data.draw(st.booleans()):
            User.objects.filter(pk=user.pk).update(is_active=False)
            user.refresh_from_db()
        listed = set(people_visible_to(user).values_list("pk", flat=True))
        given_by_gate = set()
        for person in people:
            with suppress(Http404):
                given_by_gate.add(person_for(user, person.pk, Permission.PERSON_SEE).pk)
        assert listed == given_by_gate
        transaction.set_rollback(True)


def test_nobody_may_do_everything() -> None:
    assert not any(set(Permission) == role.permissions for role in Role)


@pytest.mark.parametrize("permission", list(Permission))
def test_no_role_means_no(permission: Permission) -> None:
    assert not allows(None, permission)


def test_administrators_and_auditors_see_no_person() -> None:
    for role in (Role.ADMINISTRATOR, Role.AUDITOR, Role.POLICE_ANALYST, Role.STATISTICIAN, Role.TRAINER):
        assert not allows(role, Permission.PERSON_SEE)
        assert not allows(role, Permission.IDENTITY_OPEN)


def test_the_page_and_the_document_are_made_from_the_rule_book(client: Client) -> None:
    from io import BytesIO

    from pypdf import PdfReader

    page = client.get("/accounts/rules/").content.decode()
    pdf = PdfReader(BytesIO(client.get("/accounts/rules/document/").content))
    text = " ".join("".join(part.extract_text() for part in pdf.pages).split())
    for role in rulebook.rules():
        assert role.name in page
        assert role.name in text
        for item in role.may:
            assert item in text
    headings, rows = rulebook.grid()
    for row in rows:
        permission = list(Permission)[rows.index(row)]
        assert [cell == "yes" for cell in row[1:]] == [permission in role.permissions for role in Role]
    assert len(headings) == len(Role) + 1


def test_what_belongs_to_no_record_is_noted_in_each_organisation_it_concerns(world: World) -> None:
    """A worker of two councils reads one list of both: the auditor of each sees that it was read."""
    worker = world.cast[Role.FRONTLINE_WORKER]
    Membership.objects.create(user=worker, team=world.elsewhere, role=Role.FRONTLINE_WORKER)
    client = Client()
    client.force_login(worker)
    client.get(reverse("people"))
    noted = Event.objects.filter(kind=Kind.LIST_READ.value).values_list("organisation", flat=True)
    assert sorted(noted) == sorted(str(team.organisation_id) for team in (world.team, world.elsewhere))
