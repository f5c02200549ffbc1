"""Remake the picture in the README: the story of Natasha, assessed in a real browser on a server of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
PORT = "8765"


def wait(address: str, seconds: int = 30) -> None:
    for _ in range(seconds * 5):
        try:
            urllib.request.urlopen(address)  # noqa: S310  # our own server
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    sys.exit(f"nothing answers at {address}")


def main() -> None:
    from tests.browser.walk import walk

    address = f"http://127.0.0.1:{PORT}"
    bield = Path(sys.executable).parent / "bield"
    server = subprocess.Popen([bield, "serve", "--port", PORT], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait(f"{address}/health/")
        with sync_playwright() as playwright:
            chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            context = browser.new_context(viewport={"width": 1040, "height": 900}, base_url=address)
            page = context.new_page()
            walk(page)
            page.wait_for_load_state("load")
            last = page.locator(".bield-key").bounding_box()
            height = last["y"] + last["height"] + 24 if last else 900
            page.screenshot(
                path=ROOT / "docs" / "result.png",
                full_page=True,
                clip={"x": 0, "y": 0, "width": 1040, "height": height},
            )
            browser.close()
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
