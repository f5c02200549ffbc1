"""What waits for a support worker: what is due for the people they support, clocks, and people not seen for a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from bield.service.accounts.models import User
from bield.service.cases.who import who
from bield.service.support import due
from bield.service.support.access import guarded_by
from bield.service.support.due import AllDue, Due
from bield.service.support.entries.schema import parts, words_of
from bield.service.support.models import Episode
from bield.service.support.states import EpisodeState
from bield.service.today.work import ClockBar, Unseen, Work

MOST_EPISODES, MOST_ROWS, MOST_UNSEEN, MOST_CLOCKS = 1_000, 60, 10, 6


@dataclass(frozen=True, slots=True)
class SupportWork:
    """What is due in support for one user.

    hidden: how many things are not among the rows. organisations: those whose episodes were looked through.
    """

    people: int
    late: int
    hidden: int
    rows: Sequence[Work]
    unseen: Sequence[Unseen]
    more_unseen: int
    clocks: Sequence[ClockBar]
    organisations: Sequence[UUID]


def open_episodes(teams: Sequence[UUID]) -> QuerySet[Episode]:
    """The open episodes of some teams, the longest open first."""
    return Episode.objects.filter(team__in=teams, state=EpisodeState.OPEN).order_by("began_on", "id")


def support_work(user: User, teams: Sequence[UUID], *, today: date, now: datetime) -> SupportWork:
    """What is due for the people whom a user supports in some teams. A constant number of queries."""
    episodes = open_episodes(teams).filter(worker=user)[:MOST_EPISODES]
    found = due.due_in(episodes, today=today, now=now)
    tasks = sorted([*found.clocks, *found.overdue, *found.coming], key=lambda row: row.order)
    shown = {
        "tasks": tasks[:MOST_ROWS],
        "unseen": found.unseen[:MOST_UNSEEN],
        "clocks": _running(found, today=today)[:MOST_CLOCKS],
    }
    rows = due.with_episodes(shown | {"tasks": due.with_hours(shown["tasks"])})
    return SupportWork(
        people=len(found.days),
        late=sum(row.late for row in tasks),
        hidden=max(len(tasks) - MOST_ROWS, 0),
        rows=[_work(row) for row in rows["tasks"]],
        unseen=[_unseen(row) for row in rows["unseen"]],
        more_unseen=max(len(found.unseen) - MOST_UNSEEN, 0),
        clocks=[_bar(row, found, today=today) for row in rows["clocks"]],
        organisations=sorted({item.organisation for item in found.days}),
    )


def _reference(row: Due) -> str:
    return row.shown.person.shown_reference if row.shown else ""


def _work(row: Due) -> Work:
    """What is due, as a task with the page that does it."""
    part = parts().get(row.part)
    what, button = row.what, _("Open")
    url, record = reverse("support", args=[row.episode]), reverse("support", args=[row.episode])
    if row.entry is not None and part is not None:
        url = reverse("support-entry", args=[row.episode, row.part, row.entry])
        what, button = (_(part.task), _(part.button)) if part.task else (row.what, _("Record"))
        if part.code and row.code:
            what = f"{what}: {words_of(part.field(part.code), row.code)}"
    elif row.part == "review":
        url, button = reverse("support-entry-new", args=[row.episode, "review"]), _("Record")
    elif row.part == "eighteen":
        url, button = reverse("support-child", args=[row.episode]), _("Prepare")
    return Work(
        what,
        url,
        button,
        reference=_reference(row),
        record=record,
        on=row.on,
        at=row.at,
        late=row.late,
        who=who(row.shown.person) if row.shown else "",
    )


def _unseen(row: Due) -> Unseen:
    return Unseen(
        _reference(row),
        reverse("support", args=[row.episode]),
        reverse("support-entry-new", args=[row.episode, "contact"]),
        who(row.shown.person) if row.shown else "",
        row.what,
        row.on,
    )


def _running(found: AllDue, *, today: date) -> list[Due]:
    """The statutory periods that still run and that nobody has reviewed, the first to end first."""
    rows = [
        Due(key, _("Support period"), period.ends, late=False, part="review")
        for key, period in found.periods.items()
        if period.ends >= today and period.looked_at is None
    ]
    return sorted(rows, key=lambda row: row.order)


def _bar(row: Due, found: AllDue, *, today: date) -> ClockBar:
    period = found.periods[row.episode]
    whole, over = (period.ends - period.begins).days or 1, (today - period.begins).days
    share = min(max(round(100 * over / whole), 0), 100)
    left = (period.ends - today).days
    return ClockBar(_reference(row), reverse("support", args=[row.episode]), row.what, row.on, share, left)


def children_of(user: User) -> list[Work]:
    """The children whose guardian a user is, the longest first. One query."""
    rows = guarded_by(user).select_related("person").order_by("began_on", "pk")[:MOST_ROWS]
    return [
        Work(
            who(row.person),
            reverse("guarded-child", args=[row.person_id]),
            _("Open"),
            reference=row.person.shown_reference,
            record=reverse("guarded-child", args=[row.person_id]),
            on=row.began_on,
        )
        for row in rows
    ]


def late_by_worker(found: AllDue) -> Mapping[UUID, int]:
    """How many things are late for the people of each worker."""
    worker_of = {item.pk: item.worker for item in found.days}
    late: dict[UUID, int] = {}
    for row in (*found.clocks, *found.overdue):
        worker = worker_of.get(row.episode)
        if row.late and worker is not None:
            late[worker] = late.get(worker, 0) + 1
    return late
