"""Plain SQL for what is asked and written many times a second: Django would put it together anew each time."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import AutoField, Field, Model


def first(statement: str, *values: Any) -> tuple[Any, ...] | None:
    """The first row of what a statement gives, if any. It may hold nothing but %s where a value belongs."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [_as_stored(value) for value in values])
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _as_stored(value: Any) -> Any:
    """A value as the database keeps it: SQLite has no ids and no moments of its own."""
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def insert(row: Model) -> None:
    """Insert a row as `save(force_insert=True)` does, without signals."""
    statement, fields, numbered = _insertion(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        if numbered:
            row.pk = cursor.fetchone()[0] if connection.vendor == "postgresql" else cursor.lastrowid
    row._state.adding, row._state.db = False, connection.alias


@cache
def _insertion(model: type[Model]) -> tuple[str, list[Field[Any, Any]], bool]:
    """The statement that inserts a row, the fields it wants the values of, and whether the database numbers the row."""
    quote, pk = connection.ops.quote_name, model._meta.pk
    numbered = isinstance(pk, AutoField)
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    columns, places = ", ".join(quote(str(field.column)) for field in fields), ", ".join("%s" for _field in fields)
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608  # our names
    if numbered and connection.vendor == "postgresql":
        statement += f" RETURNING {quote(str(pk.column))}"
    return statement, fields, numbered
