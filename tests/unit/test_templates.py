"""Templates are written for people to read: short lines, each block on its own."""

from __future__ import annotations

from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"
LONGEST = 160
INLINE = ("django/forms/widgets/", "allauth/elements/", "design/error_summary.html", "design/birth.html")
"""Templates whose elements stand against each other: a line break between them would be seen."""


def test_no_line_of_a_template_is_too_long_to_read() -> None:
    files = list(SOURCE.rglob("*.html"))
    assert len(files) > 150
    long = [
        f"{file.relative_to(SOURCE)}:{number}"
        for file in files
        if not any(name in str(file) for name in INLINE)
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LONGEST
    ]
    assert long == []
