"""Whether this process can serve: its database, its migrations, its folder; for /health/ and `bield doctor`."""

from __future__ import annotations

from functools import lru_cache
from shutil import disk_usage
from tempfile import TemporaryFile

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import Error as DatabaseError


def failing() -> list[str]:
    """What keeps this process from serving, in codes; nothing where all is well."""
    try:
        found = ["migrations"] if missing_migrations() else []
    except DatabaseError:
        found = ["database"]
    if not can_write():
        return [*found, "storage"]
    return [*found, "disk"] if free_mib() < settings.LEAST_FREE_MIB else found


def missing_migrations() -> frozenset[tuple[str, str]]:
    """The migrations of this version that the database has not had. One query. Raises DatabaseError."""
    return _migrations() - frozenset(MigrationRecorder(connection).applied_migrations())


@lru_cache(maxsize=1)
def _migrations() -> frozenset[tuple[str, str]]:
    """Every migration of this version, from its files."""
    return frozenset(MigrationLoader(None).disk_migrations)


def free_mib() -> int:
    """How many MiB are free where the service keeps files. Raises OSError where the folder is missing."""
    return disk_usage(settings.STORAGE).free >> 20


def can_write() -> bool:
    """Whether a file can be written there. It is gone again at once."""
    try:
        with TemporaryFile(dir=settings.STORAGE) as file:
            file.write(b"x")
            file.flush()
    except OSError:
        return False
    return True
