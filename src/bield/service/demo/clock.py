"""Times for what made-up people did: in working hours, and never still to come."""

from __future__ import annotations

from datetime import date, datetime, time
from random import Random

from django.utils import timezone


def working_time(random: Random, day: date) -> datetime:
    """A time on a day, in working hours. Of today it is the midnight before: the hour may not have come yet."""
    return already(timezone.make_aware(datetime.combine(day, time(random.randint(8, 17), random.randint(0, 59)))))


def already(at: datetime) -> datetime:
    """The same time, or the beginning of today where it lies later than that."""
    return min(at, timezone.make_aware(datetime.combine(timezone.localdate(), time.min)))
