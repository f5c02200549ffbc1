"""What referrals store about a person, for the copy that they may ask for."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from bield.law import nrm_form_version
from bield.service.cases.models import Person
from bield.service.cases.rights.subject_access import in_words
from bield.service.codelists import label
from bield.service.days import day_of
from bield.service.referrals.decisions import kinds
from bield.service.referrals.models import Decision, HandIn, Referral
from bield.service.referrals.package import hand_in_words, sections_in_words


def held_in_referrals(person: Person) -> list[dict[str, Any]]:
    """Each referral with its answers, files and decisions, in words."""
    return [_referral(item) for item in person.referrals.prefetch_related("hand_ins")]


def _hand_in(hand_in: HandIn) -> str:
    """A hand-in in words, with the reason if it was recorded wrongly."""
    if hand_in.ended_at is None:
        return hand_in_words(hand_in)
    why = "; ".join(part for part in (label("hand_in_wrong", hand_in.reason), hand_in.words) if part)
    return _("%(hand_in)s (taken back on %(day)s: %(why)s)") % {
        "hand_in": hand_in_words(hand_in),
        "day": in_words(day_of(hand_in.ended_at)),
        "why": why,
    }


def _decision(decision: Decision) -> str:
    words = f"{_(kinds()[decision.kind].label)}, {in_words(decision.on)}"
    return (
        _("%(decision)s (taken back: %(why)s)") % {"decision": words, "why": decision.why}
        if decision.taken_back_at
        else words
    )


def _referral(referral: Referral) -> dict[str, Any]:
    form = nrm_form_version(referral.form)
    answers = [
        f"{_(question.label)}: {words}"
        for _id, _title, rows in sections_in_words(form, referral.answers)
        for question, words in rows
        if words
    ]
    files = [f"{part.name} ({part.shows})" if part.shows else part.name for part in referral.evidence.defer("content")]
    return {
        "form": form.title,
        "begun_at": referral.made_at,
        "ready_at": referral.closed_at or "",
        "handed_in": [_hand_in(part) for part in referral.hand_ins.all()],
        "answers": answers,
        "files": files,
        "decisions": [_decision(part) for part in Decision.every.filter(referral=referral)],
    }
