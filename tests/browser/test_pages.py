"""Every page in a real browser: axe at WCAG 2.2 AA, no sideways scroll at 320 px, without scripts, by keyboard."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import override_settings
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import WITHOUT_SCRIPTS
from tests.browser.walk import choose, walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
ADDRESSES = [
    "/signs/list/",
    "/signs/reactions/",
    "/signs/open/",
    "/signs/finish/",
    "/privacy/",
    "/accessibility/",
    "/design/",
    "/no",
]


def look_at(page: Page, name: str) -> None:
    """What must be true of every page. Measuring and axe are scripts, so they run where scripts do."""
    page.wait_for_load_state("load")  # the style sheets too: nothing is measured before they are there
    assert page.locator("h1").count() == 1, name
    if page.context in WITHOUT_SCRIPTS:
        return
    assert page.viewport_size is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], name
    results = Axe().run(page, options=WCAG)
    assert results.violations_count == 0, f"{name}: {results.generate_report()}"


@pytest.mark.parametrize(
    ("age", "exploitation"), [("adult", "sexual"), ("not_sure", "not_sure"), ("under_18", "sexual")]
)
def test_the_journey(page: Page, age: str, exploitation: str) -> None:
    walk(page, age=age, exploitation=exploitation, look=lambda name: look_at(page, name))
    for details in page.locator("details").all():
        details.locator("summary").first.click()
    look_at(page, "result, everything open")
    expect(page.get_by_role("heading", level=1)).to_have_text("What the signs add up to")


@pytest.mark.parametrize(("age", "exploitation"), [("adult", "both"), ("under_18", "sexual")])
def test_no_page_of_the_check_is_longer_than_a_telephone_bears(narrow: Page, age: str, exploitation: str) -> None:
    heights = dict[str, int]()

    def measure(name: str) -> None:
        narrow.wait_for_load_state("load")
        heights[name] = narrow.evaluate("document.documentElement.scrollHeight")

    walk(narrow, age=age, exploitation=exploitation, look=measure)
    assert {name: height for name, height in heights.items() if height >= 6_000} == {}


def test_the_joined_buttons_can_be_pressed_by_a_thumb_and_told_apart(narrow: Page) -> None:
    walk_to_the_signs(narrow)
    for label in narrow.locator(".bield-seg__label").all():
        if label.is_visible():
            box = label.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 44
    narrow.emulate_media(forced_colors="active")
    yes, unknown = (
        narrow.locator(f'input[name="deceived_wages"][value="{value}"] + label') for value in ("yes", "unknown")
    )
    background = "element => getComputedStyle(element).backgroundColor"
    assert yes.evaluate(background) != unknown.evaluate(background)
    narrow.emulate_media(forced_colors="none")
    narrow.locator('input[name="deceived_wages"][value="unknown"]').focus()
    narrow.keyboard.press("ArrowLeft")
    expect(narrow.locator('input[name="deceived_wages"][value="no"]')).to_be_checked()
    assert (
        narrow.locator('input[name="deceived_wages"][value="no"] + label').evaluate(
            "element => getComputedStyle(element).outlineStyle"
        )
        == "solid"
    )


def walk_to_the_signs(page: Page) -> None:
    page.goto("/signs/about/")
    for name, value in (("age", "adult"), ("exploitation", "sexual"), ("gender", "woman")):
        choose(page, name, value)
    page.get_by_role("button", name="Continue").click()


@pytest.mark.parametrize("exploitation", ["sexual", "both"])
def test_the_result_prints_on_two_pages(wide: Page, tmp_path: Path, exploitation: str) -> None:
    walk(wide, exploitation=exploitation)
    wide.pdf(path=tmp_path / "result.pdf", format="A4")
    pages = PdfReader(tmp_path / "result.pdf").pages
    assert len(pages) <= 2
    whole = " ".join(page.extract_text() for page in pages)
    assert "0141 276 7724" in whole
    assert "Save as PDF" not in whole


@pytest.mark.parametrize("address", ADDRESSES)
def test_other_pages(page: Page, address: str) -> None:
    page.goto(address)
    look_at(page, address)
    for details in page.locator("details").all():
        details.locator("summary").first.click()
    look_at(page, f"{address}, everything open")


def test_a_wrong_file(wide: Page, tmp_path: Path) -> None:
    wide.goto("/signs/open/")
    (tmp_path / "x.json").write_text("{}")
    wide.get_by_label("The file you saved").set_input_files(tmp_path / "x.json")
    wide.get_by_role("button", name="Open it").click()
    look_at(wide, "a wrong file")
    wide.get_by_role("link", name="This file cannot be read").click()
    expect(wide.get_by_label("The file you saved")).to_be_focused()


def test_by_keyboard_alone(wide: Page) -> None:
    wide.goto("/")
    wide.keyboard.press("Tab")
    expect(wide.get_by_role("link", name="Skip to main content")).to_be_focused()
    wide.keyboard.press("Enter")
    wide.keyboard.press("Tab")
    expect(wide.get_by_role("link", name="I have seen signs")).to_be_focused()
    wide.keyboard.press("Enter")
    wide.get_by_role("button", name="Begin").focus()
    wide.keyboard.press("Enter")
    for name in ("age", "exploitation", "gender"):
        wide.locator(f'input[name="{name}"]').first.focus()
        wide.keyboard.press("Space")
    wide.keyboard.press("Enter")
    expect(wide.get_by_role("heading", level=1)).to_have_text("What she was promised")
    wide.locator('input[name="deceived_wages"]').first.focus()
    wide.keyboard.press("Space")
    wide.keyboard.press("ArrowRight")
    wide.keyboard.press("ArrowLeft")
    wide.keyboard.press("Enter")  # the Enter key goes on, and does not press a button of the list of parts
    expect(wide.get_by_role("heading", level=1)).to_have_text("How she was made to come")
    expect(wide.locator(".bield-steps__note")).to_have_text("1 seen")


def test_the_back_button_loses_nothing(wide: Page) -> None:
    walk(wide)
    for number in (
        6,
        5,
        4,
    ):  # a browser that still moves cannot go back: each page is there before the next is asked for
        wide.go_back()
        expect(wide).to_have_url(re.compile(f"/signs/part/{number}/$"))
        expect(wide.get_by_role("heading", level=1)).to_be_visible()
    expect(wide.locator('input[name="excessive_working_days_or_hours"][value="yes"]')).to_be_checked()


def test_saving_and_opening_the_file_and_the_pdf(wide: Page, tmp_path: Path) -> None:
    walk(wide)
    with wide.expect_download() as download:
        wide.get_by_role("link", name="Save as a file to open again").click()
    download.value.save_as(tmp_path / "signs.json")
    assert json.loads((tmp_path / "signs.json").read_text())["format"] == "bield-check-1"
    choose(wide, "marking", "official-sensitive")
    with wide.expect_download() as pdf:
        wide.get_by_role("button", name="Save as PDF").click()
    pdf.value.save_as(tmp_path / "signs.pdf")
    assert (tmp_path / "signs.pdf").read_bytes().startswith(b"%PDF")
    wide.get_by_role("button", name="Finish, and forget everything").click()
    look_at(wide, "finished")
    wide.goto("/signs/open/")
    wide.get_by_label("The file you saved").set_input_files(tmp_path / "signs.json")
    wide.get_by_role("button", name="Open it").click()
    expect(wide.get_by_role("heading", level=1)).to_have_text("What the signs add up to")


@pytest.mark.parametrize("way", ["click", "Escape"])
def test_leaving_quickly_forgets_and_does_not_lead_back(wide: Page, way: str) -> None:
    walk(wide)
    wide.wait_for_load_state("load")
    elsewhere = wide.url.replace("/signs/result/", "/accessibility/")
    with override_settings(LEAVE_TO=elsewhere):
        if way == "click":
            wide.get_by_role("link", name="Leave this page quickly").click()
        else:
            wide.keyboard.press("Escape")
        expect(wide.get_by_role("heading", level=1)).to_have_text("Accessibility")
    assert [item for item in wide.context.cookies() if item.get("name") == "bield_check"] == []
    wide.go_back()
    expect(wide.get_by_role("heading", level=1)).to_have_text("Who it is about")


def test_nothing_is_asked_of_anyone_else(wide: Page) -> None:
    asked: list[str] = []
    wide.on("request", lambda request: asked.append(request.url))
    errors: list[str] = []
    wide.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    walk(wide)
    hosts = {address.split("/")[2].split(":")[0] for address in asked if address.startswith("http")}
    assert hosts == {"localhost"}
    assert errors == []
