"""Writes events. There is no other way to write one."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.audit.statements import first, insert
from bield.service.audit.verifier import START, digest
from bield.service.metrics import note_events

STRANDS: Final = 256
"""How many chains there are. All events of one actor are in one chain, so that users do not wait for each other."""

SYSTEM: Final = "system"
"""The actor of what no user did, such as a command run by a timer."""

_LOCKS: Final = 0x62_69_65_6C  # "biel": our own space of PostgreSQL's advisory locks
_LAST: Final = "SELECT number, hash FROM audit_event WHERE strand = %s ORDER BY number DESC LIMIT 1"
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

Fact = bool | int | str


class TypedText(ValueError):
    """Text that somebody typed was about to go into an event."""


def record(
    kind: Kind,
    *,
    actor: object,
    organisation: object = "",
    subject: object = "",
    at: datetime | None = None,
    **facts: Fact,
) -> Event:
    """Write an event in the current transaction, at the end of the actor's strand.

    actor, organisation, subject: ids. facts: numbers, booleans and codes (letters, digits and _.:- only).
    Raises TypedText for anything that looks like words, and TransactionManagementError outside a transaction.
    """
    _refuse_words(facts)
    strand = zlib.crc32(str(actor).encode()) % STRANDS
    number, previous = _end(strand)
    event = Event(
        strand=strand,
        number=number + 1,
        at=at or timezone.now(),
        kind=kind.value,
        actor=str(actor),
        organisation=str(organisation),
        subject=str(subject),
        facts=facts,
        previous=previous,
    )
    event.hash = digest(event.as_dict())
    insert(event)
    note_events()
    return event


def record_many(rows: Iterable[Mapping[str, Any]], *, size: int = 5_000) -> None:
    """Write many events at once in the current transaction, as `record` would one by one.

    rows: kind, actor, at, and organisation, subject and facts if there are any. With more than one actor, use it only
    while nobody else writes, such as for made-up data: two writers could wait for each other's strands for ever.
    """
    ends: dict[int, tuple[int, str]] = {}
    batch = []
    for row in rows:
        strand = zlib.crc32(str(row["actor"]).encode()) % STRANDS
        if strand not in ends:
            ends[strand] = _end(strand)
        number, previous = ends[strand]
        values = {"organisation": "", "subject": "", "facts": {}} | {
            name: value if name in ("at", "facts") else str(value) for name, value in row.items()
        }
        _refuse_words(values["facts"])
        event = Event(strand=strand, number=number + 1, previous=previous, **values)
        event.hash = digest(event.as_dict())
        ends[strand] = (event.number, event.hash)
        batch.append(event)
        if len(batch) == size:
            _keep(batch)
            batch = []
    _keep(batch)


def _keep(batch: list[Event]) -> None:
    Event.objects.bulk_create(batch)
    note_events(len(batch))


def _refuse_words(facts: dict[str, Fact]) -> None:
    for name, value in facts.items():
        if isinstance(value, str) and not _CODE.fullmatch(value):
            raise TypedText(f"{name}: expected a code, not words")


def _end(strand: int) -> tuple[int, str]:
    """The number and the hash of the last event of a strand, which stays the last until the transaction ends.

    SQLite has one writer at a time; on PostgreSQL an advisory lock makes a second transaction of the strand wait. It is
    a statement of its own: one that waits sees what was there when it began.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an event belongs in the same transaction as what it records")
    if connection.vendor == "postgresql":
        first("SELECT pg_advisory_xact_lock(%s, %s)", _LOCKS, strand)
    return first(_LAST, strand) or (0, START)
