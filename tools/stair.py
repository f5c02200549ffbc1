"""Draws the stair of rooms, as text and as a picture, from the contract that import-linter holds."""

from __future__ import annotations

import argparse
import sys
import textwrap
import tomllib
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "the-house.md"
PICTURE = PAGE.with_suffix(".svg")
BEGIN, END = "<!-- stair: begin -->", "<!-- stair: end -->"
LIBRARIES = "bield.law, bield.indicators, bield.disclosure … (no Django)"

WITH_IDENTITY = ("merging", "support", "referrals", "cases")
"""The rooms that know who somebody is."""
NOTES = {
    "notifications": "takes only what disclosure.minimise lets out",
    "statistics": "takes only what disclosure.support_fact lets out",
    "gates": "every reading of a record is noted here",
    "accounts": "permissions.py: who may do what",
    "audit": "every change and every reading leaves an event",
}
IDENTITY_STOPS_ABOVE = "notifications"
"""The first room that gets only what may be said."""

Step = Sequence[str]
WIDTH, LINE, SMALL, GAP, PAD, SHIFT = 420, 20, 17, 6, 9, 3

STYLE = """
  .ground { fill: #fff }
  text { fill: #1a1a1a; font: 15px system-ui, sans-serif } .note { font-size: 13px; fill: #454b54 }
  .step { fill: #f3f4f6; stroke: #8a9099 } .identity { fill: #fdebd8; stroke: #b06410 }
  .stop { stroke: #b3261e; stroke-width: 2; stroke-dasharray: 6 4 } .stop-words { fill: #b3261e; font-weight: 700 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #16181c } text { fill: #e8e8ea } .note { fill: #b4b8be }
    .step { fill: #23262c; stroke: #7b828c } .identity { fill: #40301c; stroke: #d9984a }
    .stop { stroke: #ff9d94 } .stop-words { fill: #ff9d94 }
  }
"""


def steps() -> list[Step]:
    """The rooms of each step, the topmost first; rooms that do not exist yet are left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(item for item in contracts if item["name"].startswith("The stair"))["layers"]
    rows = [[room.strip() for room in layer.split("|") if not room.strip().startswith("(")] for layer in layers]
    return [[room.removeprefix("bield.service.") for room in row] for row in rows if row]


def as_text(stair: Sequence[Step]) -> str:
    """The stair as a block of text."""
    return "\n".join(["```text", *("  " + "  ".join(step) for step in stair), f"  {LIBRARIES}", "```"])


def as_picture(stair: Sequence[Step]) -> str:
    """The stair as SVG, with the rooms that know who somebody is in another colour. Exits if a noted room is gone."""
    rooms = {room for step in stair for room in step}
    if gone := {*WITH_IDENTITY, *NOTES, IDENTITY_STOPS_ABOVE} - rooms:
        sys.exit(f"tools/stair.py: no room in the contract is called {sorted(gone)}")
    body, y = list[str](), GAP
    for number, step in enumerate([*stair, [LIBRARIES]]):
        if IDENTITY_STOPS_ABOVE in step:
            body.append(f'<line class="stop" x1="0" x2="{WIDTH}" y1="{y + 8}" y2="{y + 8}"/>')
            body.append(f'<text class="stop-words" x="{PAD}" y="{y + 28}">Identity stops here</text>')
            y += 28 + 2 * GAP
        lines, height = _step(step, x=number * SHIFT, y=y)
        body.extend(lines)
        y += height + GAP
    described = (
        f"A room may import those below it. From the top: {'; '.join(', '.join(step) for step in stair)}."
        f" {', '.join(WITH_IDENTITY)} know who somebody is. Identity stops above {IDENTITY_STOPS_ABOVE}."
    )
    size = f'viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}"'
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">',
        '<title id="title">The rooms of the service, from the top of the stair to the bottom</title>',
        f'<desc id="desc">{escape(described)}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{y}"/>',
    ]
    return "\n".join([*head, *body, "</svg>\n"])


def _step(step: Step, *, x: int, y: int) -> tuple[list[str], int]:
    """The lines that draw one step, and its height."""
    names = textwrap.wrap(" · ".join(step), 46, break_long_words=False)
    notes = [NOTES[room] for room in step if room in NOTES]
    height = 2 * PAD + LINE * len(names) + SMALL * len(notes) - 4
    kind = "step identity" if set(step) & set(WITH_IDENTITY) else "step"
    drawn = [f'<rect class="{kind}" x="{x + 1}" y="{y}" width="{WIDTH - 2 - x}" height="{height}" rx="3"/>']
    drawn += [_words(line, x + PAD, y + PAD + 11 + LINE * n) for n, line in enumerate(names)]
    below = y + PAD + 9 + LINE * len(names)
    drawn += [_words(note, x + PAD, below + SMALL * n, "note") for n, note in enumerate(notes)]
    return drawn, height


def _words(words: str, x: int, y: int, kind: str = "room") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(words)}</text>'


def made() -> Iterator[tuple[Path, str]]:
    """Each file with what it should hold."""
    stair, page = steps(), PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    yield PAGE, f"{before}{BEGIN}\n{as_text(stair)}\n{END}{after}"
    yield PICTURE, as_picture(stair)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write both; otherwise say which is stale")
    write = parser.parse_args().write
    for path, content in list(made()):
        if write:
            path.write_text(content, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != content:
            sys.exit(f"{path.relative_to(ROOT)}: the stair is stale; run tools/stair.py --write")


if __name__ == "__main__":
    main()
