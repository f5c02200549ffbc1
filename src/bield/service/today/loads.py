"""What each colleague of a lead's teams has in hand, so that it can be evened out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils.http import urlencode

from bield.service.accounts.access import colleagues_in
from bield.service.accounts.models import User
from bield.service.support import due
from bield.service.today.of_records import open_records
from bield.service.today.of_support import MOST_EPISODES, late_by_worker, open_episodes
from bield.service.today.work import Load


def loads(teams: Sequence[UUID], *, today: date, now: datetime) -> list[Load]:
    """What the colleagues of some teams have in hand, those with most that is late first. A constant number of queries.

    Somebody who has left and still has people in their name is among them.
    """
    records = Counter(dict(open_records(teams).values_list("worker").annotate(n=Count("pk")).order_by()))
    found = due.due_in(open_episodes(teams)[:MOST_EPISODES], today=today, now=now)
    supported = Counter(item.worker for item in found.days if item.worker is not None)
    late = late_by_worker(found)
    longest = max((records[key] + supported[key] for key in {*records, *supported}), default=0) or 1
    able = {user.pk: user for user in colleagues_in(teams)}
    others = User.objects.filter(pk__in={*records, *supported} - able.keys())
    rows = [
        Load(
            name=user.name,
            records=records[user.pk],
            supported=supported[user.pk],
            late=late.get(user.pk, 0),
            share=round(100 * (records[user.pk] + supported[user.pk]) / longest),
            records_url=_of("people", user),
            supported_url=_of("support-list", user),
        )
        for user in _each(able.values(), others)
    ]
    return sorted(rows, key=lambda row: (-row.late, -(row.records + row.supported), row.name))


def _each(*groups: Iterable[User]) -> Iterable[User]:
    return (user for group in groups for user in group)


def _of(page: str, user: User) -> str:
    return f"{reverse(page)}?{urlencode({'worker': str(user.pk)})}"
