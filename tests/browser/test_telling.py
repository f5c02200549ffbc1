"""Referring and notifying in a real browser: the whole journey at the desk and on a phone, and without scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from bield.service.demo.country import fill
from bield.service.notifications.models import Notification
from tests.browser import record, telling
from tests.browser.test_records import everything_open
from tests.browser.walk import choose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _made_up_country(transactional_db: None, settings: Any) -> None:
    settings.DEMO = True
    settings.REGISTER_SECONDS = 0
    cache.clear()
    fill(people=12, seed=2015, today=timezone.localdate())


def test_natasha_is_notified_about_and_nobody_learns_who_she_is(page: Page) -> None:
    """She refuses identity and accepts support; the police ask, are answered, and mark her as already known."""

    def look(name: str) -> None:
        everything_open(page, name)

    today = timezone.localdate()
    record.be(page, "Morag Tennant")
    address = record.begin(page)
    record.names(page, address)
    record.answer_consent(page, address, "notification_identity", "refused", today)
    record.answer_consent(page, address, "support", "given", today)
    sent = telling.notify(page, address, look=look)
    telling.work_on(page, sent, look=look)
    for text in ("Natasha", "Quillfeather", "900461"):
        expect(page.get_by_text(text)).to_have_count(0)
    record.be(page, "Morag Tennant")
    telling.answer(page, sent, look=look)
    record.be(page, "Fraser Gow")
    telling.known_and_closed(page, sent, look=look)
    record.be(page, "Morag Tennant")
    page.goto(sent)
    expect(page.get_by_text("It was known already").first).to_be_visible()
    page.goto(f"{address}notify/")
    expect(page.get_by_text("1 notification about them was sent")).to_be_visible()
    look("notify, for a second time")


def test_another_person_is_referred_with_pages_that_came_filled(page: Page, tmp_path: Path) -> None:
    def look(name: str) -> None:
        everything_open(page, name)

    today = timezone.localdate()
    record.be(page, "Sorley Baird")
    address = record.begin(page)
    record.names(page, address)
    record.answer_consent(page, address, "nrm_referral", "given", today)
    referral = telling.refer(page, address, look=look)
    page.goto(f"{referral}check/")
    look("referral, check")
    expect(page.get_by_text("Quillfeather")).to_be_visible()
    page.goto(f"{address}review/")
    page.get_by_role("button", name="Ask").click()
    record.be(page, "Effie Rankine")
    page.goto(f"{address}review/")
    choose(page, "decision", "approved")
    page.get_by_role("button", name="Record").click()
    record.be(page, "Sorley Baird")
    page.goto(f"{referral}check/")
    page.get_by_role("button", name="Close it as it stands").click()
    expect(page.get_by_text("ready to hand in, not sent")).to_be_visible()
    look("referral, closed")
    page.goto("/home/")
    expect(page.get_by_text("nobody has recorded that it was handed in").first).to_be_visible()
    page.goto(f"{referral}hand-in/")
    look("referral, hand-in")
    record.say_day(page, today)
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()
    look("referral, handed in")
    page.goto(f"{referral}hand-in/")
    look("referral, correct the hand-in")
    page.goto(f"{referral}hand-in/take-back/")
    look("referral, take back the hand-in")
    page.goto(f"{referral}hand-in/number/")
    look("referral, number")
    page.goto(f"{referral}decision/")
    look("referral, decision")
    choose(page, "kind", "rg_positive")
    record.say_day(page, today)
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("heading", name="Support for an adult")).to_be_visible()
    page.goto("/referrals/")
    look("referrals")


PAGES = {
    "Morag Tennant": [
        "/home/",
        "/notifications/new/",
        "/notifications/bring-in/",
        "/notifications/",
        "/people/take-in/",
    ],
    "Sorley Baird": ["/referrals/", "/referrals/signs/"],
    "Fraser Gow": [
        "/notifications/inbox/",
        "/notifications/inbox/?state=open&sort=oldest",
        "/notifications/inbox/?print=1",
        "/notifications/inbox/report/",
    ],
    "Drew Lockhart": ["/notifications/keys/"],
}


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_of_referring_and_notifying(page: Page, name: str) -> None:
    record.be(page, name)
    for address in PAGES[name]:
        page.goto(address)
        everything_open(page, address)
    page.goto("/api/")
    everything_open(page, "how a system sends")


def test_notify_by_keyboard_alone(wide: Page) -> None:
    record.be(wide, "Morag Tennant")
    wide.goto("/notifications/new/")
    wide.locator('input[name="age"]').first.focus()
    wide.keyboard.press("Space")
    wide.locator('input[name="type"]').first.focus()
    wide.keyboard.press("Space")
    wide.get_by_role("button", name="Check what will be sent").focus()
    wide.keyboard.press("Enter")
    expect(wide.get_by_role("heading", level=1)).to_have_text("Check what will be sent")
    if wide.locator('input[name="choice"]').count():
        wide.locator('input[name="choice"]').first.focus()
        wide.keyboard.press("Space")
    wide.get_by_role("button", name="Send the notification").focus()
    before = Notification.objects.count()
    wide.keyboard.press("Enter")
    expect(wide.get_by_text("The notification was sent.")).to_be_visible()
    assert Notification.objects.count() == before + 1
