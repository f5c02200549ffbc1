"""Refer and notify in a browser as people would: by labels, buttons and links."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.record import be
from tests.browser.walk import choose

Look = Callable[[str], None]
FEW_WORDS = "In their words, through an interpreter."


def nothing(name: str) -> None:
    """Look at nothing."""


def notify(page: Page, record: str, *, look: Look = nothing) -> str:
    """From a record: say it more broadly where it would single somebody out, and send. Returns the address."""
    page.goto(f"{record}notify/")
    look("notify, first page")
    page.get_by_label("Country of origin").select_option("VN")
    page.get_by_role("button", name="Check what will be sent").click()
    expect(page.get_by_text("Taken together, this could single them out")).to_be_visible()
    expect(page.get_by_role("heading", name="What is known and will not be sent")).to_be_visible()
    look("notify, second page")
    page.get_by_role("button", name="Send the notification").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose how to say it")
    look("notify, nothing chosen")
    page.locator("input[name=choice] + label").first.click()
    page.get_by_role("button", name="Send the notification").click()
    expect(page.get_by_text("The notification was sent.")).to_be_visible()
    look("notification, for the sender")
    return page.url


def work_on(page: Page, address: str, *, look: Look = nothing) -> None:
    """As the police: acknowledge, and ask."""
    be(page, "Fraser Gow")
    page.locator(".bield-rooms a[href='/notifications/inbox/']").click()
    look("inbox")
    page.goto(address)
    look("notification, for the police")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("Acknowledged. The sender sees it.")).to_be_visible()
    page.get_by_text("Ask the sender", exact=True).click()
    page.get_by_label("What to ask").select_option("danger")
    look("asking the sender")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("The question was sent.")).to_be_visible()


def answer(page: Page, address: str, *, look: Look = nothing) -> None:
    """As the sender: answer what was asked."""
    page.goto("/notifications/?state=waits")
    look("sent, with a question")
    page.goto(address)
    look("a question for the sender")
    page.get_by_label("Your answer").select_option("no")
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("Answered.")).to_be_visible()


def known_and_closed(page: Page, address: str, *, look: Look = nothing) -> None:
    """As the police: mark as already known, and close."""
    page.goto(address)
    expect(page.get_by_text("Not as far as we know")).to_be_visible()
    page.get_by_text("Mark as already known", exact=True).click()
    page.get_by_role("button", name="Already known").click()
    expect(page.get_by_text("Known in another way.")).to_be_visible()
    page.get_by_text("Close with an outcome", exact=True).click()
    choose(page, "close-outcome", "known")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Closed. The sender sees the outcome.")).to_be_visible()
    look("notification, closed")


def refer(page: Page, record: str, *, look: Look = nothing) -> str:
    """From a record: begin a referral and answer what is missing, a section at a time. Returns the address."""
    page.goto(record)
    page.get_by_text("More to do with this record").click()
    page.get_by_role("link", name="Refer to the National Referral Mechanism").click()
    look("referral, none yet")
    page.get_by_role("button", name="Begin a referral").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Draft of a referral")
    look("referral, begun")
    address = page.url
    page.get_by_role("link", name="First responder").click()
    while True:
        look(f"referral, {page.get_by_role('heading', level=1).inner_text().lower()}")
        _fill(page)
        page.get_by_role("button", name="Save and go on").click()
        if page.url == address:
            break
    look("referral, filled")
    return address


def _fill(page: Page) -> None:
    """Something for every question of a page that is empty; what came filled stays."""
    for group in page.locator("form fieldset").all():
        radios = group.locator("input[type=radio], input[type=checkbox]")
        days = group.locator("input[type=text]")
        if radios.count() and not group.locator("input:checked").count():
            # Radio buttons of the design system are drawn over; their labels are what people click.
            group.locator("input + label").last.click()
        elif days.count() and not days.first.input_value():
            for box, value in zip(days.all(), ("2", "3", "1999"), strict=True):
                box.fill(value)
    for box in page.locator("form textarea, form input[type=text]").all():
        if not box.input_value():
            box.fill(FEW_WORDS)
    for kind, words in (("tel", "0141 496 0123"), ("email", "worker@council.example")):
        for box in page.locator(f"form input[type={kind}]").all():
            if not box.input_value():
                box.fill(words)
    for box in page.locator("form select").all():
        if not box.input_value():
            box.select_option(index=1)
