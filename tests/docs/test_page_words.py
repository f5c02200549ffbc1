"""Plain English on pages: short sentences, and none of the turns that CONTRIBUTING.md asks us not to use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from tools.messages import template

from tests.docs.test_words import TURNS

ROOT = Path(__file__).parents[2]
LONGEST = 30
"""Words in a sentence."""

AS_PUBLISHED = ("law/", "indicators/")
"""Where words are quoted, or belong to a version that never changes."""


def page_turns() -> re.Pattern[str]:
    """The first column of the table of turns on pages in CONTRIBUTING.md."""
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("| on pages, not | but |\n|---|---|\n")[1]
    rows = table.split("\n\n")[0].splitlines()
    turns = [turn.strip() for row in rows for turn in row.split("|")[1].split(",")]
    return re.compile(r"\b(" + "|".join(map(re.escape, turns)) + r")\b", re.IGNORECASE)


@cache
def messages() -> tuple[tuple[str, str], ...]:
    """Each message of a page or a data file, with the file it comes from."""
    return tuple(
        (message.locations[0][0], text)
        for message in template()
        if message.id
        for text in ([message.id] if isinstance(message.id, str) else message.id)
    )


def ours() -> Iterator[tuple[str, str]]:
    return ((file, text) for file, text in messages() if not file.startswith(AS_PUBLISHED))


@pytest.mark.slow
def test_no_sentence_is_too_long() -> None:
    sentences = ((file, said) for file, text in ours() for said in re.split(r"(?<=[.!?:;])\s+", text))
    assert [(file, said) for file, said in sentences if len(said.split()) > LONGEST] == []


@pytest.mark.slow
def test_no_banned_turn_is_on_a_page() -> None:
    turns = page_turns()
    assert turns.search("Take cases in from another system")
    assert [(file, text) for file, text in ours() if TURNS.search(text) or turns.search(text)] == []
