"""The copy of everything held on a person, which they may ask for; and the list of who has looked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bield import law
from bield.service.cases import present
from bield.service.cases.lists import label
from bield.service.cases.models import Identity, Person
from bield.service.documents import Block, Facts, Heading, Lines, Table, as_pdf
from bield.service.notifications import intake
from bield.service.notifications.present import said_rows

FORMAT = "bield-subject-access-1"

ABOUT = {
    "age": "age",
    "age_then": "age",
    "gender": "gender",
    "danger": "known",
    "parental_rights_in_uk": "known",
    "offence": "known",
    "referral": "referral",
    "closing": "closing",
}
"""Fields of a record that hold a code, and the list it is from."""


def everything(person: Person, *, place: str, today: date) -> dict[str, Any]:
    """All that is held on a person, as an object that JSON can hold. Colleagues are named: it is who wrote it."""
    identity = Identity.objects.filter(person=person).first()
    return {
        "format": FORMAT,
        "made_on": today.isoformat(),
        "reference": person.shown_reference,
        "held_by": str(person.team),
        "looked_after_by": person.worker.name,
        "about": _about(person),
        "identity": dict(identity.names) if identity else {},
        "ways_to_reach": [
            {"way": label("channel", item.kind), "safe": label("safe", item.safe)} | item.details
            for item in person.channels.all()
        ],
        "age_assessments": [
            {"on": _iso(item.on), "council": _body(item.council), "result": label("age_result", item.result)}
            for item in person.age_assessments.all()
        ],
        "encounters": [
            {
                "on": _iso(item.on),
                "council": _body(item.council),
                "place": label("place_kind", item.place_kind),
                "how": label("attention", item.attention),
                "note": item.note,
                "written_by": item.by.name,
            }
            for item in person.encounters.select_related("by")
        ],
        "signs": [
            {"sign": key, "answer": answer.value, "source": label("source", source)}
            for key, (answer, source) in present.answers_of(person).items()
        ],
        "assessments": [
            {
                "signed_at": _iso(item.at),
                "signed_by": item.by.name,
                "said": present.summary_of(item),
                "check": item.check_file,
            }
            for item in person.assessments.select_related("by")
        ],
        "consents": [_consent(item, place, today) for item in person.consents.select_related("by")],
        "shared": [
            {
                "on": _iso(item.on),
                "what": label("shared", item.what),
                "with": _body(item.to),
                "rests_on_consent": item.consent,
                "note": item.note,
            }
            for item in person.sharings.all()
        ],
        "notifications": [
            {
                "reference": item.shown_reference,
                "sent_at": _iso(item.sent_at),
                "to": item.to.name,
                "said": "; ".join(f"{field}: {words}" for field, words in said_rows(item.notice)),
                "it_says_who_you_are": hasattr(item, "identity"),
            }
            for item in intake.about(person.team, person.reference)
        ],
        "handed_over": [
            {"at": _iso(item.at), "from": item.before.name, "to": item.after.name, "note": item.note}
            for item in person.hand_overs.select_related("before", "after")
        ],
        "reviews": [
            {
                "asked_at": _iso(item.asked_at),
                "question": item.question,
                "answer": label("review", item.decision),
                "comment": item.comment,
            }
            for item in person.reviews.all()
        ],
        "steps_done": [{"step": item.step, "at": _iso(item.at)} for item in person.step_marks.all()],
        "what_happened": [
            {"at": _iso(item.at), "who": item.who, "what": item.what, "detail": item.detail}
            for item in present.events_of(person, most=10_000)
        ],
    }


def _about(person: Person) -> dict[str, Any]:
    found: dict[str, Any] = {name: label(codes, getattr(person, name)) for name, codes in ABOUT.items()}
    found["exploitation"] = [label("exploitation", item) for item in person.exploitation]
    found["council"] = _body(person.council)
    found["missing"] = person.missing
    found["believed_under_18"] = person.believed_under_18
    found["turns_18_in_the_month_from"] = person.eighteen_from or ""
    for name in ("opened_at", "changed_at", "last_met_on", "closed_at", "decision_on"):
        found[name] = _iso(getattr(person, name))
    return found


def _consent(item: Any, place: str, today: date) -> dict[str, Any]:
    titles = {kind.id: kind.title for kind in law.consents(place, on=today)}
    return {
        "about": titles.get(item.kind, item.kind),
        "answer": label("decision", item.decision),
        "on": _iso(item.on),
        "for": _body(item.whom),
        "text_version": item.text_version,
        "language": label("language", item.language),
        "interpreter": label("interpreter", item.interpreter),
        "until": _iso(item.until),
        "note": item.note,
        "explained_by": item.by.name,
    }


def _iso(value: date | datetime | None) -> str:
    return value.isoformat() if value else ""


def _body(body_id: str) -> str:
    return law.body(body_id).name if body_id else ""


HEADINGS = {
    "identity": "Who you are",
    "about": "What is put down about you",
    "ways_to_reach": "Ways to reach you",
    "age_assessments": "Age assessments",
    "encounters": "When you were met",
    "signs": "Signs that were noted",
    "assessments": "Assessments",
    "consents": "What you agreed to",
    "shared": "What was shared, and with whom",
    "notifications": "What the police were told",
    "handed_over": "Who looked after your record",
    "reviews": "Reviews",
    "steps_done": "Steps that were done",
    "what_happened": "Everything that was done or read",
}


def copy_pdf(held: Mapping[str, Any], *, headings: Mapping[str, str], today: date) -> bytes:
    """The same as a document in plain words. headings: the words for each part, in order."""
    blocks: list[Block] = [
        Lines(
            (
                _("This is a copy of everything that %(team)s holds about you, made on %(day)s.")
                % {"team": held["held_by"], "day": date_format(today)},
                _("Keep it somewhere safe, or leave it with somebody you trust. You may ask us to put mistakes right."),
            )
        ),
        Facts(((_("Reference"), held["reference"]), (_("Looked after by"), held["looked_after_by"]))),
    ]
    for key, heading in headings.items():
        blocks.append(Heading(_(heading)))
        blocks += _blocks(held[key])
    return as_pdf(_("What is held about you"), blocks)


def _blocks(value: Any) -> list[Block]:
    if isinstance(value, dict):
        pairs = tuple((_name(key), _text(item)) for key, item in value.items() if item not in ("", [], None))
        return [Facts(pairs)] if pairs else [Lines((_("Nothing."),))]
    if not value:
        return [Lines((_("Nothing."),))]
    found: list[Block] = []
    for entry in value:
        pairs = tuple(
            (_name(key), _text(item)) for key, item in entry.items() if item not in ("", [], None) and key != "check"
        )
        found.append(Lines((" · ".join(f"{name}: {text}" for name, text in pairs),)))
    return found


def _name(key: str) -> str:
    return key.replace("_", " ").capitalize()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def looks_pdf(person: Person, *, today: date) -> bytes:
    """Who has looked at a record, for the person it is about."""
    rows = tuple((item.when, item.who, item.how_often) for item in present.looks_at(person))
    blocks: list[Block] = [
        Lines(
            (
                _("Everyone who opened the record %(reference)s, up to %(day)s.")
                % {"reference": person.shown_reference, "day": date_format(today)},
            )
        ),
        Table((_("When"), _("Who"), _("What")), rows),
    ]
    return as_pdf(_("Who has looked"), blocks)
