"""Remake the pictures in the README: the first page, a record, a result and a report, in a real browser."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
PORT = "8765"
ADDRESS = f"http://127.0.0.1:{PORT}"
HIGHEST = 1_000
"""Pixels of a page that a picture shows."""


def wait(seconds: int = 60) -> None:
    for _ in range(seconds * 5):
        try:
            urllib.request.urlopen(f"{ADDRESS}/health/")  # noqa: S310  # our own server
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    sys.exit(f"nothing answers at {ADDRESS}")


@contextmanager
def served() -> Iterator[None]:
    """A server with a made-up country of its own."""
    bield = Path(sys.executable).parent / "bield"
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"DATA_DIR": folder}
        for command in ("migrate", "demo"):
            subprocess.run([bield, command], env=env, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen(
            [bield, "serve", "--port", PORT], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            wait()
            yield
        finally:
            server.terminate()
            server.wait()


def take(page: Page, name: str) -> None:
    """Keep the top of a page as a picture."""
    page.wait_for_load_state("load")
    whole = page.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": page.viewport_size["width"], "height": min(HIGHEST, whole)}  # type: ignore[index]
    page.screenshot(path=ROOT / "docs" / f"{name}.png", full_page=True, clip=clip)  # type: ignore[arg-type]


def be(page: Page, key: str) -> None:
    page.goto("/demo/")
    page.click(f"form[action$='/{key}/'] button")


def main() -> None:
    from tests.browser.walk import walk

    with served(), sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=ADDRESS).new_page()
        be(page, "isla")
        take(page, "home")
        be(page, "morag")
        page.goto("/people/")
        page.locator("main table a").first.click()
        take(page, "record")
        be(page, "fraser")
        page.goto("/notifications/inbox/report/")
        take(page, "report")
        walk(page)
        take(page, "result")
        browser.close()


if __name__ == "__main__":
    main()
