"""A command imports what it needs and no more: nobody waits for what they do not use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

HEAVY = {"django", "numpy", "pyarrow", "scipy", "pandas", "rich", "altair", "docxtpl", "icalendar"}
ASKED = """
import sys
from bield.cli import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
SET_UP = "import sys, django; django.setup(); import bield.service.urls; print(*sys.modules, file=sys.stderr)"


def heavy(code: str, *arguments: object) -> set[str]:
    """The heavy libraries that a process of its own has imported when it ends well."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "bield.service.settings"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return HEAVY & set(done.stderr.split())


def test_help_imports_nothing_heavy() -> None:
    assert heavy(ASKED, "--help") == set()


def test_a_version_imports_nothing_heavy() -> None:
    assert heavy(ASKED, "--version") == set()


def people(folder: Path) -> Path:
    table = pa.table({"dest_violence_on_victims": [True, None, False], "weight": np.array([1.0, 2.0, 1.5])})
    pq.write_table(table, folder / "people.parquet")
    return folder / "people.parquet"


def test_an_assessment_imports_arrow_and_numpy_alone(tmp_path: Path) -> None:
    asked = ["assess", people(tmp_path), "--set", "adult_labour", "--out", tmp_path / "out.csv", "--json"]
    assert heavy(ASKED, *asked) == {"numpy", "pyarrow"}


def test_only_a_survey_imports_scipy(tmp_path: Path) -> None:
    asked = ["assess", people(tmp_path), "--set", "adult_labour", "--out", tmp_path / "out.csv", "--json"]
    assert "scipy" in heavy(ASKED, *asked, "--weight", "weight")


@pytest.mark.slow
def test_the_service_starts_without_what_draws_and_writes() -> None:
    assert heavy(SET_UP) == {"django", "numpy"}
