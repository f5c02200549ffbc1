"""What people type stays here and stays whole: in every field of every page for people at work."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from bield.service.design.renderer import TYPED
from tests.web.crawl import crawl
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class Fields(HTMLParser):
    """The fields of a page into which people type, the forms, and how the page stands to translation."""

    def __init__(self) -> None:
        super().__init__()
        self.typed: list[dict[str, str | None]] = []
        self.translate = ""
        self.forms: list[set[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "html":
            self.translate = names.get("translate") or ""
        if tag == "form" and names.get("method") == "post":
            self.forms.append(set())
        if tag == "input" and self.forms:
            self.forms[-1].add(names.get("name") or "")
        if tag == "textarea" or (tag == "input" and names.get("type", "text") in TYPED):
            self.typed.append(names | {"tag": tag})


def test_no_field_is_kept_by_the_browser_sent_to_a_spelling_service_or_cut_short(world: World) -> None:
    fields, pages = 0, 0
    for found in crawl(world):
        if found.response.status_code != 200 or not found.response["Content-Type"].startswith("text/html"):
            continue
        page = Fields()
        page.feed(found.response.content.decode())
        if found.address.startswith("/signs/"):
            continue  # the public's check: it asks for no words
        pages += 1
        for field in page.typed:
            assert field.get("autocomplete") == "off", (found.route, field)
            assert field.get("spellcheck") == "false", (found.route, field)
            assert "maxlength" not in field, (found.route, field)
            fields += 1
        if found.address not in ("/", "/privacy/", "/accessibility/", "/design/"):
            assert page.translate == "no", found.route
        for names in page.forms:
            assert {"csrfmiddlewaretoken", "form_key"} <= names or not names, found.route
    assert fields > 200
    assert pages > 100
