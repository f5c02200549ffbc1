"""Support somebody in a browser as people would: by labels, buttons and links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from tests.browser.record import be
from tests.browser.walk import choose

Look = Callable[[str], None]


def say_day(page: Page, field: str, day: date) -> None:
    """Fill one of the days that a page asks for."""
    for part, number in (("day", day.day), ("month", day.month), ("year", day.year)):
        page.fill(f'input[name="{field}_{part}"]', str(number))


def save(page: Page, button: str = "Save") -> None:
    page.get_by_role("button", name=button, exact=True).click()


def ask(page: Page, record: str, *, look: Look) -> None:
    """From a record: ask the service that the rule names. record: its address."""
    page.goto(record)
    page.get_by_text("More to do with this record").click()
    page.get_by_role("link", name="Support", exact=True).last.click()
    expect(page.get_by_text("By the rule: TARA.")).to_be_visible()
    look("asking for support")
    page.get_by_label("What they need to know to answer").fill("Afraid of Dimitri; safe for tonight only.")
    save(page, "Ask for support")
    expect(page.get_by_text("They have been asked.")).to_be_visible()
    look("support was asked for")


def take_on(page: Page, reference: str, *, look: Look) -> str:
    """As TARA: read what is asked, and begin. Returns the address of the episode."""
    be(page, "Isla Drever")
    page.goto("/support/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Support")
    look("team")
    page.get_by_role("link", name=reference).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Somebody asks for support")
    expect(page.get_by_text("Quillfeather")).to_have_count(0)
    look("a request")
    save(page, "Begin support")
    expect(page.get_by_text("Support has begun.")).to_be_visible()
    look("just begun")
    return page.url


def crisis(page: Page, episode: str, today: date, *, look: Look) -> None:
    """Natasha's immediate needs, the risks as she sees them, and a safety plan."""
    page.goto(f"{episode}parts/need/new/")
    look("need")
    choose(page, "head", "accommodation")
    choose(page, "urgency", "now")
    page.get_by_label("In their words").fill("Somewhere that Dimitri does not know.")
    page.get_by_label("What is needed").fill("Crisis accommodation tonight, far from the hotel.")
    save(page)
    expect(page.get_by_text("Added.")).to_be_visible()
    page.goto(f"{episode}parts/risk/new/")
    save(page)
    expect(page.get_by_role("alert")).to_be_visible()
    look("risk, with errors")
    choose(page, "of", "return")
    page.get_by_label("What they say about it").fill("They will find me. Alex knows my grandmother.")
    page.get_by_label("What is done about it, and who does it").fill("No journey before a partner there has answered.")
    say_day(page, "review_on", today + timedelta(days=7))
    save(page)
    expect(page.get_by_text("Added.")).to_be_visible()
    page.goto(f"{episode}parts/safety/new/")
    look("safety plan")
    page.get_by_label("Where they are safe").fill("With us, day and night.")
    choose(page, "on_paper", "yes")
    say_day(page, "review_on", today + timedelta(days=7))
    save(page)
    expect(page.get_by_text("Added.")).to_be_visible()
    page.goto(f"{episode}parts/contact/new/")
    expect(page.get_by_text("Not known to be safe, so you cannot choose: Phone call.")).to_be_visible()
    look("contact")
    choose(page, "way", "agreed")
    choose(page, "result", "seen")
    page.get_by_label("What was said and agreed").fill("She wants to go home, and is afraid to.")
    save(page)
    expect(page.get_by_text("Added.")).to_be_visible()
    look("contacts")


def plan(page: Page, episode: str, today: date, *, look: Look) -> None:
    """A goal in her words with a step, and the plan as she reads it."""
    page.goto(f"{episode}parts/goal/new/")
    page.get_by_label("What they want, in their words").fill("I want to go home to my grandmother, and be safe there.")
    save(page)
    expect(page.get_by_text("Added.")).to_be_visible()
    look("goals")
    page.get_by_role("link", name="Add a step").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A step")
    look("step")
    page.get_by_label("What is done").fill("Find somebody in Tirana who meets me")
    page.get_by_label("Who does it").fill("We, and you say yes or no")
    say_day(page, "by", today + timedelta(days=10))
    save(page)
    expect(page.get_by_text("Added.")).to_be_visible()
    page.goto(f"{episode}plan/")
    expect(page.get_by_text("I want to go home to my grandmother")).to_be_visible()
    look("plan")


def tell(page: Page, episode: str, *, look: Look) -> None:
    """What she told, once."""
    page.goto(f"{episode}account/")
    look("no account yet")
    page.get_by_role("link", name="Write the account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Write the account")
    look("writing the account")
    page.get_by_label("Language they told it in").select_option("sq")
    choose(page, "interpreter", "in_person")
    page.get_by_label("Who was there").fill("Natasha, Isla, an interpreter whom she chose.")
    for part in ("How it began", "Who did it"):
        fold = page.locator("details.bield-part").filter(has=page.locator("summary", has_text=part))
        if fold.get_attribute("open") is None:
            fold.locator("summary").click()
    page.get_by_label("How it began: In their words").fill("A friend of my mother said they needed help with a baby.")
    page.get_by_label("How it began: In short").fill("Promised work with a family in London.")
    page.get_by_label("Who did it: In their words").fill("Alex, and then Dimitri.")
    save(page, "Keep this version")
    expect(page.get_by_text("This version is saved")).to_be_visible()
    look("account")


def grant(page: Page, episode: str, today: date, *, look: Look) -> None:
    """She lets the police read how it began, and nothing else."""
    page.goto(f"{episode}account/grants/new/")
    save(page, "Let them read it")
    expect(page.get_by_role("alert")).to_be_visible()
    look("grant, with errors")
    page.get_by_label("Who may read it").select_option(label="Police Scotland")
    choose(page, "parts", "offer")
    choose(page, "purpose", "investigation")
    say_day(page, "until", today + timedelta(days=30))
    page.get_by_label("How it was explained").fill("Read out in Albanian; she wants Dimitri left out for now.")
    save(page, "Let them read it")
    expect(page.get_by_text("They can read it from now on.")).to_be_visible()


def read_as_police(page: Page, reference: str, *, look: Look) -> str:
    """As the police: read what was granted. Returns the address."""
    be(page, "Tam Haddow")
    page.goto("/support/granted/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Accounts to read")
    look("accounts to read")
    page.get_by_role("link", name=reference).click()
    expect(page.get_by_text("A friend of my mother")).to_be_visible()
    expect(page.get_by_text("Alex, and then Dimitri.")).to_have_count(0)
    look("an account, as granted")
    address = page.url
    page.get_by_role("link", name="I need to know more").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Before a new interview")
    look("before a new interview, for the police")
    page.goto(address)
    return address


def take_back(page: Page, episode: str, *, look: Look) -> None:
    """She takes it back, and is shown who had read it."""
    be(page, "Isla Drever")
    page.goto(f"{episode}account/")
    expect(page.get_by_text("Tam Haddow read it here").first).to_be_visible()
    look("account with readings")
    page.get_by_role("button", name="Take it back now").click()
    expect(page.get_by_text("Police Scotland can read nothing more from now on.")).to_be_visible()
