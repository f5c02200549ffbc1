"""`bield doctor` names what is wrong with an installation and what to do; `bield nightly` does each thing in turn."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from cryptography.fernet import Fernet
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from typer.testing import CliRunner

from bield.cli import app
from bield.service import doctor
from bield.service.audit.models import Event
from bield.service.audit.triggers import drop
from bield.service.nightly.models import Step, last_done, note_done
from tests.conftest import triggers_of
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
    monkeypatch.setattr(doctor, "free_mib", lambda: 5)


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


def no_right_to_write(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STORAGE = settings.STORAGE / "absent"


def database_away(_settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = MagicMock()
    broken.cursor.side_effect = OperationalError("postgres://somebody:secret@host")
    monkeypatch.setattr(doctor, "connection", broken)
    monkeypatch.setattr(doctor, "CHECKS", (doctor._database,))


def weak_settings(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PRODUCTION, settings.SECURE_SSL_REDIRECT, settings.SECRET_KEY = True, True, "short"
    monkeypatch.setattr(doctor, "CHECKS", (doctor._settings,))


def clocks_apart(_settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is another machine, whose clock is an hour ahead."""
    cursor = MagicMock()
    cursor.fetchone.return_value = (timezone.now() + timedelta(hours=1),)
    other = MagicMock(vendor="postgresql")
    other.cursor.return_value.__enter__.return_value = cursor
    monkeypatch.setattr(doctor, "connection", other)
    monkeypatch.setattr(doctor, "CHECKS", (doctor._clock,))


@pytest.mark.parametrize(
    ("spoil", "name", "to_do"),
    [
        (weak_settings, "settings", "SECRET_KEY"),
        (database_away, "database", "check DATABASE_URL"),
        (clocks_apart, "clock", "keep time by NTP"),
        (no_right_to_write, "disk", "let the user of the service write"),
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


def test_production_past_no_proxy_is_asked_about(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PRODUCTION, settings.SECURE_SSL_REDIRECT = True, False
    monkeypatch.setattr(doctor, "CHECKS", (doctor._proxy,))
    states, output, code = lines()
    assert (states["proxy"], code) == ("look", 0)
    assert "set BEHIND_PROXY and PROXY_COUNT" in output


def test_a_step_of_the_night_that_was_missed_is_named(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PRODUCTION = True
    monkeypatch.setattr(doctor, "CHECKS", (doctor._nightly,))
    now = timezone.now()
    for step in Step:
        note_done(step, at=now - timedelta(days=3 if step == Step.CHAINS else 0))
    states, output, _code = lines()
    assert (states["nightly"], "not done last night: chains" in output) == ("look", True)
    note_done(Step.CHAINS, at=now)
    assert lines()[0]["nightly"] == "right"


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
    assert last_done().keys() == {"reminders", "deletion", "chains", "backup"}
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
    assert last_done().keys() == {"deletion", "chains", "backup"}
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


@pytest.mark.django_db(transaction=True)
def test_a_tail_that_was_cut_off_since_the_last_checkpoint_is_found_at_night(world: World, tmp_path: Path) -> None:
    world.full_person()
    key = tmp_path / "key"
    CliRunner().invoke(app, ["audit", "key", str(key)])
    options = ["nightly", "--checkpoints", str(tmp_path), "--key", str(key)]
    assert CliRunner().invoke(app, options).exit_code == 0
    last = Event.objects.latest("id")
    protection = triggers_of(connection)
    with connection.cursor() as cursor:
        for line in drop(connection.vendor, "audit_event"):
            cursor.execute(line)
        cursor.execute("DELETE FROM audit_event WHERE id = %s", [last.pk])
        for _name, table, made in protection:
            if table == "audit_event":
                cursor.execute(made)
    ran = CliRunner().invoke(app, options)
    assert ran.exit_code == 2
    assert "not done: chains" in ran.output
