"""Records as cases of HTCDS, to hand on and to take in: without identity on the way out, with it on the way in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from bield.ages import ADULT_FROM
from bield.births import Birth
from bield.service.accounts.models import Team, User
from bield.service.cases import actions
from bield.service.cases.access import alike
from bield.service.cases.crosswalks import GENDER_OF_HTCDS, TYPE_OF_HTCDS
from bield.service.cases.models import Identity, Person, TakenFile
from bield.service.days import day_of
from bield.service.sealing import keyed_hashes

ALSO: Final = {"ForcedBegging": "criminal", "ChildLabour": "labour"}
"""Values of HTCDS that our list has under a wider name."""

STATUS: Final = {"conclusive_positive": "ActualVictimOfTrafficking", "negative_conclusive": "NotAVictimOfTrafficking"}
CLOSING: Final = {"moved": "ClosedReferred"}


def as_case(person: Person) -> dict[str, Any]:
    """A record as a case of HTCDS, with nothing that says who somebody is: codes only."""
    victim: dict[str, Any] = {
        "vic_TraffickingStatus": STATUS.get(person.referral, "PossibleVictimOfTrafficking"),
        "vic_TypeOfExploitation": sorted(TYPE_OF_HTCDS[item] for item in person.exploitation if item in TYPE_OF_HTCDS),
    }
    if person.referral in STATUS:
        victim["vic_TraffickingStatusDecisionMakingOrg"] = "NonPoliceGovernmentalOrganization"
    gender = GENDER_OF_HTCDS.get(person.gender)
    status = CLOSING.get(person.closing, "Closed") if person.closed_at else "Active"
    return {
        "case": {"cas_Status": status},
        "persons": [{"person": {"prs_Gender": gender} if gender else {}, "victim": victim}],
    }


class TakenBefore(Exception):
    """The same cases were taken in by this team before."""

    def __init__(self, before: TakenFile) -> None:
        super().__init__("the same cases were taken in before")
        self.before = before


@dataclass(frozen=True, slots=True)
class Begun:
    """A record as it would begin: what it says, who somebody is, and the ways to reach them."""

    values: Mapping[str, Any]
    names: Mapping[str, str]
    ways: tuple[Mapping[str, str], ...]


def begun(cases: Sequence[Mapping[str, Any]], *, today: date) -> list[Begun]:
    """A record for each person of each case, which is known to fit HTCDS; none for a perpetrator."""
    return [_as_record(person, today) for case in cases for person in case.get("persons", ()) if _is_victim(person)]


def left_out(cases: Sequence[Mapping[str, Any]]) -> int:
    """How many people in the cases are perpetrators. No record is made for them."""
    return sum(not _is_victim(person) for case in cases for person in case.get("persons", ()))


def _is_victim(person: Mapping[str, Any]) -> bool:
    return "perpetrator" not in person


def _digests(cases: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return keyed_hashes(b"cases:" + json.dumps(cases, sort_keys=True).encode())


def refuse_twice(cases: Sequence[Mapping[str, Any]], *, team: Team) -> None:
    """Raise TakenBefore if this team took the same cases in already."""
    if before := TakenFile.objects.filter(team=team, digest__in=_digests(cases)).first():
        raise TakenBefore(before)


@transaction.atomic
def take_in(cases: Sequence[Mapping[str, Any]], *, team: Team, by: User, at: datetime) -> list[Person]:
    """Begin a record for each person of each case. All or none. Raises TakenBefore for cases that were taken in."""
    refuse_twice(cases, team=team)
    records = begun(cases, today=day_of(at))
    TakenFile.objects.create(team=team, digest=_digests(cases)[0], people=len(records), at=at)
    return [_begin(item, team=team, by=by, at=at) for item in records]


def perhaps_known(people: Iterable[Person]) -> list[tuple[Person, list[Person]]]:
    """Those of some records just begun whose names the team has already, each with the records that have them.

    Nothing is merged by itself: somebody looks at both.
    """
    rows = Identity.objects.filter(person__in=[person.pk for person in people]).select_related("person__team")
    found = [(row.person, alike(row.person, row.names)) for row in rows.order_by("person__opened_at", "pk")]
    return [(person, others) for person, others in found if others]


def _begin(record: Begun, *, team: Team, by: User, at: datetime) -> Person:
    person = actions.add_person(team=team, by=by, at=at, values=dict(record.values))
    if any(record.names.values()) or record.ways:
        names, ways = dict(record.names), [dict(way) for way in record.ways]
        actions.change_identity(person=person, expected=0, by=by, at=at, names=names, channels=ways)
    return person


def _as_record(found: Mapping[str, Any], today: date) -> Begun:
    held, victim = found.get("person", {}), found.get("victim", {})
    born = _born(held.get("prs_Birthdate", ""))
    kinds = {value: key for key, value in TYPE_OF_HTCDS.items()} | ALSO
    genders = {theirs: ours for ours, theirs in GENDER_OF_HTCDS.items()}
    values = {
        "age": _age(born, today),
        "gender": genders.get(held.get("prs_Gender"), "not_known"),
        "exploitation": sorted({kinds[item] for item in victim.get("vic_TypeOfExploitation", ()) if item in kinds}),
        "referral": "none",
    }
    names = {
        "given_names": " ".join(held[key] for key in ("prs_FirstName", "prs_MiddleName") if held.get(key)),
        "family_name": held.get("prs_SecondName", ""),
        "nickname": "",
        "born": born.stored if born else "",
        "nationality": ", ".join(held.get("prs_Citizenship", ())),
        "home_office_reference": "",
    }
    # A telephone or address that came from elsewhere is not known to be safe.
    phones = [held[key] for key in ("prs_MobilePhone", "prs_HomePhone") if held.get(key)]
    ways = tuple({"kind": "phone", "value": item, "safe": "not_known", "note": ""} for item in phones)
    return Begun(values, names, ways)


def _born(text: str) -> Birth | None:
    """A day of the calendar, or nothing: the standard's dates may be impossible ones.

    The standard knows whole days only, so 1 January is where others put people of whom only the year is known.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if (day.month, day.day) == (1, 1):
        return Birth(day, day.replace(month=12, day=31), estimated=True)
    return Birth.on(day)


def _age(born: Birth | None, today: date) -> str:
    """Under 18, adult, or uncertain where what is known of the birth leaves it open."""
    if born is None:
        return "uncertain"
    least, most = born.ages_on(today)
    if least >= ADULT_FROM:
        return "adult"
    return "under_18" if most < ADULT_FROM else "uncertain"
