"""What is said about one person is judged with all that was said before, by whatever link it is known to be them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from bield.disclosure import Notice, identifiability
from bield.service.notifications import actions, intake, same_person
from bield.service.notifications.models import Notification, Onward
from tests.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

PLACES = ("fife", "highland", "glasgow-city", "orkney-islands", "moray", "stirling")


def _web(world: World, random: Random) -> tuple[list[Notification], dict[int, set[int]]]:
    """Notifications with links of both kinds between them, and of each the numbers of those about the same person."""
    people = {number: {number} for number in range(len(PLACES))}

    def join(one: int, other: int) -> None:
        together = people[one] | people[other]
        for number in together:
            people[number] = together

    names = [random.choice(["", "A", "B", "C"]) for _ in PLACES]
    rows = [
        world.notify(recovered_where=place, extra={"local_reference": name})
        for place, name in zip(PLACES, names, strict=True)
    ]
    for one, name in enumerate(names):
        for other in range(one):
            if name and names[other] == name:
                join(one, other)
    for one in range(1, len(rows)):
        if random.random() < 0.4:
            other = random.randrange(one)
            Notification.objects.filter(pk=rows[one].pk).update(already_known=True, same_as=rows[other])
            join(one, other)
    return [Notification.objects.get(pk=item.pk) for item in rows], people


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_passed_on_is_judged_with_all_that_was_passed_on_about_the_person(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rows, people = _web(world, Random(seed))
    for row, place in zip(rows, PLACES, strict=True):
        said = {"recovered_where": [place]}
        Onward.objects.create(notification=row, to="nca", said=said, people=9, by=world.officer, at=NOW)
    judged: list[set[str]] = []

    def watched(notice: Notice, register: Any, *, earlier: Sequence[Notice] = (), **more: Any) -> Any:
        judged.append({item.value("recovered_where") for item in earlier})
        return identifiability(notice, register, earlier=earlier, **more)

    monkeypatch.setattr(actions, "identifiability", watched)
    for number, row in enumerate(rows):
        expected = {PLACES[other] for other in people[number]}
        assert {item.recovered_where for item in same_person.linked(row)} == expected
        judged.clear()
        actions.onward_notice(row)
        assert judged
        assert all(places == expected for places in judged)


def test_a_new_notification_is_judged_with_what_the_police_marked_as_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.notify(recovered_where="fife", extra={"local_reference": "A"})
    second = world.notify(recovered_where="moray", extra={"local_reference": "B"})
    actions.mark_known(second, by=world.officer, same_as=first)
    judged: list[set[str]] = []

    def watched(notice: Notice, register: Any, *, earlier: Sequence[Notice] = (), **more: Any) -> Any:
        judged.append({item.value("recovered_where") for item in earlier})
        return identifiability(notice, register, earlier=earlier, **more)

    monkeypatch.setattr(intake, "identifiability", watched)
    third = world.notify(recovered_where="stirling", extra={"local_reference": "B"})
    assert third.again
    assert judged == [{"fife", "moray"}]
    assert {item.pk for item in same_person.linked(third)} == {first.pk, second.pk, third.pk}
