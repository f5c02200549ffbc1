"""Work on a record in a browser as a worker would: by labels, buttons and links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.walk import choose, walk

Look = Callable[[str], None]


def be(page: Page, name: str) -> None:
    """Sign in as one of the made-up cast, with one click."""
    page.goto("/demo/")
    page.get_by_role("button", name=f"Sign in as {name}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Good ")


def say_day(page: Page, day: date) -> None:
    """Fill the day that a page asks for."""
    for label, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(label, exact=True).fill(str(number))


def saved_check(page: Page, folder: Path) -> Path:
    """Check Natasha's signs with the public tool, and keep the file."""
    walk(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as a file to open again").click()
    file = folder / "signs.json"
    download.value.save_as(file)
    return file


def begin(page: Page, *, age: str = "adult", look: Look = lambda name: None) -> str:
    """Begin a record of a woman in commercial sexual exploitation. Returns the address of the record."""
    page.locator(".bield-rooms a[href='/people/']").click()
    look("people")
    page.get_by_role("link", name="Begin a record").click()
    look("new record")
    page.get_by_role("button", name="Begin the record").click()
    look("new record, with errors")
    choose(page, "age", age)
    choose(page, "gender", "woman")
    choose(page, "exploitation", "sexual")
    choose(page, "danger", "no")
    choose(page, "parental_rights_in_uk", "no")
    page.get_by_label("Council area where they are now").select_option("glasgow-city")
    page.get_by_role("button", name="Begin the record").click()
    expect(page.get_by_text("The record was begun.")).to_be_visible()
    look("record, just begun")
    return page.url


def bring_in(page: Page, file: Path, *, look: Look = lambda name: None) -> None:
    """From the record's page: bring in a check and sign what it adds up to."""
    page.get_by_role("link", name="Bring in a check").click()
    look("bring in a check")
    page.get_by_label("The file you saved").set_input_files(file)
    page.get_by_role("button", name="Bring it in").click()
    expect(page.get_by_text("18 answers were brought in.")).to_be_visible()
    look("what it adds up to")
    page.get_by_role("button", name="Sign this assessment").click()
    expect(page.get_by_text("Signed. It cannot be changed")).to_be_visible()
    look("assessment")


def answer_consent(
    page: Page, record: str, kind: str, decision: str, day: date, *, look: Look = lambda name: None
) -> None:
    """Record an answer to one of the four questions."""
    page.goto(f"{record}consents/{kind}/")
    look(f"consent: {kind}")
    choose(page, "decision", decision)
    say_last_day(page, day)
    page.get_by_label("Language it was explained in").select_option("ro")
    choose(page, "interpreter", "phone")
    page.get_by_role("button", name="Record their answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Consents, and what was shared")


def say_last_day(page: Page, day: date) -> None:
    """Fill the first of the days that a page asks for: when it was."""
    for label, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(label, exact=True).first.fill(str(number))


def names(page: Page, record: str, *, look: Look = lambda name: None) -> None:
    """Put down who she is, and a telephone that is not safe."""
    page.goto(f"{record}identity/change/")
    look("who they are, to fill")
    page.get_by_label("Given names").fill("Natasha")
    page.get_by_label("Family name").fill("Quillfeather")
    page.get_by_label("Way", exact=True).first.select_option("phone")
    page.get_by_label("Number, address or who").first.fill("07700 900461")
    page.get_by_label("Is it safe?").first.select_option("no")
    page.get_by_role("button", name="Save", exact=True).click()
