"""What a list of those supported shows: who, how far, what is next, when they were seen; and who has how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bield.service.accounts.models import User
from bield.service.cases.listing.due import Due as Next
from bield.service.cases.listing.due import earliest
from bield.service.cases.who import child_words, exploitation_words, who
from bield.service.design.lists import short_day
from bield.service.support import due
from bield.service.support.due import AllDue, Due
from bield.service.support.entries.schema import parts, words_of
from bield.service.support.models import Entry, Episode
from bield.service.support.phases import Period, length
from bield.service.support.states import EpisodeState

ON_A_ROW = (
    *due.ON_A_LIST,
    *("asked_at", "ended_on", "team__organisation__name", "person__team"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody supported, on a list, without a name.

    stage, more: how far support has come. next: what is due first. unseen: whether nobody has spoken with them for too
    long. appointment: the next one.
    """

    episode: Episode
    who: str
    tag: str
    exploitation: str
    stage: str
    more: str
    next: Next | None
    late: bool
    unseen: bool
    appointment: Due | None = None


def first_due(found: AllDue) -> dict[UUID, Next]:
    """What is due first for each episode that has something with a day."""
    rows = (*found.clocks, *found.overdue, *found.coming)
    return earliest((row.episode, Next(what_words(row), row.on, row.at)) for row in rows)


def what_words(row: Due) -> str:
    """What is due, said as a task."""
    part = parts().get(row.part)
    if row.entry is None or part is None or not part.task:
        return row.what
    words = _(part.task)
    return f"{words}: {words_of(part.field(part.code), row.code)}" if part.code and row.code else words


def rows_of(
    episodes: Sequence[Episode],
    next_due: Mapping[UUID, Next],
    periods: Mapping[UUID, Period],
    *,
    today: date,
    appointments: Mapping[UUID, Due] | None = None,
) -> list[Row]:
    """The rows of some episodes that came with their person."""
    rows = []
    for episode in episodes:
        found = next_due.get(episode.pk)
        stage, more = stage_of(episode, periods.get(episode.pk), today=today)
        rows.append(
            Row(
                episode,
                who(episode.person),
                child_words(episode.person),
                exploitation_words(episode.person),
                stage,
                more,
                found,
                found is not None and found.late(today),
                is_unseen(episode, today=today),
                (appointments or {}).get(episode.pk),
            )
        )
    return rows


def is_unseen(episode: Episode, *, today: date) -> bool:
    """Whether nobody has spoken with somebody for too long, while they are supported."""
    last = episode.last_seen_on or episode.began_on
    return episode.is_open and last is not None and today - last > length("support_not_seen")


def unseen_rows(*, today: date) -> Q:
    """A condition for open episodes of people whom nobody has spoken with for too long."""
    before = today - length("support_not_seen")
    never = Q(last_seen_on=None, began_on__lt=before)
    return Q(state=EpisodeState.OPEN) & (Q(last_seen_on__lt=before) | never)


def stage_of(episode: Episode, period: Period | None, *, today: date) -> tuple[str, str]:
    """How far support has come, and since when or which day it is."""
    if episode.is_asked:
        return _("Waits for an answer"), _("from %(body)s") % {"body": episode.person.team.organisation.name}
    if not episode.is_open:
        day = episode.ended_on
        return str(EpisodeState(episode.state).label), short_day(day, today=today) if day else ""
    since = _("since %(day)s") % {"day": short_day(episode.began_on, today=today)} if episode.began_on else ""
    if period is None or not period.begins <= today:
        return _("Supported"), since
    whole, day_now = (period.ends - period.begins).days or 1, max((today - period.begins).days, 1)
    if day_now <= whole:
        return _("Support period"), _("day %(day)d of %(whole)d") % {"day": day_now, "whole": whole}
    return _("Support period over"), since


def next_appointments(episodes: Sequence[Episode], *, today: date) -> dict[UUID, Due]:
    """The next appointment of each episode, with its hour. Two queries; only those shown are unsealed."""
    keys = [episode.pk for episode in episodes]
    planned = Entry.objects.filter(episode__in=keys, part="appointment", open=True, due__gte=today).order_by(
        "due", "pk"
    )
    first: dict[UUID, Due] = {}
    for episode, day, key, code in planned.values_list("episode_id", "due", "pk", "code"):
        if day is not None and episode not in first:
            what = words_of(parts()["appointment"].field("kind"), code)
            first[episode] = Due(episode, what, day, late=False, part="appointment", entry=key, code=code)
    return {row.episode: row for row in due.with_hours(list(first.values()))}


@dataclass(frozen=True, slots=True)
class Load:
    """How much a colleague has in hand: the people they support, how many things are late, and who was not seen.

    share: the length of their bar, in hundredths of the longest.
    """

    worker: User
    people: int
    late: int
    unseen: int
    share: int


def caseload(found: AllDue, able: QuerySet[User]) -> list[Load]:
    """What each colleague has in hand, those with most that is late first. One query.

    able: those who may support people there; somebody who has left and still has people in their name is added.
    """
    worker_of = {item.pk: item.worker for item in found.days if item.worker is not None}
    people = Counter(worker_of.values())
    late = _by_worker((row for row in (*found.clocks, *found.overdue) if row.late), worker_of)
    unseen = _by_worker(found.unseen, worker_of)
    longest = max(people.values(), default=0) or 1
    users = User.objects.filter(Q(pk__in=able.order_by().values("pk")) | Q(pk__in=list(people)))
    rows = [
        Load(user, people[user.pk], late[user.pk], unseen[user.pk], round(100 * people[user.pk] / longest))
        for user in users
    ]
    return sorted(rows, key=lambda row: (-row.late, -row.people, row.worker.name))


def _by_worker(rows: Iterable[Due], worker_of: Mapping[UUID, UUID]) -> Counter[UUID]:
    return Counter(worker_of[row.episode] for row in rows if row.episode in worker_of)
