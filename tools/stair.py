"""Draws the stair of rooms in docs/explanation/the-house.md from the contract that import-linter holds."""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "the-house.md"
BEGIN, END = "<!-- stair: begin -->", "<!-- stair: end -->"


def drawn() -> str:
    """The stair as text: a row of rooms a step, the topmost first; rooms that do not exist yet are left out."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    steps = next(item for item in contracts if item["name"].startswith("The stair"))["layers"]
    rows = [[room.strip() for room in step.split("|") if not room.strip().startswith("(")] for step in steps]
    lines = ["  " + "  ".join(room.removeprefix("bield.service.") for room in row) for row in rows if row]
    return "\n".join(["```text", *lines, "  bield.law, bield.indicators, bield.disclosure … (no Django)", "```"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--write", action="store_true", help="write it into the page; otherwise say whether it is stale"
    )
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    made = f"{before}{BEGIN}\n{drawn()}\n{END}{after}"
    if parser.parse_args().write:
        PAGE.write_text(made, encoding="utf-8")
    elif made != page:
        sys.exit("docs/explanation/the-house.md: the stair is stale; run tools/stair.py --write")


if __name__ == "__main__":
    main()
