"""Walk a check in a browser as a person would: by its labels and buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playwright.sync_api import Page, expect

from tests import natasha

Look = Callable[[str], None]


def choose(page: Page, name: str, value: str) -> None:
    """Choose a radio by its label, as a finger or a mouse does: the design system lays the label over the input."""
    page.click(f'input[name="{name}"][value="{value}"] + label')


def walk(
    page: Page,
    *,
    age: str = "adult",
    exploitation: str = "sexual",
    gender: str = "woman",
    signs: Sequence[str] = natasha.SIGNS,
    look: Look = lambda name: None,
) -> None:
    """From the front page to the result, looking at every page on the way."""
    page.goto("/")
    look("front")
    page.get_by_role("link", name="I have seen signs").click()
    look("start")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Continue").click()
    look("about, with errors")
    for name, value in (("age", age), ("exploitation", exploitation), ("gender", gender)):
        choose(page, name, value)
    page.get_by_role("button", name="Continue").click()
    for number in range(1, 7):
        for sign in signs:
            if page.locator(f'input[name="{sign}"]').count():
                choose(page, sign, "yes")
        look(f"part {number}")
        page.locator(".bield-buttons").get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What the signs add up to")
    look("result")
