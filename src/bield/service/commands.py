"""The commands of those who run a service: accounts, keys, the audit chain, retention, backups and the demo."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import traceback
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bield.errors import UserError

if TYPE_CHECKING:
    from bield.service.nightly.models import Step

audit = typer.Typer(help="The chains of events: check, sign, hand to an inspector.", no_args_is_help=True)
keys = typer.Typer(help="The keys that seal identity.", no_args_is_help=True)
retention = typer.Typer(help="What is due for deletion.", no_args_is_help=True)
services = typer.Typer(help="The directory of services.", no_args_is_help=True)

BROKEN = 1


def set_up_django() -> None:
    """Set Django up; only commands that need it pay for it. Raises UserError for settings that make no sense."""
    import django
    from django.apps import apps
    from django.core.exceptions import ImproperlyConfigured

    if apps.ready:
        return  # a command that calls others, or a test: setting up again would move the log to another stream
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bield.service.settings")
    try:
        django.setup()
    except ImproperlyConfigured:
        raise
    except (ValueError, KeyError, ImportError) as error:
        # Its own words may hold a password of DATABASE_URL.
        frames = [
            frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith("settings.py")
        ]
        line = f": {frames[-1].line}" if frames else ""
        raise UserError(f"the settings cannot be read ({type(error).__name__}){line}") from error


@audit.command()
def verify(
    checkpoint: Annotated[Path | None, typer.Option(help="A signed checkpoint that was kept elsewhere.")] = None,
    public_key: Annotated[str, typer.Option(help="The public key it was signed with, in hexadecimal.")] = "",
) -> None:
    """Check every chain and every signed assessment; name what was changed, removed, inserted or reordered."""
    set_up_django()
    from bield.service.audit import chain
    from bield.service.audit.models import Event
    from bield.service.cases.models import Assessment
    from bield.service.cases.signs import signed

    known = chain.read_checkpoint(checkpoint, public_key) if checkpoint else None
    found = [*chain.problems(known), *signed.problems()]
    for problem in found:
        typer.echo(problem)
    if found:
        raise typer.Exit(BROKEN)
    typer.echo(f"{Event.objects.count()} events: each follows from the one before it.")
    typer.echo(f"{Assessment.objects.count()} assessments: each is what was signed.")
    if early := signed.uncovered():
        typer.echo(f"For {early} of them, signed by an earlier version, what was said or seen is not covered.")
    if known is None:
        typer.echo("Without a checkpoint, a tail that was cut off or a chain computed anew would not show.")


@audit.command()
def key(
    path: Annotated[Path, typer.Argument(help="Where to write the private key. Keep it off the database.")],
) -> None:
    """Make a key to sign checkpoints with, and print its public key."""
    set_up_django()
    from bield.service.audit import chain

    typer.echo(chain.new_key(path))


@audit.command()
def checkpoint(
    out: Annotated[Path, typer.Argument(help="Where to write the checkpoint. Keep it somewhere else.")],
    key_file: Annotated[Path, typer.Option("--key", help="The private key, from `bield audit key`.")],
) -> None:
    """Sign where every chain ends now."""
    import json

    set_up_django()
    from bield.service.audit import chain

    made = chain.checkpoint(key_file)
    out.write_text(json.dumps(made, indent=1), encoding="utf-8")
    typer.echo(f"{len(made['strands'])} chains signed. Public key {made['public_key']}.")


@audit.command("export")
def export_events(folder: Annotated[Path, typer.Argument(help="A folder for events.jsonl and verifier.py.")]) -> None:
    """Write all events and a verifier that needs nothing but Python, for an inspector."""
    set_up_django()
    from bield.service.audit import chain

    count = chain.export(folder)
    typer.echo(f"{count} events. Check them with: python3 {folder / 'verifier.py'} {folder / 'events.jsonl'}")


@keys.command("new")
def new_key() -> None:
    """Print a new key for IDENTITY_KEYS."""
    from cryptography.fernet import Fernet

    typer.echo(Fernet.generate_key().decode())


@keys.command()
def rotate() -> None:
    """Seal everything again with the first of IDENTITY_KEYS, and index names with the first of INDEX_KEYS.

    Safe to stop and to run again. Afterwards the other keys can be taken out of the environment.
    """
    set_up_django()
    from bield.service.cases.keeping.rotation import rotate as work

    sealed, people = work()
    typer.echo(f"{sealed} values sealed again; the names of {people} people indexed again.")


@retention.command()
def delete(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")] = False,
) -> None:
    """Delete for good every record that is due, identity first. For a timer, once a day."""
    set_up_django()
    from django.utils import timezone

    from bield.service.audit.actions import SYSTEM
    from bield.service.cases import actions
    from bield.service.cases.keeping.retention import due
    from bield.service.cases.models import Person
    from bield.service.drafts.actions import remove_old
    from bield.service.drafts.held import remove_old_files
    from bield.service.merging.actions import forget_what_was

    for item in due(Person.objects.all(), on=timezone.localdate()):
        if item.rule.action != "delete":
            typer.echo(f"{item.rule.title}: {item.people.count()} to look at")
        elif dry_run:
            typer.echo(f"{item.rule.title}: {item.people.count()} would be deleted")
        else:
            count = actions.delete(list(item.people), actor=SYSTEM, rule=item.rule.kind)
            typer.echo(f"{item.rule.title}: {count} deleted")
    if not dry_run:
        typer.echo(f"Drafts that nobody saved: {remove_old(at=timezone.now())} deleted")
        typer.echo(f"Uploaded files that nobody confirmed: {remove_old_files(at=timezone.now())} deleted")
        typer.echo(f"Merged records that can no longer be taken apart: {forget_what_was(at=timezone.now())} settled")


def reminders(
    address: Annotated[str, typer.Option(help="The address of the service.")] = "http://127.0.0.1:8000",
) -> None:
    """Write about clocks that end within a week, referrals to hand in, and what waits for each who wants to know."""
    set_up_django()
    from django.urls import reverse
    from django.utils import timezone

    from bield.service.notifications.intake import end_past_agreements
    from bield.service.referrals.reminders import remind
    from bield.service.today.letter import send_daily

    ended = end_past_agreements(today=timezone.localdate(), at=timezone.now())
    if ended:
        typer.echo(f"{ended} agreements to be identified are past their last day: the police are told")
    count = remind(today=timezone.localdate(), address=f"{address.rstrip('/')}{reverse('referrals')}")
    typer.echo(f"{count} reminded")
    typer.echo(f"{send_daily(now=timezone.now())} told what waits for them today")


def migrate() -> None:
    """Bring the database to this version. Make a backup first."""
    set_up_django()
    update_database()
    typer.echo("The database is up to date with this version.")


def update_database() -> None:
    """Apply the migrations that are missing, and make the folder of SQLite where there is none."""
    from django.conf import settings
    from django.core.management import call_command

    settings.DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)


def collectstatic() -> None:
    """Put style sheets, scripts and pictures, compressed and named by their content, where production reads them."""
    set_up_django()
    from django.conf import settings
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    typer.echo(f"Static files are in {settings.STATIC_ROOT}.")


def invite(
    body: Annotated[str, typer.Argument(help="The body's id in the law data, such as that of a council.")],
    email: Annotated[str, typer.Argument(help="The work e-mail address of its first administrator.")],
    address: Annotated[str, typer.Option(help="The address of the service.")] = "http://127.0.0.1:8000",
) -> None:
    """Set a body up, and print the invitation of its first administrator."""
    set_up_django()
    from bield.service.accounts.actions import first_administrator

    typer.echo(first_administrator(body_id=body, email=email, address=address))


def confirm_role(
    email: Annotated[str, typer.Argument(help="The work e-mail address of the colleague whose role waits.")],
) -> None:
    """Confirm a role that can see people, where nobody in the organisation can yet: the first lead of a body."""
    set_up_django()
    from django.utils import timezone

    from bield.service.accounts.actions import confirm_role as confirm
    from bield.service.accounts.models import RoleRequest

    waiting = RoleRequest.objects.filter(user__email=email.lower())
    if not waiting:
        raise UserError(f"no role waits for {email}")
    for item in waiting:
        confirm(item, seen=item.role, by=None, at=timezone.now())
        typer.echo(f"{item.team}: {item.role_name}")


def demo(
    people: Annotated[int, typer.Option(min=0, help="How many people to make.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed makes the same country on the same day.")] = 2015,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing if there is somebody already.")] = False,
) -> None:
    """Fill a made-up Scotland: every body, a cast to sign in as, and people with records. Not for real data."""
    set_up_django()
    from django.conf import settings
    from django.utils import timezone
    from rich.progress import Progress

    from bield.service.accounts.models import User
    from bield.service.demo.country import fill

    if settings.PLACE != settings.DEMO_PLACE:
        raise UserError(f"the demo is a made-up Scotland, and PLACE is {settings.PLACE}")
    if not settings.DEMO:
        raise UserError("DEMO is off: made-up people do not belong beside real ones")
    if User.objects.exists():
        if if_empty:
            return
        raise UserError("there is somebody already; the demo wants an empty database")
    with Progress(transient=True) as progress:
        task = progress.add_task("Making up people", total=people)
        fill(
            people=people,
            seed=seed,
            today=timezone.localdate(),
            tell=lambda done, _all: progress.update(task, completed=done),
        )
    typer.echo(f"A country with {people:,} people with records. Sign in at /demo/ with one click.")


@services.command("begin")
def begin_services() -> None:
    """Put in the services of the law data where the directory is empty; numbers come with the day they were checked."""
    set_up_django()
    from django.utils import timezone

    from bield.service.directory import actions as directory

    count = directory.begin(at=timezone.now())
    typer.echo(f"{count} services." if count else "There are services already; nothing was changed.")


def recount() -> None:
    """Make the facts of support anew from the records, where something in them was put right since."""
    set_up_django()
    from django.utils import timezone

    from bield.service.support.facts import publish_all_facts

    typer.echo(f"{publish_all_facts(at=timezone.now())} facts, none of which says who somebody is.")


def backup(out: Annotated[Path, typer.Argument(help="Where to write the copy.")]) -> None:
    """Copy the database while it is in use. Identity stays sealed in the copy; keep the keys elsewhere."""
    set_up_django()
    from django.db import connection

    try:
        out.touch(mode=0o600, exist_ok=False)  # before anything is in it
    except FileExistsError:
        raise UserError(f"{out} is there already") from None
    try:
        _copy_to(out, connection)
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    typer.echo(f"Copied to {out}.")


def _copy_to(out: Path, connection: Any) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(out)) as target:
            connection.connection.backup(target)
    else:
        _postgresql(["pg_dump", "--format=custom", f"--file={out}"], connection.settings_dict)


def restore(
    copy: Annotated[Path, typer.Argument(help="A copy made by `bield backup`.")],
    replace: Annotated[bool, typer.Option("--replace", help="Yes: what is in the database now goes.")] = False,
) -> None:
    """Put a copy back in place of the database, and check its chains."""
    set_up_django()
    from django.db import connection

    if not copy.is_file():
        raise UserError(f"{copy} is not there")
    if not replace:
        raise UserError("this replaces the database: say --replace")
    if connection.vendor == "sqlite":
        _check_copy(copy)
        connection.close()
        with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(connection.settings_dict["NAME"])) as to:
            source.backup(to)
    else:
        connection.close()
        tool = [
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            f"--dbname={connection.settings_dict['NAME']}",
        ]
        _postgresql([*tool, str(copy)], connection.settings_dict)
    verify(None, "")


def _check_copy(copy: Path) -> None:
    """Refuse a file that would put an empty or a broken database in place of the one there is. Raises UserError."""
    try:
        with closing(sqlite3.connect(f"{copy.resolve().as_uri()}?mode=ro", uri=True)) as source:
            names = {name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            whole = source.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.Error:
        raise UserError(f"{copy}: not a copy made by `bield backup` from SQLite") from None
    if not whole or not {"django_migrations", "audit_event"} <= names:
        raise UserError(f"{copy}: not a whole copy made by `bield backup`; the database was left as it is")


def _postgresql(command: list[str], settings: dict[str, Any]) -> None:
    """Run one of PostgreSQL's own tools against the database of the settings; the password stays out of sight."""
    if shutil.which(command[0]) is None:
        raise UserError(f"{command[0]} is not installed; it comes with PostgreSQL's client")
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    env = os.environ | {name: str(settings[key]) for name, key in names.items() if settings.get(key)}
    done = subprocess.run(command, env=env, check=False)  # noqa: S603  # PostgreSQL's tools, with our arguments
    if done.returncode:
        raise typer.Exit(BROKEN)


def doctor() -> None:
    """Look over this installation: each line says that something is right, or what to do about it."""
    set_up_django()
    from bield.service.doctor import examine

    wrong = False
    for check in examine():
        typer.echo(f"{check.state:<6} {check.name}: {check.found}")
        if check.to_do:
            typer.echo(f"       {check.to_do}")
        wrong = wrong or check.state == "wrong"
    if wrong:
        raise typer.Exit(BROKEN)


def nightly(
    address: Annotated[str, typer.Option(help="The address of the service.")] = "http://127.0.0.1:8000",
    backups: Annotated[Path | None, typer.Option(help="A folder for a copy of the database, named by the day.")] = None,
    checkpoints: Annotated[Path | None, typer.Option(help="A folder for a signed checkpoint of the chains.")] = None,
    key_file: Annotated[Path | None, typer.Option("--key", help="The private key that signs checkpoints.")] = None,
) -> None:
    """Do what wants doing every night: reminders, deletion, the check of the chains, a checkpoint and a backup.

    Each is reported, and one that fails does not stop the others. The chains are checked against the last checkpoint
    in the folder, and `bield doctor` says what was missed.
    """
    set_up_django()
    from django.utils import timezone

    from bield.service.nightly.models import Step

    if (checkpoints is None) is not (key_file is None):
        raise UserError("--checkpoints and --key go together")
    day = f"{timezone.localdate():%Y-%m-%d}"
    work: list[tuple[Step, Callable[[], object]]] = [
        (Step.REMINDERS, lambda: reminders(address)),
        (Step.DELETION, lambda: delete(dry_run=False)),
        (Step.CHAINS, lambda: _verify_since(checkpoints, key_file)),
    ]
    if checkpoints is not None and key_file is not None:
        work.append((Step.CHECKPOINT, partial(checkpoint, checkpoints / f"checkpoint-{day}.json", key_file)))
    if backups is not None:
        work.append((Step.BACKUP, partial(backup, backups / f"bield-{day}.backup")))
    failed = [name for name, task in work if not _done(name, task)]
    if failed:
        raise UserError(f"not done: {', '.join(failed)}")


def _verify_since(checkpoints: Path | None, key_file: Path | None) -> None:
    """Check the chains against the last checkpoint, where there is one: then a tail that was cut off shows too."""
    from bield.service.audit import chain

    last = max(checkpoints.glob("checkpoint-*.json"), default=None) if checkpoints else None
    verify(last, chain.public_key(key_file) if last and key_file else "")


def _done(name: Step, task: Callable[[], object]) -> bool:
    """Do one of several things, say how it went and note a success. If it fails, the others still get their turn."""
    from django.utils import timezone

    from bield.service.nightly.models import note_done

    typer.echo(f"{name}:")
    try:
        task()
        note_done(name, at=timezone.now())
    except typer.Exit as error:
        return error.exit_code == 0
    except UserError as error:
        typer.echo(f"{name} failed: {error}", err=True)
        return False
    except Exception as error:  # a broken task must not keep the backup from being made
        typer.echo(f"{name} failed: {type(error).__name__}", err=True)
        return False
    return True


def add_to(app: typer.Typer) -> None:
    """Put these commands beside those of the library."""
    app.add_typer(audit, name="audit")
    app.add_typer(keys, name="keys")
    app.add_typer(retention, name="retention")
    app.add_typer(services, name="services")
    for command in (
        migrate,
        collectstatic,
        invite,
        confirm_role,
        reminders,
        recount,
        demo,
        backup,
        restore,
        doctor,
        nightly,
    ):
        app.command()(command)
