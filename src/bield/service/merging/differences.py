"""Finds what two records of one person say differently, for somebody to choose which to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from bield import law
from bield.births import Birth
from bield.indicators import Answer
from bield.service.cases import display
from bield.service.cases.forms import IdentityForm
from bield.service.cases.models import Channel, Identity, Person, SignAnswer
from bield.service.cases.ways import plain_way, safety_of
from bield.service.codelists import ListName, label
from bield.service.design.births import birth_words
from bield.service.signs.labels import label_in

NAMES: Final = ("given_names", "family_name", "nickname", "born", "nationality", "home_office_reference")
UNKNOWN: Final = ("", "not_known", "unknown", "none", None)
"""Values that say nothing: if only one record says something, that counts."""
LISTS: Mapping[str, ListName] = {"age": "age", "age_then": "age", "gender": "gender", "referral": "referral"}
NOT_SURE: Final = "uncertain"
KEPT, OTHER = "kept", "other"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the two records say differently. Somebody chooses which to keep."""

    key: str
    label: str
    kept: str
    other: str


def titles() -> Mapping[str, str]:
    """The fields that decide the next steps and may differ, with their labels."""
    return {
        "age": _("Age now"),
        "age_then": _("Age when it happened"),
        "gender": _("Gender"),
        "danger": _("In danger now"),
        "parental_rights_in_uk": _("Somebody in the country has parental rights"),
        "offence": _("Accused of an offence"),
        "inherent": _("A child was used for prostitution"),
        "council": _("Council area"),
        "referral": _("State of the referral"),
    }


def names_of(person: Person) -> dict[str, str]:
    """The names and other identity in a record; empty if none is recorded."""
    identity = Identity.objects.filter(person=person).first()
    return {name: identity.names.get(name, "") for name in NAMES} if identity else {}


def differences(kept: Person, other: Person) -> list[Difference]:
    """Everything that somebody must choose about: who they are, what decides the next steps, the signs."""
    return [*_of_names(kept, other), *_of_record(kept, other), *_of_signs(kept, other)]


def _of_names(kept: Person, other: Person) -> list[Difference]:
    one, two = names_of(kept), names_of(other)
    fields = IdentityForm.base_fields
    return [
        Difference(name, str(fields[name].label), _name_words(name, one[name]), _name_words(name, two[name]))
        for name in NAMES
        if one.get(name) and two.get(name) and one[name].strip() != two[name].strip()
    ]


def _name_words(name: str, value: str) -> str:
    return birth_words(Birth.read(value)) if name == "born" else value


def _of_record(kept: Person, other: Person) -> list[Difference]:
    return [
        Difference(name, title, value_words(name, getattr(kept, name)), value_words(name, getattr(other, name)))
        for name, title in titles().items()
        if differ(getattr(kept, name), getattr(other, name))
    ]


def differ(one: Any, two: Any) -> bool:
    """Whether two values both say something, and not the same."""
    return one not in UNKNOWN and two not in UNKNOWN and one != two


def value_words(name: str, value: str) -> str:
    """A value of a record in words."""
    if name == "council":
        return law.body(value).name
    if name in LISTS:
        return label(LISTS[name], value)
    return {"yes": _("Yes"), "no": _("No")}.get(value, _("Not known"))


def signs_of(person: Person) -> dict[str, SignAnswer]:
    """The answers of a record, by sign."""
    return {answer.indicator: answer for answer in SignAnswer.objects.filter(person=person)}


def _of_signs(kept: Person, other: Person) -> list[Difference]:
    one, two = signs_of(kept), signs_of(other)
    check = display.check_of(kept, {})
    words = {Answer.YES.value: _("Yes"), Answer.NO.value: _("No")}
    return [
        Difference(
            f"sign_{key}",
            label_in(check, key) if key in check.codebook.indicators else key,
            words.get(one[key].answer, one[key].answer),
            words.get(two[key].answer, two[key].answer),
        )
        for key in sorted(one.keys() & two.keys())
        if one[key].answer != two[key].answer
    ]


def joined_ways(kept: Person, other: Person) -> list[dict[str, str]]:
    """The ways to reach somebody from both records. A number that is unsafe in either is unsafe for every use."""
    channels = [
        *Channel.objects.filter(person=kept).order_by("pk"),
        *Channel.objects.filter(person=other).order_by("pk"),
    ]
    safety = safety_of(channels)
    ways: dict[tuple[str, str], dict[str, str]] = {}
    for channel in channels:
        value = plain_way(channel.details["value"])
        way = ways.setdefault(
            (channel.kind, value),
            {"kind": channel.kind, "value": channel.details["value"], "safe": safety[value], "note": ""},
        )
        note = channel.details.get("note", "")
        if note and note not in way["note"]:
            way["note"] = f"{way['note']}; {note}" if way["note"] else note
    return list(ways.values())
