"""A person's record in a real browser: the whole journey at the desk and on a phone, by keyboard, without scripts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from bield.service.demo.country import fill
from tests.browser import record
from tests.browser.conftest import ARGUMENTS
from tests.browser.test_pages import look_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _made_up_country(transactional_db: None, settings: Any) -> None:
    settings.DEMO = True
    fill(people=12, seed=2015, today=timezone.localdate())


def everything_open(page: Page, name: str) -> None:
    """Look at a page as it comes, and with every fold open."""
    look_at(page, name)
    for details in page.locator("details").all():
        if details.get_attribute("open") is None:
            details.locator("summary").first.click()
    look_at(page, f"{name}, everything open")


def test_natasha_is_recorded_reviewed_and_hidden(page: Page, tmp_path: Path) -> None:
    """The journey: a check is brought in, consents are answered, the record goes to a colleague and to a lead."""

    def look(name: str) -> None:
        everything_open(page, name)

    yesterday = timezone.localdate() - timedelta(days=1)
    page.goto("/")
    look("front, with the tour")
    file = record.saved_check(page, tmp_path)
    page.goto("/demo/")
    look("cast")
    record.be(page, "Morag Tennant")
    look("your work")
    address = record.begin(page, look=look)
    reference = page.get_by_role("heading", level=1).inner_text()
    expect(page.get_by_text("TARA").first).to_be_visible()
    record.bring_in(page, file, look=look)
    record.names(page, address, look=look)
    expect(page.get_by_text("Do not use: phone call")).to_be_visible()
    look("record, with everything")
    record.answer_consent(page, address, "nrm_referral", "given", yesterday, look=look)
    record.answer_consent(page, address, "police_cooperation", "refused", yesterday)
    look("consents")
    page.goto(f"{address}hand-over/")
    look("hand over")
    page.get_by_label("Hand over to").select_option(label="Sorley Baird")
    page.get_by_role("button", name="Hand over", exact=True).click()
    expect(page.locator(".bield-strip").get_by_text("Sorley Baird")).to_be_visible()
    page.goto(f"{address}review/")
    look("ask for a review")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("waits for a lead’s review")).to_be_visible()

    record.be(page, "Effie Rankine")
    page.goto(f"{address}review/")
    look("review")
    page.get_by_label("It may go ahead").check(force=True)
    page.get_by_role("button", name="Record your answer").click()
    expect(page.get_by_text("reviewed: may go ahead")).to_be_visible()
    page.get_by_role("link", name="Who has looked").click()
    look("who has looked")
    expect(page.get_by_role("cell", name="Morag Tennant").first).to_be_visible()

    record.be(page, "Ruaridh Moyes")
    for words in (reference, "Natasha Quillfeather"):
        page.goto("/people/")
        page.locator("#find-words").fill(words)
        page.get_by_role("button", name="Find", exact=True).click()
        expect(page.get_by_text("Nobody in your team’s records is found")).to_be_visible()
    look("nobody found")
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no page here")


@pytest.mark.parametrize("age", ["under_18", "uncertain"])
def test_what_to_do_for_a_17_year_old(wide: Page, age: str) -> None:
    record.be(wide, "Morag Tennant")
    record.begin(wide, age=age)
    expect(wide.get_by_text("treated as a child", exact=True)).to_be_visible()
    steps = wide.locator(".bield-todo h3").all_text_contents()
    assert any("guardian" in step.lower() for step in steps), steps
    assert not any("consent" in step.lower() and "ask" in step.lower() for step in steps), steps
    expect(wide.get_by_role("heading", name="Do not", exact=True)).to_be_visible()


ROOMS = [
    ("Morag Tennant", ["", "about/", "age/", "identity/", "encounters/", "encounters/new/", "assessments/", "shared/"]),
    ("Morag Tennant", ["signs/1/", "signs/4/", "signs/sign/", "consents/support/", "close/", "timeline/"]),
    ("Effie Rankine", ["looks/", "review/", "consents/"]),
]


@pytest.mark.parametrize(("name", "paths"), ROOMS)
def test_every_page_of_a_record(page: Page, name: str, paths: list[str]) -> None:
    record.be(page, name)
    page.locator(".bield-rooms a[href='/people/']").click()
    page.locator("table a").first.click()
    expect(page.get_by_role("heading", name="Next", exact=True)).to_be_visible()
    address = page.url
    for path in paths:
        page.goto(address + path)
        everything_open(page, path or "record")


ELSEWHERE = {
    "Effie Rankine": [
        "/people/",
        "/people/?due=soon",
        "/people/?print=1",
        "/people/?state=all&age=child&sort=reference",
        "/people/due/",
        "/people/hand-over/",
        "/people/new/",
        "/support/hand-over/",
    ],
    "Drew Lockhart": ["/home/", "/accounts/colleagues/", "/accounts/2fa/", "/accounts/password/change/"],
    "Una Fairlie": ["/accounts/events/", "/accounts/events/?kind=person.read"],
    "Fraser Gow": ["/home/", "/accounts/rules/", "/people/"],
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_the_other_pages_of_those_at_work(page: Page, name: str) -> None:
    record.be(page, name)
    for address in ELSEWHERE[name]:
        page.goto(address)
        everything_open(page, address)


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/password/reset/", "/accounts/logout/"])
def test_the_pages_before_signing_in(page: Page, address: str) -> None:
    page.goto(address)
    everything_open(page, address)


def test_two_people_at_once_lose_nothing(wide: Page, browser: Any, live_server: Any) -> None:
    record.be(wide, "Morag Tennant")
    address = record.begin(wide)
    other = browser.new_context(base_url=live_server.url).new_page()
    other.set_viewport_size({"width": 1040, "height": 800})
    record.be(other, "Effie Rankine")
    other.goto(f"{address}about/")
    wide.goto(f"{address}about/")
    wide.get_by_label("They are missing").check(force=True)
    wide.get_by_role("button", name="Save", exact=True).click()
    expect(wide.get_by_text("missing", exact=True)).to_be_visible()
    other.get_by_label("Council area where they are now").select_option("highland")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_text("Somebody changed this while you had it open")).to_be_visible()
    look_at(other, "conflict")
    expect(other.get_by_label("Council area where they are now")).to_have_value("highland")
    other.context.close()


def test_begin_a_record_by_keyboard_alone(wide: Page) -> None:
    record.be(wide, "Morag Tennant")
    wide.goto("/people/new/")
    for name in ("age", "gender", "danger"):
        wide.locator(f'input[name="{name}"]').first.focus()
        wide.keyboard.press("Space")
    wide.keyboard.press("Enter")
    expect(wide.get_by_text("The record was begun.")).to_be_visible()
    wide.locator(".bield-todo button").first.focus()
    wide.keyboard.press("Enter")
    expect(wide.get_by_text("Done (1)")).to_be_visible()


WHO = ("Wymyslona", "H1234567", "900123")


def test_a_form_that_was_refused_leaves_nothing_of_it_on_the_disk(
    browser: Browser, chromium: str, live_server: Any, tmp_path: Path
) -> None:
    """The browser keeps what a form said, to send it again after a restart; not who somebody is."""
    profile = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=chromium, args=ARGUMENTS, base_url=live_server.url
    )
    page = profile.new_page()
    record.be(page, "Morag Tennant")
    page.goto(f"{record.begin(page)}identity/change/")
    page.get_by_label("Family name").fill(WHO[0])
    page.get_by_label("Home Office reference").fill(WHO[1])
    page.locator("[name=way-0-value]").fill(f"07700 {WHO[2]}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    expect(page.get_by_label("Family name")).to_have_value(WHO[0])
    profile.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"identity/change" in kept, "the browser kept its session"
    assert [word for word in WHO if word.encode() in kept or word.encode("utf-16-le") in kept] == []
