"""A calendar for somebody's own telephone: references and days, nothing else."""

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
from bield.service.support.clocks import Stands, with_clocks
from bield.service.support.entries.schema import parts
from bield.service.support.models import Entry, Episode, FeedKey
from bield.service.support.phases import of_entries, periods
from bield.service.support.states import EpisodeState

if TYPE_CHECKING:
    from icalendar import Event

PAST, AHEAD = timedelta(days=30), timedelta(days=180)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_key(user: User, *, at: datetime) -> str:
    """A new secret for the address of a calendar; the one before ends. It is shown once and kept as a hash only."""
    token = secrets.token_urlsafe(32)
    FeedKey.objects.update_or_create(user=user, defaults={"digest": _digest(token), "at": at})
    record(Kind.CALENDAR_MADE, actor=user.pk, at=at)
    return token


@transaction.atomic
def end_key(user: User, *, at: datetime) -> None:
    """End the address of a calendar."""
    if FeedKey.objects.filter(user=user).delete()[0]:
        record(Kind.CALENDAR_ENDED, actor=user.pk, at=at)


def owner_of(token: str) -> User | None:
    """Whose calendar a secret opens; nobody's where the account is closed."""
    held = FeedKey.objects.select_related("user").filter(digest=_digest(token), user__is_active=True).first()
    return held.user if held else None


def events_of(user: User, *, today: date) -> list[Entry]:
    """What is due for the people a worker supports, in the past month and the next half year."""
    own = episodes_of(user).filter(worker=user, state=EpisodeState.OPEN)
    rows = Entry.objects.filter(episode__in=own, open=True, due__range=(today - PAST, today + AHEAD))
    return list(rows.exclude(part__in=with_clocks()).select_related("episode__person").order_by("due", "pk"))


def clocks_of(user: User, *, now: datetime) -> list[tuple[Entry, Stands]]:
    """The running clocks of the people a worker supports: what must follow when they were found or came back."""
    own = list(episodes_of(user).filter(worker=user, state=EpisodeState.OPEN).select_related("person"))
    return of_entries(own, now=now)


def periods_of(user: User, *, today: date) -> list[tuple[Episode, date]]:
    """The people a worker supports whose statutory period must be reviewed, now or later, with its last day."""
    own = list(episodes_of(user).filter(worker=user, state=EpisodeState.OPEN).select_related("person"))
    found = periods(own, today=today)
    return [
        (item, found[item.pk].ends)
        for item in own
        if item.pk in found and found[item.pk].looked_at is None and found[item.pk].ends <= today + AHEAD
    ]


def to_hand_in_of(user: User) -> list[Person]:
    """The people a worker looks after who have a closed referral that is not recorded as handed in."""
    own = Person.objects.filter(worker=user, team__in=teams_with(user, Permission.REFERRAL_MAKE))
    return list(own.filter(to_hand_in_since__isnull=False).order_by("to_hand_in_since", "pk"))


def as_icalendar(
    entries: Iterable[Entry],
    ends: Iterable[tuple[Episode, date]] = (),
    waiting: Iterable[Person] = (),
    clocks: Iterable[tuple[Entry, Stands]] = (),
    *,
    now: datetime,
) -> bytes:
    """The entries, ends of periods, referrals to hand in and clocks as iCalendar: a reference and a kind alone.

    What is to be handed in stands on today, until it was.
    """
    from icalendar import Calendar  # a tenth of a second, which only calendars should pay

    calendar = Calendar()
    calendar.add("prodid", "-//Bield//Support//EN")
    calendar.add("version", "2.0")
    # Without a name, calendars show the address, which is the secret.
    calendar.add("name", "Bield")
    calendar.add("x-wr-calname", "Bield")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for item in entries:
        if item.due is not None:
            summary = f"{item.episode.person.shown_reference}: {_(parts()[item.part].title)}"
            calendar.add_component(_event(f"{item.pk}@bield", summary, _start(item, item.due), now))
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


def _start(item: Entry, due: date) -> date | datetime:
    """The day, or the moment if a time was recorded; in UTC, so that no time zone has to be described."""
    about = parts()[item.part]
    when = about.when(about.due, item.details)
    return when.first if when is not None and when.at is not None else due
