"""The pages that merge two records of one person, and take them apart again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bield.births import Birth
from bield.service.accounts.access import user_of
from bield.service.accounts.permissions import Permission, allows
from bield.service.audit.kinds import Kind
from bield.service.cases import display
from bield.service.cases.access import person_for, role_on
from bield.service.cases.consents import consents_on
from bield.service.cases.events import note
from bield.service.cases.gate import on_record
from bield.service.cases.models import Merge, Person
from bield.service.cases.situation import situation_of
from bield.service.cases.states import ConsentAnswer
from bield.service.cases.views import page, refuse
from bield.service.cases.ways import plain_way
from bield.service.changes import Conflict, NotNow
from bield.service.codelists import label
from bield.service.days import day_of
from bield.service.design.births import birth_words
from bield.service.drafts.access import typed
from bield.service.gates import GET_OR_POST, moves_on
from bield.service.merging import actions
from bield.service.merging.differences import differences, joined_ways, names_of
from bield.service.merging.forms import MergeForm, OtherForm
from bield.service.merging.parts import MOVED, days_to_part, hindrances, rows_of

SHOWN = (Kind.IDENTITY_READ, Kind.CONSENTS_READ, Kind.SIGNS_READ)
"""The readings to note for both records: who they are, what they agreed to, how signs were answered."""


def _other_of(request: HttpRequest, person: Person, other_id: UUID) -> Person:
    """The other record, with the same checks. Raises Http404 for a record of another team."""
    other = person_for(user_of(request), other_id, Permission.PERSON_EDIT)
    if (
        other.team_id != person.team_id
        or other.pk == person.pk
        or not allows(role_on(person), Permission.IDENTITY_OPEN)
    ):
        raise Http404
    return other


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_EDIT, Kind.PERSON_READ)
def which(request: HttpRequest, person: Person) -> HttpResponse:
    """Ask for the reference of the other record."""
    form = OtherForm(typed(request), person=person)
    if request.method == "POST" and form.is_valid():
        return redirect("person-merge-with", person_id=person.pk, other_id=form.cleaned_data["other"].pk)
    return page(request, person, "merging/which", form=form)


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_EDIT, Kind.PERSON_READ)
def merge(request: HttpRequest, person: Person, other_id: UUID) -> HttpResponse:
    """Show what both have and what will happen, ask which answers to keep, and merge them."""
    other = _other_of(request, person, other_id)
    response = _merge(request, person, other)
    if not moves_on(response):
        for kind in SHOWN:
            for row in (person, other):
                note(kind, row, user_of(request))
        note(Kind.PERSON_READ, other, user_of(request))
    return response


def _merge(request: HttpRequest, person: Person, other: Person) -> HttpResponse:
    user, reasons = user_of(request), hindrances(person, other)
    seen = actions.state_of(person, other)
    form = MergeForm(
        typed(request), kept=person, other=other, differences=differences(person, other), initial={"seen": seen}
    )
    stale = request.method == "POST" and request.POST.get("seen") != seen
    if request.method == "POST" and not stale and form.is_valid() and not reasons:
        try:
            actions.merge(person, other, seen=seen, chosen=form.chosen(), by=user, at=timezone.now())
        except Conflict:
            stale = True
        except NotNow as error:
            return refuse(request, person, error)
        else:
            days = days_to_part()
            words = _("%(other)s is now part of this record. You can take them apart for %(days)d days.")
            messages.success(request, words % {"other": other.shown_reference, "days": days})
            return redirect("person", person_id=person.pk)
    if stale:
        form.data = {**request.POST.dict(), "seen": seen}
    return page(
        request,
        person,
        "merging/merge",
        form=form,
        other=other,
        hindrances=reasons,
        stale=stale,
        rows=_beside(person, other),
        ways=_ways(person, other),
        days=days_to_part(),
        status=409 if stale else 200,
    )


Row = tuple[str, str, str]


def _beside(kept: Person, other: Person) -> list[Row]:
    """What each record has, side by side: a label, and the words of both."""
    one, two = _facts_of(kept), _facts_of(other)
    return [(title, one[title], two[title]) for title in one]


def _facts_of(person: Person) -> dict[str, str]:
    """What one record has, in words, by label."""
    names, today = names_of(person), timezone.localdate()
    consents = consents_on(person, on=today)
    situation = situation_of(person, None, consents, today=today)
    facts = {
        _("Names"): " ".join(filter(None, (names.get("given_names"), names.get("family_name")))) or "–",
        _("Born"): _birth(names.get("born", "")),
        _("Age now"): label("age", person.age),
        _("Suspected exploitation"): ", ".join(label("exploitation", kind) for kind in person.exploitation) or "–",
        _("Looked after by"): person.worker.name,
        _("State of the referral"): label("referral", person.referral),
    }
    shown = display.consents_of(consents, child=situation.treated_as_child, today=today)
    return facts | {_(consent.kind.title): consent.words for consent in shown} | _counts(person)


def _birth(born: str) -> str:
    """A date of birth in words, or a dash."""
    return birth_words(Birth.read(born)) if born else "–"


def _counts(person: Person) -> dict[str, str]:
    """How many rows of each kind a record has, by label."""
    counted = {name: rows_of(name, person).count() for name in MOVED}
    return {
        _("Encounters"): str(counted["encounters"]),
        _("Signs answered"): str(counted["answers"]),
        _("Signed assessments"): str(person.assessments.count()),
        _("Referrals"): str(counted["referrals"]),
        _("Periods of support"): str(counted["episodes"]),
    }


def _ways(kept: Person, other: Person) -> list[tuple[str, str, str]]:
    """The ways to reach them afterwards, in words, and a note on those that become less safe."""
    before = {(plain_way(way.details["value"]), way.safe) for row in (kept, other) for way in row.channels.all()}
    safer = {value for value, safe in before if safe != "no"}
    return [
        (
            label("channel", way["kind"]),
            way["value"],
            label("safe", way["safe"])
            + (" " + _("(unsafe in one record, so it is unsafe)") if _less_safe(way, safer) else ""),
        )
        for way in joined_ways(kept, other)
    ]


def _less_safe(way: dict[str, Any], safer: set[str]) -> bool:
    return way["safe"] == "no" and plain_way(way["value"]) in safer


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_EDIT, Kind.PERSON_READ)
def apart(request: HttpRequest, person: Person, merge_id: int) -> HttpResponse:
    """Take two records apart again: what came from each goes back."""
    done = Merge.objects.select_related("other", "by").filter(pk=merge_id, kept=person).first()
    if done is None:
        raise Http404
    if done.apart_at is not None:
        return refuse(request, person, actions.taken_apart_already())
    state = actions.may_part(done, at=timezone.now())
    if request.method == "POST":
        try:
            stays = actions.take_apart(done, by=user_of(request), at=timezone.now())
        except NotNow as error:
            return refuse(request, person, error)
        messages.success(request, _("%(other)s is a record of its own again.") % {"other": done.other.shown_reference})
        if stays:
            words = _("This was changed after the merge and stays in this record. Check that it is right: %(what)s.")
            messages.warning(request, words % {"what": "; ".join(stays)})
        return redirect("person", person_id=person.pk)
    return page(
        request, person, "merging/apart", done=done, over=state.over, last=day_of(state.last), since=_since(done)
    )


def _since(done: Merge) -> str:
    """What was added since and stays with the kept record, in words; empty if nothing was."""
    moved = done.before["moved"]
    count = sum(
        rows_of(name, done.kept).exclude(pk__in=moved[name]).filter(at__gt=done.at).count()
        for name in ("encounters", "sharings", "age_assessments", "answers")
    )
    count += done.kept.consents.filter(at__gt=done.at).exclude(decision=ConsentAnswer.RESET).count()
    words = ngettext("%(n)d thing was added since", "%(n)d things were added since", count)
    return words % {"n": count} if count else ""
