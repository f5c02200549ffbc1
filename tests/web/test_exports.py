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
from bield.service.exports import RUN, cell
from tests.supporting import make_service
from tests.web.crawl import crawl_with, everything
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


def test_no_file_holds_a_cell_that_a_spreadsheet_would_run(world: World) -> None:
    service = make_service(world)
    files = {("/accounts/events/file/", world.cast[Role.AUDITOR].pk): "accounts/events/file/"}
    for found in crawl_with(world, service, everything(world, service), method="get"):
        if found.response["Content-Type"].startswith("text/csv"):
            files[found.address, found.user.pk] = found.route
    assert {"people/file/", "support/list/file/", "notifications/inbox/file/"} <= set(files.values())
    for start in RUN:
        rename(start)
        names = 0
        for (address, user), route in files.items():
            client = Client()
            client.force_login(User.objects.get(pk=user))
            content = client.get(address).content
            assert content.startswith(b"\xef\xbb\xbf"), route
            for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
                names += sum("HYPERLINK" in item for item in row)
                assert not [item for item in row if item.startswith(RUN)], (route, start)
        assert names > 2, start


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
