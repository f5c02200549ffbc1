"""Fills a referral from the record.

Of all free text, only what was said or seen about a sign is copied: it was recorded for this purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from bield import law
from bield.births import Birth
from bield.disclosure import places
from bield.indicators import Answer
from bield.law import NrmForm, load_place
from bield.service.accounts.models import User
from bield.service.accounts.permissions import role_name
from bield.service.cases import display
from bield.service.cases.access import role_on
from bield.service.cases.consents import consents_on
from bield.service.cases.crosswalks import GENDER_OF_REFERRAL, TYPE_OF_REFERRAL
from bield.service.cases.models import Identity, Person
from bield.service.cases.states import ConsentState
from bield.service.codelists import label
from bield.service.signs.labels import label_in

YES_NO = {ConsentState.GIVEN: "yes", ConsentState.REFUSED: "no", ConsentState.WITHDRAWN: "no"}


def filled(form: NrmForm, person: Person, by: User, *, today: date) -> dict[str, Any]:
    """The answers that a record gives to a form, by field, without those that are not known."""
    readers = _readers(person, by, today)
    answers: dict[str, Any] = {}
    for question in form.fields:
        value = readers[question.fill]() if question.fill else None
        if value:
            answers[question.id] = value
    return form.counting(answers)


def _readers(person: Person, by: User, today: date) -> dict[str, Callable[[], Any]]:
    """For each `fill` that a form may name, the function that reads it from the record."""
    identity = Identity.objects.filter(person=person).first()
    names = dict(identity.names) if identity else {}
    born = Birth.read(names["born"]) if names.get("born") else None
    names["born"] = born.day.isoformat() if born and born.day else ""  # the form asks for an exact day, not an estimate
    agreed = {kind: YES_NO.get(item.state, "") for kind, item in consents_on(person, on=today).items()}
    languages = [item.language for item in person.consents.all() if item.language]
    return {
        "reference": lambda: person.shown_reference,
        "body": lambda: person.team.organisation.body,
        "nation": lambda: load_place(settings.PLACE).nation,
        "under_18": lambda: {"under_18": "yes", "adult": "no"}.get(person.age, "not_sure"),
        "under_18_then": lambda: {"under_18": "yes", "adult": "no", "uncertain": "not_sure"}.get(person.age_then, ""),
        "council": lambda: person.council,
        "region": lambda: _region(person.council),
        "signs_seen": lambda: "yes" if _signs(person) else "",
        "signs": lambda: _signs(person),
        "types": lambda: [TYPE_OF_REFERRAL[item] for item in person.exploitation if item in TYPE_OF_REFERRAL],
        "force": _force,
        "willing": lambda: agreed.get("police_cooperation", ""),
        "wants_referral": lambda: agreed.get("nrm_referral", ""),
        "needs_support": lambda: agreed.get("support", ""),
        "safe_phone": lambda: _safe_phone(person),
        "gender": lambda: GENDER_OF_REFERRAL.get(person.gender, ""),
        "interpreter": lambda: ("no" if languages[0] == "en" else "yes") if languages else "",
        "language": lambda: label("language", languages[0]) if languages and languages[0] != "en" else "",
        "worker": lambda: by.name,
        "role": lambda: role_name(role_on(person)),
    } | {
        name: (lambda name=name: names.get(name, ""))
        for name in ("given_names", "family_name", "nickname", "born", "nationality", "home_office_reference")
    }


def _region(council: str) -> str:
    """The name of a council's region; empty if the place has no region for it."""
    rungs = places(settings.PLACE)
    return rungs.label(rungs.up(council)[1]) if council and council in rungs else ""


def _force() -> str:
    """The police of the place; empty if there are several and the worker must say which."""
    police = load_place(settings.PLACE).police
    return law.body(police).name if police else ""


def _safe_phone(person: Person) -> str:
    """A telephone number that is known to be safe. One that is not known to be safe is never copied."""
    channel = person.channels.filter(kind="phone", safe="yes").first()
    return str(channel.details["value"]) if channel else ""


def _signs(person: Person) -> str:
    """Each sign answered yes: what was said or seen, where that comes from, who recorded it and when."""
    check = display.check_of(person, {})
    codebook = check.codebook
    lines = []
    for sign_answer in person.answers.select_related("by").filter(answer=Answer.YES.value).order_by("indicator"):
        if sign_answer.indicator not in codebook.indicators:
            continue
        sign = label_in(check, sign_answer.indicator)
        source, day = label("source", sign_answer.source), date_format(localtime(sign_answer.at))
        values = {"sign": sign, "source": source, "name": sign_answer.by.name, "day": day, "words": sign_answer.words}
        if sign_answer.words:
            lines.append(_("%(sign)s. %(source)s: “%(words)s” (noted by %(name)s, %(day)s)") % values)
        else:
            lines.append(_("%(sign)s. %(source)s (noted by %(name)s, %(day)s)") % values)
    return "\n".join(lines)


def responders(today: date) -> list[str]:
    """The names of the support services that may refer, for a user whose own organisation may not."""
    bodies = law.first_responders(settings.PLACE, on=today)
    return [item.name for item in bodies if item.kind == "support_provider"]


def may_refer(person: Person, *, today: date) -> bool:
    """Whether the body that keeps the record may refer on a day."""
    return law.body(person.team.organisation.body).may_refer_on(today)
