"""Makes the copy of everything held about a person, which they may ask for, and the list of who has looked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from bield import law
from bield.births import Birth
from bield.indicators import Answer
from bield.service.cases import display, what_next
from bield.service.cases.consents import answers_of
from bield.service.cases.models import Identity, Person
from bield.service.cases.same_person.merged import assessments_of, merged_records
from bield.service.codelists import ListName, label, mechanism_words
from bield.service.design.births import birth_words, months_words
from bield.service.documents import Block, Facts, Heading, Lines, Table, as_pdf
from bield.service.notifications import intake
from bield.service.notifications.display import said_rows
from bield.service.signs.labels import label_in
from bield.service.signs.state import Check

FORMAT = "bield-subject-access-1"

ABOUT: Mapping[str, ListName] = {
    "age": "age",
    "age_then": "age",
    "gender": "gender",
    "danger": "known",
    "parental_rights_in_uk": "known",
    "offence": "known",
    "referral": "referral",
    "closing": "closing",
}
"""The fields of a record that hold a code, and the code list of each."""

SAID_OF_THEM = (*(name for name in ABOUT if name != "closing"), "exploitation", "council", "missing")
"""Fields that describe the person, as opposed to what happened to the record."""


def everything(person: Person, *, place: str, today: date) -> dict[str, Any]:
    """All that is held about a person. Colleagues are named as authors. Dates and times are kept as such."""
    identity, check = Identity.objects.filter(person=person).first(), display.check_of(person, {})
    titles = {kind.id: kind.title for kind in law.consents(place, on=today)}
    evidence = display.evidence_of(person)
    return {
        "format": FORMAT,
        "made_on": today,
        "reference": person.shown_reference,
        "held_by": str(person.team),
        "looked_after_by": person.worker.name,
        "about": _about(person),
        "identity": _identity(identity.names) if identity else {},
        "merged_records": [*(_of_other(record) for record in merged_records(person)), *_before_merges(person)],
        "ways_to_reach": [
            {"way": label("channel", channel.kind), "safe": label("safe", channel.safe)} | channel.details
            for channel in person.channels.all()
        ],
        "age_assessments": [
            {"on": decided.on, "council": _body(decided.council), "result": label("age_result", decided.result)}
            for decided in person.age_assessments.all()
        ],
        "encounters": [
            {
                "on": met.on,
                "council": _body(met.council),
                "place": label("place_kind", met.place_kind),
                "how": label("attention", met.attention),
                "note": met.note,
                "written_by": met.by.name,
                "taken_back": met.why if met.taken_back_at else "",
            }
            for met in person.encounters.select_related("by")
        ],
        "signs": [
            _sign(check, key, answer, source, evidence.get(key, ""))
            for key, (answer, source) in display.answers_of(person).items()
        ],
        "assessments": [
            {
                "signed_at": signed.at,
                "signed_by": signed.by.name,
                "said": display.summary_of(signed),
                "said_or_seen": list((signed.words or {}).values()),
                "check": signed.check_file,
            }
            for signed in assessments_of(person).select_related("by")
        ],
        "consents": [_consent(answer, titles) for answer in answers_of(person).select_related("by")],
        "shared": [
            {
                "on": sharing.on,
                "what": label("shared", sharing.what),
                "with": _body(sharing.to),
                "rests_on_consent": titles.get(sharing.consent, sharing.consent),
                "note": sharing.note,
            }
            for sharing in person.sharings.all()
        ],
        "notifications": [
            {
                "reference": notification.shown_reference,
                "sent_at": notification.sent_at,
                "to": notification.to.name,
                "said": "; ".join(f"{field}: {words}" for field, words in said_rows(notification.notice)),
                "it_says_who_you_are": hasattr(notification, "identity"),
            }
            for notification in intake.about(person.team, person.reference)
        ],
        "handed_over": [
            {"at": hand_over.at, "from": hand_over.before.name, "to": hand_over.after.name, "note": hand_over.note}
            for hand_over in person.hand_overs.select_related("before", "after")
        ],
        "reviews": [
            {
                "asked_at": review.asked_at,
                "question": review.question,
                "answer": review.get_decision_display(),
                "comment": review.comment,
            }
            for review in person.reviews.all()
        ],
        "steps_done": [
            {"step": mark.step, "title": what_next.step_titles().get(mark.step, mark.step), "at": mark.at}
            for mark in person.step_marks.all()
        ],
        "what_happened": [
            {"at": event.at, "who": event.who, "what": event.what, "detail": event.detail}
            for event in display.events_of(person, most=10_000)
        ],
    }


def _identity(names: Mapping[str, str]) -> dict[str, Any]:
    born = names.get("born", "")
    return dict(names) | {"born": birth_words(Birth.read(born)) if born else ""}


def _sign(check: Check, key: str, answer: str, source: str, words: str) -> dict[str, str]:
    return {
        "sign": key,
        "called": label_in(check, key) if key in check.codebook.indicators else key,
        "answer": {Answer.YES: _("Yes"), Answer.NO: _("No")}.get(Answer(answer), _("Not known")),
        "source": label("source", source),
        "said_or_seen": words,
    }


def _of_other(other: Person) -> dict[str, Any]:
    """What a record merged into this one still holds: what was not chosen in the merge, and not moved."""
    identity = Identity.objects.filter(person=other).first()
    check = display.check_of(other, {})
    signs = [_sign(check, sign.indicator, sign.answer, sign.source, sign.words) for sign in other.answers.all()]
    return {
        "reference": other.shown_reference,
        "at": other.merged_at,
        **(_identity(identity.names) if identity else {}),
        **{name: value for name, value in _about(other).items() if name in SAID_OF_THEM},
        "signs": [_in_one_line(sign) for sign in signs],
    }


def _before_merges(person: Person) -> Iterator[dict[str, Any]]:
    """What this record said before a merge changed it, for as long as the records can be taken apart."""
    check = display.check_of(person, {})
    for merge in person.merges.filter(apart_at=None, settled_at=None):
        before, after = merge.before["before"], merge.before["after"]
        names = before["identity"]["names"] or {}
        changed = {
            name: value for name, value in names.items() if value != (after["identity"]["names"] or {}).get(name)
        }
        columns = {name: value for name, value in before["columns"].items() if value != after["columns"][name]}
        signs = [
            _sign(check, key, answer, source, words)
            for key, (answer, source, words, *_rest) in before["answers"].items()
            if before["answers"][key] != after["answers"].get(key)
        ]
        yield {
            "reference": person.shown_reference,
            "at": merge.at,
            **(_identity(changed) if changed else {}),
            **{name: label(ABOUT[name], value) for name, value in columns.items() if name in ABOUT},
            "signs": [_in_one_line(sign) for sign in signs],
        }


def _in_one_line(sign: Mapping[str, str]) -> str:
    line = f"{sign['called']}: {sign['answer']} ({sign['source']})"
    return f"{line}. {sign['said_or_seen']}" if sign["said_or_seen"] else line


def _about(person: Person) -> dict[str, Any]:
    about: dict[str, Any] = {name: label(codes, getattr(person, name)) for name, codes in ABOUT.items()}
    about["exploitation"] = [label("exploitation", kind) for kind in person.exploitation]
    about["council"] = _body(person.council)
    about["missing"] = person.missing
    about["believed_under_18"] = person.believed_under_18
    about["turns_18_in"] = months_words(*person.turns_18) if person.turns_18 else ""
    about["same_as"] = person.same_as.shown_reference if person.same_as else ""
    for name in ("opened_at", "changed_at", "last_met_on", "closed_at", "decision_on"):
        about[name] = getattr(person, name) or ""
    return about


def _consent(answer: Any, titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "about": titles.get(answer.kind, answer.kind),
        "answer": answer.get_decision_display(),
        "on": answer.on,
        "for": _body(answer.whom),
        "text_version": answer.text_version,
        "language": label("language", answer.language),
        "interpreter": label("interpreter", answer.interpreter),
        "until": answer.until or "",
        "note": answer.note,
        "explained_by": answer.by.name,
    }


def _body(body_id: str) -> str:
    return law.body(body_id).name if body_id else ""


HEADINGS = {
    "identity": "Who you are",
    "about": "What is recorded about you",
    "ways_to_reach": "Ways to reach you",
    "merged_records": "Other records of you that were merged into this one, and what was changed by it",
    "age_assessments": "Age assessments",
    "encounters": "When you were met",
    "signs": "Signs that were noted",
    "assessments": "Assessments",
    "consents": "What you agreed to",
    "shared": "What was shared, and who it was shared with",
    "notifications": "What the police were told",
    "handed_over": "Who looked after your record",
    "reviews": "Reviews",
    "steps_done": "Steps that were done",
    "what_happened": "Everything that was done or read",
}


NAMES: Mapping[str, str] = {
    # who they are, and ways to reach them
    "given_names": "Given names", "family_name": "Family name", "nickname": "Likes to be called", "born": "Born",
    "nationality": "Nationality", "way": "Way", "safe": "Safe or not",
    "value": "Number or address", "note": "Note",
    # what is recorded about them
    "age": "Age", "age_then": "Age when it happened", "gender": "Gender", "danger": "In danger now",
    "parental_rights_in_uk": "Somebody in the country has parental rights", "offence": "Accused of an offence",
    "referral": "Referral", "closing": "Why the record was closed", "exploitation": "Suspected exploitation",
    "council": "Council area", "missing": "Missing", "believed_under_18": "Believed to be under 18",
    "turns_18_in": "Turns 18 in", "same_as": "The record that was kept",
    "taken_back": "Taken back, because", "opened_at": "Record begun",
    "changed_at": "Last changed", "last_met_on": "Last met", "closed_at": "Record closed",
    "decision_on": "Day of the decision",
    # everything else
    "on": "Day", "at": "When", "result": "What was found", "place": "Place", "how": "How it came to attention",
    "written_by": "Written by", "called": "Sign", "answer": "Answer", "source": "Where it comes from",
    "signed_at": "Signed", "signed_by": "Signed by", "said": "What it said", "about": "About", "for": "Who it is for",
    "language": "Language", "interpreter": "Interpreter", "until": "Until", "explained_by": "Explained by",
    "what": "What", "with": "Shared with", "rests_on_consent": "What you agreed to", "reference": "Reference",
    "sent_at": "Sent", "to": "To", "it_says_who_you_are": "It says who you are", "from": "From",
    "asked_at": "Asked", "question": "Question", "comment": "Comment", "title": "Step", "who": "Who",
    "detail": "More", "form": "Form", "begun_at": "Begun", "answers": "Answers", "files": "Files",
    "decisions": "Decisions", "by": "By", "state": "Where it stands", "asked_with": "What was asked",
    "began_on": "Began", "ended_on": "Ended", "written_down": "What was recorded",
    "said_how_they_are": "How you said you are", "circumstances": "What decides which services fit",
    "kept_by": "Kept by", "versions": "What you told", "corrections": "What you corrected",
    "who_may_read": "Who may read it", "said_or_seen": "What was said or seen",
    "signs": "Signs that were noted", "ready_at": "Closed, ready to hand in", "handed_in": "Handed in",
}  # fmt: skip
"""The label of each key in the document."""

FOR_MACHINES = frozenset({"check", "sign", "step", "text_version"})
"""Keys that are in the JSON file only."""


def copy_pdf(copy: Mapping[str, Any], *, headings: Mapping[str, str], today: date) -> bytes:
    """The same as a PDF in plain words. headings: the heading of each part, in order."""
    blocks: list[Block] = [
        Lines(
            (
                _("This is a copy of everything that %(team)s holds about you, made on %(day)s.")
                % {"team": copy["held_by"], "day": date_format(today)},
                _("Keep it somewhere safe, or leave it with somebody you trust. You may ask us to put mistakes right."),
            )
        ),
        Facts(((_("Reference"), copy["reference"]), (_("Looked after by"), copy["looked_after_by"]))),
    ]
    for key, heading in headings.items():
        blocks.append(Heading(_(heading)))
        blocks += _blocks(copy[key])
    return as_pdf(_("What is held about you"), blocks)


def _blocks(value: Any) -> list[Block]:
    if isinstance(value, dict):
        pairs = _pairs(value)
        return [Facts(pairs)] if pairs else [Lines((_("Nothing."),))]
    if not value:
        return [Lines((_("Nothing."),))]
    blocks: list[Block] = []
    for entry in value:
        blocks.append(Lines((" · ".join(f"{name}: {text}" for name, text in _pairs(entry)),)))
    return blocks


def _named(key: str) -> str:
    """The label of a key. The reference of the mechanism is called what the place calls it."""
    return mechanism_words("reference") if key == "home_office_reference" else gettext(NAMES[key])


def _pairs(entry: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The labels and values of one entry that a person reads; what only a machine needs is left to the file."""
    shown = (
        (key, value) for key, value in entry.items() if key not in FOR_MACHINES and value not in ("", "–", [], None)
    )
    return tuple((_named(key), in_words(value)) for key, value in shown)


def in_words(value: Any) -> str:
    """A value as the person reads it: dates and times in words and in local time."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(localtime(value), "j F Y, H:i")
    if isinstance(value, date):
        return date_format(value, "j F Y")
    return ", ".join(in_words(part) for part in value) if isinstance(value, list) else str(value)


def plain(value: Any) -> str:
    """For JSON: a date as 2026-03-31, a time in local time to the second."""
    if isinstance(value, datetime):
        return localtime(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def looks_pdf(person: Person, *, today: date) -> bytes:
    """Who has looked at a record, for the person it is about."""
    rows = tuple((look.when, look.who, look.how_often) for look in display.looks_at(person))
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
