"""Every file for a spreadsheet: told to be UTF-8, run by nothing, with days and times as the people here have them."""

from __future__ import annotations

import ast
import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from bield.service.accounts.models import Team, User
from bield.service.accounts.permissions import Role
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases.models import Person
from bield.service.exports import RUN, cell, in_chunks
from tests.supporting import make_service
from tests.web.crawl import Reading, everything
from tests.web.test_support_roles import filled
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SERVICE = Path(__file__).parents[2] / "src" / "bield" / "service"
EVIL = '=HYPERLINK("http://evil.example/";"Siân")'


def rename(start: str) -> None:
    """Let everybody, and every team, have a name that a spreadsheet would run."""
    name = EVIL.replace("=", start, 1)
    User.objects.update(name=name)
    for team in Team.objects.all():
        Team.objects.filter(pk=team.pk).update(name=f"{name}{team.pk.hex[:4]}")


def test_no_file_holds_a_cell_that_a_spreadsheet_would_run(world: World, reading: Reading) -> None:
    values = everything(world, make_service(world))
    files = {(found.route, found.email) for found in reading.pages if found.content_type.startswith("text/csv")}
    files.add(("accounts/events/file/", world.cast[Role.AUDITOR].email))
    assert {"people/file/", "support/list/file/", "notifications/inbox/file/"} <= {route for route, _email in files}
    for start in RUN:
        rename(start)
        names = 0
        for route, email in sorted(files):
            client = Client()
            client.force_login(User.objects.get(email=email))
            content = client.get(filled(route, values)).getvalue()
            assert content.startswith(b"\xef\xbb\xbf"), route
            for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
                names += sum("HYPERLINK" in item for item in row)
                assert not [item for item in row if item.startswith(RUN)], (route, start)
        assert names > 2, start


EXPORTED = {
    "/accounts/events/file/": Kind.EVENTS_EXPORTED,
    "/people/file/": Kind.LIST_EXPORTED,
    "/support/list/file/": Kind.SUPPORT_EXPORTED,
    "/notifications/inbox/file/": Kind.NOTIFICATIONS_EXPORTED,
}


def test_long_lists_leave_as_they_are_read_whole_and_in_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is held in memory; the event of the reading is there before the first row leaves, and says how many."""
    monkeypatch.setattr("bield.service.exports.AT_ONCE", 1)
    service = make_service(world)
    for _number in range(5):
        world.person()
        world.notify()
    everything(world, service)
    users = [world.cast[Role.AUDITOR], world.cast[Role.LEAD], service.isla, world.officer]
    for (address, kind), user in zip(EXPORTED.items(), users, strict=True):
        client = Client()
        client.force_login(user)
        answer = client.get(address)
        assert answer.streaming, address
        noted = Event.objects.filter(kind=kind).latest("at")
        pieces = [piece for piece in answer if piece]
        rows = list(csv.reader(io.StringIO(b"".join(pieces).decode("utf-8-sig"), newline="")))
        assert len(pieces) > 1, address
        assert len(rows) - 1 == noted.facts["count"] > 0, address
        assert {len(row) for row in rows} == {len(rows[0])}, address
        assert Event.objects.filter(kind=kind, at__gte=noted.at).count() == 1, address


def test_rows_in_chunks_are_the_same_rows(world: World) -> None:
    people = [world.person().pk for _number in range(7)]
    rows = Person.objects.filter(pk__in=people).order_by("pk")
    chunks = list(in_chunks(rows, size=3))
    assert [len(chunk) for chunk in chunks] == [3, 3, 1]
    assert [item for chunk in chunks for item in chunk] == list(rows)


def test_there_is_one_writer_of_tables() -> None:
    for path in SERVICE.rglob("*.py"):
        if path.name == "exports.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "csv":
                assert node.attr not in ("writer", "DictWriter"), path


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_words_come_back_but_for_the_sign_that_guards_them(words: str) -> None:
    assert cell(words).removeprefix("'") == words.removeprefix("'") or cell(words) == f"'{words}"
    assert not cell(words).startswith(RUN)


def test_values_as_they_stand() -> None:
    assert cell(datetime(2027, 6, 14, 23, 20, tzinfo=UTC)) == "2027-06-15T00:20:00+01:00"
    assert cell(date(2027, 6, 15)) == "2027-06-15"
    assert [cell(item) for item in (None, True, False, 3, -2)] == ["", "yes", "no", "3", "-2"]
