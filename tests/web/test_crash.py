"""The server is killed while systems send: nothing acknowledged is lost, and nothing is there twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice() -> None:
    command = [sys.executable, "-m", "tests.bench.crash", "--sqlite", "--requests", "150", "--kills", "3"]
    root = Path(__file__).parents[2]
    found = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "nothing lost, nothing twice, the chain verifies" in found.stdout
