"""Databases as earlier versions left them are upgraded: nothing is lost, and every record opens.

`tools/release_database.py` keeps one for each release. The first is of a version before records could be merged
(commit 121eb87): nothing was released before it.
"""

from __future__ import annotations

import lzma
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tools.release_database import dumped

ROOT = Path(__file__).parents[2]
BIELD = str(Path(sys.executable).with_name("bield"))
DATABASES = sorted((Path(__file__).parent / "databases").glob("*.sql.xz"))
GROWS = {"django_migrations", "django_content_type", "auth_permission", "sqlite_sequence"}
"""Tables in which Django notes what a version consists of."""
RENAMED = {
    "support_service": "directory_service",
    "cases_crossing": "cases_sharednames",
    "cases_takenfile": "cases_importedfile",
}
"""Tables that moved to another room or got another name since."""
OPEN_EVERY_RECORD = """
from django.test import Client
from bield.service.accounts.models import User
from bield.service.cases.models import Identity, Person
for person in Person.objects.all():
    client = Client(headers={"host": "localhost"})
    client.force_login(person.worker)
    for page in ("", "timeline/"):
        answer = client.get(f"/people/{person.pk}/{page}")
        assert answer.status_code == 200, (page, answer.status_code)
assert all(identity.names for identity in Identity.objects.all())
print(Person.objects.count(), "opened")
"""


@pytest.fixture(params=DATABASES, ids=lambda path: path.name.removesuffix(".sql.xz"))
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file of SQLite as an earlier version left it."""
    path = tmp_path / "earlier.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(lzma.decompress(request.param.read_bytes()).decode())
    return path


def rows(database: Path) -> dict[str, int]:
    """How many rows each table has."""
    with closing(sqlite3.connect(database)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def run(database: Path, *command: str) -> str:
    env = os.environ | {"DATABASE_URL": f"sqlite:///{database}"}
    done = subprocess.run(list(command), cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_database_of_an_earlier_version_is_upgraded_whole(database: Path) -> None:
    before = rows(database)
    assert before["cases_person"] > 0
    run(database, BIELD, "migrate")
    after = rows(database)
    kept = before.keys() - GROWS
    assert {name: after.get(RENAMED.get(name, name)) for name in kept} == {name: before[name] for name in kept}
    assert "each follows from the one before it" in run(database, BIELD, "audit", "verify")
    run(database, BIELD, "keys", "rotate")
    opened = run(database, sys.executable, "manage.py", "shell", "-v0", "-c", OPEN_EVERY_RECORD)
    assert opened.strip() == f"{before['cases_person']} opened"


def test_what_is_kept_of_a_release_is_the_whole_database(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "one")) as connection:
        connection.executescript("CREATE TABLE a (b); INSERT INTO a VALUES ('ż'); CREATE INDEX c ON a (b);")
    with closing(sqlite3.connect(tmp_path / "two")) as connection:
        connection.executescript(lzma.decompress(dumped(tmp_path / "one")).decode())
    assert rows(tmp_path / "two") == {"a": 1}
