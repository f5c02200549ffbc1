"""Handing records on as HTCDS, and taking cases in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from bield.errors import UserError
from bield.service.accounts.access import requires, teams_with, user_of
from bield.service.accounts.models import Team
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases import exchange
from bield.service.cases.events import note
from bield.service.cases.forms import FilterForm
from bield.service.cases.list_views import MOST_IN_A_FILE, chosen, note_list
from bield.service.days import day_of
from bield.service.documents import as_file
from bield.service.drafts.access import typed
from bield.service.gates import GET_OR_POST
from bield.standards import Cases, Summary, document, read_cases, summarised

MOST_PROBLEMS = 50
"""Kinds of problems shown."""
MOST_LOOKED_FOR = 2_000
"""Problems looked for in a file of cases, so that one that is wrong throughout is answered at once."""
BIGGEST_CASES = 1 << 20
"""Bytes of a file of cases."""


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
        field = self.fields["team"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # declared above
        field.queryset = teams
        self.found: Cases | None = None

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > BIGGEST_CASES:
            raise forms.ValidationError(gettext_lazy("The file is larger than 1 MB: take it in in parts"))
        try:
            today = timezone.localdate()
            self.found = read_cases(gettext("The file"), upload.read(), today=today, most=MOST_LOOKED_FOR)
        except UserError as error:
            raise forms.ValidationError(error.words) from error
        return upload


@require_safe
@requires(Permission.PERSON_SEE)
def as_htcds(request: HttpRequest) -> HttpResponse:
    """The list, narrowed as it is, as cases of HTCDS. It holds no identity, not even a reference."""
    user = user_of(request)
    with transaction.atomic():
        rows = chosen(user, FilterForm(request.GET)).order_by("-changed_at", "-pk")[:MOST_IN_A_FILE]
        cases = [exchange.as_case(person) for person in rows]
        note_list(Kind.LIST_EXPORTED, user, count=len(cases), form="htcds")
    text = json.dumps(document(cases), indent=2)
    return as_file(text.encode(), "application/json", "cases-htcds.json")


@require_http_methods(GET_OR_POST)
@requires(Permission.PERSON_EDIT)
def take_in(request: HttpRequest) -> HttpResponse:
    """Begin records from a file of cases. All are taken in, or none."""
    user = user_of(request)
    teams = teams_with(user, Permission.PERSON_EDIT).select_related("organisation")
    form = CasesForm(typed(request), request.FILES or None, teams=teams)
    problems: list[Summary] = []
    if request.method == "POST" and form.is_valid() and form.found is not None:
        problems = summarised(form.found.problems)
        if not problems:
            cases, team = list(form.found.as_htcds()), form.cleaned_data["team"]
            try:
                people = exchange.take_in(cases, team=team, by=user, at=timezone.now())
            except exchange.TakenBefore as error:
                count, day = error.before.people, date_format(day_of(error.before.at))
                words = ngettext(
                    "Nothing was taken in: this file was taken in on %(day)s, and %(count)d record was begun.",
                    "Nothing was taken in: this file was taken in on %(day)s, and %(count)d records were begun.",
                    count,
                )
                messages.info(request, words % {"day": day, "count": count})
                return redirect("people")
            words = ngettext("%(count)d record was begun.", "%(count)d records were begun.", len(people))
            messages.success(request, words % {"count": len(people)})
            known = exchange.perhaps_known(people)
            if not known:
                return redirect("people")
            for item in {other.pk: other for row in known for other in (row[0], *row[1])}.values():
                note(Kind.FOUND_BY_NAME, item, user)
            return render(request, "cases/perhaps_known.html", {"known": known})
    context = {"form": form, "problems": problems[:MOST_PROBLEMS], "more": max(len(problems) - MOST_PROBLEMS, 0)}
    return render(request, "cases/take_in.html", context, status=422 if problems else 200)
