"""Another country is another folder: the service starts in every place there is, and in one that is made up."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bield import law
from bield.datafiles import DataError
from bield.law.reading import folders, look_in
from bield.service.notifications.columns import check_columns

ROOT = Path(__file__).parents[2]
MADE_UP = ROOT / "tests" / "places"


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("", "", ""),
        (
            'id = "type"',
            'id = "shoe_size"',
            "version 'ruritania-1894', field 'shoe_size': a notification has no column for it",
        ),
        ('id = "type"', 'id = "team"', "field 'team': a notification has no column"),
        ('id = "name"', 'id = "nickname"', ""),
        (
            'key = "labour"',
            f'key = "{"l" * 120}"',
            "field 'type': its values can be 133 characters long, and its column holds 120",
        ),
    ],
    ids=["as it is", "unknown", "a column for something else", "an identifying field", "too long"],
)
def test_a_place_whose_notification_cannot_be_kept_does_not_start(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    shutil.copytree(MADE_UP / "ruritania", tmp_path / "ruritania")
    file = tmp_path / "ruritania" / "notification_fields.v1.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    env = os.environ | {
        "PLACE": "ruritania",
        "PLACES": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "bield.service.settings",
    }
    start = "from bield.service import wsgi"
    run = subprocess.run([sys.executable, "-c", start], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert (run.returncode == 0) is (not words), run.stderr[-2_000:]
    assert words in run.stderr


@pytest.mark.parametrize("place", law.known_places())
def test_every_place_that_is_shipped_can_keep_its_notification(place: str) -> None:
    check_columns(place)


def test_what_a_place_calls_its_mechanism_is_data(ruritania: str) -> None:
    assert law.load_place(ruritania).mechanism.reference == "The Lord Chamberlain’s number"
    assert law.load_place("scotland").mechanism.reference == "Home Office reference"


def test_a_folder_that_is_gone_is_no_place() -> None:
    assert law.known_places() == ("england_wales", "scotland")
    with pytest.raises(law.PlaceError, match="there is england_wales, scotland"):
        law.load_place("ruritania")


def test_two_folders_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "scotland").mkdir()
    try:
        look_in(tmp_path)
        with pytest.raises(DataError, match="two folders of law are called 'scotland'"):
            folders()
    finally:
        look_in()


NAMES = (
    "scotland",
    "england_wales",
    "police-scotland",
    "glasgow-city",
    "Police Scotland",
    "United Kingdom",
    "SSI ",
    "Home Office",
    "National Referral",
    "NRM ",
    "MARAC",
    "ealth board",
    "Scottish",
    "England",
)
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
