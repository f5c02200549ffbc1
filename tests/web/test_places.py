"""Another country is another folder: the service starts in every place there is, and in one that is made up."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bield import law
from bield.law.reading import LawError, folders, look_in

ROOT = Path(__file__).parents[2]
MADE_UP = ROOT / "tests" / "places"


@pytest.mark.parametrize("place", [*law.known_places(), "ruritania"])
def test_the_service_starts_in_every_place_and_its_pages_can_be_walked(place: str) -> None:
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n0",
            "--no-migrations",
            "-p",
            "no:cacheprovider",
            str(MADE_UP / "walk.py"),
        ],
        cwd=ROOT,
        env=os.environ | {"PLACE": place, "PLACES": str(MADE_UP)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-6_000:] + run.stderr[-2_000:]


@pytest.fixture
def ruritania() -> Iterator[str]:
    look_in(MADE_UP)
    yield "ruritania"
    look_in()


def test_a_folder_is_a_place(ruritania: str) -> None:
    assert law.known_places() == ("england_wales", ruritania, "scotland")
    assert [item.id for item in law.councils(ruritania)] == ["hofbau", "strelsau"]
    assert {item.id for item in law.bodies(ruritania, on=date(2026, 1, 1))} == {
        "hofbau",
        "strelsau",
        "ruritanian-police",
    }
    assert law.on(date(2026, 1, 1), ruritania).clock("adult_support").days == 7
    assert law.on(date(2026, 1, 1), "scotland").clock("adult_support").days == 90


def test_a_folder_that_is_gone_is_no_place() -> None:
    assert law.known_places() == ("england_wales", "scotland")
    with pytest.raises(law.PlaceError, match="there is england_wales, scotland"):
        law.load_place("ruritania")


def test_two_folders_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "scotland").mkdir()
    try:
        look_in(tmp_path)
        with pytest.raises(LawError, match="two folders of law are called 'scotland'"):
            folders()
    finally:
        look_in()


NAMES = ("scotland", "england_wales", "police-scotland", "glasgow-city", "Police Scotland", "United Kingdom", "SSI ")
MAY_NAME = ("settings.py", "demo", "migrations")
"""The default of a setting, the demo, which is a made-up Scotland, and what was."""


def words_of(path: Path) -> str:
    """A page, or code without the examples in it."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r'""".*?"""', "", text, flags=re.DOTALL) if path.suffix == ".py" else text


def test_no_place_is_named_in_the_code() -> None:
    files = [path for path in sorted((ROOT / "src" / "bield").rglob("*")) if path.suffix in (".py", ".html")]
    named = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        if not set(path.parts) & set(MAY_NAME)
        for name in NAMES
        if name in words_of(path)
    ]
    assert len(files) > 200
    assert named == []
