"""Migrations on a country that is in use: the new rooms come and go, and the records below them stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from bield.disclosure import Span, SupportFact
from bield.service.audit import chain
from bield.service.cases.models import Assessment, Identity, Person
from bield.service.days import day_of
from bield.service.directory.models import Service
from bield.service.notifications.models import Notification
from bield.service.referrals.models import Decision, HandIn, Referral
from bield.service.statistics import intake
from bield.service.statistics.measures import counted_spans
from bield.service.support.models import AccountVersion
from tests.supporting import make_service
from tests.world import NAMES, NOW, World, make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, pytest.mark.slow]


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    """A country with a record, a referral and a notification; every table is there again afterwards."""
    yield make()
    call_command("migrate", verbosity=0)


def tables() -> set[str]:
    return set(connection.introspection.table_names())


def test_the_new_rooms_are_added_to_a_country_in_use(world: World) -> None:
    person = world.full_person()
    world.notify()
    Referral.objects.create(
        person=person, form="2026-04", made_by=person.worker, made_at=person.opened_at, changed_at=person.opened_at
    )
    for app in ("support", "statistics", "referrals", "notifications"):
        call_command("migrate", app, "zero", verbosity=0)
    rooms = ("support_", "statistics_", "referrals_", "notifications_")
    assert not {name for name in tables() if name.startswith(rooms)}
    assert Identity.objects.get().names["given_names"] == NAMES["given_names"]
    call_command("migrate", verbosity=0)
    assert Person.objects.get() == person
    assert Assessment.objects.count() == 1
    assert (Notification.objects.count(), Referral.objects.count()) == (0, 0)
    assert list(chain.problems()) == []


def test_what_was_said_is_still_final_after_migrating_again(world: World) -> None:
    call_command("migrate", "notifications", "0001", verbosity=0)
    call_command("migrate", verbosity=0)
    sent = world.notify()
    with pytest.raises(DatabaseError), transaction.atomic():
        Notification.objects.filter(pk=sent.pk).update(gender="man")


def test_a_record_of_before_support_says_that_there_is_none(world: World) -> None:
    person = world.full_person()
    call_command("migrate", "support", "zero", verbosity=0)
    call_command("migrate", "cases", "0003", verbosity=0)
    assert Person.objects.only("pk").get() == person
    call_command("migrate", verbosity=0)
    found = Person.objects.get()
    assert (found.support, found.support_ended_on) == ("none", None)


def test_what_was_told_is_still_final_after_migrating_again(world: World) -> None:
    call_command("migrate", "support", "0001", verbosity=0)
    call_command("migrate", verbosity=0)
    service = make_service(world)
    service.told(service.open())
    with pytest.raises(DatabaseError), transaction.atomic():
        AccountVersion.objects.update(number=7)


def test_facts_that_were_there_before_are_counted_the_same(world: World) -> None:
    spans = Span("support", "2024-05", "2024-09"), Span("support", "2023-01"), Span("crisis", "2024-05", "2024-06")
    fact = SupportFact(
        provider="tara", sex="woman", band="adult", world="", direction="not_known", spans=(*spans, spans[0])
    )
    intake.put_support(uuid4(), fact)
    counted = sorted(counted_spans(), key=repr)
    call_command("migrate", "statistics", "0001", verbosity=0)
    call_command("migrate", verbosity=0)
    assert sorted(counted_spans(), key=repr) == counted
    assert [item.number for item in counted] == [1, 1, 2]


def test_what_was_closed_before_hand_ins_were_recorded_is_known_as_far_as_a_decision_shows(world: World) -> None:
    shown, unknown = world.full_person(), world.full_person()
    for person in (shown, unknown):
        row = Referral.objects.create(
            person=person,
            form="2026-04",
            made_by=person.worker,
            made_at=NOW,
            changed_at=NOW,
            closed_at=NOW,
            closed_by=person.worker,
        )
        if person == shown:
            Decision.objects.create(referral=row, kind="received", on=day_of(NOW), by=person.worker, at=NOW)
    call_command("migrate", "referrals", "0001", verbosity=0)
    call_command("migrate", verbosity=0)
    assert HandIn.objects.get().referral.person == shown
    assert Referral.objects.get(person=shown).handed_in_on == day_of(NOW)
    assert Person.objects.get(pk=shown.pk).to_hand_in_since is None
    assert Referral.objects.get(person=unknown).handed_in_on is None
    assert Person.objects.get(pk=unknown.pk).to_hand_in_since == day_of(NOW)


def test_the_services_of_a_country_in_use_move_to_their_own_room_and_back(world: World) -> None:
    Service.objects.create(name="A house", organisation="TARA", what="Beds", changed_at=NOW, heads=["accommodation"])
    call_command("migrate", "directory", "zero", verbosity=0)
    call_command("migrate", "support", "0003", verbosity=0)
    assert "support_service" in tables()
    assert "directory_service" not in tables()
    call_command("migrate", verbosity=0)
    assert "support_service" not in tables()
    found = Service.objects.get()
    assert (found.name, found.heads) == ("A house", ["accommodation"])
