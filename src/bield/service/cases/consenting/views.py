"""The pages of consents: the state of each, and the answers of one conversation."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bield import law
from bield.service.accounts.access import user_of
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases import actions, display
from bield.service.cases.consenting import asking
from bield.service.cases.consents import NOT_ASKED, answers_of, consents_on
from bield.service.cases.forms import (
    ConsentForm,
)
from bield.service.cases.gate import on_record
from bield.service.cases.models import Person
from bield.service.cases.situation import situation_of
from bield.service.cases.states import ConsentAnswer
from bield.service.cases.views import page, refuse
from bield.service.changes import NotNow
from bield.service.codelists import label
from bield.service.drafts.access import typed
from bield.service.drafts.middleware import adds, made
from bield.service.gates import GET_OR_POST


@require_safe
@on_record(Permission.PERSON_SEE, Kind.CONSENTS_READ)
def consents(request: HttpRequest, person: Person) -> HttpResponse:
    """The four consents: the state of each, its history, and what was shared under it."""
    today = timezone.localdate()
    states = consents_on(person, on=today)
    situation = situation_of(person, None, states, today=today)
    shown = display.consents_of(states, child=situation.treated_as_child, today=today)
    history = [
        (
            answer,
            answer.get_decision_display(),
            label("language", answer.language),
            label("interpreter", answer.interpreter),
        )
        for answer in answers_of(person).select_related("by")
    ]
    shared = [
        (sharing, label("shared", sharing.what), law.body(sharing.to).name)
        for sharing in person.sharings.select_related("by")
    ]
    rows = [
        (
            consent,
            [answer for answer in history if answer[0].kind == consent.kind.id],
            [sharing for sharing in shared if sharing[0].consent == consent.kind.id],
        )
        for consent in shown
    ]
    without = [sharing for sharing in shared if not sharing[0].consent]
    return page(request, person, "consents", rows=rows, without=without)


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_EDIT, Kind.CONSENTS_READ)
@adds
def consent(request: HttpRequest, person: Person, kind: str) -> HttpResponse:
    """Record an answer about one consent, or about several at once. Nobody who may be a child is asked."""
    today = timezone.localdate()
    if kind == asking.ALL:
        return _ask_all(request, person, today=today)
    if kind not in {consent.id for consent in law.consents(settings.PLACE, on=today)}:
        raise Http404
    asked = law.consent(kind, place=settings.PLACE, on=today)
    consents = consents_on(person, on=today)
    if situation_of(person, None, consents, today=today).treated_as_child:
        return page(request, person, "consent_child", kind=asked)
    data, standing = typed(request), consents.get(kind, NOT_ASKED)
    form = ConsentForm(data, standing=standing, place=settings.PLACE, on=today)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_consent(
                person=person, kind=kind, by=user_of(request), at=timezone.now(), values=form.cleaned_data
            )
        except NotNow as error:
            return refuse(request, person, error)
        made(request, f"consent:{person.pk}:{kind}")
        messages.success(request, _("Their answer was recorded."))
        if form.cleaned_data["decision"] == ConsentAnswer.WITHDRAWN:
            messages.warning(request, _(asked.withdrawal_effect))
        return redirect("consents", person_id=person.pk)
    return page(request, person, "consent", form=form, kind=asked)


def _ask_all(request: HttpRequest, person: Person, *, today: date) -> HttpResponse:
    """Record what somebody said about several consents in one conversation."""
    kinds, standings = law.consents(settings.PLACE, on=today), consents_on(person, on=today)
    if situation_of(person, None, standings, today=today).treated_as_child:
        return page(request, person, "consent_child", kind=kinds[0], all_kinds=True)
    form = asking.ConsentsForm(typed(request), kinds=kinds, standings=standings, on=today)
    if request.method == "POST" and form.is_valid():
        answers = form.answers()
        try:
            asking.record_answers(person, answers, by=user_of(request), at=timezone.now())
        except NotNow as error:
            return refuse(request, person, error)
        made(request, f"consent:{person.pk}:{asking.ALL}")
        messages.success(request, _("Their answers were recorded."))
        for kind in (kind for kind in kinds if kind.id in answers):
            if answers[kind.id]["decision"] == ConsentAnswer.WITHDRAWN:
                messages.warning(request, _(kind.withdrawal_effect))
        return redirect("consents", person_id=person.pk)
    return page(request, person, "consents_ask", form=form)
