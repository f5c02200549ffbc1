"""Collects what waits for a user today from every room that their roles open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from bield.service.accounts.models import User
from bield.service.accounts.permissions import Permission
from bield.service.days import day_of
from bield.service.today import answers
from bield.service.today.loads import loads
from bield.service.today.navigation import Mine, organisations_of, teams_of
from bield.service.today.of_records import open_records, record_work
from bield.service.today.of_support import SupportWork, children_of, support_work
from bield.service.today.work import Day, Work, by_person, section

MOST_TO_DO, MOST_COMING, MOST_WAITING = 25, 15, 25
NO_SUPPORT = SupportWork(0, 0, 0, (), (), 0, (), ())


def day_for(user: User, mine: Mine, *, now: datetime) -> tuple[Day, Sequence[UUID]]:
    """What waits for a user, and the organisations whose people it is about. A constant number of queries.

    mine: their memberships by permission.
    """
    today = day_of(now)
    support = NO_SUPPORT
    if mine[Permission.SUPPORT_GIVE]:
        support = support_work(user, teams_of(mine[Permission.SUPPORT_GIVE]), today=today, now=now)
    keeping, referring = (teams_of(mine[name]) for name in (Permission.PERSON_EDIT, Permission.REFERRAL_MAKE))
    leading = teams_of(mine[Permission.RECORD_REVIEW])
    records = record_work(user, keeping, referring, leading, today=today) if keeping else []
    rows = sorted([*support.rows, *records], key=lambda row: row.order)
    people = open_records(keeping).filter(worker=user).count() if keeping else 0
    day = Day(
        people=people + support.people,
        late=support.late + sum(row.late for row in records),
        do=section(by_person(row for row in rows if row.on is None or row.on <= today), MOST_TO_DO, support.hidden),
        coming=section(by_person(row for row in rows if row.on is not None and row.on > today), MOST_COMING),
        waiting=section(_answers(user, mine), MOST_WAITING),
        unseen=support.unseen,
        more_unseen=support.more_unseen,
        clocks=support.clocks,
        children=children_of(user) if mine[Permission.CHILD_ACCOMPANY] else (),
        loads=loads(leading, today=today, now=now) if leading else (),
    )
    return day, _organisations(mine, support)


def _answers(user: User, mine: Mine) -> list[Work]:
    """Everything that waits for the user's answer: the police's urgent ones first, then in order of time."""
    rows: list[Work] = []
    if of_support := teams_of(mine[Permission.SUPPORT_GIVE]):
        rows += answers.requests(of_support)
    if led := teams_of(mine[Permission.RECORD_REVIEW]):
        rows += [*answers.left(user), *answers.reviews(led, user)]
    if sending := teams_of(mine[Permission.NOTIFICATION_SEND]):
        rows += answers.questions(sending)
    if receiving := organisations_of(mine[Permission.NOTIFICATION_RECEIVE]):
        rows += answers.received(receiving)
    if mine[Permission.ROLES_CONFIRM]:
        rows += answers.roles(user)
    return sorted(rows, key=lambda row: (row.tag == "", row.order))


def _organisations(mine: Mine, support: SupportWork) -> Sequence[UUID]:
    """The organisations whose people the page is about, so that the auditors of each see that it was read."""
    of_work = (row for name in SHOWS_WORK for row in mine[name])
    return sorted({*support.organisations, *(row.team.organisation_id for row in of_work)})


SHOWS_WORK = (
    Permission.PERSON_SEE,
    Permission.SUPPORT_GIVE,
    Permission.NOTIFICATION_SEND,
    Permission.NOTIFICATION_RECEIVE,
)
"""The permissions whose work is about people."""
