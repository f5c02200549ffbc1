"""Recording that a referral was handed in, what the Home Office called it, and what was recorded wrongly."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bield.service.accounts.access import user_of
from bield.service.audit.kinds import Kind
from bield.service.cases.forms import WhyForm
from bield.service.cases.known import words_about
from bield.service.changes import NotNow
from bield.service.drafts.access import typed
from bield.service.drafts.middleware import adds, made
from bield.service.gates import GET_OR_POST
from bield.service.referrals import actions
from bield.service.referrals import hand_in as changes
from bield.service.referrals.decisions import kinds
from bield.service.referrals.forms import CorrectionForm, HandInForm, NumberForm, WrongForm
from bield.service.referrals.gate import on_referral
from bield.service.referrals.models import Referral
from bield.service.referrals.views import page, refuse


@require_http_methods(GET_OR_POST)
@on_referral(Kind.REFERRAL_READ)
@adds
def hand_in(request: HttpRequest, found: Referral) -> HttpResponse:
    """Record that it was handed in; where that is recorded already, correct it with a reason."""
    if found.closed_at is None:
        return refuse(request, found, NotNow("the referral is a draft: close it first"))
    standing = found.hand_ins.filter(ended_at__isnull=True).first()
    known: dict[str, Any] = {"on": timezone.localdate()}
    if standing:
        known = {"on": standing.on, "way": standing.way, "number": standing.number}
    form = (CorrectionForm if standing else HandInForm)(typed(request), initial=known)
    if isinstance(form, CorrectionForm):
        form.comparing(words_about(found.person, user_of(request)))
    if request.method == "POST" and form.is_valid():
        change = changes.correct if standing else changes.hand_in
        try:
            change(found, by=user_of(request), at=timezone.now(), **form.cleaned_data)
        except NotNow as error:
            form.add_error("on", _(str(error)).capitalize())
        else:
            made(request, f"hand_in:{found.pk}")
            messages.success(request, _("Corrected.") if standing else _("Recorded: the referral is sent."))
            return redirect("referral", referral_id=found.pk)
    return page(request, found, "hand_in", form=form, standing=standing)


@require_http_methods(GET_OR_POST)
@on_referral(Kind.REFERRAL_READ)
def number(request: HttpRequest, found: Referral) -> HttpResponse:
    """Put down the Home Office's reference, which was not known before."""
    form = NumberForm(typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            changes.add_number(found, by=user_of(request), at=timezone.now(), **form.cleaned_data)
        except NotNow as error:
            return refuse(request, found, error)
        messages.success(request, _("The reference was put down."))
        return redirect("referral", referral_id=found.pk)
    return page(request, found, "number", form=form)


@require_http_methods(GET_OR_POST)
@on_referral(Kind.REFERRAL_READ)
def take_back(request: HttpRequest, found: Referral) -> HttpResponse:
    """It was not handed in after all."""
    form = WrongForm(typed(request), initial={"reason": "not_yet"})
    form.comparing(words_about(found.person, user_of(request)))
    if request.method == "POST" and form.is_valid():
        try:
            changes.take_back(found, by=user_of(request), at=timezone.now(), **form.cleaned_data)
        except NotNow as error:
            return refuse(request, found, error)
        messages.success(request, _("Taken back: the referral is ready to hand in."))
        return redirect("referral", referral_id=found.pk)
    return page(request, found, "take_back", form=form)


@require_http_methods(GET_OR_POST)
@on_referral(Kind.REFERRAL_READ)
def decision_take_back(request: HttpRequest, found: Referral, decision_id: int) -> HttpResponse:
    """A decision was recorded wrongly."""
    decision = found.decisions.filter(pk=decision_id).first()
    if decision is None:
        return refuse(request, found, NotNow("this decision was taken back already, or is none of this referral"))
    decision.referral = found
    form = WhyForm(typed(request)).comparing(words_about(found.person, user_of(request)))
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        try:
            actions.take_decision_back(decision, by=user_of(request), at=timezone.now(), why=why)
        except NotNow as error:
            return refuse(request, found, error)
        messages.success(request, _("The decision was taken back, and the clock set anew."))
        return redirect("referral", referral_id=found.pk)
    return page(request, found, "decision_take_back", form=form, label=_(kinds()[decision.kind].label), on=decision.on)


@require_POST
@on_referral()
def reopen(request: HttpRequest, found: Referral) -> HttpResponse:
    """Make a closed referral a draft again, as long as it was not handed in."""
    try:
        actions.reopen(found, by=user_of(request), at=timezone.now())
    except NotNow as error:
        return refuse(request, found, error)
    messages.success(request, _("It is a draft again. Throw the package away if you took it."))
    return redirect("referral", referral_id=found.pk)
