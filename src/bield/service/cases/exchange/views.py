"""The pages that export records as HTCDS and take cases in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy, ngettext, ngettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from bield.errors import UserError
from bield.service.accounts.access import requires, teams_with, user_of
from bield.service.accounts.models import Team
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases.access import reach_of
from bield.service.cases.events import note
from bield.service.cases.exchange import htcds
from bield.service.cases.listing.narrowing import chosen, form_of
from bield.service.cases.listing.views import MOST_IN_A_FILE, note_list
from bield.service.codelists import label
from bield.service.days import day_of
from bield.service.design.fields import set_queryset
from bield.service.documents import as_file
from bield.service.drafts.access import typed
from bield.service.drafts.held import Line, Upload
from bield.service.drafts.preview import Effect, FileImport, Plan, hold_for_preview, preview
from bield.service.gates import GET_OR_POST
from bield.standards import Cases, Summary, document, read_cases, summarised

BEGINS: Final = "begins"
LEFT_OUT: Final = "left_out"
MOST_PROBLEMS = 50
"""How many kinds of problems to show."""
MOST_LOOKED_FOR = 2_000
"""How many problems to look for in a file of cases, so that a file full of errors is answered quickly."""
BIGGEST_CASES = 1 << 20
"""The largest file of cases, in bytes."""


class CasesForm(forms.Form):
    """A file of cases from another system."""

    team = forms.ModelChoiceField(
        label=gettext_lazy("Team"),
        queryset=Team.objects.none(),
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose a team")},
    )
    file = forms.FileField(
        label=gettext_lazy("The file"),
        help_text=gettext_lazy("HTCDS 2.0 as JSON or as a CSV table, or a CSV file of CTDC; up to 1 MB."),
        error_messages={"required": gettext_lazy("Choose a file"), "empty": gettext_lazy("The file is empty")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, files: Any = None, *, teams: QuerySet[Team]) -> None:
        super().__init__(data, files)
        set_queryset(self, "team", teams)
        self.cases: Cases | None = None

    def clean_file(self) -> bytes:
        upload = self.cleaned_data["file"]
        if upload.size > BIGGEST_CASES:
            raise forms.ValidationError(gettext_lazy("The file is larger than 1 MB: split it and take in the parts"))
        try:
            today = timezone.localdate()
            content: bytes = upload.read()
            self.cases = read_cases(gettext("The file"), content, today=today, most=MOST_LOOKED_FOR, guess=True)
        except UserError as error:
            raise forms.ValidationError(error.words) from error
        return content


@require_safe
@requires(Permission.PERSON_SEE)
def as_htcds(request: HttpRequest) -> HttpResponse:
    """The filtered list as cases of HTCDS. It holds no identity, not even a reference."""
    user = user_of(request)
    with transaction.atomic():
        reach = reach_of(user)
        people = chosen(reach, form_of(reach, request.GET)).order_by("-changed_at", "-pk")[:MOST_IN_A_FILE]
        cases = [htcds.as_case(person) for person in people]
        note_list(Kind.LIST_EXPORTED, user, count=len(cases), form="htcds")
    text = json.dumps(document(cases), indent=2)
    return as_file(text.encode(), "application/json", "cases-htcds.json")


@require_http_methods(GET_OR_POST)
@requires(Permission.PERSON_EDIT)
def take_in(request: HttpRequest) -> HttpResponse:
    """Choose a file of cases. No record begins before the user has checked what would."""
    teams = teams_with(user_of(request), Permission.PERSON_EDIT).select_related("organisation")
    form = CasesForm(typed(request), request.FILES or None, teams=teams)
    problems: list[Summary] = []
    if request.method == "POST" and form.is_valid() and form.cases is not None:
        problems = summarised(form.cases.problems)
        if not problems:
            cases, team = list(form.cases.as_htcds()), form.cleaned_data["team"]
            try:
                htcds.refuse_if_taken(cases, team=team)
            except htcds.TakenBefore as error:
                return _taken_before(request, error)
            content, about = form.cleaned_data["file"], {"team": str(team.pk)}
            return hold_for_preview(request, IMPORT, content=content, about=about, lines=_lines(cases))
    context = {"form": form, "problems": problems[:MOST_PROBLEMS], "more": max(len(problems) - MOST_PROBLEMS, 0)}
    return render(request, "cases/exchange/take_in.html", context, status=422 if problems else 200)


@require_http_methods(GET_OR_POST)
@requires(Permission.PERSON_EDIT)
def take_in_look(request: HttpRequest) -> HttpResponse:
    """Show which records the file would begin; begin them, or drop the file."""
    return preview(request, IMPORT)


def _plan(request: HttpRequest, upload: Upload) -> Plan:
    """What would begin now, and the action that begins it."""
    team = teams_with(user_of(request), Permission.PERSON_EDIT).filter(pk=upload.about["team"]).first()
    if team is None:
        raise PermissionDenied
    cases = list(read_cases(gettext("The file"), upload.content, today=timezone.localdate(), guess=True).as_htcds())
    return Plan(tuple(_lines(cases)), lambda: _take(request, cases, team))


def _take(request: HttpRequest, cases: Sequence[Mapping[str, Any]], team: Team) -> HttpResponse:
    user = user_of(request)
    try:
        people = htcds.take_in(cases, team=team, by=user, at=timezone.now())
    except htcds.TakenBefore as error:
        return _taken_before(request, error)
    words = ngettext("%(count)d record was begun.", "%(count)d records were begun.", len(people))
    messages.success(request, words % {"count": len(people)})
    known = htcds.perhaps_known(people)
    if not known:
        return redirect("people")
    for matched in {record.pk: record for person, others in known for record in (person, *others)}.values():
        note(Kind.FOUND_BY_NAME, matched, user)
    return render(request, "cases/exchange/perhaps_known.html", {"known": known})


def _taken_before(request: HttpRequest, error: htcds.TakenBefore) -> HttpResponse:
    count, day = error.before.people, date_format(day_of(error.before.at))
    words = ngettext(
        "Nothing was taken in: this file was taken in on %(day)s, and %(count)d record was begun.",
        "Nothing was taken in: this file was taken in on %(day)s, and %(count)d records were begun.",
        count,
    )
    messages.info(request, words % {"day": day, "count": count})
    return redirect("people")


def _lines(cases: Sequence[Mapping[str, Any]]) -> list[Line]:
    """A line for each record: what it would say, and whether it has names, without the names."""
    records = htcds.begun(cases, today=timezone.localdate())
    lines = [_line(number, record) for number, record in enumerate(records, start=1)]
    place = gettext("A perpetrator")
    return lines + [Line(place, LEFT_OUT) for _number in range(htcds.left_out(cases))]


def _line(number: int, record: htcds.Begun) -> Line:
    said = [
        (gettext("Age"), label("age", record.values["age"])),
        (gettext("Gender"), label("gender", record.values["gender"])),
    ]
    if kinds := record.values["exploitation"]:
        said.append((gettext("Exploitation"), ", ".join(label("exploitation", kind) for kind in kinds)))
    notes = []
    if any(record.names.values()):
        notes.append(
            gettext("Has names or other identifying details. They are sealed with the record and not shown here.")
        )
    if record.ways:
        notes.append(
            ngettext(
                "%(count)d telephone number, not known to be safe.",
                "%(count)d telephone numbers, not known to be safe.",
                len(record.ways),
            )
            % {"count": len(record.ways)}
        )
    return Line(gettext("Record %(number)d") % {"number": number}, BEGINS, tuple(said), notes=tuple(notes))


IMPORT = FileImport(
    name="cases",
    begin="people-take-in",
    preview="people-take-in-look",
    room=("people", gettext_lazy("people")),
    title=gettext_lazy("Check before you import cases"),
    lead=gettext_lazy("No record has begun yet. This is what the file would do."),
    kinds=(
        Effect(
            BEGINS,
            gettext_lazy("begins"),
            ngettext_lazy("%(count)d record begins", "%(count)d records begin", "count"),
        ),
        Effect(
            LEFT_OUT,
            gettext_lazy("left out"),
            ngettext_lazy("%(count)d perpetrator is left out", "%(count)d perpetrators are left out", "count"),
            acts=False,
        ),
    ),
    go=ngettext_lazy("Begin the record", "Begin these %(count)d records", "count"),
    changed=gettext_lazy("What would begin has changed since you checked. Nothing was taken in: check again."),
    plan=_plan,
)
