"""Templates are written for people to read: short lines, each block on its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django import forms

SOURCE = Path(__file__).resolve().parents[2] / "src"
LONGEST = 160


def test_no_line_of_a_template_is_too_long_to_read() -> None:
    files = list(SOURCE.rglob("*.html"))
    assert len(files) > 150
    long = [
        f"{file.relative_to(SOURCE)}:{number}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LONGEST
    ]
    assert long == []


@pytest.mark.parametrize("value", [None, "", "Words", "  indented\n", "\nfrom the second line"])
def test_nothing_stands_in_a_text_area_but_what_was_typed(value: str | None) -> None:
    """A browser drops one line break at the beginning, and gives back everything else as if somebody had typed it."""
    made = forms.CharField(widget=forms.Textarea).widget.render("note", value)
    inside = re.fullmatch(r"<textarea[^>]*>\n(.*)</textarea>\s*", made, re.DOTALL)
    assert inside
    assert inside[1] == (value or "")


def test_the_example_of_the_api_can_be_copied_as_it_stands() -> None:
    """What is preformatted keeps its lines: a shell would run each of these by itself."""
    guide = next(SOURCE.rglob("api/guide.html")).read_text(encoding="utf-8")
    assert "<pre><code>curl https://{{ host }}/api/v1/notifications \\\n  -H " in guide
