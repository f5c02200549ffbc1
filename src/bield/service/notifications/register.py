"""The register as it is asked for a combination: counted from the database now and then, held in memory between."""

from __future__ import annotations

import logging
import threading
import time

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count

from bield.disclosure import Register
from bield.disclosure.combination.rules import judged_fields
from bield.service.notifications.models import Notification

logger = logging.getLogger(__name__)


class _Held:
    """One process's copy. One that is behind counts too few people: it warns too often rather than too seldom."""

    def __init__(self) -> None:
        self.register: Register | None = None
        self.made_at = 0.0
        self.lock = threading.Lock()
        self.in_background = False

    def count(self) -> None:
        """Count anew; for whoever has the lock."""
        self.register, self.made_at = _counted(), time.monotonic()


_held = _Held()


def register_now() -> Register:
    """Everyone notified about, each once. Counted anew when the copy is older than REGISTER_SECONDS."""
    fresh = time.monotonic() - _held.made_at < settings.REGISTER_SECONDS
    if _held.register is not None and (fresh or _held.in_background):
        if not fresh:
            _begin_to_count()
        return _held.register
    # While one thread counts, the others go on with the copy that there is.
    if not _held.lock.acquire(blocking=_held.register is None):
        assert _held.register is not None  # noqa: S101  # it was there when we did not wait
        return _held.register
    try:
        if _held.register is None or not _held.in_background:  # or another thread has counted while we waited
            _held.count()
        assert _held.register is not None  # noqa: S101  # counted just now
        return _held.register
    finally:
        _held.lock.release()


def count_in_background() -> None:
    """For the process of a server: count now, and from now on never while somebody waits for an answer."""
    _held.in_background = True
    _begin_to_count()


def _begin_to_count() -> None:
    if _held.lock.acquire(blocking=False):
        threading.Thread(target=_count_and_release, name="register", daemon=True).start()


def _count_and_release() -> None:
    try:
        _held.count()
    except DatabaseError:
        logger.warning("the register was not counted; the counts before are used")
    finally:
        _held.lock.release()
        connection.close()


def _counted() -> Register:
    names = judged_fields()
    rows = (
        Notification.objects.filter(again=False, already_known=False)
        .order_by()
        .values_list(*names)
        .annotate(people=Count("pk"))
    )
    return Register(((row[:-1], row[-1]) for row in rows.iterator(chunk_size=20_000)), place=settings.PLACE)
