"""The commands of those who run a service: sealed identity, keys, backup and restore, the demo, migrations."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from typer.testing import CliRunner

from bield.cli import app
from bield.errors import UserError
from bield.service.accounts.permissions import Role
from bield.service.cases.access import people_matching
from bield.service.cases.keeping.rotation import rotate, sealed_fields
from bield.service.cases.models import Identity, Person
from bield.service.commands import _check_copy
from bield.service.sealing import SealError, seal, unseal
from tests.world import CHANNELS, NAMES, World, make

ROOT = Path(__file__).parents[2]
BIELD = str(Path(sys.executable).parent / "bield")

SECRETS = (*NAMES.values(), CHANNELS[0]["value"], "He answers it", "Zdravka", "pulling her sleeves", "Her own words")


@pytest.mark.django_db
@pytest.mark.database
class TestIdentity:
    """Who somebody is stands nowhere in clear."""

    def test_a_dump_of_the_database_contains_no_name(self, world: World) -> None:
        person = world.full_person()
        world.consent(person, "support", "given", note="Her own words")
        dumped = []
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                dumped.append(str(cursor.fetchall()))
        text = "\n".join(dumped)
        assert person.reference in text  # the dump did hold the record
        assert not [secret for secret in SECRETS if secret.casefold() in text.casefold()]

    def test_a_sealed_value_opens_with_any_key_and_no_other(self, settings: Any) -> None:
        old, new, other = (Fernet.generate_key().decode() for _ in range(3))
        settings.IDENTITY_KEYS = [old]
        token = seal({"a": "b"})
        settings.IDENTITY_KEYS = [new, old]
        assert unseal(token) == {"a": "b"}
        settings.IDENTITY_KEYS = [other]
        with pytest.raises(SealError):
            unseal(token)

    def test_keys_are_rotated_and_the_old_ones_can_go(self, world: World, settings: Any) -> None:
        person = world.full_person()
        world.consent(person, "support", "given", note="Her own words")
        settings.IDENTITY_KEYS = [Fernet.generate_key().decode(), *settings.IDENTITY_KEYS]
        settings.INDEX_KEYS = ["a new index key, long enough to be good", *settings.INDEX_KEYS]
        lead = world.cast[Role.LEAD]
        assert people_matching(lead, "Zdravka Quillfeather")[0].exists()  # while both keys are there
        sealed, people = rotate()
        assert people == 1
        assert sealed >= 4
        settings.IDENTITY_KEYS, settings.INDEX_KEYS = settings.IDENTITY_KEYS[:1], settings.INDEX_KEYS[:1]
        assert Identity.objects.get().names == NAMES
        assert person.encounters.get().note.startswith("Zdravka")
        assert person.consents.get().note == "Her own words"
        assert people_matching(lead, "Zdravka Quillfeather")[0].get() == person

    def test_every_field_that_may_hold_words_is_sealed(self) -> None:
        """A new text field in the record's room must be sealed, or be a code that this test knows."""
        from django.apps import apps
        from django.db import models

        codes = {"reference", "digest"}
        for model in apps.get_app_config("cases").get_models():
            sealed: set[object] = set(sealed_fields(model))
            for field in model._meta.local_fields:
                if isinstance(field, models.CharField | models.TextField) and field not in sealed:
                    assert field.name in codes or (field.max_length or 999) <= 80, f"{model.__name__}.{field.name}"


@pytest.fixture
def service(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run commands against a database of their own: SQLite, or on PostgreSQL a database made for it."""
    url = f"sqlite:///{tmp_path / 'own.sqlite3'}"

    def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(command),
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": env.pop("DATABASE_URL", url)} | env,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tables(service: Run, django_db_setup: None, made_before: Path | None) -> Callable[[Path], None]:
    """Make every table in a database of SQLite: a copy of those that this run began with takes no time."""

    def make_tables(path: Path) -> None:
        if made_before is not None and made_before.exists():
            shutil.copy(made_before, path)
        else:
            done = service(sys.executable, "manage.py", "migrate", "--verbosity=0", DATABASE_URL=f"sqlite:///{path}")
            assert done.returncode == 0

    return make_tables


@pytest.fixture
def own_database(service: Run) -> Iterator[str]:
    """The address of an empty, migrated database on the same kind of server as the tests."""
    if connection.vendor == "sqlite":
        yield ""
        return
    import psycopg

    server = os.environ["DATABASE_URL"]
    name = f"bield_commands_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as own:
        own.execute(f"DROP DATABASE IF EXISTS {name}")
        own.execute(f"CREATE DATABASE {name}")
    yield server.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(server, autocommit=True) as own:
        own.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.slow
@pytest.mark.database
def test_the_drill_demo_backup_spoil_restore_verify(service: Run, own_database: str, tmp_path: Path) -> None:
    """What an operator practises: a copy is made, the service is spoilt, and the copy brings it back whole."""
    env = {"DATABASE_URL": own_database} if own_database else {}
    assert service(sys.executable, "manage.py", "migrate", "--verbosity=0", **env).returncode == 0
    made = service(BIELD, "demo", "--people", "12", **env)
    assert made.returncode == 0, made.stderr
    again = service(BIELD, "demo", **env)
    assert again.returncode == 2
    assert "there is somebody already" in again.stderr
    assert service(BIELD, "demo", "--if-empty", **env).returncode == 0
    key = service(BIELD, "audit", "key", str(tmp_path / "key.pem"), **env).stdout.strip()
    assert (
        service(
            BIELD, "audit", "checkpoint", str(tmp_path / "kept.json"), "--key", str(tmp_path / "key.pem"), **env
        ).returncode
        == 0
    )
    copy = tmp_path / "copy"
    assert service(BIELD, "backup", str(copy), **env).returncode == 0
    assert service(BIELD, "backup", str(copy), **env).returncode == 2

    spoil = (
        "from django.db import connection; from bield.service.audit.triggers import drop;"
        "cursor = connection.cursor(); [cursor.execute(line) for line in drop(connection.vendor, 'audit_event')];"
        "cursor.execute(\"UPDATE audit_event SET actor = 'x' WHERE number = 3\")"
    )
    assert service(sys.executable, "manage.py", "shell", "-v0", "-c", spoil, **env).returncode == 0
    found = service(BIELD, "audit", "verify", **env)
    assert found.returncode == 1
    assert "event 3: changed" in found.stdout

    assert "say --replace" in service(BIELD, "restore", str(copy), **env).stderr
    restored = service(BIELD, "restore", str(copy), "--replace", **env)
    assert restored.returncode == 0, restored.stderr
    checked = service(BIELD, "audit", "verify", "--checkpoint", str(tmp_path / "kept.json"), "--public-key", key, **env)
    assert (checked.returncode, checked.stdout.count("each follows")) == (0, 1)
    assert service(BIELD, "audit", "export", str(tmp_path / "out"), **env).returncode == 0
    events = [json.loads(line) for line in (tmp_path / "out/events.jsonl").read_text().splitlines()]
    assert "person.added" in {event["kind"] for event in events}
    rotated = service(BIELD, "keys", "rotate", **env)
    assert "values sealed again" in rotated.stdout


@pytest.mark.slow
def test_the_same_seed_makes_the_same_country(service: Run, tables: Callable[[Path], None], tmp_path: Path) -> None:
    shown = []
    for name in ("one", "two"):
        env = {"DATABASE_URL": f"sqlite:///{tmp_path / name}"}
        tables(tmp_path / name)
        assert service(BIELD, "demo", "--people", "8", "--seed", "5", **env).returncode == 0
        ask = (
            "from bield.service.cases.models import Identity as I;"
            "print([(i.person.reference, i.person.worker.name, i.person.age, i.person.exploitation, i.names)"
            " for i in I.objects.order_by('person__reference')])"
        )
        shown.append(service(sys.executable, "manage.py", "shell", "-v0", "-c", ask, **env).stdout)
    assert shown[0] == shown[1]
    assert "given_names" in shown[0]


@pytest.mark.slow
def test_the_demo_and_the_invitation_refuse_what_makes_no_sense(
    service: Run, tables: Callable[[Path], None], tmp_path: Path
) -> None:
    tables(tmp_path / "own.sqlite3")
    off = service(BIELD, "demo", DEMO="no")
    assert (off.returncode, "DEMO is off" in off.stderr) == (2, True)
    nobody = service(BIELD, "invite", "highlands", "a@b.example")
    assert (nobody.returncode, "no body is called 'highlands'; near it: highland" in nobody.stderr) == (2, True)
    none = service(BIELD, "invite", "fife", "ask Ann")
    assert (none.returncode, none.stderr) == (
        2,
        "bield: E-mail: “ask ann” is not an e-mail address. Enter an address such as name@example.org\n",
    )
    link = service(BIELD, "invite", "fife", "a@fife.example", "--address", "https://bield.example")
    assert link.stdout.startswith("https://bield.example/accounts/invitation/")
    strange = service(BIELD, "invite", "fife", "a@elsewhere.example")
    assert (strange.returncode, "elsewhere.example is not a domain of Fife" in strange.stderr) == (2, True)
    bad = service(BIELD, "audit", "checkpoint", "x.json", "--key", "absent.pem")
    assert (bad.returncode, bad.stderr) == (
        2,
        "bield: absent.pem: not a private key: [Errno 2] No such file or directory: 'absent.pem'\n",
    )


@pytest.mark.slow
def test_retention_by_command(service: Run, tables: Callable[[Path], None], tmp_path: Path) -> None:
    tables(tmp_path / "own.sqlite3")
    assert service(BIELD, "demo", "--people", "20").returncode == 0
    close = (
        "from bield.service.cases.models import Person; from datetime import datetime, UTC;"
        "Person.objects.filter(closed_at=None).update(closed_at=datetime(1999, 1, 1, tzinfo=UTC), closing='moved')"
    )
    service(sys.executable, "manage.py", "shell", "-v0", "-c", close)
    count = (
        "from bield.service.cases.models import *;"
        "print(Person.objects.count(), Identity.objects.count(), Fingerprint.objects.count())"
    )
    before = service(sys.executable, "manage.py", "shell", "-v0", "-c", count).stdout
    assert "would be deleted" in service(BIELD, "retention", "delete", "--dry-run").stdout
    assert service(sys.executable, "manage.py", "shell", "-v0", "-c", count).stdout == before
    assert service(BIELD, "retention", "delete").returncode == 0
    assert service(sys.executable, "manage.py", "shell", "-v0", "-c", count).stdout != before
    assert service(BIELD, "audit", "verify").returncode == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_migrations_on_populated_data() -> None:
    """Back to before the last step of each room and forward again, with records there: nothing is lost."""
    person = make().full_person()
    executor = MigrationExecutor(connection)
    executor.migrate([("audit", "0001_initial"), ("cases", "0001_initial")])
    assert Person.objects.only("pk").get() == person  # a later field is not there now
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert Identity.objects.get().names == NAMES
    assert Person.objects.get().assessments.count() == 1
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError, match="keeps what was written"), transaction.atomic():
        connection.cursor().execute("UPDATE audit_event SET actor = 'x'")


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that call it."""
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from leaves(inner, (*path, name))
    else:
        yield path, command


ODD = ["", " ", "-1", "x", "\udcff", "a\0b", "/nope/x", ".", "[", "99999999999999999999", "é@ö", "broken"]
COMMANDS = dict(leaves(typer.main.get_command(app)))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.database
@pytest.mark.parametrize("path", [path for path in COMMANDS if path != ("serve",)], ids=" ".join)
def test_no_command_ends_in_an_exception_whatever_it_is_given(path: tuple[str, ...], here: Path, world: World) -> None:
    """Each option and argument in turn is given each odd value, beside plain ones for what must be there."""
    Path("broken").write_bytes(b"\0broken\xff")
    Path("good").write_text("{}")
    arguments = [item for item in COMMANDS[path].params if item.param_type_name == "argument"]
    options = [item for item in COMMANDS[path].params if item.param_type_name == "option" and item.name != "help"]
    plain = ["good" for _ in arguments] + [word for item in options if item.required for word in (item.opts[0], "good")]
    given = [[*("good" for _ in arguments[:at]), odd, *plain[at + 1 :]] for at in range(len(arguments)) for odd in ODD]
    given += [[*plain, item.opts[0], *([] if item.is_flag else [odd])] for item in options for odd in ODD]
    for words in [plain, *given]:
        result = CliRunner().invoke(app, [*path, *words])
        assert result.exit_code in (0, 1, 2), (words, result.output)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.output


def test_nothing_empty_or_broken_is_put_in_place_of_the_database(here: Path) -> None:
    Path("empty").touch()
    Path("broken").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    with closing(sqlite3.connect("other")) as other:
        other.execute("CREATE TABLE something (a)")
    for name in ("empty", "broken", "other"):
        with pytest.raises(UserError, match="not a"):
            _check_copy(Path(name))


@pytest.mark.parametrize(
    ("setting", "value"), [("DATABASE_URL", "postgres://u:sec:ret@h:port/x"), ("DATABASE_URL", "secret://x")]
)
def test_settings_that_make_no_sense_are_one_line_without_what_they_hold(here: Path, setting: str, value: str) -> None:
    for command in (["audit", "verify"], ["serve"]):
        done = subprocess.run(
            [BIELD, *command], env=os.environ | {setting: value}, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert "settings cannot be read" in done.stderr
        assert "sec" not in done.stderr
