"""/health/ says whether the service can do its work, and tells strangers nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.database]

Spoil = Callable[[Any, pytest.MonkeyPatch], None]


def test_all_is_well(client: Client) -> None:
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_it_asks_the_database_once(client: Client, django_assert_num_queries: Any) -> None:
    client.get("/health/")
    with django_assert_num_queries(2):  # is the table of migrations there, and what is in it
        client.get("/health/")


def database_away(_settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise OperationalError("postgres://somebody:secret@host")

    monkeypatch.setattr(connection, "cursor", broken)


def migration_left_out(_settings: Any, _monkeypatch: pytest.MonkeyPatch) -> None:
    MigrationRecorder(connection).record_unapplied("nightly", "0001_initial")


def folder_gone(settings: Any, _monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STORAGE = settings.STORAGE / "absent"


def disk_full(settings: Any, _monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LEAST_FREE_MIB = 1 << 40


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (database_away, "database"),
        (migration_left_out, "migrations"),
        (folder_gone, "storage"),
        (disk_full, "disk"),
    ],
)
def test_what_fails_is_in_the_log_and_not_in_the_answer(
    client: Client,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    spoil: Spoil,
    code: str,
) -> None:
    spoil(settings, monkeypatch)
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (503, {"status": "failing"})
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert f"not healthy: {code}" in said
    assert "secret" not in caplog.text
