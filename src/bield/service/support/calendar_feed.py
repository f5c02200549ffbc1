"""A calendar for a worker's own telephone: references and days, nothing else."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from bield.service.accounts.access import teams_with
from bield.service.accounts.models import User
from bield.service.accounts.permissions import Permission
from bield.service.audit.actions import record
from bield.service.audit.kinds import Kind
from bield.service.cases.models import Person
from bield.service.days import day_of
from bield.service.support.access import episodes_of
from bield.service.support.clocks import EntryClock, with_clocks
from bield.service.support.due import clocks_of_entries
from bield.service.support.entries.schema import parts
from bield.service.support.models import Entry, Episode, FeedKey
from bield.service.support.phases import periods
from bield.service.support.states import EpisodeState

if TYPE_CHECKING:
    from icalendar import Event

PAST, AHEAD = timedelta(days=30), timedelta(days=180)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_key(user: User, *, at: datetime) -> str:
    """A new secret for the address of a calendar; it replaces the old one. It is shown once and kept only as a hash."""
    token = secrets.token_urlsafe(32)
    FeedKey.objects.update_or_create(user=user, defaults={"digest": _digest(token), "at": at})
    record(Kind.CALENDAR_MADE, actor=user.pk, at=at)
    return token


@transaction.atomic
def end_key(user: User, *, at: datetime) -> None:
    """End a user's calendar: its address no longer works."""
    if FeedKey.objects.filter(user=user).delete()[0]:
        record(Kind.CALENDAR_ENDED, actor=user.pk, at=at)


def owner_of(token: str) -> User | None:
    """The user whose calendar a secret opens; None if it opens no calendar or their account is closed."""
    key = FeedKey.objects.select_related("user").filter(digest=_digest(token), user__is_active=True).first()
    return key.user if key else None


def events_of(user: User, *, today: date) -> list[Entry]:
    """The open entries that are due for the people a worker supports, in the past month and the next half year."""
    episodes = episodes_of(user).filter(worker=user, state=EpisodeState.OPEN)
    due = Entry.objects.filter(episode__in=episodes, open=True, due__range=(today - PAST, today + AHEAD))
    return list(due.exclude(part__in=with_clocks()).select_related("episode__person").order_by("due", "pk"))


def clocks_of(user: User, *, now: datetime) -> list[tuple[Entry, EntryClock]]:
    """The running clocks of the people a worker supports: what must be done once they were found or came back."""
    episodes = episodes_of(user).filter(worker=user, state=EpisodeState.OPEN)
    return clocks_of_entries(Entry.objects.filter(episode__in=episodes), now=now)


def periods_of(user: User, *, today: date) -> list[tuple[Episode, date]]:
    """The episodes of a worker with a statutory period still to be reviewed, each with its last day."""
    open_ones = episodes_of(user).filter(worker=user, state=EpisodeState.OPEN)
    episodes = list(open_ones.select_related("person", "team"))
    period_of = periods(episodes, today=today)
    return [
        (episode, period_of[episode.pk].ends)
        for episode in episodes
        if episode.pk in period_of
        and period_of[episode.pk].looked_at is None
        and period_of[episode.pk].ends <= today + AHEAD
    ]


def to_hand_in_of(user: User) -> list[Person]:
    """The people a worker looks after who have a closed referral that is not recorded as handed in."""
    people = Person.objects.filter(worker=user, team__in=teams_with(user, Permission.REFERRAL_MAKE))
    return list(people.filter(to_hand_in_since__isnull=False).order_by("to_hand_in_since", "pk"))


def as_icalendar(
    entries: Iterable[Entry],
    ends: Iterable[tuple[Episode, date]] = (),
    waiting: Iterable[Person] = (),
    clocks: Iterable[tuple[Entry, EntryClock]] = (),
    *,
    now: datetime,
) -> bytes:
    """The entries, ends of periods, referrals to hand in and clocks as iCalendar: a reference and a kind alone.

    A referral to hand in is shown on today's date until somebody records that it was handed in.
    """
    from icalendar import Calendar  # a tenth of a second, which only calendars should pay

    calendar = Calendar()
    calendar.add("prodid", "-//Bield//Support//EN")
    calendar.add("version", "2.0")
    # Without a name, calendars show the address, which is the secret.
    calendar.add("name", "Bield")
    calendar.add("x-wr-calname", "Bield")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for entry in entries:
        if entry.due is not None:
            summary = f"{entry.episode.person.shown_reference}: {_(parts()[entry.part].title)}"
            calendar.add_component(_event(f"{entry.pk}@bield", summary, _start(entry, entry.due), now))
    for entry, clock in clocks:
        summary = f"{entry.episode.person.shown_reference}: {clock.title}"
        start = clock.ends.first if clock.ends.at else clock.ends.day
        calendar.add_component(_event(f"{entry.pk}-{clock.clock.id}@bield", summary, start, now))
    for episode, day in ends:
        summary = f"{episode.person.shown_reference}: {_('Review by')}"
        calendar.add_component(_event(f"{episode.pk}-period@bield", summary, day, now))
    for person in waiting:
        summary = f"{person.shown_reference}: {_('Hand in the referral')}"
        calendar.add_component(_event(f"{person.pk}-hand-in@bield", summary, day_of(now), now))
    return bytes(calendar.to_ical())


def _event(key: str, summary: str, start: date | datetime, now: datetime) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", key)
    event.add("dtstamp", now)
    event.add("summary", summary)
    event.add("class", "PRIVATE")
    event.add("dtstart", start)
    event.add("dtend", start + (timedelta(hours=1) if isinstance(start, datetime) else timedelta(days=1)))
    if not isinstance(start, datetime):
        event.add("transp", "TRANSPARENT")  # something due on a day does not fill the day
    return event


def _start(entry: Entry, due: date) -> date | datetime:
    """The day, or the moment if a time was recorded; in UTC, so that no time zone has to be described."""
    part = parts()[entry.part]
    when = part.when(part.due, entry.details)
    return when.first if when is not None and when.at is not None else due
