"""Converts records to cases of HTCDS, without identity, and takes cases in as records, with it."""

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
from bield.service.cases.models import Identity, ImportedFile, Person
from bield.service.days import day_of
from bield.service.sealing import keyed_hashes

ALSO: Final = {"ForcedBegging": "criminal", "ChildLabour": "labour"}
"""Values of HTCDS that our list covers with a broader code."""

STATUS: Final = {"conclusive_positive": "ActualVictimOfTrafficking", "negative_conclusive": "NotAVictimOfTrafficking"}
CLOSING: Final = {"moved": "ClosedReferred"}


def as_case(person: Person) -> dict[str, Any]:
    """A record as a case of HTCDS: codes only, nothing that says who somebody is."""
    victim: dict[str, Any] = {
        "vic_TraffickingStatus": STATUS.get(person.referral, "PossibleVictimOfTrafficking"),
        "vic_TypeOfExploitation": sorted(TYPE_OF_HTCDS[kind] for kind in person.exploitation if kind in TYPE_OF_HTCDS),
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
    """This team took in the same cases before."""

    def __init__(self, before: ImportedFile) -> None:
        super().__init__("the same cases were taken in before")
        self.before = before


@dataclass(frozen=True, slots=True)
class Begun:
    """A record to begin: its fields, who somebody is, and the ways to reach them."""

    values: Mapping[str, Any]
    names: Mapping[str, str]
    ways: tuple[Mapping[str, str], ...]


def begun(cases: Sequence[Mapping[str, Any]], *, today: date) -> list[Begun]:
    """A record for each person of each case except perpetrators. The cases must be valid HTCDS."""
    return [_as_record(person, today) for case in cases for person in case.get("persons", ()) if _is_victim(person)]


def left_out(cases: Sequence[Mapping[str, Any]]) -> int:
    """How many people in the cases are perpetrators. No record is made for them."""
    return sum(not _is_victim(person) for case in cases for person in case.get("persons", ()))


def _is_victim(person: Mapping[str, Any]) -> bool:
    return "perpetrator" not in person


def _digests(cases: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return keyed_hashes(b"cases:" + json.dumps(cases, sort_keys=True).encode())


def refuse_if_taken(cases: Sequence[Mapping[str, Any]], *, team: Team) -> None:
    """Raise TakenBefore if this team took the same cases in before."""
    if before := ImportedFile.objects.filter(team=team, digest__in=_digests(cases)).first():
        raise TakenBefore(before)


@transaction.atomic
def take_in(cases: Sequence[Mapping[str, Any]], *, team: Team, by: User, at: datetime) -> list[Person]:
    """Begin a record for each person of each case, or none at all. Raises TakenBefore for cases taken in before."""
    refuse_if_taken(cases, team=team)
    records = begun(cases, today=day_of(at))
    ImportedFile.objects.create(team=team, digest=_digests(cases)[0], people=len(records), at=at)
    return [_begin(record, team=team, by=by, at=at) for record in records]


def perhaps_known(people: Iterable[Person]) -> list[tuple[Person, list[Person]]]:
    """New records with names that the team has already, each with the other records that have them.

    Nothing is merged automatically: somebody compares the two.
    """
    identities = Identity.objects.filter(person__in=[person.pk for person in people]).select_related("person__team")
    new = [(row.person, alike(row.person, row.names)) for row in identities.order_by("person__opened_at", "pk")]
    return [(person, others) for person, others in new if others]


def _begin(record: Begun, *, team: Team, by: User, at: datetime) -> Person:
    person = actions.add_person(team=team, by=by, at=at, values=dict(record.values))
    if any(record.names.values()) or record.ways:
        names, ways = dict(record.names), [dict(way) for way in record.ways]
        actions.change_identity(person=person, expected=0, by=by, at=at, names=names, channels=ways)
    return person


def _as_record(case_person: Mapping[str, Any], today: date) -> Begun:
    details, victim = case_person.get("person", {}), case_person.get("victim", {})
    born = _born(details.get("prs_Birthdate", ""))
    kinds = {value: key for key, value in TYPE_OF_HTCDS.items()} | ALSO
    genders = {theirs: ours for ours, theirs in GENDER_OF_HTCDS.items()}
    values = {
        "age": _age(born, today),
        "gender": genders.get(details.get("prs_Gender"), "not_known"),
        "exploitation": sorted({kinds[value] for value in victim.get("vic_TypeOfExploitation", ()) if value in kinds}),
        "referral": "none",
    }
    names = {
        "given_names": " ".join(details[key] for key in ("prs_FirstName", "prs_MiddleName") if details.get(key)),
        "family_name": details.get("prs_SecondName", ""),
        "nickname": "",
        "born": born.stored if born else "",
        "nationality": ", ".join(details.get("prs_Citizenship", ())),
        "home_office_reference": "",
    }
    # A telephone number from another system is not known to be safe.
    phones = [details[key] for key in ("prs_MobilePhone", "prs_HomePhone") if details.get(key)]
    ways = tuple({"kind": "phone", "value": phone, "safe": "not_known", "note": ""} for phone in phones)
    return Begun(values, names, ways)


def _born(text: str) -> Birth | None:
    """A date of birth, or None: the standard allows impossible dates.

    The standard has whole days only, so other systems enter 1 January when only the year is known.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if (day.month, day.day) == (1, 1):
        return Birth(day, day.replace(month=12, day=31), estimated=True)
    return Birth.on(day)


def _age(born: Birth | None, today: date) -> str:
    """The code for their age: uncertain if the date of birth is not known well enough."""
    if born is None:
        return "uncertain"
    least, most = born.ages_on(today)
    if least >= ADULT_FROM:
        return "adult"
    return "under_18" if most < ADULT_FROM else "uncertain"
