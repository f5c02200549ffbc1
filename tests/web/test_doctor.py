"""`bield doctor` names what is wrong with an installation and what to do; `bield nightly` does each thing in turn."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from typer.testing import CliRunner

from bield.cli import app
from bield.service import doctor
from tests.world import NAMES, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def lines() -> tuple[dict[str, str], str, int]:
    """The state of each check by its name, everything that was printed, and the exit code."""
    ran = CliRunner().invoke(app, ["doctor"])
    found = re.findall(r"^(right|look|wrong) +([a-z ]+): ", ran.output, re.MULTILINE)
    return {name: state for state, name in found}, ran.output, ran.exit_code


def test_what_is_as_it_should_be_is_said_to_be(world: World) -> None:
    world.full_person()
    states, output, code = lines()
    assert len(states) == len(doctor.CHECKS)
    assert {name for name, state in states.items() if state == "wrong"} == set(), output
    assert code == 0
    assert NAMES["family_name"] not in output


def full_disk(_settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "disk_usage", lambda _path: SimpleNamespace(free=5 << 20))


def migration_left_out(_settings: Any, _monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = MigrationRecorder(connection)
    last = recorder.migration_qs.filter(app="cases").order_by("name").last()
    assert last
    recorder.record_unapplied("cases", last.name)


def other_keys(settings: Any, _monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IDENTITY_KEYS = [Fernet.generate_key().decode()]


def deaf_mail_server(settings: Any, _monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = free.getsockname()[1]
    settings.EMAIL_HOST, settings.EMAIL_BACKEND = "127.0.0.1", "django.core.mail.backends.smtp.EmailBackend"


def no_typeface(_settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LETTERS", "\U000f1234")  # private use: no typeface has it


def no_design(_settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bield.service.doctor.finders.find", lambda _name: None)


@pytest.mark.parametrize(
    ("spoil", "name", "to_do"),
    [
        (full_disk, "disk", "make room"),
        (migration_left_out, "migrations", "bield migrate"),
        (other_keys, "keys", "put back the key"),
        (deaf_mail_server, "mail", "EMAIL_HOST"),
        (no_typeface, "typefaces", "fonts-dejavu-core"),
        (no_design, "static files", "make static"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(
    world: World,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Any, pytest.MonkeyPatch], None],
    name: str,
    to_do: str,
) -> None:
    world.full_person()
    spoil(settings, monkeypatch)
    states, output, code = lines()
    assert [item for item, state in states.items() if state == "wrong"] == [name], output
    assert to_do in output
    assert code == 1


def test_old_numbers_want_a_look_and_stop_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bield.service.doctor.timezone.localdate", lambda: date(2036, 1, 1))
    states, output, code = lines()
    assert (states["data"], code) == ("look", 0), output


def test_a_check_that_breaks_is_named_and_says_nothing_of_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def _odd() -> doctor.Check:
        raise ValueError("postgres://somebody:secret@host")

    monkeypatch.setattr(doctor, "CHECKS", (_odd, *doctor.CHECKS))
    states, output, code = lines()
    assert (states["odd"], code) == ("wrong", 1)
    assert "secret" not in output
    assert "right  disk" in output


def test_every_night_each_thing_is_done_and_said(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world.full_person()
    copies = []
    monkeypatch.setattr("bield.service.commands._copy_to", lambda out, _connection: copies.append(out))
    options = ["nightly", "--backups", str(tmp_path)]
    ran = CliRunner().invoke(app, options)
    assert ran.exit_code == 0, ran.output
    assert [line for line in ran.output.splitlines() if line.endswith(":")] == [
        "reminders:",
        "deletion:",
        "chains:",
        "backup:",
    ]
    assert len(copies) == 1
    again = CliRunner().invoke(app, options)  # the copy of today is there already
    assert "not done: backup" in again.output
    assert again.exit_code == 2


def test_one_that_fails_does_not_stop_the_others(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_rest: object, **_more: object) -> int:
        raise RuntimeError("Zdravka")

    monkeypatch.setattr("bield.service.referrals.reminders.remind", broken)
    monkeypatch.setattr("bield.service.commands._copy_to", lambda out, _connection: out.write_text("x"))
    ran = CliRunner().invoke(app, ["nightly", "--backups", str(tmp_path)])
    assert "reminders failed: RuntimeError" in ran.output
    assert "not done: reminders" in ran.output
    assert "Zdravka" not in ran.output
    assert [file.read_text() for file in tmp_path.iterdir()] == ["x"]


def test_a_checkpoint_needs_its_key(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["nightly", "--checkpoints", str(tmp_path)])
    assert "--checkpoints and --key go together" in ran.output
    key = tmp_path / "key"
    CliRunner().invoke(app, ["audit", "key", str(key)])
    signed = CliRunner().invoke(app, ["nightly", "--checkpoints", str(tmp_path), "--key", str(key)])
    assert signed.exit_code == 0, signed.output
    assert list(tmp_path.glob("checkpoint-*.json"))
