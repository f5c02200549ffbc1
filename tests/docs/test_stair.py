"""The picture of the house shows what import-linter holds, and says in words what it shows."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from tools import stair

SVG = "{http://www.w3.org/2000/svg}"


def test_the_page_and_the_picture_are_as_the_contract_is_now() -> None:
    assert [path.name for path, content in stair.made() if path.read_text(encoding="utf-8") != content] == []


def test_every_room_is_drawn_once_from_the_top_to_the_bottom() -> None:
    drawn = ET.fromstring(stair.as_picture(stair.steps()))  # noqa: S314  # made here
    words = [text.text or "" for text in drawn.iter(f"{SVG}text") if text.get("class") == "room"]
    rooms = [room for line in words for room in line.split(" · ") if "bield." not in room and "Django" not in room]
    assert [room.rstrip(" ·") for room in rooms] == [room for step in stair.steps() for room in step]


def test_the_picture_says_in_words_what_it_shows() -> None:
    drawn = ET.fromstring(stair.as_picture(stair.steps()))  # noqa: S314  # made here
    named = {drawn.findtext(f"{SVG}{name}") for name in ("title", "desc")}
    assert all(named)
    assert drawn.get("aria-labelledby") == "title desc"
    assert all(room in (drawn.findtext(f"{SVG}desc") or "") for step in stair.steps() for room in step)


def test_a_room_with_a_note_that_is_gone_stops_the_tool() -> None:
    with pytest.raises(SystemExit, match="notifications"):
        stair.as_picture([step for step in stair.steps() if "notifications" not in step])
