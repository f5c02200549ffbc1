"""Plain English: the turns that CONTRIBUTING.md asks us not to use are not used."""

from __future__ import annotations

import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCOPE = ("docs/**/*.md", "docs/**/*.rst", "docs/*.py", "tools/*.py", "README.md", "GLOSSARY.md", "SECURITY.md")
"""Where the turns are looked for. CHANGELOG.md is history."""

FILES = sorted({path for pattern in SCOPE for path in ROOT.glob(pattern)})
IN_CODE = (tokenize.STRING, tokenize.COMMENT)


def turns() -> list[str]:
    """The first column of the first table of words in CONTRIBUTING.md."""
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("| not | but |\n|---|---|\n")[1]
    rows = table.split("\n\n")[0].splitlines()
    return [turn.strip() for row in rows for turn in row.split("|")[1].split(",")]


TURNS = re.compile(
    r"\b(" + "|".join(re.escape(turn).replace(r"\ ", r"\s+") for turn in turns()) + r")\b", re.IGNORECASE
)


def prose(path: Path) -> str:
    """The text of a page, or the docstrings, comments and messages of a module."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    with path.open("rb") as file:
        return "\n".join(token.string for token in tokenize.tokenize(file.readline) if token.type in IN_CODE)


def test_the_table_lists_turns() -> None:
    assert {"whom", "shall", "put down", "is none", "by now"} <= set(turns())
    assert TURNS.search("It was put\ndown.")
    assert not TURNS.search("There is nonetheless a shallow one.")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_banned_turn_is_used(path: Path) -> None:
    assert [match[0] for match in TURNS.finditer(prose(path))] == []
