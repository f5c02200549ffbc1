"""A page in another language: what is written in code, in templates and in data files is all translated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from django.test import Client
from django.utils import translation
from tools.messages import Label, labels

from bield import law
from tests.web.crawl import crawl
from tests.world import NOW, World

PROPER = re.compile(r"(place|services|areas)\.v1\.toml$")
"""Files whose names are those of services and regions: they are also names of bodies and answers that were stored."""

IN_ENGLISH = {"design/", "support/<uuid:episode_id>/plan/<slug:language>/"}
"""The page of components, which has samples of its own, and a plan in a language that somebody chose: English here."""


@pytest.fixture
def in_welsh(tmp_path: Path, settings: Any) -> Iterator[Catalog]:
    """A made-up catalogue: a few words in Welsh, and every label of a data file between marks."""
    catalog = Catalog(locale="cy")
    for label in labels():
        catalog.add(label.text, f"«{label.text}»")
    catalog.add("Accessibility", "Hygyrchedd")
    catalog.add("Timeline", "Llinell amser")
    folder = tmp_path / "cy" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalog)
    settings.LOCALE_PATHS = [str(tmp_path)]
    settings.LANGUAGES = [("cy", "Cymraeg")]
    settings.LANGUAGE_CODE = "cy"
    with translation.override("cy"):
        yield catalog


def test_a_page_is_shown_in_the_language_with_the_words_of_its_data(in_welsh: Catalog, client: Client) -> None:
    assert "<h1>Hygyrchedd</h1>" in client.get("/accessibility/").content.decode()
    front = unescape(client.get("/").content.decode())
    assert "«If anyone is in danger now, ring 999.»" in front
    assert "«Debt bondage»" in client.get("/signs/list/").content.decode()


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.slow
def test_no_page_shows_words_of_a_data_file_untranslated(in_welsh: Catalog, world: World) -> None:
    words: dict[str, Label] = {
        label.text: label for label in labels() if not (PROPER.search(label.file) and label.entry.endswith("name"))
    }
    for body in law.bodies("scotland", on=NOW.date()):
        words.pop(body.name, None)
    pages, raw = 0, set[str]()
    for found in crawl(world):
        page = found.response
        if page.status_code != 200 or not page["Content-Type"].startswith("text/html") or found.route in IN_ENGLISH:
            continue
        pages += 1
        text = re.sub(r"<(script|style|title).*?</\1>", "", page.content.decode(), flags=re.DOTALL)
        pieces = {" ".join(unescape(piece).split()) for piece in re.split(r"<[^>]+>", text)}
        raw |= {f"{found.route}: {piece} ({words[piece].file})" for piece in pieces & words.keys() if len(piece) > 3}
    assert pages > 100
    assert not raw, "\n".join(sorted(raw))
