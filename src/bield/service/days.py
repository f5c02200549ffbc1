"""The day on which a moment falls for the people who use the service: the one place where a time becomes a day."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone


def day_of(at: datetime) -> date:
    """The local day of a moment. Between midnight and one in summer it is a day later than in UTC.

    at: a time with its zone; ValueError for one without.
    """
    return timezone.localdate(at)
