"""A colleague leaves: what they looked after is shown to those who can hand it over, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bield.service.accounts import actions as accounts
from bield.service.accounts.models import Membership, User
from bield.service.accounts.permissions import Role
from bield.service.audit.models import Event
from bield.service.cases.access import left_behind
from bield.service.cases.models import Person
from bield.service.support import access as support
from tests.supporting import Service
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AtWork = Callable[[Role], Client]
WAYS: dict[str, Callable[[User], object]] = {
    "taken out of the team": lambda user: Membership.objects.filter(user=user).delete(),
    "another role": lambda user: Membership.objects.filter(user=user).update(role=Role.TRAINER),
    "account closed": lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
}


@pytest.mark.parametrize("way", list(WAYS))
def test_in_whatever_way_somebody_leaves_their_records_are_shown_and_handed_over(
    world: World, at_work: AtWork, way: str
) -> None:
    worker, lead = world.cast[Role.FRONTLINE_WORKER], world.cast[Role.LEAD]
    people, closed = [world.person(), world.person()], world.person()
    Person.objects.filter(pk=closed.pk).update(closed_at=timezone.now(), closing="duplicate")
    client, address = at_work(Role.LEAD), reverse("people-left")
    assert "has nobody" not in client.get(reverse("people")).content.decode()
    assert "Everything has somebody" in client.get(address).content.decode()
    WAYS[way](worker)
    assert "2 open records have nobody" in client.get(reverse("people")).content.decode()
    page = client.get(address).content.decode()
    assert all(item.shown_reference in page for item in people)
    assert closed.shown_reference not in page
    colleague = world.cast[Role.FIRST_RESPONDER]
    refused = client.post(address, {"rows": [people[0].pk]})
    assert "Choose a colleague" in refused.content.decode()
    sent = {"rows": [item.pk for item in people], "to": colleague.pk}
    assert client.post(address, sent | {"to": worker.pk}).status_code == 200  # who has left gets none back
    assert "looks after 2 more" in client.post(address, sent, follow=True).content.decode()
    assert set(Person.objects.filter(worker=colleague)) == set(people)
    assert Event.objects.filter(kind="person.handed_over", actor=str(lead.pk)).count() == 2
    assert not left_behind(lead).exists()


def test_only_a_lead_of_the_team_is_shown_them(world: World) -> None:
    world.person()
    Membership.objects.filter(user=world.cast[Role.FRONTLINE_WORKER]).delete()
    shown = [role for role, user in world.cast.items() if left_behind(user).exists()]
    assert shown == [Role.LEAD]
    assert not left_behind(world.outsider).exists()


def test_the_same_where_somebody_is_supported(service: Service, client: Client) -> None:
    episode = service.open()
    assert not support.left_behind(support.episodes_of(service.lead)).exists()
    Membership.objects.filter(user=service.isla).delete()
    client.force_login(service.lead)
    assert "1 person has nobody who can support them" in client.get(reverse("support-team")).content.decode()
    sent = {"rows": [episode.pk], "to": service.lead.pk}
    assert "looks after 1 more" in client.post(reverse("support-left"), sent, follow=True).content.decode()
    episode.refresh_from_db()
    assert episode.worker == service.lead
    assert not support.left_behind(support.episodes_of(service.lead)).exists()


def test_whoever_takes_a_role_away_is_told_how_much_hangs_on_it(world: World, at_work: AtWork) -> None:
    world.person()
    membership = Membership.objects.get(user=world.cast[Role.FRONTLINE_WORKER])
    client, address = at_work(Role.ADMINISTRATOR), reverse("colleague", args=[membership.pk])
    page = client.get(address).content.decode()
    assert "They look after 1 open record." in page
    accounts.take_role(membership=membership, by=world.cast[Role.ADMINISTRATOR])
    other = Membership.objects.get(user=world.cast[Role.TRAINER])
    assert "look after" not in client.get(reverse("colleague", args=[other.pk])).content.decode().split("<form")[-1]
