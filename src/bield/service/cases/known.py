"""Compares typed words with the identity, for users who may open it, without showing them any of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from bield.births import Birth
from bield.disclosure.words import Known, Match, identifying, known_of
from bield.service.accounts.models import User
from bield.service.accounts.permissions import Permission, allows
from bield.service.audit.kinds import Kind
from bield.service.cases.access import role_on
from bield.service.cases.events import note
from bield.service.cases.models import Identity, Person
from bield.service.cases.ways import plain_way, safety_of
from bield.service.design.leaving import Compare


def known_about(person: Person) -> Known:
    """Who somebody is, to compare words with. It is never shown, so no reading of the identity is noted."""
    identity = Identity.objects.filter(person=person).first()
    names = identity.names if identity else {}
    born = Birth.read(names["born"]) if names.get("born") else None
    birthday = born.earliest if born and born.earliest == born.latest else None
    return known_of(names, (channel.details["value"] for channel in person.channels.all()), birthday)


def compared(known: Callable[[], Known], note_matches: Callable[[int], object]) -> Compare:
    """A function to compare words with what is known. note_matches: notes how many matched, so guesses leave traces."""
    known = cache(known)  # read once, and only if something was typed

    def compare(text: str) -> tuple[Match, ...]:
        matches = identifying(text, known())
        if matches:
            note_matches(len(matches))
        return matches

    return compare


def words_about(person: Person, by: User) -> Compare | None:
    """Compares a user's words with the identity; None if they may not open it, since a match would tell them."""
    if not allows(role_on(person), Permission.IDENTITY_OPEN):
        return None
    return compared(lambda: known_about(person), lambda count: note(Kind.WORDS_MATCHED, person, by, matches=count))


def unsafe_ways(person: Person, by: User) -> Compare | None:
    """The same, but only with ways to reach somebody that are not known to be safe."""
    if not allows(role_on(person), Permission.IDENTITY_OPEN):
        return None

    def known() -> Known:
        channels = list(person.channels.all())
        safety = safety_of(channels)
        values = (channel.details["value"] for channel in channels)
        return Known(values=tuple(value for value in values if safety[plain_way(value)] != "yes"))

    return compared(known, lambda count: note(Kind.WORDS_MATCHED, person, by, matches=count))
