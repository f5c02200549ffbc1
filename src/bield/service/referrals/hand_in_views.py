"""The pages that record a hand-in and the Home Office's reference, and that correct what was recorded wrongly."""

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
def hand_in(request: HttpRequest, referral: Referral) -> HttpResponse:
    """Record that the referral was handed in; or correct a hand-in that is recorded already, with a reason."""
    if referral.closed_at is None:
        return refuse(request, referral, NotNow("the referral is a draft: close it first"))
    current = referral.hand_ins.filter(ended_at__isnull=True).first()
    initial: dict[str, Any] = {"on": timezone.localdate()}
    if current:
        initial = {"on": current.on, "way": current.way, "number": current.number}
    form = (CorrectionForm if current else HandInForm)(typed(request), initial=initial)
    if isinstance(form, CorrectionForm):
        form.comparing(words_about(referral.person, user_of(request)))
    if request.method == "POST" and form.is_valid():
        change = changes.correct if current else changes.hand_in
        try:
            change(referral, by=user_of(request), at=timezone.now(), **form.cleaned_data)
        except NotNow as error:
            form.add_error("on", _(str(error)).capitalize())
        else:
            made(request, f"hand_in:{referral.pk}")
            messages.success(request, _("Corrected.") if current else _("Recorded: the referral is sent."))
            return redirect("referral", referral_id=referral.pk)
    return page(request, referral, "hand_in", form=form, standing=current)


@require_http_methods(GET_OR_POST)
@on_referral(Kind.REFERRAL_READ)
def number(request: HttpRequest, referral: Referral) -> HttpResponse:
    """Add the Home Office's reference, which was not known before."""
    form = NumberForm(typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            changes.add_number(referral, by=user_of(request), at=timezone.now(), **form.cleaned_data)
        except NotNow as error:
            return refuse(request, referral, error)
        messages.success(request, _("The reference is recorded."))
        return redirect("referral", referral_id=referral.pk)
    return page(request, referral, "number", form=form)


@require_http_methods(GET_OR_POST)
@on_referral(Kind.REFERRAL_READ)
def take_back(request: HttpRequest, referral: Referral) -> HttpResponse:
    """Take back a hand-in: the referral was not handed in after all."""
    form = WrongForm(typed(request), initial={"reason": "not_yet"})
    form.comparing(words_about(referral.person, user_of(request)))
    if request.method == "POST" and form.is_valid():
        try:
            changes.take_back(referral, by=user_of(request), at=timezone.now(), **form.cleaned_data)
        except NotNow as error:
            return refuse(request, referral, error)
        messages.success(request, _("Taken back: the referral is ready to hand in."))
        return redirect("referral", referral_id=referral.pk)
    return page(request, referral, "take_back", form=form)


@require_http_methods(GET_OR_POST)
@on_referral(Kind.REFERRAL_READ)
def decision_take_back(request: HttpRequest, referral: Referral, decision_id: int) -> HttpResponse:
    """Take back a decision that was recorded wrongly."""
    decision = referral.decisions.filter(pk=decision_id).first()
    if decision is None:
        return refuse(request, referral, NotNow("this decision was taken back already, or belongs to another referral"))
    decision.referral = referral
    form = WhyForm(typed(request)).comparing(words_about(referral.person, user_of(request)))
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        try:
            actions.take_decision_back(decision, by=user_of(request), at=timezone.now(), why=why)
        except NotNow as error:
            return refuse(request, referral, error)
        messages.success(request, _("The decision was taken back, and the clock set again."))
        return redirect("referral", referral_id=referral.pk)
    return page(
        request, referral, "decision_take_back", form=form, label=_(kinds()[decision.kind].label), on=decision.on
    )


@require_POST
@on_referral()
def reopen(request: HttpRequest, referral: Referral) -> HttpResponse:
    """Make a closed referral a draft again, if it was not handed in."""
    try:
        actions.reopen(referral, by=user_of(request), at=timezone.now())
    except NotNow as error:
        return refuse(request, referral, error)
    messages.success(request, _("It is a draft again. Delete the package if you downloaded it."))
    return redirect("referral", referral_id=referral.pk)
