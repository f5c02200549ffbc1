"""Files of notifications as spreadsheets save them."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from typer.testing import CliRunner

from bield.cli import app
from bield.service.accounts.permissions import Role
from bield.service.notifications.models import Notification
from tests.web.filing import choose, choose_and_go, words
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
    assert "differ only in leading zeros" in page
    assert "Sent before, as " in bring(morag, world, f"{head}00417,adult,woman,labour\n".encode())
    page = bring(morag, world, f"{head}52,adult,woman,labour\n052,adult,woman,labour\n".encode())
    assert "Line 3" in page
    assert "differ only in leading zeros" in page
    assert Notification.objects.count() == 1


# Every door, every oddity


Table = list[list[str]]

TABLES: dict[str, Table] = {
    "notifications": [
        ["id", "age", "gender", "type", "reference", "date_of_birth", "contact"],
        ["A", "adult", "woman", "labour", "Zoë", "", ""],
    ],
    "cases": [
        ["prs_FirstName", "prs_Gender", "vic_TypeOfExploitation", "prs_Birthdate", "prs_MobilePhone"],
        ["Zoë", "Feminine", "ForcedLabour", "", ""],
    ],
    "assess": [["id", "hazardous_work", "W"], ["Zoë", "yes", "1"]],
}
TABLES |= {"validate": TABLES["cases"], "convert": TABLES["cases"]}
READ = "read"


def written(table: Table, sign: str = ",", *, encoding: str = "utf-8", before: str = "") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=sign).writerows(table)
    return (before + text.getvalue()).encode(encoding)


def with_cell(table: Table, values: dict[str, str]) -> Table:
    """The table with the first of these columns that it has filled."""
    name = next(name for name in values if name in table[0])
    return [table[0], [values[name] if head == name else cell for head, cell in zip(*table, strict=True)]]


def in_capitals(table: Table) -> Table:
    """Codes in capitals; words are words."""
    return [table[0], [cell if cell == "Zoë" else cell.upper() for cell in table[1]]]


ODDITIES: dict[str, Callable[[Table], bytes]] = {
    "as it is": written,
    "semicolons": lambda table: written(table, ";"),
    "sep=": lambda table: written(table, ";", before="sep=;\r\n"),
    "a mark": lambda table: written(table, encoding="utf-8-sig"),
    "UTF-16 with tabs": lambda table: written(table, "\t", encoding="utf-16"),
    "blank rows": lambda table: written([table[0], [""] * len(table[0]), table[1], [" "] * len(table[0])]),
    "headings in capitals": lambda table: written([[head.upper() for head in table[0]], table[1]]),
    "codes in capitals": lambda table: written(in_capitals(table)),
    "Windows letters": lambda table: written(table, encoding="cp1252"),
    "a number shortened": lambda table: written(
        with_cell(table, {"reference": "1.23E+11", "prs_MobilePhone": "4,47701E+11", "W": "1.23E+11"})
    ),
    "a telephone shortened": lambda table: written(
        with_cell(table, {"contact": "4.47701E+11", "prs_MobilePhone": "4.47701E+11", "W": "4,47701E+11"})
    ),
    "a day in two ways": lambda table: written(
        with_cell(table, {"date_of_birth": "03/04/1999", "prs_Birthdate": "03/04/1999", "W": "03/04/1999"})
    ),
    "a day the other way": lambda table: written(
        with_cell(table, {"date_of_birth": "13/25/1999", "prs_Birthdate": "13/25/1999", "W": "13/25/1999"})
    ),
    "a day as a number": lambda table: written(
        with_cell(table, {"date_of_birth": "36220", "prs_Birthdate": "36220", "W": "x"})
    ),
    "a decimal comma": lambda table: written(with_cell(table, {"age": "adult", "prs_Gender": "Feminine", "W": "1,5"})),
}
LOST = "a spreadsheet has shortened this number"
SAID: dict[tuple[str, str], str] = {
    ("notifications", "a number shortened"): LOST,
    ("notifications", "a telephone shortened"): LOST,
    ("notifications", "a day in two ways"): "expected year-month-day, such as 1999-03-01",
    ("notifications", "a day the other way"): "expected year-month-day, such as 1999-03-01",
    ("notifications", "a day as a number"): "expected year-month-day, such as 1999-03-01",
    ("assess", "a telephone shortened"): "--decimal ,",
    ("assess", "a day in two ways"): "not a weight",
    ("assess", "a day the other way"): "not a weight",
    ("assess", "a day as a number"): "not a weight",
    ("assess", "a decimal comma"): "--decimal ,",
    ("assess", "headings in capitals"): "did you mean 'hazardous_work'?",
    ("assess", "Windows letters"): "--encoding cp1252",
    ("validate", "Windows letters"): "--encoding cp1252",
    ("convert", "Windows letters"): "--encoding cp1252",
}
"""What is said of what cannot be read as it is. A page reads Windows letters and warns; a command asks."""
for door in ("cases", "validate", "convert"):
    SAID |= {
        (door, "a number shortened"): LOST,
        (door, "a telephone shortened"): LOST,
        (door, "a day in two ways"): "a day of the calendar such as",
        (door, "a day the other way"): "a day of the calendar such as",
        (door, "a day as a number"): "a day of the calendar such as",
    }


def at_page(door: str, content: bytes, client: Client, world: World) -> str:
    begin = {"notifications": "notifications-bring-in", "cases": "people-take-in"}[door]
    page = words(choose(client, begin, content, team=str(world.team.pk)))
    return READ if ("1 is sent as it is" in page or "1 record begins" in page) else page


def at_command(door: str, content: bytes, folder: Path) -> str:
    (folder / "in.csv").write_bytes(content)
    asked = {
        "assess": [
            "assess",
            "in.csv",
            "--set",
            "adult_labour",
            "--weight",
            "W",
            "--single-unit",
            "certainty",
            "--out",
            "out.csv",
        ],
        "validate": ["validate", "in.csv"],
        "convert": ["convert", "in.csv", "--to", "htcds", "--out", "out.json"],
    }[door]
    found = CliRunner().invoke(app, asked)
    return READ if found.exit_code == 0 else " ".join(found.output.split())


@pytest.mark.parametrize("oddity", ODDITIES)
@pytest.mark.parametrize("door", TABLES)
def test_every_oddity_at_every_door(
    door: str, oddity: str, world: World, morag: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = ODDITIES[oddity](TABLES[door])
    page = door in ("notifications", "cases")
    said = at_page(door, content, morag, world) if page else at_command(door, content, tmp_path)
    assert SAID.get((door, oddity), READ) in said


def test_letters_that_were_guessed_are_said_to_be(world: World, morag: Client) -> None:
    for encoding, warned in (("cp1252", True), ("utf-8", False), ("utf-16", False)):
        content = written(TABLES["notifications"], encoding=encoding)
        page = choose(morag, "notifications-bring-in", content, team=str(world.team.pk))
        assert ("read as Western European" in words(page)) is warned


def test_services_come_in_with_the_mark_of_an_editor(world: World, at_work: Callable[[Role], Client]) -> None:
    one = '[{"id": "ac148810-d857-441c-9679-408f346de14b", "name": "Zoë’s", "status": "active"}]'
    for encoding, said in (("utf-8", "1 service is new"), ("utf-8-sig", "1 service is new"), ("cp1252", "not text in")):
        page = choose(at_work(Role.LEAD), "services-bring-in", one.encode(encoding))
        assert said in words(page)


def test_the_plus_of_a_telephone_number_stays(world: World, morag: Client) -> None:
    content = b"id,age,type,agreed,contact\nA,adult,labour,given,+447700900461 or 01632 960001 + ask for Ann\n"
    assert "1 notification was sent" in bring(morag, world, content)
    words = Notification.objects.get().identity.words
    assert words["contact"] == "+447700900461 or 01632 960001 + ask for Ann"
