"""What is hidden leaves no trace: not in the order of rows, a sum, a share, nor the bytes of a file."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from bield.disclosure import combination_rules, protected
from bield.service.accounts.actions import set_up_organisation
from bield.service.notifications.models import Notification
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

BODIES = ("glasgow-city", "highland", "fife", "dundee-city")
LEAST = combination_rules().threshold.people


def report(world: World, counts: Mapping[str, int], *, acknowledged: int = 0) -> tuple[str, bytes]:
    """The page and the document of the report, with so many notifications from each body; nothing is kept."""
    client = Client()
    client.force_login(world.officer)
    period = {"first": "2020-01-01", "last": "2099-01-01"}
    with transaction.atomic():
        for body, number in counts.items():
            team = set_up_organisation(body, domains=[f"{body}.example"], team="Team")
            for _one in range(number):
                world.notify(team=team, recovered_where=body)
        first = Notification.objects.order_by("pk")[:acknowledged]
        for row in first:
            Notification.objects.filter(pk=row.pk).update(acknowledged_at=row.sent_at, acknowledged_by=world.officer)
        page = client.get(reverse("notifications-report"), period).content.decode()
        document = client.get(reverse("notifications-report"), period | {"document": "1"}).content
        transaction.set_rollback(True)
    shown = page[page.index("<h1") : page.index("</main>")]
    return re.sub(r'value="[^"]*"', "", shown), zipfile.ZipFile(io.BytesIO(document)).read("word/document.xml")


TURNED = [
    ({"glasgow-city": 1, "highland": 4, "fife": 9}, {"glasgow-city": 4, "highland": 1, "fife": 9}),
    ({"glasgow-city": 2, "highland": 7, "fife": 30}, {"glasgow-city": 7, "highland": 2, "fife": 30}),
    ({"glasgow-city": 3, "highland": 2, "fife": 4, "dundee-city": 8},
     {"glasgow-city": 4, "highland": 3, "fife": 2, "dundee-city": 8}),
]  # fmt: skip
"""The same numbers with those that are hidden turned round among themselves."""


@pytest.mark.parametrize(("one", "other"), TURNED)
def test_nothing_shows_which_hidden_number_is_which(world: World, one: dict[str, int], other: dict[str, int]) -> None:
    assert report(world, one) == report(world, other)


@pytest.mark.parametrize("number", range(1, LEAST))
def test_a_small_total_is_not_told(world: World, number: int) -> None:
    assert report(world, {"fife": number}) == report(world, {"fife": 1})


@pytest.mark.parametrize("acknowledged", range(1, LEAST))
def test_a_share_of_a_few_is_not_told(world: World, acknowledged: int) -> None:
    page, document = report(world, {"fife": 12}, acknowledged=acknowledged)
    assert "%" not in page
    assert b"%" not in document


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40), min_size=1), st.randoms())
def test_turning_hidden_numbers_round_changes_nothing(counts: dict[str, int], random: object) -> None:
    shown = protected(counts, least=LEAST)
    hidden = sorted(key for key, number in shown.items() if number is None)
    turned = counts | dict(zip(hidden, [counts[key] for key in reversed(hidden)], strict=True))
    assert protected(turned, least=LEAST) == shown


def test_the_largest_come_first_among_those_that_are_shown(world: World) -> None:
    page, _document = report(world, {"glasgow-city": 6, "highland": 2, "fife": 20, "dundee-city": 3})
    table = page[page.index("By organisation") :]
    order = [table.index(name) for name in ("Fife Council", "Glasgow City Council", "Dundee City", "Highland")]
    assert order == sorted(order)
