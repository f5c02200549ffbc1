"""Says who a record is about without a name: “Woman, adult”, “Boy, 16”, “Girl, age not sure”."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from bield.service.cases.models import Person
from bield.service.codelists import label

WHO: Final = ("reference", "age", "gender", "exploitation", "eighteen_from")
"""The columns of a person that these words need. None of them says who they are."""


def who(person: Person) -> str:
    """Gender and age in words."""
    return f"{_gender(person)}, {_age(person)}"


def _gender(person: Person) -> str:
    if person.age == "under_18":
        words = {"woman": _("Girl"), "man": _("Boy"), "other": _("Child")}
        return words.get(person.gender, _("Child"))
    words = {"woman": _("Woman"), "man": _("Man")}
    return words.get(person.gender, _("Person"))


def _age(person: Person) -> str:
    if person.age == "adult":
        return _("adult")
    if person.age == "uncertain":
        return _("age not sure")
    years = age_of(person, today=timezone.localdate())
    return str(years) if years is not None else _("under 18")


def age_of(person: Person, *, today: date) -> int | None:
    """The age of a child in whole years; None if the month in which they turn 18 is not known for sure."""
    months = person.turns_18
    if months is None or months[0] != months[1]:
        return None
    turns, _last = months
    left = (turns.year - today.year) * 12 + turns.month - today.month
    return 18 - max(-(-left // 12), 1) if left > 0 else 17


def child_words(person: Person) -> str:
    """The tag that must be seen for a child, or somebody treated as one; empty for an adult."""
    if person.is_adult:
        return ""
    return _("child") if person.age == "under_18" else _("treat as a child")


def exploitation_words(person: Person) -> str:
    """The kinds of exploitation in words."""
    return ", ".join(label("exploitation", kind).lower() for kind in person.exploitation) or _("not known")
