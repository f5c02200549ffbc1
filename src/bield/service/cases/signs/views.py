"""The pages of the signs in a record: answers with their sources, a check brought in, signed assessments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from bield.indicators import Answer
from bield.law import load_place
from bield.service.accounts.access import user_of
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases import actions, display
from bield.service.cases.gate import on_record
from bield.service.cases.models import Person
from bield.service.cases.same_person.merged import assessments_of
from bield.service.cases.signs.forms import SignsForm
from bield.service.cases.situation import read_check
from bield.service.cases.views import page, refuse
from bield.service.changes import NotNow
from bield.service.codelists import label
from bield.service.drafts.access import typed
from bield.service.gates import GET_OR_POST
from bield.service.signs.asking import steps
from bield.service.signs.display import show
from bield.service.signs.forms import SavedCheckForm
from bield.service.signs.labels import label_in
from bield.service.signs.state import Check


def _check(person: Person) -> Check:
    return display.check_of(person, {key: answer for key, (answer, _source) in display.answers_of(person).items()})


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_EDIT, Kind.SIGNS_READ)
def part(request: HttpRequest, person: Person, number: int) -> HttpResponse:
    """The signs of one dimension. Every button saves."""
    check, answers = _check(person), display.answers_of(person)
    assert check.person is not None  # noqa: S101  # a record always has an age and a kind
    dimensions = list(check.codebook.dimensions.values())
    if not 1 <= number <= len(dimensions):
        raise Http404
    dimension = dimensions[number - 1]
    form = SignsForm(
        typed(request), check=check, dimension=dimension.id, answers=answers, evidence=display.evidence_of(person)
    )
    if request.method == "POST" and form.is_valid():
        actions.answer_signs(
            person=person,
            by=user_of(request),
            at=timezone.now(),
            answers=form.answers(),
            words=form.evidence(),
            inherent=form.fact(),
        )
        go = request.POST.get("go", "")
        if go.isdecimal() and 1 <= int(go) <= len(dimensions):
            return redirect("person-signs", person_id=person.pk, number=int(go))
        if go == "next" and number < len(dimensions):
            return redirect("person-signs", person_id=person.pk, number=number + 1)
        return redirect("person-sign", person_id=person.pk)
    return page(
        request,
        person,
        "cases/signs/signs",
        form=form,
        number=number,
        parts=len(dimensions),
        title=_(dimension.title(check.person.sets, check.gender)),
        intro=_(dimension.about),
        answered=len(check.answers),
        steps=steps(check.codebook, check.answers, sets=check.person.sets, gender=check.gender, current=number),
    )


@require_http_methods(GET_OR_POST)
@on_record(Permission.ASSESSMENT_SIGN, Kind.SIGNS_READ)
def sign(request: HttpRequest, person: Person) -> HttpResponse:
    """What the answers add up to so far. Signing makes an assessment that nobody can change."""
    check = _check(person)
    if request.method == "POST":
        try:
            signed = actions.sign_assessment(person=person, check=check, by=user_of(request), at=timezone.now())
        except NotNow as error:
            return refuse(request, person, error)
        messages.success(request, _("Signed. It cannot be changed; a later assessment takes its place."))
        return redirect("person-assessment", person_id=person.pk, assessment_id=signed.pk)
    last = assessments_of(person).select_related("by").first()
    changes = display.changes(read_check(last), check) if last else []
    return page(
        request,
        person,
        "cases/signs/sign",
        shown=_shown(check),
        check=check,
        last=last,
        changes=changes,
        answered=bool(check.answers),
    )


def _shown(check: Check) -> Any:
    return show(check, load_place(settings.PLACE), today=timezone.localdate())


@require_safe
@on_record(Permission.PERSON_SEE, Kind.ASSESSMENT_READ)
def assessment(request: HttpRequest, person: Person, assessment_id: UUID) -> HttpResponse:
    """A signed assessment, and what changed since the one before."""
    signed = assessments_of(person).select_related("by", "supersedes").filter(pk=assessment_id).first()
    if signed is None:
        raise Http404
    check = read_check(signed)
    before = signed.supersedes
    sources = {key: label("source", source) for key, source in signed.sources.items()}
    book = check.codebook
    return page(
        request,
        person,
        "cases/signs/assessment",
        assessment=signed,
        shown=_shown(check),
        book=book,
        sources=[
            (label_in(check, key), source, (signed.words or {}).get(key, ""))
            for key, source in sources.items()
            if key in book.indicators
        ],
        changes=display.changes(read_check(before), check) if before else [],
        later=getattr(signed, "superseded_by", None),
    )


@require_safe
@on_record(Permission.PERSON_SEE, Kind.SIGNS_READ)
def assessments(request: HttpRequest, person: Person) -> HttpResponse:
    """Every signed assessment, newest first."""
    rows = [(signed, display.summary_of(signed)) for signed in assessments_of(person).select_related("by")]
    return page(request, person, "cases/signs/assessments", rows=rows, answered=person.answers.exists())


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_EDIT, Kind.PERSON_READ)
def bring_in(request: HttpRequest, person: Person) -> HttpResponse:
    """Bring in a check made with the public tool. Signs that the record has an answer for stay as they are."""
    form = SavedCheckForm(request.POST, request.FILES) if request.method == "POST" else SavedCheckForm()
    if request.method == "POST" and form.is_valid():
        answers = display.answers_of(person)
        known = _check(person).codebook.indicators  # the file may be of an older list, with signs that went since
        in_check = {key: answer for key, answer in form.check.answers.items() if key in known}
        new = {key: (answer, "check") for key, answer in in_check.items() if key not in answers}
        differing = sum(1 for key, answer in in_check.items() if key in answers and answers[key][0] is not answer)
        actions.answer_signs(
            person=person,
            by=user_of(request),
            at=timezone.now(),
            answers=new,
            inherent=form.check.inherent if form.check.inherent is not Answer.UNKNOWN else None,
            kind=Kind.SIGNS_BROUGHT_IN,
        )
        words = ngettext("%(n)d answer was brought in.", "%(n)d answers were brought in.", len(new))
        messages.success(request, words % {"n": len(new)})
        if differing:
            words = ngettext(
                "%(n)d differs from what the record had, and was left as it was here.",
                "%(n)d differ from what the record had, and were left as they were here.",
                differing,
            )
            messages.warning(request, words % {"n": differing})
        return redirect("person-sign", person_id=person.pk)
    return page(request, person, "cases/signs/bring_in", form=form)
