"""The pages of a referral. Every one goes through the record's gate, and every reading leaves an event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bield.law import LawError, NrmForm, nrm_form, nrm_form_version
from bield.law.clocks import clock_of
from bield.service.accounts.access import requires, teams_with, user_of
from bield.service.accounts.models import Team, User
from bield.service.audit.actions import Fact, record
from bield.service.audit.kinds import Kind
from bield.service.cases.gate import on_record
from bield.service.cases.models import Person
from bield.service.changes import Conflict, NotNow
from bield.service.days import day_of
from bield.service.design.meanwhile import differing_fields
from bield.service.design.refusing import refused
from bield.service.documents import as_file
from bield.service.drafts.access import typed
from bield.service.drafts.middleware import adds, made
from bield.service.gates import GET_OR_POST
from bield.service.paging import address_with, page_of
from bield.service.referrals import actions, files, package
from bield.service.referrals.access import evidence_of, referrals_of, to_hand_in, with_clocks
from bield.service.referrals.decisions import kinds, running
from bield.service.referrals.fill import may_refer, responders
from bield.service.referrals.forms import DecisionForm, EvidenceForm, SectionForm, form_today
from bield.service.referrals.gate import MAKE, on_referral
from bield.service.referrals.models import Decision, Referral
from bield.service.referrals.signs import before_positive

MOST_WAITING = 100
"""Referrals that wait to be handed in, on the page of the clocks."""

SHOWN_AFTERWARDS = 14
"""Days for which a clock that has ended still stands among those that run."""


def page(request: HttpRequest, referral: Referral, template: str, **values: Any) -> HttpResponse:
    """Render a page of a referral, with what each of them shows at its head."""
    status = values.pop("status", 200)
    known = {"referral": referral, "person": referral.person}
    return render(request, f"referrals/{template}.html", known | values, status=status)


def refuse(request: HttpRequest, referral: Referral, why: Exception) -> HttpResponse:
    """Something cannot be done as things stand: say so on the referral's page."""
    return refused(request, why, "referral", referral_id=referral.pk)


@require_http_methods(GET_OR_POST)
@on_record(MAKE, Kind.PERSON_READ)
def of_person(request: HttpRequest, person: Person) -> HttpResponse:
    """The referrals of a person, and beginning one."""
    if request.method == "POST":
        try:
            found = actions.begin(person, by=user_of(request), at=timezone.now())
        except NotNow as error:
            return refused(request, error, "person-referral", person_id=person.pk)
        return redirect("referral", referral_id=found.pk)
    rows = [(item, _last(item)) for item in person.referrals.prefetch_related("decisions")]
    return render(
        request,
        "referrals/of_person.html",
        {
            "person": person,
            "referrals": rows,
            "may_refer": may_refer(person, today=timezone.localdate()),
            "draft": any(item.closed_at is None for item, _state in rows),
            "nrm": form_today(),
            "responders": responders(timezone.localdate()),
        },
    )


@require_safe
@on_record(MAKE, Kind.PERSON_READ)
def to_read(_request: HttpRequest, person: Person) -> HttpResponse:
    """Lead to what a lead reviews: the draft as it would be handed in, or else the page of the person's referrals."""
    draft = person.referrals.filter(closed_at__isnull=True).first()
    if draft is None:
        return redirect("person-referral", person_id=person.pk)
    return redirect("referral-check", referral_id=draft.pk)


def _last(referral: Referral) -> str:
    """Where a referral stands, in words."""
    if referral.closed_at is None:
        return _("Draft: not closed")
    if referral.handed_in_on is None:
        return _("Ready to hand in")
    last = max(referral.decisions.all(), key=lambda item: (item.on, item.pk), default=None)
    if last:
        return _(kinds()[last.kind].label)
    return _("Handed in on %(day)s") % {"day": date_format(referral.handed_in_on)}


@require_safe
@on_referral(Kind.REFERRAL_READ)
def referral(request: HttpRequest, found: Referral) -> HttpResponse:
    """The sections with what is missing in each; once closed, the hand-in, the decisions and the clock."""
    form = nrm_form_version(found.form)
    missing = form.missing(found.answers)
    sections = [
        (form.section(name), len(missing.get(name, ()))) for name in form.asked(found.answers) if name != "evidence"
    ]
    decisions = list(Decision.every.filter(referral=found).select_related("taken_back_by"))
    happened = [(item.kind, item.on) for item in decisions if item.taken_back_at is None]
    return page(
        request,
        found,
        "referral",
        form=form,
        sections=sections,
        files=found.evidence.count(),
        missing=sum(number for _section, number in sections),
        hindrances=actions.hindrances(found, today=timezone.localdate()) if not found.closed_at else (),
        hand_ins=[(item, package.hand_in_words(item)) for item in found.hand_ins.all()],
        agreed=actions.agreed(found, on=timezone.localdate()),
        decisions=[(item, _(kinds()[item.kind].label)) for item in decisions],
        decided=bool(happened),
        clock=running(happened, place=settings.PLACE, child=found.answers.get("under_18") != "no"),
        today=timezone.localdate(),
        child=found.answers.get("under_18") in ("yes", "not_sure"),
    )


@require_http_methods(GET_OR_POST)
@on_referral(Kind.REFERRAL_READ)
def section(request: HttpRequest, found: Referral, name: str) -> HttpResponse:
    """One section of the form."""
    form = nrm_form_version(found.form)
    try:
        about = form.section(name)
    except LawError:
        raise Http404 from None
    if found.closed_at:
        return refuse(request, found, NotNow("the referral is closed, and is not changed"))
    data = typed(request)
    filled = SectionForm(data, form=form, section=name, answers=found.answers, version=found.version)
    if request.method == "POST" and filled.is_valid():
        try:
            gone = actions.answer(
                found,
                expected=filled.cleaned_data["version"],
                section=name,
                values=filled.answers(),
                by=user_of(request),
                at=timezone.now(),
            )
        except Conflict as conflict:
            current = conflict.current
            assert isinstance(current, Referral)  # noqa: S101  # what answer locks
            differing = differing_fields(filled, current.answers, version=current.version)
            return page(request, found, "section", form=filled, section=about, differing=differing, status=409)
        if gone:
            titles = {item.id: item.label for item in form.fields}
            words = ", ".join(_(titles[name]) for name in gone)
            messages.warning(request, _("No longer asked, and taken out: %(fields)s.") % {"fields": words})
        following = _next(form, found, name) if "next" in request.POST else ""
        if following:
            return redirect("referral-section", referral_id=found.pk, name=following)
        return redirect("referral", referral_id=found.pk)
    return page(request, found, "section", form=filled, section=about, next=_next(form, found, name))


def _next(form: NrmForm, found: Referral, name: str) -> str:
    """The section after this one, with the answers as they are now; empty after the last."""
    current = Referral.objects.get(pk=found.pk)
    names = [item for item in form.asked(current.answers) if item != "evidence"]
    return names[names.index(name) + 1] if name in names and names.index(name) + 1 < len(names) else ""


@require_safe
@on_referral(Kind.REFERRAL_READ)
def check(request: HttpRequest, found: Referral) -> HttpResponse:
    """Everything as it would be handed in."""
    form = nrm_form_version(found.form)
    return page(
        request,
        found,
        "check",
        sections=package.sections_in_words(form, found.answers),
        evidence=found.evidence.defer("content"),
        hindrances=actions.hindrances(found, today=timezone.localdate()) if not found.closed_at else (),
    )


@require_safe
@on_referral(Kind.REFERRAL_TAKEN)
def document(request: HttpRequest, found: Referral) -> HttpResponse:
    """The referral as a PDF."""
    return as_file(package.as_document(found), "application/pdf", f"referral-{found.person.shown_reference}.pdf")


@require_safe
@on_referral(Kind.REFERRAL_TAKEN)
def whole(request: HttpRequest, found: Referral) -> HttpResponse:
    """The package, once it is closed."""
    if not found.closed_at:
        return refuse(request, found, NotNow("it is not closed yet"))
    return as_file(package.as_package(found), "application/zip", f"referral-{found.person.shown_reference}.zip")


@require_safe
@on_referral(Kind.REFERRAL_TAKEN)
def receipt(request: HttpRequest, found: Referral) -> HttpResponse:
    """The receipt, once it is closed."""
    if not found.closed_at:
        return refuse(request, found, NotNow("it is not closed yet"))
    return as_file(package.receipt_pdf(found), "application/pdf", f"receipt-{found.person.shown_reference}.pdf")


@require_POST
@on_referral()
def close(request: HttpRequest, found: Referral) -> HttpResponse:
    """Close it as it stands, so that it can be handed to the Home Office."""
    try:
        actions.close(found, by=user_of(request), at=timezone.now())
    except NotNow as error:
        return refuse(request, found, error)
    messages.success(
        request,
        _("The referral is closed, and ready to hand in. Take the package, hand it in, and record here that you did."),
    )
    return redirect("referral", referral_id=found.pk)


@require_POST
@on_referral()
def discard(request: HttpRequest, found: Referral) -> HttpResponse:
    """Throw a draft away."""
    try:
        actions.discard(found, by=user_of(request), at=timezone.now())
    except NotNow as error:
        return refuse(request, found, error)
    messages.success(request, _("The draft was thrown away."))
    return redirect("person-referral", person_id=found.person_id)


@require_http_methods(GET_OR_POST)
@on_referral(Kind.REFERRAL_READ)
def evidence(request: HttpRequest, found: Referral) -> HttpResponse:
    """The files that go with it."""
    form = nrm_form_version(found.form)
    upload = EvidenceForm(typed(request), request.FILES or None, form=form)
    if request.method == "POST" and upload.is_valid():
        file = upload.cleaned_data["file"]
        try:
            actions.add_evidence(
                found,
                name=file.name,
                content=file.read(),
                shows=upload.cleaned_data["shows"],
                by=user_of(request),
                at=timezone.now(),
            )
        except files.NotEvidence as error:
            upload.add_error("file", _(str(error)).capitalize())
        except NotNow as error:
            return refuse(request, found, error)
        else:
            messages.success(request, _("The file was kept, sealed."))
            return redirect("referral-evidence", referral_id=found.pk)
    return page(request, found, "evidence", form=upload, evidence=found.evidence.defer("content"))


@require_safe
@on_referral(Kind.EVIDENCE_READ)
def evidence_file(request: HttpRequest, found: Referral, evidence_id: UUID) -> HttpResponse:
    """One file, to be saved and never shown in the browser."""
    item = evidence_of(found, evidence_id)
    content = package.bytes_of(item)
    response = as_file(content, "application/octet-stream", files.saved_name(item.name or "evidence", item.type))
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@on_referral()
def evidence_remove(request: HttpRequest, found: Referral, evidence_id: UUID) -> HttpResponse:
    """Take a file out again."""
    try:
        actions.remove_evidence(evidence_of(found, evidence_id), referral=found, by=user_of(request), at=timezone.now())
    except NotNow as error:
        return refuse(request, found, error)
    messages.success(request, _("The file was taken out."))
    return redirect("referral-evidence", referral_id=found.pk)


@require_http_methods(GET_OR_POST)
@on_referral(Kind.REFERRAL_READ)
@adds
def decision(request: HttpRequest, found: Referral) -> HttpResponse:
    """Record a decision."""
    form = DecisionForm(typed(request))
    if found.handed_in_on is None:
        return refuse(request, found, NotNow("nobody has recorded that the referral was handed in: record that first"))
    if request.method == "POST" and form.is_valid():
        try:
            recorded = actions.decide(found, by=user_of(request), at=timezone.now(), **form.cleaned_data)
        except NotNow as error:
            form.add_error("on", capfirst(_(str(error))))
        else:
            made(request, f"decision:{recorded.pk}")
            messages.success(request, _("The decision was recorded, and the clock set."))
            return redirect("referral", referral_id=found.pk)
    return page(request, found, "decision", form=form)


@require_safe
@requires(MAKE)
def clocks(request: HttpRequest) -> HttpResponse:
    """What of one's teams waits to be handed in, and their clocks: what ends next, first."""
    user = user_of(request)
    with transaction.atomic():
        teams = list(teams_with(user, MAKE))
        mine = referrals_of(teams).defer("answers")
        rows = with_clocks(mine).select_related("person__worker")
        long_past = timezone.localdate() - timedelta(days=SHOWN_AFTERWARDS)
        older = rows.filter(clock_ends__lt=long_past).exists() if "all" not in request.GET else False
        rows = rows if "all" in request.GET else rows.filter(clock_ends__gte=long_past)
        shown = page_of(rows, key="clock_ends", after=request.GET.get("after", ""), descending=False)
        drafts = mine.filter(closed_at__isnull=True).select_related("person")
        waiting = list(to_hand_in(mine).select_related("person__worker")[:MOST_WAITING])
        _note(Kind.REFERRALS_LISTED, user, teams, count=len(shown.rows) + len(waiting))
    return render(
        request,
        "referrals/clocks.html",
        {
            "rows": [(item, _clock_title(item), _days_left(item)) for item in shown.rows],
            "older": older,
            "waiting": [(item, _days_since(item)) for item in waiting],
            "drafts": drafts.order_by("changed_at")[:25],
            "page": shown,
            "next": address_with(request.GET, after=shown.after) if shown.after else "",
            "first": address_with(request.GET, after=""),
        },
    )


def _days_since(item: Referral) -> int:
    """Days since a referral was closed."""
    return (timezone.localdate() - day_of(item.closed_at)).days if item.closed_at else 0


def _days_left(item: Referral) -> int:
    """Days until the clock's last day; below nothing once it has passed."""
    return (item.clock_ends - timezone.localdate()).days if item.clock_ends else 0


def _clock_title(item: Referral) -> str:
    return _(clock_of(item.clock, settings.PLACE).title)


def _note(kind: Kind, user: User, teams: Sequence[Team], **facts: Fact) -> None:
    record(kind, actor=user.pk, organisation=teams[0].organisation_id if teams else "", at=None, **facts)


@require_safe
@requires(MAKE)
def blank(request: HttpRequest) -> HttpResponse:
    """The form to fill in by hand."""
    pdf = package.blank(nrm_form(settings.PLACE, on=timezone.localdate()))
    return as_file(pdf, "application/pdf", "referral-form.pdf")


@require_safe
@requires(MAKE)
def signs(request: HttpRequest) -> HttpResponse:
    """Which signs came before a positive decision, as numbers only."""
    with transaction.atomic():
        found = before_positive()
        user = user_of(request)
        _note(Kind.SIGNS_ASKED, user, list(teams_with(user, MAKE)))
    return render(request, "referrals/signs.html", {"found": found})
