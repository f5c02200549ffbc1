"""A file of notifications in a real browser: chosen, looked at, sent; wide, on a phone, and without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from bield.service.demo.country import fill
from bield.service.notifications.models import Notification
from tests.browser import record
from tests.browser.test_records import everything_open

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROWS = """id,age,gender,type,country_of_origin,recovered_where,if_rare
F-1,adult,woman,labour,,,
F-2,adult,woman,sexual+offence,VN,orkney-islands,
F-3,adult,female,labour,,,
"""


@pytest.fixture(autouse=True)
def _made_up_country(transactional_db: None, settings: Any) -> None:
    settings.DEMO = True
    settings.REGISTER_SECONDS = 0
    cache.clear()
    fill(people=3, seed=2015, today=timezone.localdate())


def test_a_file_is_looked_at_and_then_sent(page: Page) -> None:
    before = Notification.objects.count()
    record.be(page, "Morag Tennant")
    page.goto("/notifications/bring-in/")
    file: FilePayload = {"name": "notifications.csv", "mimeType": "text/csv", "buffer": ROWS.encode()}
    page.get_by_label("The file").set_input_files(file)
    page.get_by_role("button", name="Check before you send").click()
    expect(page.get_by_text("1 row is refused, and not sent")).to_be_visible()
    expect(page.get_by_text("Line 4")).to_be_visible()
    everything_open(page, "what a file would send")
    assert Notification.objects.count() == before
    page.get_by_role("button", name="Send these 2").click()
    expect(page.get_by_text("2 notifications were sent.")).to_be_visible()
    assert Notification.objects.count() == before + 2
