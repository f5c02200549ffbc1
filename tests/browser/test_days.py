"""A day at work from the page Today alone: each of the cast gets from it to what waits, and never needs the menu."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bield.service.demo.country import fill
from tests.browser import record
from tests.browser.test_pages import look_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _made_up_country(transactional_db: None, settings: Any) -> None:
    settings.DEMO = True
    fill(people=40, seed=2015, today=timezone.localdate())


CAST = (
    "Morag Tennant", "Sorley Baird", "Effie Rankine", "Drew Lockhart", "Una Fairlie", "Isla Drever", "Struan Adie",
    "Tam Haddow", "Senga Orr", "Fraser Gow", "Greer Mundell", "Bethia Laing",
)  # fmt: skip


def test_everybody_finds_what_waits_on_the_first_page_and_every_button_leads_to_it(page: Page) -> None:
    for name in CAST:
        record.be(page, name)
        look_at(page, f"today, {name}")
        buttons = page.locator(".bield-work .ds_button")
        addresses = [button.get_attribute("href") for button in buttons.all()[:3]]
        for address in addresses:
            page.goto(str(address))
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            expect(page.locator("main")).not_to_contain_text("not found")


def test_the_first_thing_that_waits_is_reached_by_keyboard(wide: Page) -> None:
    record.be(wide, "Effie Rankine")
    first = wide.locator(".bield-work .ds_button").first
    expect(first).to_be_visible()
    address = first.get_attribute("href")
    first.focus()
    wide.keyboard.press("Enter")
    wide.wait_for_url(f"**{address}")
    expect(wide.get_by_role("heading", level=1)).to_be_visible()


def test_the_key_puts_the_cursor_into_the_box_that_finds(wide: Page) -> None:
    record.be(wide, "Morag Tennant")
    wide.goto("/people/")
    shown = wide.locator("table a, .bield-work a").first.inner_text()
    wide.keyboard.press("/")
    expect(wide.locator("#find-words")).to_be_focused()
    wide.keyboard.type(shown)
    wide.keyboard.press("Enter")
    expect(wide.get_by_text(shown).first).to_be_visible()
    assert shown not in wide.url, "no reference that was typed gets into an address"


def test_help_opens_at_the_page_one_came_from(page: Page) -> None:
    record.be(page, "Morag Tennant")
    page.goto("/people/")
    page.locator(".bield-rooms").get_by_role("link", name="Help").click()
    expect(page.get_by_role("heading", name="About the page you came from")).to_be_visible()
    look_at(page, "help")
