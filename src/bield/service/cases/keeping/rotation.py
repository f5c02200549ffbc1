"""Seals everything again after a change of keys."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection, models, transaction

from bield.service.cases.actions import write_fingerprints
from bield.service.cases.models import Identity, Person
from bield.service.sealing import SealedField, seal_again

AT_ONCE = 500


def rotate() -> tuple[int, int]:
    """Seal every value with the current key and index every name with the current index key.

    Returns how many values and how many people. Raises SealError for a value that no key opens. Each batch has its own
    transaction, so that a run that is stopped loses nothing and the next one finishes it.
    """
    sealed = sum(_rotate_field(model, field) for model in apps.get_models() for field in sealed_fields(model))
    sealed += _second_factors()
    people = 0
    for person in Person.objects.filter(identity__isnull=False).only("pk").iterator(AT_ONCE):
        with transaction.atomic():
            identity = Identity.objects.select_for_update().get(person=person)
            write_fingerprints(person, identity.names)
        people += 1
    return sealed, people


def sealed_fields(model: type[models.Model]) -> list[SealedField]:
    """The sealed fields of a model."""
    return [field for field in model._meta.local_fields if isinstance(field, SealedField)]


def _rotate_field(model: type[models.Model], field: SealedField) -> int:
    """Seal one column again, on the sealed text itself, so that no value reaches the model. Returns how many."""
    quote = connection.ops.quote_name
    key = model._meta.pk.column or "id"
    table, column, pk = quote(model._meta.db_table), quote(str(field.column)), quote(key)
    done, last = 0, None
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            after = f"AND {pk} > %s" if last is not None else ""
            lock = "FOR UPDATE" if connection.vendor == "postgresql" else ""
            cursor.execute(
                f"SELECT {pk}, {column} FROM {table} WHERE {column} IS NOT NULL {after} "  # noqa: S608  # our own names
                f"ORDER BY {pk} LIMIT {AT_ONCE} {lock}",
                [last] if last is not None else [],
            )
            rows = cursor.fetchall()
            cursor.executemany(
                f"UPDATE {table} SET {column} = %s WHERE {pk} = %s",  # noqa: S608
                [(seal_again(token), key) for key, token in rows],
            )
        done += len(rows)
        if len(rows) < AT_ONCE:
            return done
        last = rows[-1][0]


def _second_factors() -> int:
    """Seal the secrets of second factors, which allauth keeps inside a JSON field. Returns how many."""
    done = 0
    for authenticator in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).iterator(AT_ONCE):
        for name in ("secret", "seed"):
            if name in authenticator.data:
                authenticator.data[name] = seal_again(authenticator.data[name])
                done += 1
        authenticator.save(update_fields=["data"])
    return done
