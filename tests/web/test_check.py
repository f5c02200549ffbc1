"""A check of the signs over HTTP: the journey, what is shown to whom, and everything that can go wrong."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import date
from html import unescape
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
from bield.service.signs.asking import effort
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


@pytest.mark.parametrize(
    "address", ["/signs/part/1/", "/signs/result/", "/signs/result/file/", "/signs/result/method/"]
)
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


@pytest.mark.parametrize("exploitation", ["sexual", "both"])
@pytest.mark.parametrize(("yes", "no"), [(1, 0), (0, 1), (9, 2), (0, 0)])
def test_the_printed_result_has_two_pages_at_most(client: Client, exploitation: str, yes: int, no: int) -> None:
    about = {"age": "adult", "exploitation": exploitation, "gender": "not_known"}
    client.post("/signs/about/", about)
    answers = {
        key: "yes" if yes and place % yes == 0 else "no" if no and place % no == 0 else "unknown"
        for place, key in enumerate(BOOK.indicators)
    }
    for number in range(1, 7):
        client.post(f"/signs/part/{number}/", answers)
    pdf = client.post("/signs/result/document/", {"marking": "official-sensitive"}).content
    assert len(PdfReader(io.BytesIO(pdf)).pages) <= 2


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
    assert "Worked out another way than usual: ‘The published table’, and the other reading of 1 strengths." in page
    assert "Found: two medium signs and one weak sign" in page
    refused = client.post("/signs/result/otherwise/", {"policy": "x"})
    assert refused.status_code == 400
    assert "There is a problem" in text(refused)
    usual = {"policy": "palermo", "alternatives": []}
    client.post("/signs/result/otherwise/", usual)
    assert "another way than usual" not in text(client.get("/signs/result/"))


def test_no_choice_is_offered_that_could_change_nothing(client: Client, walk: Walk) -> None:
    walk(exploitation="sexual")
    page = text(client.get("/signs/result/method/"))
    assert "No access to education’: weak instead" in page
    assert "Difficulties in the past’: medium instead" not in page
    walk(age="under_18", exploitation="sexual")
    page = text(client.get("/signs/result/method/"))
    assert "/signs/result/otherwise/" not in page
    assert client.post("/signs/result/otherwise/", {}).headers["Location"] == "/signs/result/"


def test_addresses_and_titles_say_nothing_of_the_person(client: Client, walk: Walk) -> None:
    walk()
    for address in ("/signs/part/4/", "/signs/result/", "/signs/result/method/"):
        page = text(client.get(address))
        title = page[page.index("<title>") : page.index("</title>")].lower()
        assert not any(word in title for word in ("woman", " she ", "exploit", "sexual", "18", "prostitution"))


def test_every_natasha_sign_is_in_the_codebook() -> None:
    assert set(natasha.SIGNS) <= BOOK.indicators.keys()


def test_the_pdf_template_ships_with_the_package() -> None:
    assert Path(state.__file__).with_name("result.typ").exists()


def questions(page: str) -> list[str]:
    """The questions of a page, in the order in which it asks them."""
    return [unescape(words) for words in re.findall(r'<legend class="bield-ask__question">(.*?)</legend>', page)]


def begin(client: Client, *, age: str = "adult", exploitation: str = "labour", gender: str = "not_known") -> None:
    client.post("/signs/about/", {"age": age, "exploitation": exploitation, "gender": gender})


def test_the_plain_question_comes_first_and_its_name_beneath(client: Client) -> None:
    begin(client)
    page = text(client.get("/signs/part/4/"))
    assert "<h1>How they are made to work</h1>" in page
    assert questions(page)[0] == "Do they work very long hours, or every day?"
    assert page.index("Do they work very long hours") < page.index("“Excessive working days or hours” ·")
    assert page.index("“Excessive working days or hours” ·") < page.index("They work far longer than the law")
    assert page.count("what counts") == 9


@pytest.mark.parametrize(
    ("gender", "exploitation", "title", "question"),
    [
        ("woman", "labour", "How she is made to work", "Does she work very long hours, or every day?"),
        ("man", "sexual", "How he is exploited", "Is he made to do this for very long hours, or every day?"),
        ("woman", "both", "How she is made to work", "Does she work very long hours, or every day?"),
    ],
)
def test_there_is_one_wording_for_each_list_and_for_her_or_him(
    client: Client, gender: str, exploitation: str, title: str, question: str
) -> None:
    begin(client, gender=gender, exploitation=exploitation)
    page = text(client.get("/signs/part/4/"))
    assert f"<h1>{title}</h1>" in page
    assert question in questions(page)


def test_what_is_enough_for_a_child_is_asked_before_the_signs(client: Client) -> None:
    begin(client, age="under_18", exploitation="sexual", gender="woman")
    page = text(client.get("/signs/part/4/"))
    assert questions(page)[0] == "Was she used or offered for sex, or for sexual pictures or films?"
    answered = client.post("/signs/part/4/", {"inherent": "yes", "go": "next"})
    assert answered.headers["Location"] == "/signs/part/5/"
    assert "· 1 answered" in " ".join(text(client.get("/signs/part/5/")).split()).replace("Part 5 of 6 ", "")


def test_few_signs_come_first_and_a_fold_opens_where_it_holds_an_answer(client: Client) -> None:
    begin(client)
    page = text(client.get("/signs/part/5/"))
    folded = page[page.index('<details class="bield-more">') :]
    assert "<summary>Ten more signs</summary>" in folded
    assert "dest_violence_on_victims" in page
    assert 'name="dest_violence_on_victims"' not in folded
    assert 'name="dest_forced_to_lie"' in folded
    client.post("/signs/part/5/", {"dest_violence_on_victims": "yes", "go": "5"})
    assert '<details class="bield-more">' in text(client.get("/signs/part/5/"))
    client.post("/signs/part/5/", {"dest_forced_to_lie": "no", "go": "5"})
    assert '<details class="bield-more" open>' in text(client.get("/signs/part/5/"))
    begin(client)
    assert '<details class="bield-more" open>' in text(client.post("/signs/part/5/", {"dest_forced_to_lie": "maybe"}))


def test_every_answer_is_a_radio_button_with_a_label_and_not_known_is_chosen(client: Client) -> None:
    begin(client)
    page = text(client.get("/signs/part/1/"))
    boxes = re.findall(r"<input[^>]*bield-seg__input[^>]*>", page)
    assert len(boxes) == 30
    for box in boxes:
        assert 'type="radio"' in box
        [identity] = re.findall(r'id="([^"]+)"', box)
        assert f'for="{identity}"' in page
        assert ("checked" in box) is ('value="unknown"' in box)


def test_every_part_says_how_far_it_is_and_leads_to_the_result_so_far(client: Client) -> None:
    begin(client)
    client.post("/signs/part/1/", {"deceived_wages": "yes", "deceived_nature_of_job": "no"})
    for number in range(1, 7):
        page = " ".join(text(client.get(f"/signs/part/{number}/")).split())
        assert f"Part {number} of 6 · 2 answered · what you leave counts as not known" in page
        assert page.count("bield-parts__reached") == number
        assert ("See the result so far" if number < 6 else "See the result") in page
        assert 'value="result"' in page
    saved_too = client.post("/signs/part/6/", {"dvuln_economic_reasons": "yes", "go": "result"})
    assert saved_too.headers["Location"] == "/signs/result/"
    assert "Economic reasons" in text(client.get("/signs/result/"))


def test_the_minutes_are_said_to_be_worked_out(client: Client) -> None:
    page = " ".join(text(client.get("/signs/")).split())
    whole = effort(BOOK, ("adult_labour", "adult_sexual"), first_only=False)
    assert f"{whole.minutes} for all {whole.questions}." in page
    assert "Nobody has timed it: the minutes are worked out from the number of questions and words." in page


def test_the_result_says_first_what_it_is_and_whom_to_ring(client: Client, walk: Walk) -> None:
    walk()
    page = text(client.get("/signs/result/"))
    main = page[page.index("<main") : page.index("</main")]
    order = [
        *("Taken together, the signs point to trafficking.", "This is enough to act on.", 'href="tel:999"'),
        *("She can have help without going to the police.", 'href="tel:01412767724"', "bield-stave", "Change these"),
    ]
    places = [main.index(words) for words in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "No sign is recorded yet."),
        ({"dest_forced_to_lie": "yes"}, "It is too early to say."),
        (
            {"dest_violence_on_victims": "yes", "dest_debt_bondage": "yes"},
            "There are signs of control; it is too early to say whether they add up to trafficking.",
        ),
    ],
)
def test_the_answer_is_one_sentence_also_while_it_is_open(client: Client, answers: dict[str, str], said: str) -> None:
    begin(client)
    client.post("/signs/part/5/", answers | {"go": "result"})
    page = text(client.get("/signs/result/"))
    assert re.findall(r'<p class="bield-answer">(.*?)</p>', page) == [said]
    assert "not settled" not in page.lower()


def test_the_small_print_is_one_link_away(client: Client, walk: Walk) -> None:
    walk()
    page, method = text(client.get("/signs/result/")), text(client.get("/signs/result/method/"))
    assert 'href="/signs/result/method/"' in page
    for words in ("about 95 %", "Palermo", "The sources differ", "second-hand transcription"):
        assert words not in page
        assert words in method


def old_check() -> Check:
    answers = {"dest_violence_on_victims": Answer.YES, "dest_debt_bondage": Answer.YES}
    return Check(Age.ADULT, Exploitation.LABOUR, "man", answers, version="1")


def test_a_file_of_an_older_list_opens_with_that_list(client: Client) -> None:
    text_of_file = saved.to_json(old_check())
    assert json.loads(text_of_file)["assessments"][0]["codebook"]["version"] == "1"
    assert upload(client, text_of_file).headers["Location"] == "/signs/result/"
    page = text(client.get("/signs/result/"))
    assert "Controlled once there" in page
    assert "version 1." in page
    assert client.get("/signs/result/file/").content.decode() == text_of_file
    assert saved.from_json(text_of_file) == old_check()


def test_a_check_under_way_keeps_the_list_that_it_was_begun_with(client: Client) -> None:
    response = HttpResponse()
    state.keep(response, old_check())
    client.cookies[state.COOKIE] = response.cookies[state.COOKIE].value
    page = text(client.get("/signs/part/5/"))
    assert "<h1>Controlled once there</h1>" in page
    assert "Debt bondage" in questions(page)
    assert client.post("/signs/part/5/", {"dest_debt_bondage": "no"}).status_code == 302
    request = RequestFactory().get("/")
    request.COOKIES[state.COOKIE] = client.cookies[state.COOKIE].value
    assert state.read(request).version == "1"


def test_two_lists_that_say_the_same_say_it_once(client: Client) -> None:
    begin(client, exploitation="both")
    page = text(client.get("/signs/result/"))
    assert re.findall(r'<p class="bield-answer">(.*?)</p>', page) == ["No sign is recorded yet."]
    assert "As labour and as sexual exploitation" in page
    client.post("/signs/part/5/", {"dest_violence_on_victims": "yes", "dest_threats_of_violence": "yes"})
    client.post("/signs/part/4/", {"excessive_working_days_or_hours": "yes", "low_or_no_salary": "yes"})
    page = text(client.get("/signs/result/"))
    assert len(re.findall(r'<p class="bield-answer">(.*?)</p>', page)) == 2


def test_the_list_of_signs_gives_each_question(client: Client) -> None:
    page = unescape(text(client.get("/signs/list/")))
    for sign in BOOK.indicators.values():
        assert sign.asks[0].they in page
