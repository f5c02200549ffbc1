"""Keep a database as this release leaves it, so that tests can upgrade it later: a made-up country, as SQL."""

from __future__ import annotations

import lzma
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "tests" / "migrations" / "databases"
BIELD = str(Path(sys.executable).with_name("bield"))
PEOPLE = "6"


def dumped(database: Path) -> bytes:
    """A database of SQLite as SQL, compressed."""
    with closing(sqlite3.connect(database)) as connection:
        return lzma.compress("\n".join(connection.iterdump()).encode())


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "release.sqlite3"
        env = os.environ | {"DATABASE_URL": f"sqlite:///{database}"}
        for command in (["migrate"], ["demo", "--people", PEOPLE]):
            subprocess.run([BIELD, *command], env=env, cwd=folder, check=True)
        target = KEPT / f"{version('bield')}.sql.xz"
        target.write_bytes(dumped(database))
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size >> 10} KiB")


if __name__ == "__main__":
    main()
