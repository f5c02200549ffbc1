"""What every test shares."""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
IN_CI = os.environ.get("CI") == "true"


@pytest.fixture(scope="session", autouse=True)
def _tests_may_empty_append_only_tables() -> Iterator[None]:
    """Between tests of whole transactions Django empties every table; triggers that refuse stand aside for that."""
    from django.core.management.commands import flush
    from django.db.backends.base.base import BaseDatabaseWrapper

    original: Callable[..., list[str]] = vars(flush)["sql_flush"]

    def emptying(style: Any, connection: BaseDatabaseWrapper, **options: Any) -> list[str]:
        statements = original(style, connection, **options)
        if not statements:
            return statements
        found = triggers_of(connection)
        on = " ON {}" if connection.vendor == "postgresql" else ""
        away = [f'DROP TRIGGER "{name}"{on.format(table)}' for name, table, _made in found]
        return [*away, *statements, *(made for _name, _table, made in found)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "sql_flush", emptying)
        yield


TRIGGERS = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": """SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal""",
}


def triggers_of(connection: Any) -> list[tuple[str, str, str]]:
    """The triggers of a database as its migrations left them: name, table, and the SQL that makes each."""
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS[connection.vendor])
        return list(cursor.fetchall())


def _migrations() -> str:
    """What the tables of an empty database come from: the files of migrations, of triggers, and Django's version."""
    import django

    digest = hashlib.sha256(django.__version__.encode())
    service = Path(__file__).parents[1] / "src" / "bield" / "service"
    for file in sorted([*service.glob("*/migrations/*.py"), *service.glob("audit/*.py"), *service.glob("*/models.py")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@pytest.fixture(scope="session")
def made_before(
    request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None
) -> Iterator[Path | None]:
    """Begin SQLite with the tables of an earlier run: making them takes nine seconds, copying them none.

    Tables that were made without migrations are not kept: they lack what only migrations make, and their record.
    """
    from django.db import connection

    if connection.vendor != "sqlite" or request.config.getoption("nomigrations"):
        yield None
        return
    ready = Path(tempfile.gettempdir()) / f"bield-tests-{os.getuid()}-{_migrations()}.sqlite3"
    # Held open, since a database in memory goes with its last connection.
    memory = sqlite3.connect(connection.creation._get_test_db_name(), uri=True)  # type: ignore[attr-defined]
    if ready.exists():
        with closing(sqlite3.connect(ready)) as tables:
            tables.backup(memory)
    yield ready
    memory.close()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(made_before: Path | None) -> None:
    """pytest-django asks for this before it makes the database."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, made_before: Path | None, django_db_blocker: Any) -> None:
    """The database as pytest-django makes it, kept for the next run while no migration changes."""
    from django.db import connection

    if made_before is None or made_before.exists():
        return
    with django_db_blocker.unblock(), tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "tables.sqlite3"
        with closing(sqlite3.connect(fresh)) as tables:
            connection.connection.backup(tables)
        shutil.move(fresh, made_before)


def pytest_collection_finish() -> None:
    """What was loaded stays loaded: Python need not look through it again each time it looks for what can go."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes a minute goes first, so that no worker is left with it alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("few", settings.get_profile("steady"), max_examples=20)  # `make test-fast`
settings.load_profile("steady")


def needs(thing: str, package: str, *, there: bool) -> None:
    """Skip where something is missing, with how to get it; in CI, which installs it, that is a failure."""
    if there:
        return
    if IN_CI:
        pytest.fail(f"CI must have {thing}: .ci/run installs {package}")
    pytest.skip(f"this machine has no {thing}: install it (Debian: apt install {package})")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium."""
    needs("Chromium", "chromium", there=Path(CHROMIUM).exists())
    return CHROMIUM


@pytest.fixture(scope="session")
def java() -> None:
    """Java, which Spark runs on."""
    needs("Java", "openjdk-17-jre-headless", there=shutil.which("java") is not None)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
