"""Exercise 2 of the training pack in a real browser: Natasha, from referral to a paper in her hands."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from bield.service.demo.country import fill
from bield.service.directory.models import Service
from bield.service.support.models import Episode
from tests.browser import record, supporting
from tests.browser.supporting import say_day
from tests.browser.test_records import everything_open
from tests.browser.walk import choose

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _made_up_country(transactional_db: None, settings: Any) -> None:
    settings.DEMO = True
    cache.clear()
    fill(people=40, seed=2015, today=timezone.localdate())


def test_natasha_is_supported_tells_it_once_and_takes_a_grant_back(page: Page, tmp_path: Path) -> None:
    def look(name: str) -> None:
        everything_open(page, name)

    today = timezone.localdate()
    record.be(page, "Morag Tennant")
    address = record.begin(page)
    record.names(page, address)
    record.answer_consent(page, address, "support", "given", today)
    page.goto(address)
    reference = page.get_by_role("heading", level=1).inner_text()
    supporting.ask(page, address, look=look)
    episode = supporting.take_on(page, reference, look=look)
    page.goto(f"{episode}who/")
    expect(page.get_by_text("Quillfeather").first).to_be_visible()
    look("who")
    supporting.crisis(page, episode, today, look=look)
    supporting.plan(page, episode, today, look=look)
    supporting.tell(page, episode, look=look)
    supporting.grant(page, episode, today, look=look)
    granted = supporting.read_as_police(page, reference, look=look)
    supporting.take_back(page, episode, look=look)
    page.goto(f"{episode}plan/")
    with page.expect_download() as download:
        page.get_by_role("link", name="As PDF in large type").first.click()
    file = tmp_path / "plan.pdf"
    download.value.save_as(file)
    words = " ".join("".join(part.extract_text() for part in PdfReader(io.BytesIO(file.read_bytes())).pages).split())
    assert "I want to go home to my grandmother" in words
    assert "Find somebody in Tirana who meets me" in words
    assert "Quillfeather" not in words
    page.goto(episode)
    look("episode")
    record.be(page, "Tam Haddow")
    page.goto(granted)
    expect(page.get_by_text("A friend of my mother")).to_have_count(0)
    expect(page.get_by_role("link", name=reference)).to_have_count(0)
    record.be(page, "Morag Tennant")
    page.goto(address)
    expect(page.get_by_text("grandmother")).to_have_count(0)


def test_a_childs_way_and_its_guardian(page: Page) -> None:
    def look(name: str) -> None:
        everything_open(page, name)

    today = timezone.localdate()
    record.be(page, "Morag Tennant")
    address = record.begin(page, age="under_18")
    page.goto(address)
    reference = page.get_by_role("heading", level=1).inner_text()
    page.get_by_text("More to do with this record").click()
    page.get_by_role("link", name="Support", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Support")
    look("asking for a child")
    page.get_by_label("What they need to know to answer").fill("Found in a cannabis house.")
    page.locator("label", has_text="Glasgow City Council: Children and families").click()
    page.get_by_role("button", name="Ask for support").click()
    expect(page.get_by_text("They have been asked.")).to_be_visible()
    record.be(page, "Struan Adie")
    page.goto("/support/")
    page.get_by_role("link", name=reference).first.click()
    page.get_by_role("button", name="Begin support").click()
    expect(page.get_by_text("Support has begun.")).to_be_visible()
    episode = page.url
    page.goto(f"{episode}child/")
    look("a child's way")
    page.goto(f"{episode}parts/discussion/new/")
    look("inter-agency referral discussion")
    choose(page, "who", "social_work")
    choose(page, "who", "police")
    page.get_by_label("Immediate safety of the child").fill("Placed with foster carers today.")
    choose(page, "investigation", "joint")
    page.get_by_label("Why this one, or why none").fill("Other children may be there.")
    choose(page, "interview", "yes")
    choose(page, "medical", "yes")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Added.")).to_be_visible()
    page.goto(f"{episode}child/")
    page.get_by_label("Guardian").select_option(label="Senga Orr")
    say_day(page, "on", today)
    page.get_by_role("button", name="Record the guardian").click()
    expect(page.get_by_text("May read what helps to help")).to_be_visible()
    record.be(page, "Senga Orr")
    page.get_by_role("link", name="Children", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Children whose guardian you are")
    look("children of a guardian")
    page.get_by_role("link", name=reference).click()
    expect(page.get_by_text("Placed with foster carers today.").first).to_be_visible()
    look("a child, for the guardian")


def test_every_other_page(page: Page) -> None:
    record.be(page, "Isla Drever")
    episode = Episode.objects.filter(team__organisation__body="tara", state="open").order_by("pk").first()
    closed = Episode.objects.filter(team__organisation__body="tara", state="closed").order_by("pk").first()
    service, own = Service.objects.order_by("name").first(), f"/support/{episode.pk}/" if episode else ""
    assert episode is not None
    assert service is not None
    pages = [
        "/support/list/", "/support/list/?due=unseen", "/support/list/?state=closed&sort=longest",
        "/support/calendar/", "/support/services/",
        "/support/services/new/", "/support/services/unverified/", "/support/services/bring-in/",
        f"/support/services/{service.pk}/", f"/support/services/{service.pk}/change/", own, f"{own}dates/",
        f"{own}circumstances/", f"{own}agreement/", f"{own}hand-over/", f"{own}close/", f"{own}outcomes/",
        f"{own}outcomes/new/", f"{own}services/", f"{own}services/?head=legal", f"{own}noticed/", f"{own}plan/sq/",
        f"{own}plan/en/alone/", f"{own}account/interview/", f"{own}parts/appointment/new/", f"{own}parts/return/new/",
        f"{own}parts/matter/new/", f"{own}parts/marac/new/", f"{own}parts/review/new/", f"{own}parts/decision/new/",
        f"{own}parts/missing/new/", f"{own}parts/accommodation/new/", f"{own}parts/interpreter/new/",
    ]  # fmt: skip
    if closed is not None:
        pages.append(f"/support/{closed.pk}/")
    for address in pages:
        page.goto(address)
        everything_open(page, address)
    page.goto("/support/calendar/")
    page.get_by_role("button", name="Make an address").click()
    expect(page.get_by_text("Copy it now: it is shown once")).to_be_visible()
    everything_open(page, "calendar, just made")
    page.goto(f"{own}noticed/")
    page.locator("label[for^=seen_]").first.click()
    page.get_by_role("button", name="Show what helps").click()
    expect(page.get_by_role("heading", name="What helps now")).to_be_visible()
    everything_open(page, "what helps")
    record.be(page, "Greer Mundell")
    page.get_by_role("link", name="Measures of support").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Measures of support")
    everything_open(page, "measures")
