"""Holds an uploaded file, sealed and for a short time, until its user has checked what it would do."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from bield.service.accounts.access import teams_seeing_people
from bield.service.accounts.models import User
from bield.service.drafts.access import in_their_teams
from bield.service.drafts.models import HeldFile


def kept_for() -> timedelta:
    """How long a file is held."""
    return timedelta(minutes=settings.HELD_FILE_MINUTES)


@dataclass(frozen=True, slots=True)
class Line:
    """What one row of a file would do. It holds no identity, so the page that shows it notes no reading.

    place: where the row is in the file. kind: what would happen to it, one of the kinds of its import. said: labels and
    values. broader: a label, what the file says, and the broader value used instead. notes: what else to know, or why
    the row is refused.
    """

    place: str
    kind: str
    said: tuple[tuple[str, str], ...] = ()
    broader: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """A held file, with its seal opened."""

    id: UUID
    content: bytes
    about: Mapping[str, str]
    lines: tuple[Line, ...]


@transaction.atomic
def hold(
    user: User,
    import_name: str,
    *,
    content: bytes,
    lines: Sequence[Line],
    at: datetime,
    about: Mapping[str, str] | None = None,
) -> None:
    """Hold a file, replacing the one before. about: what was chosen with it, such as the team."""
    remove_old_files(at=at)
    words = {
        "content": base64.b64encode(zlib.compress(content)).decode(),
        "about": dict(about or {}),
        "lines": [asdict(line) for line in lines],
    }
    HeldFile.objects.filter(user=user, import_name=import_name).delete()
    HeldFile.objects.create(user=user, import_name=import_name, words=words, teams=teams_seeing_people(user), at=at)


def upload_of(user: User, import_name: str, *, at: datetime) -> Upload | None:
    """The file that a user has waiting for one import, if any."""
    held = _waiting(user, import_name, at).first()
    return _opened(held) if held else None


def _waiting(user: User, import_name: str, at: datetime) -> QuerySet[HeldFile]:
    return in_their_teams(HeldFile.objects.filter(user=user, import_name=import_name, at__gte=at - kept_for()), user)


def take_out(user: User, import_name: str, held_id: str, *, at: datetime) -> Upload | None:
    """Take the file out and return it; None if it is gone, so that only one of two clicks gets it.

    held_id: the file that the user saw. Call it in a transaction: if using the file fails, it is still held.
    """
    waiting = _waiting(user, import_name, at).select_for_update()
    held = next((file for file in waiting if str(file.pk) == held_id), None)
    if held is None:
        return None
    HeldFile.objects.filter(pk=held.pk).delete()
    return _opened(held)


def remove_old_files(*, at: datetime) -> int:
    """Delete the files that nobody confirmed in time. Returns how many."""
    return HeldFile.objects.filter(at__lt=at - kept_for()).delete()[0]


def _opened(held: HeldFile) -> Upload:
    words: dict[str, Any] = held.words
    content = zlib.decompress(base64.b64decode(words["content"]))
    return Upload(held.pk, content, words["about"], tuple(_line(line) for line in words["lines"]))


def _line(stored: dict[str, Any]) -> Line:
    said = tuple((label, words) for label, words in stored["said"])
    broader = tuple((label, before, after) for label, before, after in stored["broader"])
    return Line(stored["place"], stored["kind"], said, broader, tuple(stored["notes"]))
