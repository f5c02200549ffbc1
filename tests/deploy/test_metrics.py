"""Metrics: all workers of a server count together, on a port of this machine alone, and only where it was asked for."""

from __future__ import annotations

import os
import re
import socket
import sys
from pathlib import Path

import pytest

from tests.deploy.serving import free_port, get, serving

BIELD = Path(sys.executable).with_name("bield")
TOKEN = "xK9-secret_token"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database that the servers of these tests use one after the other: making its tables takes a while."""
    return tmp_path_factory.mktemp("data")


def environment(data: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(data), "DATA_DIR": str(data)} | more


def counted(text: str, route: str) -> float:
    """How many requests for a page were counted, whatever became of them."""
    found = re.findall(rf'^bield_requests_total{{route="{route}",status="...?"}} (.+)$', text, re.MULTILINE)
    return sum(float(value) for value in found)


def test_two_workers_count_together_on_this_machine_alone(tmp_path: Path, data: Path) -> None:
    port, where = free_port(), tmp_path / "work"
    where.mkdir()
    env = environment(data, METRICS_PORT=str(port))
    with serving(BIELD, cwd=where, env=env, workers=2) as address:
        before = counted(get(f"http://127.0.0.1:{port}/metrics"), "front")
        for _visit in range(20):
            get(address + "/")
        for gone in (f"/accounts/invitation/{TOKEN}/", f"/no-such-page/{TOKEN}/"):
            with pytest.raises(OSError, match="HTTP Error"):
                get(address + gone)
        text = get(f"http://127.0.0.1:{port}/metrics")
        assert counted(text, "front") - before == 20
        assert counted(text, "unknown") == 1
        assert "bield_request_seconds_bucket" in text
        assert "bield_events_written_total" in text
        assert TOKEN not in text
        with socket.socket() as other:
            other.bind(("127.0.0.2", port))  # taken, if the metrics answered at every address of this machine


def test_nothing_counts_unless_a_port_was_named(tmp_path: Path, data: Path) -> None:
    where = tmp_path / "work"
    where.mkdir()
    env = environment(data, TMPDIR=str(where))
    with serving(BIELD, cwd=where, env=env) as address:
        get(address + "/")
        assert list(where.iterdir()) == []
