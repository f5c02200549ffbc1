"""The recipes of docs/explanation/the-house.md work: each is followed, block by block, in a copy of the checkout."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "the-house.md"
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IN_DJANGO = "import django; django.setup()\n"


def recipes() -> dict[str, str]:
    """The text of each recipe by its heading."""
    text = PAGE.read_text(encoding="utf-8").split("\n## How to add\n")[1]
    parts = re.split(r"^### (.+)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


RECIPES = recipes()


@dataclass(frozen=True)
class Copy:
    """A copy of the checkout in which recipes are followed."""

    root: Path

    def follow(self, recipe: str) -> None:
        """Do what each block of a recipe says."""
        for kind, file, body in BLOCK.findall(RECIPES[recipe]):
            if kind == "sh":
                subprocess.run(shlex.split(body), cwd=self.root, check=True)
            else:
                (self.change if kind == "diff" else self.add)(self.root / file, body)

    def change(self, path: Path, diff: str) -> None:
        """Replace the lines that a block shows as they were by those that it wants. They stand once in the file."""
        lines = diff.splitlines()
        before = "\n".join(line[1:] for line in lines if line[0] != "+")
        after = "\n".join(line[1:] for line in lines if line[0] != "-")
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, (path, before)
        path.write_text(text.replace(before, after), encoding="utf-8")

    def add(self, path: Path, body: str) -> None:
        """Write a new file, or add to the end of one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(body)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        env = os.environ | {"PYTHONPATH": "src", "DJANGO_SETTINGS_MODULE": "bield.service.settings"} | environment
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.root, env=env, capture_output=True, text=True, check=False
        )

    def says(self, code: str, **environment: str) -> list[str]:
        """What some Python prints there, line by line."""
        run = self.run("-c", code, **environment)
        assert run.returncode == 0, run.stderr
        return run.stdout.splitlines()

    def passes(self, *arguments: str) -> bool:
        """Whether some tests pass there."""
        pytest_there = ["-m", "pytest", "-q", "-n0", "--no-migrations", "-p", "no:cacheprovider"]
        run = self.run(*pytest_there, *arguments)
        assert run.returncode in (0, 1), run.stdout + run.stderr  # anything else: no test ran
        return run.returncode == 0


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    for name in ("src", "tests", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "vendor", "bench"))
    for name in ("pyproject.toml", "manage.py"):
        shutil.copy(ROOT / name, tmp_path)
    return Copy(tmp_path)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_words_of_a_recipe_name_the_files_of_its_blocks(recipe: str) -> None:
    words = BLOCK.sub("", RECIPES[recipe])
    files = {file for _kind, file, _body in BLOCK.findall(RECIPES[recipe]) if file}
    assert files
    copied = set(re.findall(r"^cp \S+ (\S+)$", RECIPES[recipe], re.MULTILINE))
    assert not [file for file in files - copied if f"`{file.removeprefix('src/bield/')}`" not in words]


@pytest.mark.slow
def test_a_field_of_a_support_entry_is_in_the_schema_and_in_the_form(copy: Copy) -> None:
    copy.follow("A field of a support entry")
    code = """
from bield.service.cases.models import Person
from bield.service.support.entries.schema import parts
from bield.service.support.episodes.forms import EntryForm
from bield.service.support.models import Episode
part = parts()["need"]
print(part.field("asked_on").holds)
part = type(part)(**{name: getattr(part, name) for name in part.__slots__} | {"fields": (part.field("asked_on"),)})
print(EntryForm(part=part, episode=Episode(person=Person())).fields["asked_on"].label)
"""
    assert copy.says(IN_DJANGO + code) == ["day", "When they first asked for it"]


@pytest.mark.slow
def test_a_question_of_the_referral_form_is_asked_from_its_day_and_not_before(copy: Copy) -> None:
    code = """
from datetime import date
from bield.law import nrm_form
for day in (date(2027, 4, 4), date(2027, 4, 5)):
    print([item.id for item in nrm_form("scotland", on=day).fields])
"""
    before = copy.says(code)
    assert before[0] == before[1]
    copy.follow("A question of the referral form")
    assert copy.says(code) == [before[0], "['safe_tonight']"]


@pytest.mark.slow
def test_a_role_is_in_the_rule_book_and_needs_no_migration(copy: Copy) -> None:
    copy.follow("A role")
    code = """
from bield.service.accounts.rulebook import rules
print(*[(role.what, role.may) for role in rules() if role.name == "Inspector"], sep="\\n")
"""
    (line,) = copy.says(IN_DJANGO + code)
    assert "Inspects services" in line
    assert "Count the yearly measures" in line
    migrations = copy.run("manage.py", "makemigrations", "--check", "--dry-run", DATABASE_URL="sqlite://:memory:")
    assert migrations.returncode == 0, migrations.stdout + migrations.stderr


@pytest.mark.slow
def test_a_page_is_behind_the_gate_and_the_matrix_misses_its_row(copy: Copy) -> None:
    matrix = copy.root / "tests" / "web" / "matrix.py"
    without = matrix.read_text(encoding="utf-8")
    copy.follow("A page")
    with_row = matrix.read_text(encoding="utf-8")
    rows = "tests/web/test_service.py::test_every_address_has_a_row_in_the_matrix"
    matrix.write_text(without, encoding="utf-8")
    assert not copy.passes(rows)
    matrix.write_text(with_row, encoding="utf-8")
    who = [f"tests/web/test_roles.py::test_who_gets_what[{role}]" for role in ("frontline_worker", "auditor")]
    assert copy.passes(rows, *who)


@pytest.mark.slow
def test_a_measure_is_listed_and_counted(copy: Copy) -> None:
    copy.follow("A measure")
    (copy.root / "tests" / "test_crisis_open.py").write_text(
        """from datetime import date

import pytest

from bield.disclosure import Span
from bield.service.statistics.measures import Year, load_measures
from tests.web.test_measures import count, put


@pytest.mark.django_db
def test_crisis_open() -> None:
    put(Span("support", "2025-05"), Span("crisis", "2025-05", "2025-09"))
    put(Span("support", "2025-05"), Span("crisis", "2025-05"))
    assert count(Year(2025), today=date(2030, 1, 1))["crisis_open"] == 1
    assert "crisis_open" in [measure.id for measure in load_measures().measures]
"""
    )
    assert copy.passes("tests/test_crisis_open.py")


@pytest.mark.slow
def test_a_new_version_of_a_codebook_is_current_and_the_old_one_still_replays(copy: Copy) -> None:
    copy.follow("A data version")
    code = """
from bield.indicators import load
from bield.indicators.codebook import DELPHI
print(load(DELPHI).version, load(DELPHI, "1").version)
"""
    assert copy.says(code) == ["3 1"]


@pytest.mark.slow
def test_a_place_starts(copy: Copy) -> None:
    copy.follow("A place")
    code = """
from bield.law import councils, load_place
print(load_place("graustark").emergency_number, [body.name for body in councils("graustark")])
"""
    place = {"PLACES": "places", "PLACE": "graustark", "DEMO": "no"}
    assert copy.says(IN_DJANGO + code, **place) == ["112 ['Town of Edelweiss']"]
    check = copy.run("manage.py", "check", **place)
    assert check.returncode == 0, check.stderr


@pytest.mark.slow
def test_an_event_is_known_with_its_words(copy: Copy) -> None:
    copy.follow("An event")
    code = """
from bield.service.audit.kinds import Kind
print(Kind("person.card_read").label)
"""
    assert copy.says(IN_DJANGO + code) == ["Read the reference card"]
