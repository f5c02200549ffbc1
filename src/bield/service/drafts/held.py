"""A file between the page that shows what it would do and the word to do it: sealed, one person's, and not for long."""

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

from bield.service.accounts.access import teams_of_people
from bield.service.accounts.models import User
from bield.service.drafts.access import in_their_teams
from bield.service.drafts.models import HeldFile


def kept_for() -> timedelta:
    """How long a file is held."""
    return timedelta(minutes=settings.HELD_FILE_MINUTES)


@dataclass(frozen=True, slots=True)
class Line:
    """What one row of a file would do. It holds no identity: the page that shows it leaves no event of a reading.

    place: where it stands in the file. kind: what becomes of it, from the kinds of its import. said: labels and words.
    broader: a label, what the file says, and what is said instead. notes: what else to know, or why it is refused.
    """

    place: str
    kind: str
    said: tuple[tuple[str, str], ...] = ()
    broader: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """A held file, opened."""

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
    """Hold a file in place of the one before. about: what was chosen with it, such as the team."""
    remove_old_files(at=at)
    words = {
        "content": base64.b64encode(zlib.compress(content)).decode(),
        "about": dict(about or {}),
        "lines": [asdict(line) for line in lines],
    }
    HeldFile.objects.filter(user=user, import_name=import_name).delete()
    HeldFile.objects.create(user=user, import_name=import_name, words=words, teams=teams_of_people(user), at=at)


def upload_of(user: User, import_name: str, *, at: datetime) -> Upload | None:
    """The file of one import that a user has waiting, if any."""
    found = _rows(user, import_name, at).first()
    return _opened(found) if found else None


def _rows(user: User, import_name: str, at: datetime) -> QuerySet[HeldFile]:
    return in_their_teams(HeldFile.objects.filter(user=user, import_name=import_name, at__gte=at - kept_for()), user)


def take_out(user: User, import_name: str, held_id: str, *, at: datetime) -> Upload | None:
    """The file, which is held no longer; None if it is not there, so that of two clicks one gets it.

    held_id: which one the user saw. Within a transaction: if what is done with it fails, it is still held.
    """
    found = next((item for item in _rows(user, import_name, at).select_for_update() if str(item.pk) == held_id), None)
    if found is None:
        return None
    HeldFile.objects.filter(pk=found.pk).delete()
    return _opened(found)


def remove_old_files(*, at: datetime) -> int:
    """Delete the files that nobody went on with. Returns how many."""
    return HeldFile.objects.filter(at__lt=at - kept_for()).delete()[0]


def _opened(found: HeldFile) -> Upload:
    words: dict[str, Any] = found.words
    content = zlib.decompress(base64.b64decode(words["content"]))
    return Upload(found.pk, content, words["about"], tuple(_line(item) for item in words["lines"]))


def _line(item: dict[str, Any]) -> Line:
    said = tuple((label, words) for label, words in item["said"])
    broader = tuple((label, before, after) for label, before, after in item["broader"])
    return Line(item["place"], item["kind"], said, broader, tuple(item["notes"]))
