"""A real browser: Debian's Chromium, driven by Playwright, on pages served here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs a loop of its own beside the test


@pytest.fixture(autouse=True)
def _as_it_is_put_to_work(settings: Any) -> None:
    """The pages as the public meets them: without the tour of the made-up country, which its own tests turn on."""
    settings.DEMO = False


WITHOUT_SCRIPTS: set[BrowserContext] = set()
"""The contexts in which JavaScript is off, where a test must not measure with it."""

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)


@pytest.fixture(params=["wide", "phone", "phone without scripts"])
def page(request: pytest.FixtureRequest, browser: Browser, live_server: object) -> Iterator[Page]:
    """A page in a fresh browser profile: wide, as wide as the narrowest phone, and there without JavaScript."""
    context = browser.new_context(
        viewport={"width": 1040 if request.param == "wide" else 320, "height": 800},
        java_script_enabled="without" not in request.param,
        base_url=getattr(live_server, "url", ""),
        reduced_motion="reduce",
    )
    if "without" in request.param:
        WITHOUT_SCRIPTS.add(context)
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def wide(browser: Browser, live_server: object) -> Iterator[Page]:
    """One wide page, for tests that need a single browser."""
    context = browser.new_context(
        viewport={"width": 1040, "height": 800}, base_url=getattr(live_server, "url", ""), accept_downloads=True
    )
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def narrow(browser: Browser, live_server: object) -> Iterator[Page]:
    """One page as wide as the narrowest phone."""
    context = browser.new_context(viewport={"width": 320, "height": 800}, base_url=getattr(live_server, "url", ""))
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()
