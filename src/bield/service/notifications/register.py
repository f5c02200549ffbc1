"""The register as it is asked for a combination: counted from the database now and then, held in memory between."""

from __future__ import annotations

import threading
import time

from django.conf import settings
from django.db.models import Count

from bield.disclosure import Register
from bield.disclosure.combination.rules import judged_fields
from bield.service.notifications.models import Notification


class _Held:
    """One process's copy. One that is behind counts too few people: it warns too often rather than too seldom."""

    def __init__(self) -> None:
        self.register: Register | None = None
        self.made_at = 0.0
        self.lock = threading.Lock()


_held = _Held()


def register_now() -> Register:
    """Everyone notified about, each once. Counted anew when the copy is older than REGISTER_SECONDS."""
    fresh = time.monotonic() - _held.made_at < settings.REGISTER_SECONDS
    if _held.register is not None and fresh:
        return _held.register
    # While one thread counts, the others go on with the copy that there is.
    if not _held.lock.acquire(blocking=_held.register is None):
        assert _held.register is not None  # noqa: S101  # it was there when we did not wait
        return _held.register
    try:
        _held.register = _counted()
        _held.made_at = time.monotonic()
        return _held.register
    finally:
        _held.lock.release()


def _counted() -> Register:
    names = judged_fields()
    rows = (
        Notification.objects.filter(again=False, already_known=False)
        .order_by()
        .values_list(*names)
        .annotate(people=Count("pk"))
    )
    return Register(((row[:-1], row[-1]) for row in rows.iterator(chunk_size=20_000)), place=settings.PLACE)
