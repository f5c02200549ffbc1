"""A server of its own for a test, and what it answers."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


def free_port() -> int:
    """A port of this machine where nothing answers."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(bield: Path, *, cwd: Path, env: dict[str, str], workers: int = 1) -> Iterator[str]:
    """The address of a server that runs in a folder."""
    port = free_port()
    command = [str(bield), "serve", "--port", str(port), "--workers", str(workers)]
    with (cwd.parent / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=cwd, env=env, stdout=log, stderr=subprocess.STDOUT, text=True)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, until=time.monotonic() + 180)
            yield address
        finally:
            server.terminate()
            server.wait(30)


def _wait(address: str, *, until: float) -> None:
    """Wait until a server answers. An empty database takes it a minute on a busy machine: tables are made first."""
    while time.monotonic() < until:
        try:
            get(address + "/health/")
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"nothing answers at {address}")


def get(address: str) -> str:
    """What an address answers. Raises OSError where nothing does, or not with 200."""
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310  # our own server's address
        return str(answer.read().decode())
