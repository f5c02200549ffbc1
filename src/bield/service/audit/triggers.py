"""Makes triggers that refuse to change or delete rows, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

SQLITE = """CREATE TRIGGER IF NOT EXISTS {table}_no_{name} BEFORE {what} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} keeps what was written'); END"""
SQLITE_REPLACE = """CREATE TRIGGER IF NOT EXISTS {table}_no_REPLACE BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN SELECT RAISE(ABORT, '{table} keeps what was written'); END"""
"""INSERT OR REPLACE deletes a row without running the DELETE triggers. PostgreSQL has nothing like it."""

POSTGRESQL_FUNCTION = """CREATE OR REPLACE FUNCTION bield_keeps_what_was_written() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' keeps what was written'; END $$"""
POSTGRESQL = """CREATE TRIGGER {table}_no_{name} BEFORE {what} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION bield_keeps_what_was_written()"""


def create(
    vendor: str,
    table: str,
    *,
    deletable: bool = False,
    columns: Sequence[str] = (),
    keys: Sequence[Sequence[str]] = (("id",),),
) -> list[str]:
    """The SQL that makes a table append-only. vendor: "sqlite" or "postgresql".

    deletable: rows may be deleted, as retention requires, but never changed. columns: only these must not change; the
    others hold sealed values, which a rotation of keys seals again. keys: the sets of columns that identify a row.
    """
    update = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
    kinds = {"UPDATE": update} if deletable else {"UPDATE": update, "DELETE": "DELETE"}
    if vendor == "sqlite":
        same = " OR ".join(f"({' AND '.join(f'{name} = NEW.{name}' for name in key)})" for key in keys)
        return [
            *(SQLITE.format(table=table, name=name, what=what) for name, what in kinds.items()),
            SQLITE_REPLACE.format(table=table, same=same),
        ]
    if not deletable:
        kinds["TRUNCATE"] = "TRUNCATE"
    return [
        POSTGRESQL_FUNCTION,
        *(POSTGRESQL.format(table=table, name=name, what=what) for name, what in kinds.items()),
    ]


def drop(vendor: str, table: str) -> list[str]:
    """The SQL that removes the triggers again."""
    kinds = ["UPDATE", "DELETE", "REPLACE"] if vendor == "sqlite" else ["UPDATE", "DELETE", "TRUNCATE"]
    on = "" if vendor == "sqlite" else f" ON {table}"
    return [f"DROP TRIGGER IF EXISTS {table}_no_{what}{on}" for what in kinds]


def migration(table: str, **options: Any) -> RunPython:
    """The step of a migration that makes a table append-only, and undoes it."""

    def forwards(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        for statement in create(editor.connection.vendor, table, **options):
            editor.execute(statement)

    def backwards(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        for statement in drop(editor.connection.vendor, table):
            editor.execute(statement)

    return RunPython(forwards, backwards)


EVENT_KEYS = (("id",), ("strand", "number"))


def replacing(table: str, *, keys: Sequence[Sequence[str]] = (("id",),)) -> RunPython:
    """The step of a migration that closes INSERT OR REPLACE on SQLite, for tables made append-only before."""

    def forwards(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "sqlite":
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_REPLACE")
            editor.execute(create("sqlite", table, keys=keys)[-1])

    def backwards(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "sqlite":
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_REPLACE")

    return RunPython(forwards, backwards)
