"""What typed words are compared with: the identity, for those who may open it, and without showing them any of it."""

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
    """Who somebody is, for comparing words with it. It is never shown, so this is no reading of the identity."""
    identity = Identity.objects.filter(person=person).first()
    names = identity.names if identity else {}
    born = Birth.read(names["born"]) if names.get("born") else None
    day = born.earliest if born and born.earliest == born.latest else None
    return known_of(names, (item.details["value"] for item in person.channels.all()), day)


def compared(known: Callable[[], Known], tell: Callable[[int], object]) -> Compare:
    """What compares words with what is known. tell: notes how much was found, so that no guess leaves no trace."""
    known = cache(known)  # asked for once, and not at all where nothing was typed

    def compare(text: str) -> tuple[Match, ...]:
        found = identifying(text, known())
        if found:
            tell(len(found))
        return found

    return compare


def words_about(person: Person, by: User) -> Compare | None:
    """What the words of a user are compared with; None where they may not open who it is: it would tell them."""
    if not allows(role_on(person), Permission.IDENTITY_OPEN):
        return None
    return compared(lambda: known_about(person), lambda count: note(Kind.WORDS_MATCHED, person, by, matches=count))


def unsafe_ways(person: Person, by: User) -> Compare | None:
    """The same for the ways to reach somebody that are not known to be safe, and only those."""
    if not allows(role_on(person), Permission.IDENTITY_OPEN):
        return None

    def known() -> Known:
        ways = list(person.channels.all())
        safety = safety_of(ways)
        values = (item.details["value"] for item in ways)
        return Known(values=tuple(value for value in values if safety[plain_way(value)] != "yes"))

    return compared(known, lambda count: note(Kind.WORDS_MATCHED, person, by, matches=count))
