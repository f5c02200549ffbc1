"""A check of the signs over HTTP: the journey, what is shown to whom, and everything that can go wrong."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.test.client import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from bield.indicators import Age, Answer, Exploitation, load
from bield.law import load_place
from bield.service.signs import saved, state
from bield.service.signs.display import show
from bield.service.signs.state import Check
from tests import natasha
from tests.web.conftest import Walk

BOOK = load()


def text(response: Any) -> str:
    return str(response.content.decode())


def test_natasha(client: Client, walk: Walk) -> None:
    walk()
    page = text(client.get("/signs/result/"))
    assert "A woman of 18 or over; sexual exploitation." in page
    assert "Taken together, the signs point to trafficking." in page
    assert "One strong sign stands alone under ‘Forced into it’" in page
    assert "0141 276 7724" in page
    assert "Migrant Help" not in page
    assert "No tool can identify trafficking" in page


@pytest.mark.parametrize(
    ("age", "exploitation", "gender", "there", "absent"),
    [
        (
            "under_18",
            "sexual",
            "woman",
            ["exploitation is established by that fact alone", "social work"],
            ["0141 276 7724"],
        ),
        ("not_sure", "labour", "man", ["treated as under 18", "social work"], ["Migrant Help"]),
        ("adult", "labour", "man", ["Migrant Help"], ["0141 276 7724"]),
        ("adult", "both", "woman", ["As labour exploitation", "As sexual exploitation", "TARA", "Migrant Help"], []),
        ("not_sure", "not_sure", "not_known", ["It is not known whether"], []),
    ],
)
def test_who_it_is_about_decides_what_is_shown(
    client: Client, walk: Walk, age: str, exploitation: str, gender: str, there: list[str], absent: list[str]
) -> None:
    walk(age=age, exploitation=exploitation, gender=gender)
    page = text(client.get("/signs/result/"))
    main = page[page.index("<main") : page.index("</main")]
    for words in there:
        assert words in main
    for words in absent:
        assert words not in main


def test_nothing_is_kept_on_the_server(client: Client, walk: Walk) -> None:
    """No database is allowed here; the only state is one encrypted cookie that ends with the browser."""
    walk()
    cookie = client.cookies[state.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert not cookie["max-age"]
    assert not cookie["expires"]
    assert "woman" not in cookie.value
    assert set(client.cookies) <= {state.COOKIE, "csrftoken"}
    assert client.get("/signs/result/").headers["Cache-Control"] == "no-store"


def test_leaving_and_finishing_forget(client: Client, walk: Walk) -> None:
    for address, method in (("/leave/", "get"), ("/signs/finish/", "post"), ("/signs/", "post")):
        walk()
        response = getattr(client, method)(address)
        assert response.status_code == 302
        assert not client.cookies[state.COOKIE].value
        assert client.get("/signs/result/").headers["Location"] == "/signs/about/"
    walk()
    assert client.get("/signs/finish/").headers["Location"] == "/signs/result/"
    assert client.cookies[state.COOKIE].value
    assert "Clear-Site-Data" in client.get("/leave/").headers


def test_going_back_and_changing_loses_nothing(client: Client, walk: Walk) -> None:
    walk()
    page = text(client.get("/signs/part/1/"))
    assert page.count("checked") == 10
    assert (
        client.post("/signs/part/2/", {"recruit_debt_bondage": "yes", "go": "1"}).headers["Location"]
        == "/signs/part/1/"
    )
    assert (
        client.post("/signs/part/1/", {"deceived_wages": "no", "go": "result"}).headers["Location"] == "/signs/result/"
    )
    assert client.post("/signs/part/1/", {"go": "about"}).headers["Location"] == "/signs/about/"
    about = {"age": "adult", "exploitation": "labour", "gender": "man"}
    assert client.post("/signs/about/", about).headers["Location"] == "/signs/result/"
    page = text(client.get("/signs/result/"))
    assert "A man of 18 or over; labour exploitation." in page
    assert "Dependency on exploiters" in page


@pytest.mark.parametrize("address", ["/signs/part/1/", "/signs/result/", "/signs/result/file/"])
def test_nobody_gets_ahead_of_the_questions(client: Client, address: str) -> None:
    assert client.get(address).headers["Location"] == "/signs/about/"
    assert client.post("/signs/result/document/", {"marking": "none"}).headers["Location"] == "/signs/about/"


def test_missing_answers_are_asked_for_by_name(client: Client) -> None:
    page = text(client.post("/signs/about/", {"age": "adult"}))
    assert "<title>Error: " in page
    assert 'href="#id_exploitation_0"' in page
    assert "Choose a kind of exploitation" in page
    [chosen] = re.findall(r"<input[^>]*\schecked[^>]*>", page)
    assert 'name="age" value="adult"' in chosen


def test_an_answer_that_is_none(client: Client, walk: Walk) -> None:
    walk()
    page = text(client.post("/signs/part/1/", {"deceived_wages": "maybe"}))
    assert "Choose yes, no or not known" in page
    assert client.get("/signs/part/7/").status_code == 404
    assert client.get("/signs/part/0/").status_code == 404


@pytest.mark.parametrize("value", ["x", "gAAAAABm", "é", "a" * 3000])
def test_a_changed_cookie_gets_a_kind_page(client: Client, walk: Walk, value: str) -> None:
    walk()
    client.cookies[state.COOKIE] = value
    response = client.get("/signs/result/")
    assert response.status_code == 409
    assert "This check has ended" in text(response)
    assert not client.cookies[state.COOKIE].value


def test_a_stale_cookie_gets_a_kind_page(client: Client, walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    walk()
    monkeypatch.setattr(state, "HOURS", -1)
    assert "This check has ended" in text(client.get("/signs/result/"))


def test_a_cookie_of_another_codebook_gets_a_kind_page(
    client: Client, walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk()
    token = client.cookies[state.COOKIE].value
    values = json.loads(state._cipher().decrypt(token.encode())) | {"book": "ilo-ec-delphi-2009.v0"}
    client.cookies[state.COOKIE] = state._cipher().encrypt(json.dumps(values).encode()).decode()
    assert client.get("/signs/result/").status_code == 409


@given(
    st.sampled_from(list(Age)),
    st.sampled_from(list(Exploitation)),
    st.sampled_from(state.GENDERS),
    st.dictionaries(st.sampled_from(sorted(BOOK.indicators)), st.sampled_from([Answer.YES, Answer.NO])),
    st.sets(st.sampled_from([item.id for item in BOOK.disputed])),
)
def test_the_cookie_and_the_file_carry_everything(
    age: Age, exploitation: Exploitation, gender: str, answers: dict[str, Answer], alternatives: set[str]
) -> None:
    check = Check(age, exploitation, gender, answers, "three_part", tuple(sorted(alternatives)))
    response = HttpResponse()
    state.keep(response, check)
    assert len(response.cookies[state.COOKIE].value) < 1000
    request = RequestFactory().get("/")
    request.COOKIES[state.COOKIE] = response.cookies[state.COOKIE].value
    assert state.read(request) == check
    assert saved.from_json(saved.to_json(check)) == check
    assert show(check, load_place("scotland"), today=date(2026, 11, 23)).sets


def upload(client: Client, content: str | bytes) -> Any:
    raw = content if isinstance(content, bytes) else content.encode()
    return client.post("/signs/open/", {"file": SimpleUploadedFile("signs.json", raw)})


def test_saving_and_opening_again(client: Client, walk: Walk) -> None:
    walk()
    before = text(client.get("/signs/result/"))
    response = client.get("/signs/result/file/")
    assert response.headers["Content-Disposition"] == 'attachment; filename="signs.json"'
    client.post("/signs/finish/")
    assert upload(client, response.content).headers["Location"] == "/signs/result/"
    after = text(client.get("/signs/result/"))
    assert before[before.index("<main") : before.index("csrf")] == after[after.index("<main") : after.index("csrf")]


def _spoilt(client: Client, spoil: Callable[[Any], None]) -> str:
    raw = json.loads(client.get("/signs/result/file/").content)
    spoil(raw)
    return json.dumps(raw)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda raw: raw.update(format="x"), "not saved by this tool"),
        (lambda raw: raw.update(assessments=[]), "holds no assessment"),
        (lambda raw: raw.update(assessments=7), "holds no assessment"),
        (lambda raw: raw.update(age="old"), "who it is about"),
        (lambda raw: raw.update(gender="x"), "do not belong together"),
        (lambda raw: raw.update(exploitation="labour"), "do not belong together"),
        (lambda raw: raw["assessments"][0]["answers"].pop("deceived_wages"), "one of them was changed"),
        (lambda raw: raw["assessments"][0]["codebook"].update(version="../../x"), "no codebook"),
    ],
)
def test_a_spoilt_file_is_refused_in_words(
    client: Client, walk: Walk, spoil: Callable[[Any], None], words: str
) -> None:
    walk()
    response = upload(client, _spoilt(client, spoil))
    assert response.status_code == 200
    assert words in text(response)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"\xff\xfe\x00", "not a text file"),
        (b"{", "not a JSON file"),
        (b"[" * 100_000, "not a JSON file"),
        (b"[1]", "not saved by this tool"),
        (b" " * 300_000, "too big"),
    ],
)
def test_other_files_are_refused_in_words(client: Client, content: bytes, words: str) -> None:
    assert words in text(upload(client, content))


def test_no_file_is_said_kindly(client: Client) -> None:
    assert "Choose the file you saved" in text(client.post("/signs/open/"))


@pytest.mark.parametrize(
    ("marking", "shown"), [("official-sensitive", "OFFICIAL-SENSITIVE"), ("official", "OFFICIAL"), ("none", "")]
)
def test_the_printed_result_carries_its_marking(client: Client, walk: Walk, marking: str, shown: str) -> None:
    walk(exploitation="both")
    response = client.post("/signs/result/document/", {"marking": marking})
    assert response.headers["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(response.content))
    assert reader.metadata is not None
    assert reader.metadata.title == "What the signs add up to"
    pages = [page.extract_text() for page in reader.pages]
    assert all((shown in page) if shown else ("OFFICIAL" not in page) for page in pages)
    whole = " ".join(" ".join(pages).split())
    assert "0141 276 7724" in whole
    assert "As sexual exploitation" in whole
    assert "Threats to inform family, community or public" in whole
    catalogue: Any = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]


def test_a_marking_that_does_not_exist(client: Client, walk: Walk) -> None:
    walk()
    response = client.post("/signs/result/document/", {"marking": "secret"})
    assert response.status_code == 400
    assert "There is a problem" in text(response)


def test_working_it_out_another_way(client: Client, walk: Walk) -> None:
    signs = ("rvuln_difficulties_in_the_past", "rvuln_difficulty_organising_travel", "rvuln_economic_reasons")
    walk(exploitation="labour", signs=signs)
    asked = {"policy": "published_table", "alternatives": ["rvuln_difficulties_in_the_past"]}
    assert client.post("/signs/result/otherwise/", asked).status_code == 302
    page = text(client.get("/signs/result/"))
    assert "The published table" in page
    assert "Found: two medium signs and one weak sign" in page
    assert client.post("/signs/result/otherwise/", {"policy": "x"}).status_code == 400


def test_no_choice_is_offered_that_could_change_nothing(client: Client, walk: Walk) -> None:
    walk(exploitation="sexual")
    page = text(client.get("/signs/result/"))
    assert "No access to education’: weak instead" in page
    assert "Difficulties in the past’: medium instead" not in page
    walk(age="under_18", exploitation="sexual")
    page = text(client.get("/signs/result/"))
    assert "/signs/result/otherwise/" not in page
    assert client.post("/signs/result/otherwise/", {}).headers["Location"] == "/signs/result/"


def test_addresses_and_titles_say_nothing_of_the_person(client: Client, walk: Walk) -> None:
    walk()
    for address in ("/signs/part/4/", "/signs/result/"):
        page = text(client.get(address))
        title = page[page.index("<title>") : page.index("</title>")].lower()
        assert not any(word in title for word in ("woman", "sexual", "18", "prostitution"))


def test_every_natasha_sign_is_in_the_codebook() -> None:
    assert set(natasha.SIGNS) <= BOOK.indicators.keys()


def test_the_pdf_template_ships_with_the_package() -> None:
    assert Path(state.__file__).with_name("result.typ").exists()
