"""Files of notifications as spreadsheets save them."""

from __future__ import annotations

import html
from collections.abc import Callable

import pytest
from django.test import Client

from bield.service.accounts.permissions import Role
from bield.service.notifications.models import Notification
from tests.web.filing import choose_and_go
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def morag(at_work: Callable[[Role], Client]) -> Client:
    return at_work(Role.FRONTLINE_WORKER)


def bring(client: Client, world: World, content: bytes) -> str:
    sent = choose_and_go(client, "notifications-bring-in", content, team=str(world.team.pk))
    return html.unescape(sent.content.decode())


@pytest.mark.parametrize(
    "content",
    [
        b"id,reference,age,gender,type\r\nA,R,adult,woman,labour\r\n,,,,\r\n  ,,,,\r\n\r\n",
        b"ID,Reference,AGE,Gender,Type\nA,R,Adult,WOMAN,Labour\n",
        b"id;reference;age;gender;type\nA;R;adult;woman;labour\n",
        b"sep=;\nid;reference;age;gender;type\nA;R;adult;woman;labour\n",
        "id,reference,age,gender,type\nA,Siân,adult,woman,labour\n".encode("cp1252"),
        "id\treference\tage\tgender\ttype\nA\tSiân\tadult\twoman\tlabour\n".encode("utf-16"),
        "\ufeffid,reference,age,gender,type\nA,Siân,adult,woman,labour\n".encode(),
    ],
    ids=["blank rows", "capitals", "semicolons", "sep", "cp1252", "utf-16", "marked"],
)
def test_what_a_spreadsheet_does_to_a_file_does_not_matter(world: World, morag: Client, content: bytes) -> None:
    assert "1 notification was sent" in bring(morag, world, content)
    sent = Notification.objects.get()
    assert (sent.age, sent.gender, sent.type) == ("adult", "woman", "labour")


def test_an_id_that_lost_its_zeros_makes_no_second_notification(world: World, morag: Client) -> None:
    head = "id,age,gender,type\n"
    assert "1 notification was sent" in bring(morag, world, f"{head}00417,adult,woman,labour\n".encode())
    page = bring(morag, world, f"{head}\n417,adult,woman,labour\n".encode())
    assert "Line 3" in page
    assert "differ only in zeros" in page
    assert "Sent before, as " in bring(morag, world, f"{head}00417,adult,woman,labour\n".encode())
    page = bring(morag, world, f"{head}52,adult,woman,labour\n052,adult,woman,labour\n".encode())
    assert "Line 3" in page
    assert "differ only in zeros" in page
    assert Notification.objects.count() == 1
