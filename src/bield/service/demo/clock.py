"""Times for what made-up people did: in working hours, and never in the future."""

from __future__ import annotations

from datetime import date, datetime, time
from random import Random

from django.utils import timezone


def working_time(random: Random, day: date) -> datetime:
    """A time in working hours on a day. For today it is midnight, because the hour may not have come yet."""
    return already(timezone.make_aware(datetime.combine(day, time(random.randint(8, 17), random.randint(0, 59)))))


def already(at: datetime) -> datetime:
    """The same time, or the beginning of today if the time is later than that."""
    return min(at, timezone.make_aware(datetime.combine(timezone.localdate(), time.min)))
