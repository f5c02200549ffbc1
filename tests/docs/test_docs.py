"""The documentation is true: its examples run, its links lead somewhere, its commands and settings exist."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bield.cli import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def blocks(page: Path) -> list[tuple[str, str]]:
    """The fenced blocks of a page: what is said beside the fence, and the text."""
    return re.findall(r"^```([^\n]*)\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_tutorial_runs_as_it_is_written(here: Path) -> None:
    output = ""
    ran = 0
    for kind, body in blocks(ROOT / "docs/tutorial/first-survey.md"):
        if match := re.fullmatch(r"csv file=(\S+)", kind):
            Path(match[1]).write_text(body)
        elif kind == "sh":
            result = CliRunner().invoke(app, shlex.split(body.strip())[1:])
            assert result.exit_code == 0, result.output
            output = result.stdout
        elif kind == "json result":
            summary = json.loads(output)
            for name, expected in json.loads(body).items():
                found = next((item for item in summary["dimensions"] if item["id"] == name), None)
                counts = [found[key] for key in ("positive", "undetermined", "negative")] if found else summary[name]
                assert counts == expected
        elif kind == "python":
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(body, {})  # noqa: S102  # our own page
            assert "one strong sign and one medium sign" in said.getvalue()
        ran += 1
    assert ran == 5


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target).exists(), target


def test_every_option_of_assess_is_explained() -> None:
    shown = CliRunner().invoke(app, ["assess", "--help"], env={"COLUMNS": "200"}).stdout
    options = set(re.findall(r"--[a-z-]+", shown)) - {"--help"}
    manual = (ROOT / "docs/how-to/assess-a-survey.md").read_text(encoding="utf-8")
    assert len(options) > 15
    assert not [option for option in options - {"--other", "--out", "--set"} if option not in manual]


def test_every_command_of_the_readme_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = set(re.findall(r"make ([a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {"run", "test", "help"} <= commands
    for command in commands:
        assert f"\n{command}:" in makefile


def test_tests_named_in_the_security_page_exist() -> None:
    page = (ROOT / "docs/explanation/security-properties.md").read_text(encoding="utf-8")
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    whole_files = set(re.findall(r"tests/\w+/test_\w+\.py", page))
    assert not [name for name in whole_files if not (ROOT / name).is_file()]
    for name in whole_files:
        page = page.replace(name, "")
    named = set(re.findall(r"test_[a-z_]+", page)) - {"test_check"}
    assert len(named) > 10
    assert not [name for name in named if f"def {name}" not in tests]
    classes = set(re.findall(r"`(Test\w+)`", page))
    assert not [name for name in classes if f"class {name}" not in tests]


def test_nothing_of_this_machine_or_of_a_registry_is_in_the_lock_files() -> None:
    from tools.locks import problems

    assert problems() == []
