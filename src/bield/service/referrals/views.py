"""The pages of a referral. Each goes through the record's gate, and each reading records an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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
from bield.service.cases.who import child_words, who
from bield.service.changes import Conflict, NotNow
from bield.service.days import day_of
from bield.service.design.lists import quick_filters
from bield.service.design.meanwhile import differing_fields
from bield.service.design.refusing import refused
from bield.service.documents import as_file
from bield.service.drafts.access import typed
from bield.service.drafts.middleware import adds, made
from bield.service.gates import GET_OR_POST
from bield.service.paging import address_with, page_of
from bield.service.referrals import actions, files, package
from bield.service.referrals.access import evidence_of, referrals_of, to_hand_in, with_clocks
from bield.service.referrals.decisions import kinds, running_clock
from bield.service.referrals.fill import may_refer, responders
from bield.service.referrals.forms import DecisionForm, EvidenceForm, SectionForm, form_today
from bield.service.referrals.gate import MAKE, on_referral
from bield.service.referrals.models import Decision, Referral
from bield.service.referrals.signs import before_positive

MOST_WAITING = 100
"""How many referrals that wait to be handed in the page of clocks shows."""

MOST_DRAFTS = 25

SHOWN_AFTERWARDS = 14
"""Days for which a clock that has ended is still listed with those that run."""


def page(request: HttpRequest, referral: Referral, template: str, **values: Any) -> HttpResponse:
    """Render a page of a referral, with the values that the head of every page shows."""
    status = values.pop("status", 200)
    shared = {"referral": referral, "person": referral.person}
    return render(request, f"referrals/{template}.html", shared | values, status=status)


def refuse(request: HttpRequest, referral: Referral, why: Exception) -> HttpResponse:
    """Go back to the referral's page and say why something cannot be done now."""
    return refused(request, why, "referral", referral_id=referral.pk)


@require_http_methods(GET_OR_POST)
@on_record(MAKE, Kind.PERSON_READ)
def of_person(request: HttpRequest, person: Person) -> HttpResponse:
    """The referrals of a person, and the button to begin one."""
    if request.method == "POST":
        try:
            begun = actions.begin(person, by=user_of(request), at=timezone.now())
        except NotNow as error:
            return refused(request, error, "person-referral", person_id=person.pk)
        return redirect("referral", referral_id=begun.pk)
    referrals = [(item, _state_words(item)) for item in person.referrals.prefetch_related("decisions")]
    return render(
        request,
        "referrals/of_person.html",
        {
            "person": person,
            "referrals": referrals,
            "may_refer": may_refer(person, today=timezone.localdate()),
            "draft": any(item.closed_at is None for item, _state in referrals),
            "nrm": form_today(),
            "responders": responders(timezone.localdate()),
        },
    )


@require_safe
@on_record(MAKE, Kind.PERSON_READ)
def to_read(_request: HttpRequest, person: Person) -> HttpResponse:
    """Redirect a lead to what they review: the draft as it would be handed in, else the person's referrals."""
    draft = person.referrals.filter(closed_at__isnull=True).first()
    if draft is None:
        return redirect("person-referral", person_id=person.pk)
    return redirect("referral-check", referral_id=draft.pk)


def _state_words(referral: Referral) -> str:
    """The state of a referral in words."""
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
def referral(request: HttpRequest, referral: Referral) -> HttpResponse:
    """The sections with how much is missing in each; once closed, the hand-in, the decisions and the clock."""
    form = nrm_form_version(referral.form)
    missing = form.missing(referral.answers)
    sections = [
        (form.section(name), len(missing.get(name, ()))) for name in form.asked(referral.answers) if name != "evidence"
    ]
    decisions = list(Decision.every.filter(referral=referral).select_related("taken_back_by"))
    happened = [(item.kind, item.on) for item in decisions if item.taken_back_at is None]
    return page(
        request,
        referral,
        "referral",
        form=form,
        sections=sections,
        files=referral.evidence.count(),
        missing=sum(number for _section, number in sections),
        hindrances=actions.hindrances(referral, today=timezone.localdate()) if not referral.closed_at else (),
        hand_ins=[(item, package.hand_in_words(item)) for item in referral.hand_ins.all()],
        agreed=actions.agreed(referral, on=timezone.localdate()),
        decisions=[(item, _(kinds()[item.kind].label)) for item in decisions],
        decided=bool(happened),
        clock=running_clock(happened, place=settings.PLACE, child=referral.answers.get("under_18") != "no"),
        today=timezone.localdate(),
        child=referral.answers.get("under_18") in ("yes", "not_sure"),
    )


@require_http_methods(GET_OR_POST)
@on_referral(Kind.REFERRAL_READ)
def section(request: HttpRequest, referral: Referral, name: str) -> HttpResponse:
    """A section of the form."""
    form = nrm_form_version(referral.form)
    try:
        form_section = form.section(name)
    except LawError:
        raise Http404 from None
    if referral.closed_at:
        return refuse(request, referral, NotNow("the referral is closed, so it cannot be changed"))
    data = typed(request)
    section_form = SectionForm(data, form=form, section=name, answers=referral.answers, version=referral.version)
    if request.method == "POST" and section_form.is_valid():
        try:
            dropped = actions.answer(
                referral,
                expected=section_form.cleaned_data["version"],
                section=name,
                values=section_form.answers(),
                by=user_of(request),
                at=timezone.now(),
            )
        except Conflict as conflict:
            current = conflict.row(Referral)
            differing = differing_fields(section_form, current.answers, version=current.version)
            return page(
                request, referral, "section", form=section_form, section=form_section, differing=differing, status=409
            )
        if dropped:
            titles = {item.id: item.label for item in form.fields}
            words = ", ".join(_(titles[name]) for name in dropped)
            messages.warning(request, _("No longer asked, so the answer was deleted: %(fields)s.") % {"fields": words})
        following = _next(form, referral, name) if "next" in request.POST else ""
        if following:
            return redirect("referral-section", referral_id=referral.pk, name=following)
        return redirect("referral", referral_id=referral.pk)
    return page(request, referral, "section", form=section_form, section=form_section, next=_next(form, referral, name))


def _next(form: NrmForm, referral: Referral, name: str) -> str:
    """The section after this one, with the answers as they are now; empty after the last."""
    current = Referral.objects.get(pk=referral.pk)
    names = [item for item in form.asked(current.answers) if item != "evidence"]
    return names[names.index(name) + 1] if name in names and names.index(name) + 1 < len(names) else ""


@require_safe
@on_referral(Kind.REFERRAL_READ)
def check(request: HttpRequest, referral: Referral) -> HttpResponse:
    """The whole referral as it would be handed in."""
    form = nrm_form_version(referral.form)
    return page(
        request,
        referral,
        "check",
        sections=package.sections_in_words(form, referral.answers),
        evidence=referral.evidence.defer("content"),
        hindrances=actions.hindrances(referral, today=timezone.localdate()) if not referral.closed_at else (),
    )


@require_safe
@on_referral(Kind.REFERRAL_TAKEN)
def document(request: HttpRequest, referral: Referral) -> HttpResponse:
    """The referral as a PDF."""
    return as_file(package.as_document(referral), "application/pdf", f"referral-{referral.person.shown_reference}.pdf")


@require_safe
@on_referral(Kind.REFERRAL_TAKEN)
def whole(request: HttpRequest, referral: Referral) -> HttpResponse:
    """The package, once the referral is closed."""
    if not referral.closed_at:
        return refuse(request, referral, NotNow("the referral is not closed yet: close it first"))
    return as_file(package.as_package(referral), "application/zip", f"referral-{referral.person.shown_reference}.zip")


@require_safe
@on_referral(Kind.REFERRAL_TAKEN)
def receipt(request: HttpRequest, referral: Referral) -> HttpResponse:
    """The receipt, once the referral is closed."""
    if not referral.closed_at:
        return refuse(request, referral, NotNow("the referral is not closed yet: close it first"))
    return as_file(package.receipt_pdf(referral), "application/pdf", f"receipt-{referral.person.shown_reference}.pdf")


@require_POST
@on_referral()
def close(request: HttpRequest, referral: Referral) -> HttpResponse:
    """Close the referral as it is, so that it can be handed in to the Home Office."""
    try:
        actions.close(referral, by=user_of(request), at=timezone.now())
    except NotNow as error:
        return refuse(request, referral, error)
    messages.success(
        request,
        _("The referral is closed and ready to hand in. Download the package, hand it in, and record that here."),
    )
    return redirect("referral", referral_id=referral.pk)


@require_POST
@on_referral()
def discard(request: HttpRequest, referral: Referral) -> HttpResponse:
    """Delete a draft."""
    try:
        actions.discard(referral, by=user_of(request), at=timezone.now())
    except NotNow as error:
        return refuse(request, referral, error)
    messages.success(request, _("The draft was deleted."))
    return redirect("person-referral", person_id=referral.person_id)


@require_http_methods(GET_OR_POST)
@on_referral(Kind.REFERRAL_READ)
def evidence(request: HttpRequest, referral: Referral) -> HttpResponse:
    """The files of evidence, and adding one."""
    form = nrm_form_version(referral.form)
    upload = EvidenceForm(typed(request), request.FILES or None, form=form)
    if request.method == "POST" and upload.is_valid():
        file = upload.cleaned_data["file"]
        try:
            actions.add_evidence(
                referral,
                name=file.name,
                content=file.read(),
                shows=upload.cleaned_data["shows"],
                by=user_of(request),
                at=timezone.now(),
            )
        except files.NotEvidence as error:
            upload.add_error("file", _(str(error)).capitalize())
        except NotNow as error:
            return refuse(request, referral, error)
        else:
            messages.success(request, _("The file was saved, sealed."))
            return redirect("referral-evidence", referral_id=referral.pk)
    return page(request, referral, "evidence", form=upload, evidence=referral.evidence.defer("content"))


@require_safe
@on_referral(Kind.EVIDENCE_READ)
def evidence_file(request: HttpRequest, referral: Referral, evidence_id: UUID) -> HttpResponse:
    """A file of evidence, to be saved and never shown in the browser."""
    file = evidence_of(referral, evidence_id)
    content = package.bytes_of(file)
    response = as_file(content, "application/octet-stream", files.saved_name(file.name or "evidence", file.type))
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@on_referral()
def evidence_remove(request: HttpRequest, referral: Referral, evidence_id: UUID) -> HttpResponse:
    """Delete a file of evidence."""
    try:
        actions.remove_evidence(
            evidence_of(referral, evidence_id), referral=referral, by=user_of(request), at=timezone.now()
        )
    except NotNow as error:
        return refuse(request, referral, error)
    messages.success(request, _("The file was deleted."))
    return redirect("referral-evidence", referral_id=referral.pk)


@require_http_methods(GET_OR_POST)
@on_referral(Kind.REFERRAL_READ)
@adds
def decision(request: HttpRequest, referral: Referral) -> HttpResponse:
    """Record a decision."""
    form = DecisionForm(typed(request))
    if referral.handed_in_on is None:
        return refuse(
            request, referral, NotNow("nobody has recorded that the referral was handed in: record that first")
        )
    if request.method == "POST" and form.is_valid():
        try:
            recorded = actions.decide(referral, by=user_of(request), at=timezone.now(), **form.cleaned_data)
        except NotNow as error:
            form.add_error("on", capfirst(_(str(error))))
        else:
            made(request, f"decision:{recorded.pk}")
            messages.success(request, _("The decision was recorded, and the clock set."))
            return redirect("referral", referral_id=referral.pk)
    return page(request, referral, "decision", form=form)


@dataclass(frozen=True, slots=True)
class ListedReferral:
    """A referral on a list, and who it is about without a name.

    days: until its clock's last day, negative once that has passed; without a clock, since it was closed.
    """

    referral: Referral
    who: str
    tag: str
    days: int
    title: str = ""
    closed: date | None = None


@require_safe
@requires(MAKE)
def clocks(request: HttpRequest) -> HttpResponse:
    """The referrals of the user's teams that wait to be handed in, and their clocks, soonest end first."""
    user = user_of(request)
    with transaction.atomic():
        teams = list(teams_with(user, MAKE))
        every = referrals_of(teams).defer("answers").select_related("person__worker")
        mine = every.filter(person__worker=user) if request.GET.get("whose") == "mine" else every
        running = with_clocks(mine)
        long_past = timezone.localdate() - timedelta(days=SHOWN_AFTERWARDS)
        older = running.filter(clock_ends__lt=long_past).exists() if "all" not in request.GET else False
        running = running if "all" in request.GET else running.filter(clock_ends__gte=long_past)
        clocks_page = page_of(running, key="clock_ends", after=request.GET.get("after", ""), descending=False)
        drafts = list(mine.filter(closed_at__isnull=True).order_by("changed_at")[:MOST_DRAFTS])
        waiting = list(to_hand_in(mine)[:MOST_WAITING])
        _note(Kind.REFERRALS_LISTED, user, teams, count=len(clocks_page.rows) + len(waiting))
    filters: list[tuple[str, dict[str, str], str]] = [(_("The team’s"), {}, ""), (_("Mine"), {"whose": "mine"}, "")]
    return render(
        request,
        "referrals/clocks.html",
        {
            "rows": [_listed(item) for item in clocks_page.rows],
            "older": older,
            "waiting": [_listed(item) for item in waiting],
            "drafts": [_listed(item) for item in drafts],
            "quick": quick_filters(request.GET, filters, {}),
            "page": clocks_page,
            "next": address_with(request.GET, after=clocks_page.after) if clocks_page.after else "",
            "first": address_with(request.GET, after=""),
        },
    )


def _listed(referral: Referral) -> ListedReferral:
    today = timezone.localdate()
    closed = day_of(referral.closed_at) if referral.closed_at else None
    runs = referral.clock_ends is not None
    days = (referral.clock_ends - today).days if referral.clock_ends else (today - closed).days if closed else 0
    person = referral.person
    title = _(clock_of(referral.clock, settings.PLACE).title) if runs else ""
    return ListedReferral(referral, who(person), child_words(person), days, title, closed)


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
        counts = before_positive()
        user = user_of(request)
        _note(Kind.SIGNS_ASKED, user, list(teams_with(user, MAKE)))
    return render(request, "referrals/signs.html", {"found": counts})
