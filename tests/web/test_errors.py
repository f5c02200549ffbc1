"""Every error leads to its field, in every form of every room; every choice is said in words."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.supporting import make_service
from tests.web.crawl import Reading, crawl_with, everything
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Page(HTMLParser):
    """The links of the summaries of errors, what can take focus, and the words of every choice."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.focusable: set[str] = set()
        self.summaries = 0
        self.takes_focus = 0
        self.choices: list[str] = []
        self._choice = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if names.get("id") == "error-summary":
            self.summaries += 1
            self.takes_focus += "autofocus" in names and names.get("tabindex") == "-1"
        if tag == "a" and (names.get("href") or "").startswith("#"):
            self.links.append((names["href"] or "")[1:])
        if tag in ("input", "select", "textarea") and names.get("type") != "hidden" and names.get("id"):
            self.focusable.add(str(names["id"]))
        if tag in ("main", "section") or "tabindex" in names:
            self.focusable.add(names.get("id") or "")
        self._choice = tag in ("option", "label", "legend")

    def handle_data(self, data: str) -> None:
        if self._choice and data.strip():
            self.choices.append(data.strip())

    def handle_endtag(self, tag: str) -> None:
        self._choice = False


@pytest.mark.slow
def test_every_link_of_a_summary_leads_to_a_field_that_takes_focus(world: World) -> None:
    service, summaries, links = make_service(world), 0, 0
    for found in crawl_with(world, service, everything(world, service), method="post"):
        if not found.response["Content-Type"].startswith("text/html"):
            continue
        page = Page(found.response.content.decode())
        summaries += page.summaries
        assert page.takes_focus == page.summaries, found.route
        for link in page.links:
            assert link in page.focusable, (found.route, link)
            links += page.summaries > 0
    assert summaries > 60
    assert links > 200


def test_every_choice_is_said_in_words(reading: Reading) -> None:
    seen = 0
    for found in reading.pages:
        if found.is_page:
            for words in Page(found.text).choices:
                assert " object (" not in words, (found.route, words)
                assert not ID.search(words), (found.route, words)
                seen += 1
    assert seen > 2_000
