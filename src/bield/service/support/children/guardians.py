"""Guardians of children: recorded, continued from 18 if the young person agrees, ended."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bield import law
from bield.service.accounts.models import User
from bield.service.audit.kinds import Kind
from bield.service.cases.models import Person
from bield.service.cases.steps import close_steps, open_steps
from bield.service.changes import NotNow
from bield.service.days import order_error
from bield.service.support.access import possible_guardians
from bield.service.support.episodes.actions import note
from bield.service.support.models import Episode, Guardianship

UP_TO = "guardian_continues_to_age"
"""The provision that says up to what age a guardian may continue."""


def guardian_of(person: Person) -> Guardianship | None:
    """The guardian that a person has now."""
    return Guardianship.objects.select_related("guardian").filter(person=person, ended_on__isnull=True).first()


def check(person: Person, what: str) -> None:
    """Raises NotNow if a guardian cannot begin, continue or end now. what: "begin", "agree" or "end"."""
    if what == "begin":
        _may_begin(person)
    else:
        _guardianship_to(what, person)


def _may_begin(person: Person) -> None:
    if person.is_adult:
        raise NotNow("they are an adult: a guardian can begin only before they turn 18")
    if guardian_of(person):
        raise NotNow("they have a guardian already")


def _guardianship_to(what: str, person: Person) -> Guardianship:
    """The guardianship to continue or end. Raises NotNow if this cannot be done now. what: "agree" or "end"."""
    guardianship = guardian_of(person)
    if guardianship is None:
        raise NotNow("they have no guardian")
    if what == "agree" and not person.is_adult:
        raise NotNow("nobody asks a child to agree to a guardian")
    if what == "agree" and guardianship.agreed_on:
        raise NotNow("they have agreed already")
    return guardianship


@transaction.atomic
def begin(episode: Episode, *, guardian: User, on: date, place: str, by: User, at: datetime) -> Guardianship:
    """Record a guardian; from now on they may read what helps them to help.

    Raises NotNow if the law of that day had no such guardian, or the person is an adult or has a guardian already.
    """
    if not law.on(on, place).in_force("child_guardian"):
        raise NotNow("the law had no independent guardian yet on that day")
    _may_begin(Person.objects.select_for_update().get(pk=episode.person_id))
    if not possible_guardians().filter(pk=guardian.pk).exists():
        raise NotNow("this user may not be a guardian: choose somebody with the role of guardian")
    guardianship = Guardianship.objects.create(person=episode.person, guardian=guardian, began_on=on, by=by, at=at)
    note(Kind.GUARDIAN_BEGAN, episode, by, at=at, guardian=str(guardian.pk))
    close_steps(episode.person, "guardian", on=on, by=by, at=at)
    return guardianship


def _check_day(guardianship: Guardianship, on: date) -> None:
    """Raises NotNow for a day before the guardian began, or before the person agreed that the guardian continues."""
    day = _("Day")
    earlier = (
        (_("Guardian since"), guardianship.began_on),
        (_("They agreed that the guardian continues"), guardianship.agreed_on),
    )
    for words, first in earlier:
        if wrong := order_error(words, first, day, on):
            raise NotNow(wrong)


@transaction.atomic
def agree(episode: Episode, *, on: date, by: User, at: datetime) -> None:
    """Record that somebody who is 18 now wants their guardian to continue. Raises NotNow if they have no guardian."""
    guardianship = _guardianship_to("agree", episode.person)
    _check_day(guardianship, on)
    guardianship.agreed_on = on
    guardianship.save(update_fields=["agreed_on"])
    note(Kind.GUARDIAN_AGREED, episode, by, at=at)


@transaction.atomic
def end(episode: Episode, *, on: date, by: User, at: datetime) -> None:
    """Record that the guardian ended; they can no longer read. Raises NotNow if there is no guardian."""
    guardianship = _guardianship_to("end", episode.person)
    _check_day(guardianship, on)
    guardianship.ended_on = on
    guardianship.save(update_fields=["ended_on"])
    note(Kind.GUARDIAN_ENDED, episode, by, at=at)
    open_steps(episode.person, "guardian", by=by, at=at)
