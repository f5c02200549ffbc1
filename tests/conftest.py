"""What every test shares."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
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

    from bield.service.audit import triggers
    from tests.world import ANSWER, GRANT, VERSION

    original: Callable[..., list[str]] = vars(flush)["sql_flush"]
    tables: dict[str, dict[str, Any]] = {
        "audit_event": {"keys": triggers.EVENT_KEYS},
        "cases_assessment": {"deletable": True},
        "cases_consent": {"deletable": True, "columns": ANSWER},
        "support_accountversion": {"deletable": True, "columns": VERSION},
        "support_grant": {"deletable": True, "columns": GRANT},
    }

    def emptying(style: Any, connection: BaseDatabaseWrapper, **options: Any) -> list[str]:
        statements = original(style, connection, **options)
        if not statements:
            return statements
        before = [line for table in tables for line in triggers.drop(connection.vendor, table)]
        after = [line for table, how in tables.items() for line in triggers.create(connection.vendor, table, **how)]
        return [*before, *statements, *after]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "sql_flush", emptying)
        yield


settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


def needs(thing: str, *, there: bool) -> None:
    """Skip where something is missing, with the reason; in CI that is a failure."""
    if there:
        return
    if IN_CI:
        pytest.fail(f"CI must have {thing}")
    pytest.skip(f"this machine has no {thing}")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium."""
    needs("Chromium", there=Path(CHROMIUM).exists())
    return CHROMIUM


@pytest.fixture(scope="session")
def java() -> None:
    """Java, which Spark runs on."""
    needs("Java", there=shutil.which("java") is not None)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
