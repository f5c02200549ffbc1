"""Walk a check in a browser as a person would: by its labels and buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playwright.sync_api import Locator, Page, expect

from tests import natasha

Look = Callable[[str], None]


def choose(page: Page, name: str, value: str) -> None:
    """Choose a radio by its label, as a finger or a mouse does: the design system lays the label over the input."""
    box = page.locator(f'input[name="{name}"][value="{value}"]')
    unfold(box)
    page.click(f'input[name="{name}"][value="{value}"] + label')


def unfold(box: Locator) -> None:
    """Open the fold that a sign is in, if it is closed."""
    fold = box.locator("xpath=ancestor::details[contains(@class, 'bield-more')][not(@open)]")
    if fold.count():
        fold.locator("summary").first.click()


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
        page.locator("#signs .bield-buttons button").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What the signs add up to")
    look("result")
