"""Records handed on as HTCDS without identity, and cases taken in with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from bield.cli import app
from bield.service.accounts.permissions import Role
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases.models import Person
from bield.standards import Generation, Row, document, generations, validate, write_rows
from tests.web.filing import choose_and_go
from tests.world import NAMES, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def morag(at_work: Callable[[Role], Client]) -> Client:
    return at_work(Role.FRONTLINE_WORKER)


def take_in(client: Client, world: World, content: bytes) -> Any:
    return choose_and_go(client, "people-take-in", content, team=str(world.team.pk))


def test_what_is_handed_on_fits_the_standard_and_says_nothing_of_who_it_is(world: World, morag: Client) -> None:
    person = world.full_person(exploitation=["sexual", "criminal"])
    world.person(gender="other", age="under_18")
    text = morag.get(reverse("people-htcds")).content.decode()
    found = json.loads(text)
    assert validate(found) == []
    assert len(found["cases"]) == 2
    assert "ForcedCriminality" in text
    for value in (*NAMES.values(), person.reference, person.shown_reference, str(person.pk), "07700"):
        assert value not in text


def test_what_was_handed_on_can_be_taken_in(world: World, morag: Client) -> None:
    world.person(exploitation=["criminal", "labour"], gender="man")
    text = morag.get(reverse("people-htcds")).content
    assert "1 record was begun" in take_in(morag, world, text).content.decode()
    newest = Person.objects.order_by("-opened_at")[0]
    assert (newest.gender, newest.exploitation, newest.age) == ("man", ["criminal", "labour"], "uncertain")


def test_names_are_sealed_and_no_telephone_is_taken_to_be_safe(world: World, morag: Client) -> None:
    person = {"prs_FirstName": "Zdravka", "prs_Birthdate": "2001-05-17", "prs_MobilePhone": "+447700900461"}
    took = take_in(morag, world, json.dumps(document([{"persons": [{"person": person}]}])).encode())
    assert "1 record was begun" in took.content.decode()
    found = Person.objects.get()
    assert found.age == "adult"
    assert found.identity.names["given_names"] == "Zdravka"
    assert found.channels.get().safe == "not_known"


def test_a_perpetrator_is_given_no_record(world: World, morag: Client) -> None:
    case = {"persons": [{"person": {"prs_FirstName": "He"}, "perpetrator": {"per_RoleInProcess": []}}]}
    take_in(morag, world, json.dumps(document([case])).encode())
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00", "empty"),
        (b"{\xff", "not UTF-8"),
        (b"prs_FirstName\nZ\x81\n", "line 2, byte 2: not cp1252; save it as CSV UTF-8<"),
        (b"name,born\nZdravka,2001\n", "no heading is a field of HTCDS"),
        (b"prs_FirstName,prs_Birthdate\nZdravka,2001-02-30\n", "a day of the calendar such as"),
        (b"prs_Birthdate\n9999-12-31\n", "the birth date is in the future"),
        (b"prs_Gender\n" + b"Zdravka\n" * 70, "(70 times)"),
        (b"[]", "expected an object"),
        (
            json.dumps(document([{"persons": [{"person": {}}, {"person": {"prs_Gender": "F"}}]}])).encode(),
            "not one of",
        ),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_taken_in(
    world: World, morag: Client, content: bytes, words: str
) -> None:
    page = take_in(morag, world, content).content.decode()
    assert words in page
    assert not Person.objects.exists()


def test_a_table_is_taken_in_as_the_same_cases_would_be(world: World, morag: Client) -> None:
    table = (
        "prs_FirstName;prs_Birthdate;vic_TypeOfExploitation\r\nZdravka;2001-05-17;ForcedLabour ForcedBegging\r\n;;\r\n"
    )
    assert "1 record was begun" in take_in(morag, world, table.encode("utf-8-sig")).content.decode()
    found = Person.objects.get()
    assert (found.age, found.exploitation) == ("adult", ["criminal", "labour"])
    assert found.identity.names["given_names"] == "Zdravka"


@pytest.mark.parametrize("generation", list(generations().values()), ids=str)
def test_each_generation_of_ctdc_is_taken_in(world: World, morag: Client, generation: Generation) -> None:
    row = Row({"gender": "Female", "citizenship": "VN"}, {"is.SexualExploit": True})
    names = [column.name for column in generation.columns]
    (cells,) = write_rows([row], generation)
    content = ",".join(names) + "\n" + ",".join(cells[name] for name in names) + "\n"
    assert "1 record was begun" in take_in(morag, world, content.encode()).content.decode()
    found = Person.objects.get()
    assert (found.gender, found.age) == ("woman", "uncertain")
    assert found.exploitation == (["sexual"] if "isSexualExploit" in names else [])


def test_the_command_says_what_does_not_fit(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.json", tmp_path / "wrong.json"
    right.write_text(json.dumps(document([])))
    wrong.write_text(json.dumps(document([{"case": {"cas_Status": "Open"}}])))
    assert CliRunner().invoke(app, ["validate", str(right)]).exit_code == 0
    found = CliRunner().invoke(app, ["validate", str(wrong)])
    assert found.exit_code == 1
    assert "cases[0].case.cas_Status: not one of Active" in found.output
    assert "Open" not in found.output
    absent = CliRunner().invoke(app, ["validate", str(tmp_path / "absent.json")])
    assert absent.exit_code == 2
    assert "No such file" in absent.output
    schema = CliRunner().invoke(app, ["validate", str(right), "--schema"])
    assert json.loads(schema.output)["$id"] == "urn:bield:htcds-2.0"


def test_a_file_that_was_taken_in_before_begins_nothing(world: World, morag: Client) -> None:
    cases = [{"persons": [{"person": {"prs_FirstName": name}}]} for name in ("Zdravka", "Milena")]
    content = json.dumps(document(cases)).encode()
    assert "2 records were begun" in take_in(morag, world, content).content.decode()
    page = take_in(morag, world, content + b"\n").content.decode()
    assert "Nothing was taken in" in page
    assert "2 records were begun" in page
    assert Person.objects.count() == 2


def test_people_whose_names_the_team_has_are_listed_and_never_merged(world: World, morag: Client) -> None:
    known = world.full_person()
    names = {"prs_FirstName": NAMES["given_names"], "prs_SecondName": NAMES["family_name"].upper()}
    other = {"prs_FirstName": "Anna", "prs_SecondName": "Nowak"}
    cases = [{"persons": [{"person": names}]}, {"persons": [{"person": other}]}]
    page = take_in(morag, world, json.dumps(document(cases)).encode()).content.decode()
    begun = Person.objects.exclude(pk=known.pk)
    new = next(item for item in begun if item.identity.names["given_names"] == NAMES["given_names"])
    assert begun.count() == 2
    assert reverse("person-merge-with", args=[known.pk, new.pk]) in page
    assert NAMES["given_names"] not in page
    assert not Person.objects.filter(merged_at__isnull=False).exists()
    for person in (known, new):
        assert Event.objects.filter(kind=Kind.FOUND_BY_NAME, subject=str(person.pk)).exists()
