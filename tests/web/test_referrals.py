"""Referrals: filled from the record, checked, closed, handed in once, and the decisions with their clocks."""

from __future__ import annotations

import copy
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from bield.law import NrmForm, nrm_form, nrm_form_version
from bield.law.nrm import parse_nrm_forms
from bield.law.reading import read
from bield.service.accounts.permissions import Role
from bield.service.audit.models import Event
from bield.service.cases import actions as cases
from bield.service.cases.models import Person
from bield.service.changes import Conflict, NotNow
from bield.service.days import day_of
from bield.service.referrals import actions, files, package
from bield.service.referrals.decisions import running_clock
from bield.service.referrals.hand_in import add_number, correct, hand_in, take_back
from bield.service.referrals.models import Decision, Evidence, HandIn, Referral
from bield.service.referrals.reminders import remind
from bield.service.referrals.signs import before_positive
from bield.service.referrals.subject_access import held_in_referrals
from tests.web.matrix import REFERRING
from tests.world import NAMES, NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FORM = nrm_form("scotland", on=date(2026, 11, 24))
TODAY = day_of(NOW)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 50


def docx(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as found:
        for name, content in ({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"} | parts).items():
            found.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def sorley(at_work: Callable[[Role], Client]) -> Client:
    """A first responder."""
    return at_work(Role.FIRST_RESPONDER)


@pytest.fixture
def person(world: World) -> Person:
    """A record with everything that a referral of an adult needs."""
    found = world.full_person()
    world.consent(found, "nrm_referral", "given")
    world.consent(found, "support", "given")
    return found


def draft(world: World, person: Person) -> Referral:
    return actions.begin(world_person(world, person), by=world.cast[Role.FIRST_RESPONDER], at=NOW)


def world_person(world: World, person: Person) -> Person:
    """As the gate gives it to the first responder."""
    from bield.service.accounts.permissions import Permission
    from bield.service.cases.access import person_for

    return person_for(world.cast[Role.FIRST_RESPONDER], person.pk, Permission.REFERRAL_MAKE)


def whole(referral: Referral) -> dict[str, Any]:
    """An answer to everything that is asked and not answered."""
    answers = dict(referral.answers)
    while missing := FORM.missing(answers):
        for fields in missing.values():
            for item in fields:
                answers[item.id] = {
                    "several": ["no_pay"],
                    "day": "2000-01-02",
                    "council": "fife",
                    "phone": "0141 496 0123",
                    "email": "worker@council.example",
                }.get(item.holds, item.choices[0].key if item.choices else f"About {item.id}")
    return answers


def ready(world: World, person: Person) -> Referral:
    """A referral that can be sent."""
    referral = draft(world, person)
    Referral.objects.filter(pk=referral.pk).update(answers=whole(referral))
    approve(world, person)
    found = Referral.objects.get(pk=referral.pk)
    found.person = world_person(world, person)
    return found


def approve(world: World, person: Person) -> None:
    lead = world.cast[Role.LEAD]
    cases.ask_review(person=person, by=world.cast[Role.FRONTLINE_WORKER], at=NOW, words="")
    cases.decide_review(person=person, by=lead, at=NOW, decision="approved", words="")


def closed(world: World, person: Person) -> Referral:
    """A referral that is ready to hand in."""
    referral = ready(world, person)
    actions.close(referral, by=world.cast[Role.FIRST_RESPONDER], at=NOW)
    return again(world, referral)


def sent(world: World, person: Person) -> Referral:
    """A referral of which somebody has recorded that it was handed in."""
    referral = closed(world, person)
    hand_in(referral, on=TODAY, way="page", number="", by=world.cast[Role.FIRST_RESPONDER], at=NOW)
    return again(world, referral)


def again(world: World, referral: Referral) -> Referral:
    found = Referral.objects.get(pk=referral.pk)
    found.person = world_person(world, referral.person)
    return found


# Filled from the record


def test_the_pages_come_filled_and_an_unsafe_telephone_is_not_carried_over(
    world: World, person: Person, sorley: Client
) -> None:
    response = sorley.post(reverse("person-referral", args=[person.pk]))
    referral = Referral.objects.get()
    assert response.headers["Location"] == reverse("referral", args=[referral.pk])
    assert referral.answers["given_names"] == NAMES["given_names"]
    assert referral.answers["born"] == NAMES["born"]
    assert (referral.answers["under_18"], referral.answers["wants_referral"]) == ("no", "yes")
    assert (referral.answers["gender"], referral.answers["language"]) == ("female", "Albanian")
    assert "phone" not in referral.answers
    signs = referral.answers["signs"].splitlines()
    assert len(signs) == 2
    assert any("We saw it" in line for line in signs)
    assert "Zdravka kept pulling" not in json.dumps(referral.answers)
    page = sorley.get(reverse("referral-section", args=[referral.pk, "personal"])).content.decode()
    assert 'value="Quillfeather"' in page


def test_each_sign_brings_its_own_evidence_and_who_noted_it(world: World, person: Person) -> None:
    said = {
        "dest_violence_on_victims": "Bruises on both arms,\nold and new.",
        "dest_confiscation_of_documents": "“He keeps my passport in the car.”",
    }
    answers = {"dest_violence_on_victims": ("yes", "seen"), "dest_confiscation_of_documents": ("yes", "told")}
    world.answer(person, answers, said)
    world.answer(person, {"deceived_wages": ("no", "told")}, {"deceived_wages": "She was paid what was agreed."})
    signs = draft(world, person).answers["signs"]
    assert "We saw it: “Bruises on both arms,\nold and new.” (noted by Frontline Worker, " in signs
    assert "The person told us: ““He keeps my passport in the car.”” (noted by Frontline Worker, " in signs
    assert "paid what was agreed" not in signs  # no sign, and no evidence of one
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM cases_signanswer")
        assert "passport" not in str(cursor.fetchall())


def test_everything_that_fills_the_form_is_known_and_every_answer_fits(world: World, person: Person) -> None:
    referral = draft(world, person)
    fields = {item.id: item for item in FORM.fields}
    for name, value in referral.answers.items():
        keys = {choice.key for choice in fields[name].choices}
        assert not keys or set(value if isinstance(value, list) else [value]) <= keys, name


def test_a_body_that_may_not_refer_is_told_who_may(world: World, person: Person, sorley: Client) -> None:
    from bield.service.accounts.models import Organisation

    Organisation.objects.filter(pk=world.team.organisation_id).update(body="nhs-fife")
    page = sorley.get(reverse("person-referral", args=[person.pk])).content.decode()
    assert "Your body may not refer" in page
    sorley.post(reverse("person-referral", args=[person.pk]))
    assert not Referral.objects.exists()


def test_there_is_one_draft_a_person(world: World, person: Person, sorley: Client) -> None:
    for _time in range(2):
        sorley.post(reverse("person-referral", args=[person.pk]))
    assert Referral.objects.count() == 1


def test_answers_are_sealed(world: World, person: Person) -> None:
    draft(world, person)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM referrals_referral")
        stored = str(cursor.fetchall())
    assert "Quillfeather" not in stored
    assert "violence" not in stored.lower()


# Answering


def test_a_section_keeps_what_was_typed_and_leads_to_the_next(world: World, person: Person, sorley: Client) -> None:
    referral = draft(world, person)
    address = reverse("referral-section", args=[referral.pk, "background"])
    data = {"version": "1", "birthplace": "A village", "family": "Two sisters", "next": "1"}
    response = sorley.post(address, data)
    assert response.headers["Location"].endswith("/exploitation/")
    referral.refresh_from_db()
    assert (referral.answers["birthplace"], referral.version) == ("A village", 2)


def test_changing_the_age_takes_out_what_rested_on_it_and_says_so(world: World, person: Person, sorley: Client) -> None:
    referral = draft(world, person)
    assert referral.answers["needs_support"] == "yes"
    address = reverse("referral-section", args=[referral.pk, "age"])
    page = sorley.post(address, {"version": "1", "under_18": "not_sure"}, follow=True).content.decode()
    referral.refresh_from_db()
    assert not referral.answers.keys() & {"wants_referral", "needs_support"}
    assert "No longer asked, so the answer was deleted" in page
    assert "treated as a child" in page


def test_two_at_once_lose_nothing(world: World, person: Person, sorley: Client) -> None:
    referral = draft(world, person)
    address = reverse("referral-section", args=[referral.pk, "background"])
    sorley.post(address, {"version": "1", "birthplace": "First"})
    response = sorley.post(address, {"version": "1", "birthplace": "Second"})
    page = response.content.decode()
    assert response.status_code == 409
    assert "Second" in page
    assert "Somebody changed this while you had it open" in page
    assert re.search(r"<td>First</td>\s*<td>Second</td>", page)
    assert Referral.objects.get().answers["birthplace"] == "First"
    sorley.post(address, {"version": "2", "birthplace": "Second"})
    assert Referral.objects.get().answers["birthplace"] == "Second"
    with pytest.raises(Conflict):
        actions.answer(referral, expected=1, section="age", values={}, by=world.cast[Role.FIRST_RESPONDER], at=NOW)


@pytest.mark.parametrize(
    ("section", "data", "words"),
    [
        ("background", {"birthplace": "x" * 15_001}, "at most 15000 characters"),
        (
            "location",
            {"where": "uk", "towns": "\n".join("abcdefghijk")},
            "You entered 11 lines: the form accepts up to 10",
        ),
        ("personal", {"born_day": "31", "born_month": "2", "born_year": "2001"}, "31 2 2001 is not a day"),
        ("age", {"under_18": "maybe"}, "maybe"),
    ],
)
def test_what_cannot_be_is_named_and_nothing_is_lost(
    world: World, person: Person, sorley: Client, section: str, data: dict[str, str], words: str
) -> None:
    referral = draft(world, person)
    page = sorley.post(reverse("referral-section", args=[referral.pk, section]), {"version": "1"} | data)
    assert words in page.content.decode()
    assert Referral.objects.get().version == 1


def test_a_section_that_is_none_is_not_found(world: World, person: Person, sorley: Client) -> None:
    referral = draft(world, person)
    assert sorley.get(reverse("referral-section", args=[referral.pk, "nonsense"])).status_code == 404


# The blank form and the document are made from the same data


def pdf_text(content: bytes) -> str:
    return " ".join(" ".join(part.extract_text() for part in PdfReader(io.BytesIO(content)).pages).split())


def test_the_blank_form_the_pages_and_the_document_ask_the_same(world: World, person: Person, sorley: Client) -> None:
    blank = pdf_text(sorley.get(reverse("referral-blank")).content)
    referral = ready(world, person)
    document = pdf_text(sorley.get(reverse("referral-document", args=[referral.pk])).content)
    check = " ".join(sorley.get(reverse("referral-check", args=[referral.pk])).content.decode().split())
    asked = FORM.asked(referral.answers)
    for section in FORM.sections:
        assert section.title in blank
        for item in section.fields:
            assert " ".join(item.label.split()) in blank, item.id
    for name, fields in asked.items():
        page = sorley.get(reverse("referral-section", args=[referral.pk, name])).content.decode()
        for item in fields:
            assert f'name="{item.id}' in page, item.id
            assert item.label in document, item.id
            if name != "evidence":
                from django.utils.html import escape

                assert escape(item.label) in check, item.id


# Evidence


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0aaaa", "jpg"),
        (b"%PDF-1.7\n", "pdf"),
        (files.OLE + b"x" * 20, "doc"),
        (docx(), "docx"),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, kind: str) -> None:
    assert files.type_of(content, FORM.file_types) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00",
        b"<script>alert(1)</script>",
        b"PK\x03\x04 not a zip",
        b"<?xml version='1.0'?><svg/>",
        docx(bomb=b"0" * 50_000_000),
    ],
    ids=["empty", "program", "script", "broken", "svg", "bomb"],
)
def test_anything_else_is_refused(world: World, person: Person, sorley: Client, content: bytes) -> None:
    referral = draft(world, person)
    file = io.BytesIO(content)
    file.name = "harmless.pdf"
    response = sorley.post(reverse("referral-evidence", args=[referral.pk]), {"file": file})
    assert "error-summary" in response.content.decode()
    assert not Evidence.objects.exists()


def test_a_file_is_sealed_and_only_ever_saved(world: World, person: Person, sorley: Client) -> None:
    referral = draft(world, person)
    file = io.BytesIO(PNG)
    file.name = "../../etc/Zdravka.png"
    sorley.post(reverse("referral-evidence", args=[referral.pk]), {"file": file, "shows": "Her passport"})
    item = Evidence.objects.get()
    assert item.name == "Zdravka.png"
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM referrals_evidence")
        stored = str(cursor.fetchall())
    assert "Zdravka" not in stored
    assert "passport" not in stored
    answer = sorley.get(reverse("referral-evidence-file", args=[referral.pk, item.pk]))
    assert answer.content == PNG
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Zdravka.png"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert Event.objects.filter(kind="evidence.read").count() == 1
    sorley.post(reverse("referral-evidence-remove", args=[referral.pk, item.pk]))
    assert not Evidence.objects.exists()


def test_too_large_and_too_many_are_refused(world: World, person: Person) -> None:
    referral, by = draft(world, person), world.cast[Role.FIRST_RESPONDER]
    with pytest.raises(files.NotEvidence, match="larger than 25 MB"):
        actions.add_evidence(referral, name="x", content=b"%PDF-" + b"0" * (25 << 20), shows="", by=by, at=NOW)
    Evidence.objects.bulk_create(
        Evidence(referral=referral, type="png", size=1, digest="", content="", by=by, at=NOW) for _file in range(100)
    )
    with pytest.raises(files.NotEvidence, match="100 files already"):
        actions.add_evidence(referral, name="x", content=PNG, shows="", by=by, at=NOW)


@pytest.mark.parametrize("name", ["паспорт Олексій.png", "ảnh hộ chiếu.png", "صورة.png", "पासपोर्ट.png"])
def test_a_file_keeps_its_name_in_every_script(world: World, person: Person, sorley: Client, name: str) -> None:
    file = io.BytesIO(PNG)
    file.name = name
    referral = draft(world, person)
    sorley.post(reverse("referral-evidence", args=[referral.pk]), {"file": file})
    answer = sorley.get(reverse("referral-evidence-file", args=[referral.pk, Evidence.objects.get().pk]))
    assert unquote(answer.headers["Content-Disposition"]) == f"attachment; filename*=utf-8''{name}"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\0\0\0\x18ftypheic" + b"0" * 40, "export it as JPEG"),
        (b"\0\0\0\x18ftypM4A " + b"0" * 40, "it is a recording"),
        (b"ID3" + b"0" * 40, "it is a recording"),
        (b"RIFF0000WAVE" + b"0" * 40, "it is a recording"),
        (b"hello", "the content is of another type: add one of"),
        (b"%PDF-" + b"0" * (27 << 20), "is 28 MB. The form accepts up to 25 MB"),
    ],
    ids=["photo", "sound", "mp3", "wav", "text", "too large"],
)
def test_a_file_that_is_not_taken_is_refused_with_a_way_out(
    world: World, person: Person, sorley: Client, content: bytes, says: str
) -> None:
    file = io.BytesIO(content)
    file.name = "IMG 0001"
    address = reverse("referral-evidence", args=[draft(world, person).pk])
    page = sorley.post(address, {"file": file, "shows": "What she wore that day"}).content.decode()
    assert says.lower() in page.lower()
    assert "What she wore that day" in page  # nothing typed is lost
    assert not Evidence.objects.exists()


def test_a_file_of_another_referral_is_not_reached_through_ones_own(
    world: World, person: Person, sorley: Client
) -> None:
    other = draft(world, world.full_person())
    mine = draft(world, person)
    file = actions.add_evidence(other, name="x", content=PNG, shows="", by=world.cast[Role.FIRST_RESPONDER], at=NOW)
    assert sorley.get(reverse("referral-evidence-file", args=[mine.pk, file.pk])).status_code == 404


# Sending


def test_what_stands_in_the_way_is_said(world: World, person: Person, sorley: Client) -> None:
    referral = draft(world, person)
    page = sorley.get(reverse("referral", args=[referral.pk])).content.decode()
    assert "Some questions are not answered yet" in page
    assert "A lead has not yet said" in page
    sorley.post(reverse("referral-close", args=[referral.pk]))
    assert Referral.objects.get().closed_at is None


@pytest.mark.parametrize(
    ("field", "value", "label"),
    [
        ("signs", "x" * 15_001, "The signs, and where each comes from"),
        ("responder_phone", "0141 496 0123 ask for Ann", "Your telephone at work"),
        ("responder_email", "ask for Ann", "Another work e-mail for questions"),
    ],
)
def test_an_answer_that_does_not_fit_the_form_stands_in_the_way(
    world: World, person: Person, field: str, value: str, label: str
) -> None:
    referral = ready(world, person)
    Referral.objects.update(answers=referral.answers | {field: value})
    found = actions.hindrances(again(world, referral), today=TODAY)
    assert found == (f"these answers do not fit the form: {label}",)


@pytest.mark.parametrize("decision", ["refused", "withdrawn"])
def test_an_adult_who_does_not_agree_is_not_referred(world: World, person: Person, decision: str) -> None:
    world.consent(person, "nrm_referral", decision)
    approve(world, person)
    referral = draft(world, person)
    Referral.objects.filter(pk=referral.pk).update(answers=whole(referral) | {"wants_referral": "yes"})
    referral.refresh_from_db()
    referral.person = world_person(world, person)
    assert any("no agreement to the referral" in item for item in actions.hindrances(referral, today=TODAY))


def test_a_change_after_the_review_needs_another(world: World, person: Person) -> None:
    referral = ready(world, person)
    assert actions.hindrances(referral, today=TODAY) == ()
    by = world.cast[Role.FIRST_RESPONDER]
    actions.answer(referral, expected=referral.version, section="background", values={"family": "Else"}, by=by, at=NOW)
    referral.refresh_from_db()
    referral.person = world_person(world, person)
    assert actions.hindrances(referral, today=TODAY) == ("a lead has not yet said that it may go ahead",)


def test_closed_it_is_whole_and_not_sent(world: World, person: Person, sorley: Client) -> None:
    referral = ready(world, person)
    by = world.cast[Role.FIRST_RESPONDER]
    actions.add_evidence(referral, name="p.png", content=PNG, shows="A door", by=by, at=NOW)
    approve(world, person)
    assert sorley.post(reverse("referral-close", args=[referral.pk])).status_code == 302
    referral.refresh_from_db()
    person.refresh_from_db()
    assert referral.closed_at is not None
    assert (person.referral, person.sharings.count()) == ("none", 0)  # closed, and not sent
    with zipfile.ZipFile(io.BytesIO(sorley.get(reverse("referral-package", args=[referral.pk])).content)) as found:
        parts = {name: found.read(name) for name in found.namelist()}
    assert set(parts) == {"referral.pdf", "referral.json", "evidence-001.png", "SHA256SUMS"}
    sums = {line.split("  ")[1]: line.split("  ")[0] for line in parts["SHA256SUMS"].decode().splitlines()}
    assert sums == {name: sha256(parts[name]).hexdigest() for name in ("referral.json", "evidence-001.png")}
    held = json.loads(parts["referral.json"])
    assert held["answers"]["given_names"] == NAMES["given_names"]
    assert not FORM.missing(held["answers"])
    assert NAMES["family_name"] in pdf_text(parts["referral.pdf"])
    receipt = pdf_text(sorley.get(reverse("referral-receipt", args=[referral.pk])).content)
    assert person.shown_reference in receipt
    assert NAMES["family_name"] not in receipt


def test_what_is_closed_is_not_changed(world: World, person: Person, sorley: Client) -> None:
    referral = closed(world, person)
    before = Referral.objects.get().answers
    for name, args in (
        ("referral-section", [referral.pk, "background"]),
        ("referral-close", [referral.pk]),
        ("referral-discard", [referral.pk]),
    ):
        sorley.post(reverse(name, args=args), {"version": "1", "birthplace": "Else"})
    file = io.BytesIO(PNG)
    file.name = "x.png"
    sorley.post(reverse("referral-evidence", args=[referral.pk]), {"file": file})
    assert Referral.objects.get().answers == before
    assert not Evidence.objects.exists()


def with_a_later_version() -> tuple[NrmForm, ...]:
    """The versions there are, and one more that drops questions, a section and a choice, and asks something new."""
    name, raw = read("nrm_form")
    later = copy.deepcopy(raw["versions"][-1])
    raw["versions"][-1]["to"] = date(2027, 1, 31)
    later |= {"id": "2027-02", "from": date(2027, 2, 1), "title": "A later form"}
    later["sections"] = [section for section in later["sections"] if section["id"] != "location"]
    first = later["sections"][0]["fields"]
    first[0] = {"id": "new_question", "label": "A question that was never asked before", "holds": "short"}
    first[2]["choices"][0]["label"] = "Another word for it"
    return parse_nrm_forms(name, raw | {"versions": [*raw["versions"], later]})


def test_a_later_version_of_the_form_changes_nothing_of_what_was_sent(
    world: World, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = sent(world, person)
    parts, words = package.parts_of(referral), package.sections_in_words(FORM, referral.answers)
    paper = pdf_text(package.as_document(referral))
    versions = with_a_later_version()
    monkeypatch.setattr("bield.law.nrm.load_nrm_forms", lambda: versions)
    again = Referral.objects.get(pk=referral.pk)
    assert nrm_form("scotland", on=date(2027, 2, 1)).id == "2027-02"
    assert package.parts_of(again) == parts
    found = {name: sha256(content).hexdigest() for name, content in package.parts_of(again).items()}
    assert found == again.receipt
    assert package.sections_in_words(nrm_form_version(again.form), again.answers) == words
    assert pdf_text(package.as_document(again)) == paper


def test_what_was_sent_verifies_whatever_becomes_of_the_reading_of_its_form(
    world: World, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even a version put right in place, which must not be, changes no byte of what went."""
    referral = sent(world, person)
    monkeypatch.setattr(NrmForm, "counting", lambda *_: {})
    found = {name: sha256(content).hexdigest() for name, content in package.parts_of(referral).items()}
    assert found == referral.receipt


def test_a_child_is_referred_without_being_asked(world: World) -> None:
    child = world.full_person(age="under_18")
    referral = ready(world, child)
    assert "wants_referral" not in referral.answers
    by = world.cast[Role.FIRST_RESPONDER]
    actions.close(referral, by=by, at=NOW)
    hand_in(referral, on=TODAY, way="page", number="", by=by, at=NOW)
    assert child.sharings.get().consent == ""


def test_what_is_added_or_begun_after_the_review_needs_another(world: World, person: Person) -> None:
    referral, by = ready(world, person), world.cast[Role.FIRST_RESPONDER]
    reasons = ("a lead has not yet said that it may go ahead",)
    file = actions.add_evidence(referral, name="x", content=PNG, shows="", by=by, at=NOW)
    assert actions.hindrances(again(world, referral), today=TODAY) == reasons
    approve(world, person)
    assert actions.hindrances(again(world, referral), today=TODAY) == ()
    actions.remove_evidence(file, referral=again(world, referral), by=by, at=NOW)
    assert actions.hindrances(again(world, referral), today=TODAY) == reasons
    child = world.full_person(age="under_18")
    approve(world, child)
    begun = draft(world, child)
    assert reasons[0] in actions.hindrances(again(world, begun), today=TODAY)


def test_a_lead_is_led_from_the_review_to_the_referral_and_back(
    world: World, person: Person, at_work: Callable[[Role], Client]
) -> None:
    referral, lead = draft(world, person), at_work(Role.LEAD)
    cases.ask_review(person=person, by=world.cast[Role.FRONTLINE_WORKER], at=NOW, words="")
    review = reverse("person-review", args=[person.pk])
    read = reverse("person-referral-read", args=[person.pk])
    assert read in lead.get(review).content.decode()
    page = lead.get(read, follow=True)
    assert page.request["PATH_INFO"] == reverse("referral-check", args=[referral.pk])
    assert review in page.content.decode()
    assert Event.objects.filter(kind="referral.read", actor=str(world.cast[Role.LEAD].pk)).count() == 1
    actions.discard(referral, by=world.cast[Role.FIRST_RESPONDER], at=NOW)
    assert lead.get(read).headers["Location"] == reverse("person-referral", args=[person.pk])


def test_what_a_colleague_threw_away_meanwhile_is_said_and_noted_once(world: World, person: Person) -> None:
    referral, by = draft(world, person), world.cast[Role.FIRST_RESPONDER]
    file = actions.add_evidence(referral, name="x", content=PNG, shows="", by=by, at=NOW)
    seen = Evidence.objects.get(pk=file.pk)
    actions.remove_evidence(file, referral=again(world, referral), by=by, at=NOW)
    with pytest.raises(NotNow, match="has deleted this file already"):
        actions.remove_evidence(seen, referral=again(world, referral), by=by, at=NOW)
    late = again(world, referral)
    actions.discard(again(world, referral), by=by, at=NOW)
    with pytest.raises(NotNow, match="has deleted this draft"):
        actions.discard(late, by=by, at=NOW)
    kinds = ["evidence.removed", "referral.discarded"]
    assert Event.objects.filter(kind__in=kinds).count() == 2


# Handing in


def test_a_closed_referral_is_ready_and_says_so_wherever_it_stands(
    world: World, person: Person, sorley: Client
) -> None:
    referral = closed(world, person)
    person.refresh_from_db()
    assert (person.referral, person.to_hand_in_since) == ("none", TODAY)
    for address, words in (
        (reverse("referral", args=[referral.pk]), "ready to hand in, not sent"),
        (reverse("referral", args=[referral.pk]), "Nothing was sent yet"),
        (reverse("person-referral", args=[person.pk]), "Ready to hand in"),
        (reverse("person", args=[person.pk]), "A referral has been ready to hand in since"),
        (reverse("people"), "Referral ready to hand in"),
        (reverse("referrals"), "not recorded as handed in"),
        (reverse("home"), "nobody has recorded that it was handed in"),
    ):
        assert words in " ".join(sorley.get(address).content.decode().split()), (address, words)
    worker = Client()
    worker.force_login(world.cast[Role.FRONTLINE_WORKER])
    page = worker.get(reverse("person", args=[person.pk])).content.decode()
    assert "First Responder (first responder)" in page  # who can hand it in
    receipt = pdf_text(sorley.get(reverse("referral-receipt", args=[referral.pk])).content)
    assert "ready to hand in" in receipt
    assert "Not recorded yet" in receipt


def test_it_is_sent_once_somebody_records_the_day_and_the_way(world: World, person: Person, sorley: Client) -> None:
    referral = closed(world, person)
    address, day = reverse("referral-hand-in", args=[referral.pk]), TODAY
    page = sorley.post(address, {"way": "page"}).content.decode()
    assert "Enter the day on which it was handed in" in page
    typed = {"way": "page", "on_day": day.day, "on_month": day.month, "on_year": day.year, "number": "NRM-4711"}
    assert sorley.post(address, typed).status_code == 302
    found = again(world, referral)
    person.refresh_from_db()
    assert (found.handed_in_on, person.referral, person.to_hand_in_since) == (day, "sent", None)
    assert (person.sharings.get().consent, person.sharings.get().on) == ("nrm_referral", day)
    assert person.step_marks.get(step="refer").on == day
    for name, args in (("home", []), ("people", []), ("referrals", []), ("person", [person.pk])):
        text = sorley.get(reverse(name, args=args)).content.decode()
        for said in ("waits to be handed in", "Ready to hand in</h2>", "Closed a referral, ready to hand in"):
            text = text.replace(said, "")  # what may be said of every referral, and what happened to this one
        assert "to hand in" not in text, name
    page = " ".join(sorley.get(reverse("referral", args=[referral.pk])).content.decode().split())
    assert "reference NRM-4711" in page
    assert "ready to hand in" not in page
    timeline = sorley.get(reverse("person-timeline", args=[person.pk])).content.decode()
    assert "On the online form" in timeline
    assert not Event.objects.filter(facts__icontains="4711").exists()  # nothing typed goes into an event
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM referrals_handin")
        assert "4711" not in str(cursor.fetchall())


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (TODAY - timedelta(days=1), "‘When it was handed in’ is before ‘The referral was closed’"),
        (TODAY + timedelta(days=1), "in the future"),
    ],
)
def test_a_day_on_which_it_cannot_have_been_handed_in_is_refused(
    world: World, person: Person, on: date, words: str
) -> None:
    referral, by = closed(world, person), world.cast[Role.FIRST_RESPONDER]
    with pytest.raises(NotNow, match=words):
        hand_in(referral, on=on, way="page", number="", by=by, at=NOW)
    assert not HandIn.objects.exists()


def test_a_draft_is_not_handed_in_and_nothing_is_handed_in_twice(world: World, person: Person, sorley: Client) -> None:
    by = world.cast[Role.FIRST_RESPONDER]
    referral = draft(world, person)
    with pytest.raises(NotNow, match="close it first"):
        hand_in(referral, on=TODAY, way="page", number="", by=by, at=NOW)
    assert sorley.get(reverse("referral-hand-in", args=[referral.pk])).status_code == 302
    found = sent(world, world.full_person(age="under_18"))
    with pytest.raises(NotNow, match="already recorded"):
        hand_in(found, on=TODAY, way="page", number="", by=by, at=NOW)


def test_agreement_is_asked_of_the_day_of_the_hand_in_and_not_of_the_day_it_is_recorded(
    world: World, person: Person, sorley: Client
) -> None:
    referral, by = closed(world, person), world.cast[Role.FIRST_RESPONDER]
    world.consent(person, "nrm_referral", "withdrawn", on=TODAY)
    page = " ".join(sorley.get(reverse("referral", args=[referral.pk])).content.decode().split())
    assert "no agreement to the referral today: do not hand it in" in page
    with pytest.raises(NotNow, match="no agreement to the referral on that day"):
        hand_in(referral, on=TODAY, way="page", number="", by=by, at=NOW)
    early = TODAY - timedelta(days=1)
    Referral.objects.update(closed_at=NOW - timedelta(days=2))
    hand_in(again(world, referral), on=early, way="page", number="", by=by, at=NOW)
    assert Referral.objects.get().handed_in_on == early


def test_the_reference_may_come_later_and_once(world: World, person: Person, sorley: Client) -> None:
    referral, by = sent(world, person), world.cast[Role.FIRST_RESPONDER]
    address = reverse("referral-number", args=[referral.pk])
    assert "Enter the reference" in sorley.post(address, {}).content.decode()
    sorley.post(address, {"number": "NRM-1"})
    assert HandIn.objects.get().number == "NRM-1"
    assert Event.objects.filter(kind="referral.numbered").count() == 1
    with pytest.raises(NotNow, match="there is a reference already"):
        add_number(referral, number="NRM-2", by=by, at=NOW)


def test_a_hand_in_recorded_wrongly_is_corrected_with_a_reason_and_kept(
    world: World, person: Person, sorley: Client
) -> None:
    referral = sent(world, person)
    address = reverse("referral-hand-in", args=[referral.pk])
    page = sorley.post(address, {"way": "panel"}).content.decode()
    assert "Choose what was wrong" in page
    typed = {"way": "panel", "reason": "way", "words": "It went to the panel", "number": ""}
    typed |= {"on_day": str(TODAY.day), "on_month": str(TODAY.month), "on_year": str(TODAY.year)}
    assert sorley.post(address, typed).status_code == 302
    first, second = HandIn.objects.order_by("pk")
    assert (first.way, first.reason, first.words) == ("page", "way", "It went to the panel")
    assert (second.way, second.ended_at, person.sharings.count()) == ("panel", None, 1)
    assert "The way was wrong" in sorley.get(reverse("person-timeline", args=[person.pk])).content.decode()
    page = sorley.get(reverse("referral", args=[referral.pk])).content.decode()
    assert "It went to the panel" in page


def test_a_hand_in_that_was_none_is_taken_back_with_all_that_rested_on_it(
    world: World, person: Person, sorley: Client
) -> None:
    referral = sent(world, person)
    address = reverse("referral-take-back", args=[referral.pk])
    assert "Choose what was wrong" in sorley.post(address, {}).content.decode()
    sorley.post(address, {"reason": "not_yet"})
    person.refresh_from_db()
    assert (person.referral, person.to_hand_in_since, person.sharings.count()) == ("none", TODAY, 0)
    assert Referral.objects.get().handed_in_on is None
    assert not person.step_marks.filter(step="refer").exists()
    assert "not handed in after all" in sorley.get(reverse("person-timeline", args=[person.pk])).content.decode()


def test_a_decision_needs_a_hand_in_and_holds_it(world: World, person: Person) -> None:
    referral, by = closed(world, person), world.cast[Role.FIRST_RESPONDER]
    with pytest.raises(NotNow, match="nobody has recorded that the referral was handed in"):
        actions.decide(referral, kind="received", on=TODAY, by=by, at=NOW)
    Referral.objects.update(closed_at=NOW - timedelta(days=3))
    referral = again(world, referral)
    hand_in(referral, on=TODAY - timedelta(days=2), way="page", number="", by=by, at=NOW)
    referral = again(world, referral)
    actions.decide(referral, kind="received", on=TODAY - timedelta(days=1), by=by, at=NOW)
    with pytest.raises(NotNow, match="take the decision back first"):
        take_back(referral, reason="not_yet", words="", by=by, at=NOW)
    with pytest.raises(NotNow, match="‘Date of the letter’ is before ‘When it was handed in’"):
        correct(referral, on=TODAY, way="page", number="", reason="day", words="", by=by, at=NOW)
    assert HandIn.objects.get().ended_at is None


def test_what_was_not_handed_in_can_be_a_draft_again_and_what_was_cannot(
    world: World, person: Person, sorley: Client
) -> None:
    referral = closed(world, person)
    sorley.post(reverse("referral-reopen", args=[referral.pk]))
    found = again(world, referral)
    person.refresh_from_db()
    assert (found.closed_at, found.receipt, person.to_hand_in_since) == (None, {}, None)
    assert Event.objects.filter(kind="referral.reopened").count() == 1
    by = world.cast[Role.FIRST_RESPONDER]
    with pytest.raises(NotNow, match="a draft already"):
        actions.reopen(found, by=by, at=NOW)
    actions.close(found, by=by, at=NOW)
    second = actions.begin(world_person(world, person), by=by, at=NOW)
    with pytest.raises(NotNow, match="another draft"):
        actions.reopen(found, by=by, at=NOW)
    actions.discard(second, by=by, at=NOW)
    hand_in(found, on=TODAY, way="page", number="", by=by, at=NOW)
    with pytest.raises(NotNow, match="cannot be changed"):
        actions.reopen(found, by=by, at=NOW)


def test_reminders_go_on_until_somebody_records_the_hand_in(world: World, person: Person) -> None:
    referral, by = closed(world, person), world.cast[Role.FIRST_RESPONDER]
    address, day = "https://bield.example/referrals/", timedelta(days=1)
    assert remind(today=TODAY, address=address) == 0
    assert [remind(today=TODAY + day * number, address=address) for number in range(1, 6)] == [1, 0, 0, 1, 0]
    text = f"{mail.outbox[0].subject} {mail.outbox[0].body}"
    assert "nobody has recorded that it was handed in" in text
    assert address in text
    assert not [word for word in (*NAMES.values(), person.reference, person.shown_reference) if word in text]
    hand_in(referral, on=TODAY, way="page", number="", by=by, at=NOW)
    assert remind(today=TODAY + day * 30, address=address) == 0


def test_the_copy_tells_when_it_was_handed_in_and_what_was_taken_back(
    world: World, person: Person, at_work: Callable[[Role], Client]
) -> None:
    referral, by = sent(world, person), world.cast[Role.FIRST_RESPONDER]
    take_back(referral, reason="not_yet", words="", by=by, at=NOW)
    (held,) = at_work(Role.LEAD).get(reverse("person-copy-file", args=[person.pk])).json()["referrals"]
    (words,) = held["handed_in"]
    assert words.startswith(f"{TODAY.day} ")
    assert "taken back on" in words
    assert "It was not handed in after all" in words


# Decisions and clocks


def test_ninety_days_run_from_the_letter_and_end_early(world: World, person: Person, sorley: Client) -> None:
    referral, by = sent(world, person), world.cast[Role.FIRST_RESPONDER]
    actions.decide(referral, kind="rg_positive", on=TODAY, by=by, at=NOW)
    referral.refresh_from_db()
    assert (referral.clock, referral.clock_ends) == ("adult_support", TODAY + timedelta(days=90))
    person.refresh_from_db()
    assert (person.referral, person.decision_on) == ("reasonable_grounds", TODAY)
    assert "reasonable-grounds decision" in sorley.get(reverse("referral", args=[referral.pk])).content.decode()
    referral.person = world_person(world, person)
    actions.decide(referral, kind="cg_positive", on=TODAY, by=by, at=NOW)
    referral.refresh_from_db()
    assert (referral.clock, referral.clock_ends) == ("", None)
    wrong = referral.decisions.get(kind="cg_positive")
    address = reverse("referral-decision-take-back", args=[referral.pk, wrong.pk])
    assert address in sorley.get(reverse("referral", args=[referral.pk])).content.decode()
    assert "Say why you are taking it back" in sorley.post(address, {"why": ""}).content.decode()
    page = sorley.post(address, {"why": "It was a letter about somebody else."}, follow=True).content.decode()
    assert "It was a letter about somebody else." in page
    assert address not in page
    referral.refresh_from_db()
    person.refresh_from_db()
    assert (referral.clock, referral.clock_ends) == ("adult_support", TODAY + timedelta(days=90))
    assert person.referral == "reasonable_grounds"
    assert "taken back already" in sorley.post(address, {"why": "twice"}, follow=True).content.decode()
    first = referral.decisions.get()
    first.referral.person = world_person(world, person)
    actions.take_decision_back(first, by=by, at=NOW, why="This too.")
    with pytest.raises(NotNow, match="taken back already"):
        actions.take_decision_back(first, by=by, at=NOW, why="Twice.")
    referral.refresh_from_db()
    person.refresh_from_db()
    assert (referral.clock, person.referral) == ("", "sent")
    (held,) = held_in_referrals(person)
    assert [words.split("taken back: ")[1] for words in held["decisions"]] == [
        "This too.)",
        "It was a letter about somebody else.)",
    ]


def test_thirty_days_to_ask_for_another_look(world: World, person: Person) -> None:
    referral, by = sent(world, person), world.cast[Role.FIRST_RESPONDER]
    actions.decide(referral, kind="rg_negative", on=TODAY, by=by, at=NOW)
    referral.refresh_from_db()
    assert (referral.clock, referral.clock_ends) == ("reconsideration", TODAY + timedelta(days=30))
    referral.person = world_person(world, person)
    actions.decide(referral, kind="reconsideration_asked", on=TODAY, by=by, at=NOW)
    referral.refresh_from_db()
    assert referral.clock == ""


def test_a_letter_cannot_be_of_a_day_to_come(world: World, person: Person) -> None:
    referral, by = sent(world, person), world.cast[Role.FIRST_RESPONDER]
    with pytest.raises(NotNow, match="in the future"):
        actions.decide(referral, kind="reasonable_grounds", on=TODAY + timedelta(days=1), by=by, at=NOW)
    assert not Decision.objects.exists()


def test_a_letter_cannot_be_older_than_the_referral(world: World, person: Person, sorley: Client) -> None:
    referral = sent(world, person)
    with pytest.raises(NotNow, match="‘Date of the letter’ is before ‘When it was handed in’"):
        actions.decide(referral, kind="received", on=TODAY - timedelta(days=1), by=world.cast[Role.LEAD], at=NOW)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("happened", "clock", "ends"),
    [
        ([("rg_positive", date(2018, 3, 31))], "adult_support", date(2018, 5, 15)),
        ([("rg_positive", date(2018, 4, 1))], "adult_support", date(2018, 6, 30)),
        ([("rg_negative", date(2020, 1, 1))], None, None),
        ([("received", date(2026, 11, 20))], "reasonable_grounds", date(2026, 11, 27)),
        ([("cg_negative", date(2026, 6, 1)), ("rg_positive", date(2026, 1, 1))], "reconsideration", date(2026, 7, 1)),
        ([("rg_positive", date(2026, 1, 1)), ("withdrawn", date(2026, 1, 9))], None, None),
    ],
)
def test_clocks_count_by_the_law_of_the_letters_day(happened: Any, clock: str | None, ends: date | None) -> None:
    found = running_clock(happened, place="scotland")
    assert (found.clock if found else None, found.ends if found else None) == (clock, ends)


def test_the_support_of_adults_does_not_run_for_a_child() -> None:
    assert running_clock([("rg_positive", date(2026, 1, 1))], place="scotland", child=True) is None


def test_the_clocks_of_the_team_and_a_reminder_that_names_nobody(world: World, person: Person, sorley: Client) -> None:
    referral, by = sent(world, person), world.cast[Role.FIRST_RESPONDER]
    actions.decide(referral, kind="rg_negative", on=TODAY, by=by, at=NOW)
    page = sorley.get(reverse("referrals")).content.decode()
    assert person.shown_reference in page
    ends = TODAY + timedelta(days=30)
    assert remind(today=ends - timedelta(days=8), address="https://bield.example/referrals/") == 0
    assert remind(today=ends - timedelta(days=7), address="https://bield.example/referrals/") == 1
    assert remind(today=ends - timedelta(days=6), address="https://bield.example/referrals/") == 0
    (message,) = mail.outbox
    text = f"{message.subject} {message.body}"
    assert "https://bield.example/referrals/" in text
    assert not [word for word in (*NAMES.values(), person.reference, person.shown_reference) if word in text]
    assert message.to == [world.cast[Role.FRONTLINE_WORKER].email]


def test_the_page_of_clocks_costs_the_same_however_many_there_are(world: World, sorley: Client) -> None:
    by = world.cast[Role.FIRST_RESPONDER]

    def add(count: int) -> None:
        for _number in range(count):
            row = Referral.objects.create(
                person=world.person(),
                form=FORM.id,
                made_by=by,
                made_at=NOW,
                changed_at=NOW,
                closed_at=NOW,
                closed_by=by,
                handed_in_on=TODAY,
            )
            Referral.objects.filter(pk=row.pk).update(clock="adult_support", clock_ends=TODAY)
            Referral.objects.create(
                person=world.person(),
                form=FORM.id,
                made_by=by,
                made_at=NOW,
                changed_at=NOW,
                closed_at=NOW,
                closed_by=by,
            )

    add(1)
    with CaptureQueriesContext(connection) as few:
        sorley.get(reverse("referrals"))
    add(10)
    with CaptureQueriesContext(connection) as many:
        sorley.get(reverse("referrals"))
    assert len(many) == len(few) <= 18


def test_which_signs_came_before_a_positive_decision_is_only_numbers(world: World, sorley: Client) -> None:
    by = world.cast[Role.FIRST_RESPONDER]
    for number in range(7):
        found = world.person()
        world.answer(found, {"dest_violence_on_victims": ("yes", "seen")})
        if number < 2:
            world.answer(found, {"dest_confiscation_of_documents": ("yes", "seen")})
        row = Referral.objects.create(
            person=found,
            form=FORM.id,
            made_by=by,
            made_at=NOW,
            changed_at=NOW,
            closed_at=NOW,
            closed_by=by,
            handed_in_on=TODAY,
        )
        Decision.objects.create(referral=row, kind="rg_positive", on=TODAY, by=by, at=NOW + timedelta(minutes=1))
    found_signs = before_positive()
    assert found_signs.people == "7"
    assert [number for _label, number in found_signs.rows if int(number) < 5] == []
    assert "7 people" in " ".join(sorley.get(reverse("referral-signs")).content.decode().split())


# Who gets what


@pytest.mark.parametrize("who", [*Role, "outsider", None], ids=str)
def test_who_gets_a_referral(world: World, person: Person, who: Role | str | None) -> None:
    referral, by = ready(world, person), world.cast[Role.FIRST_RESPONDER]
    file = actions.add_evidence(referral, name="x", content=PNG, shows="", by=by, at=NOW)
    approve(world, person)
    actions.close(again(world, referral), by=by, at=NOW)
    hand_in(referral, on=TODAY, way="page", number="", by=by, at=NOW)
    letter = actions.decide(again(world, referral), kind="received", on=TODAY, by=by, at=NOW)
    client, found, wanted = Client(), {}, {}
    if who is not None:
        client.force_login(world.outsider if who == "outsider" else world.cast[Role(who)])
    for route, row in REFERRING.items():  # a stranger is sent to sign in before anything else is looked at
        address = f"/{route}".replace("<uuid:person_id>", str(person.pk)).replace(
            "<uuid:referral_id>", str(referral.pk)
        )
        address = address.replace("<uuid:evidence_id>", str(file.pk)).replace("<slug:name>", "personal")
        address = address.replace("<int:decision_id>", str(letter.pk))
        found[route] = (client.get(address).status_code, client.post(address).status_code)
        wanted[route] = (302, 302) if who is None else row[who]
    assert found == wanted


def test_another_council_cannot_tell_a_referral_from_none(world: World, person: Person) -> None:
    referral, client = draft(world, person), Client()
    client.force_login(world.outsider)
    for name in ("referral", "referral-check", "referral-document", "referral-package"):
        found, absent = (client.get(reverse(name, args=[pk])) for pk in (referral.pk, uuid4()))
        assert (found.status_code, found.content) == (404, absent.content)
    assert client.post(reverse("referral-close", args=[referral.pk])).status_code == 404


def test_every_reading_of_a_referral_leaves_an_event(world: World, person: Person, sorley: Client) -> None:
    referral = sent(world, person)
    for name in ("referral", "referral-check", "referral-document", "referral-package", "referral-receipt"):
        before = Event.objects.filter(subject=str(person.pk)).count()
        assert sorley.get(reverse(name, args=[referral.pk])).status_code == 200
        assert Event.objects.filter(subject=str(person.pk)).count() == before + 1, name


@given(st.data())
def test_no_section_breaks_whatever_is_typed(data: st.DataObject) -> None:
    from django.db import transaction

    from tests.world import make

    with transaction.atomic():
        world = make()
        referral = draft(world, world.full_person())
        section = data.draw(st.sampled_from(FORM.sections))
        odd = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), st.sampled_from(["yes", "no"]))
        names = [*(item.id for item in section.fields), "born_day", "born_month", "born_year", "next"]
        typed = data.draw(st.dictionaries(st.sampled_from(names), odd))
        client = Client()
        client.force_login(world.cast[Role.FIRST_RESPONDER])
        address = reverse("referral-section", args=[referral.pk, section.id])
        status = client.post(address, {"version": "1"} | typed).status_code
        assert status in (200, 302)
        found = Referral.objects.get()
        assert found.version == (2 if status == 302 else 1)
        assert FORM.counting(found.answers) == found.answers
        transaction.set_rollback(True)


@given(st.data())
def test_no_other_form_of_a_referral_breaks(data: st.DataObject) -> None:
    from django.db import transaction

    from tests.world import make

    with transaction.atomic():
        world = make()
        person = world.full_person()
        world.consent(person, "nrm_referral", "given")
        referral = sent(world, person)
        name = data.draw(
            st.sampled_from(
                [
                    "referral-decision",
                    "referral-evidence",
                    "referral-discard",
                    "referral-close",
                    "referral-reopen",
                    "referral-hand-in",
                    "referral-number",
                    "referral-take-back",
                ]
            )
        )
        odd = st.one_of(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.sampled_from(["rg_positive", "1"])
        )
        names = ["kind", "on_day", "on_month", "on_year", "undo", "shows", "way", "number", "reason", "words"]
        typed: dict[str, Any] = data.draw(st.dictionaries(st.sampled_from(names), odd))
        if data.draw(st.booleans()):
            typed["file"] = io.BytesIO(data.draw(st.binary(max_size=40)))
        client = Client()
        client.force_login(world.cast[Role.FIRST_RESPONDER])
        before = Referral.objects.get().answers
        assert client.post(reverse(name, args=[referral.pk]), typed).status_code in (200, 302)
        assert Referral.objects.get().answers == before
        assert not Evidence.objects.exists()
        transaction.set_rollback(True)


def test_the_copy_for_the_person_holds_the_referral(
    world: World, person: Person, at_work: Callable[[Role], Client]
) -> None:
    sent(world, person)
    lead = at_work(Role.LEAD)
    (held,) = lead.get(reverse("person-copy-file", args=[person.pk])).json()["referrals"]
    assert f"Given names: {NAMES['given_names']}" in held["answers"]
    document = pdf_text(lead.get(reverse("person-copy-document", args=[person.pk])).content)
    assert "Referrals" in document


def test_the_words_of_an_answer(world: World, person: Person) -> None:
    referral = ready(world, person)
    rows = {
        item.id: words
        for _id, _title, found in package.sections_in_words(FORM, referral.answers)
        for item, words in found
    }
    assert rows["responder_body"] == "Glasgow City Council"
    assert rows["born"] == "17 May 2001"
    assert rows["under_18"] == "No"
