"""The pages of a lead's review of a record: ask for it, read the record, answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bield.service.accounts.access import colleagues_in, user_of
from bield.service.accounts.models import User
from bield.service.accounts.permissions import Permission, allows
from bield.service.audit.kinds import Kind
from bield.service.cases import actions, display
from bield.service.cases.access import role_on
from bield.service.cases.consents import consents_on
from bield.service.cases.events import note
from bield.service.cases.forms import AboutForm, AskForm, DecideForm, known_person
from bield.service.cases.gate import on_record
from bield.service.cases.known import words_about
from bield.service.cases.models import Person
from bield.service.cases.same_person.merged import assessments_of
from bield.service.cases.situation import situation_of
from bield.service.cases.states import ReviewState
from bield.service.cases.views import page, refuse
from bield.service.changes import NotNow
from bield.service.design.meanwhile import value_words
from bield.service.drafts.access import typed
from bield.service.gates import GET_OR_POST


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_EDIT, Kind.PERSON_READ)
def review(request: HttpRequest, person: Person) -> HttpResponse:
    """Ask a lead to review, or answer as a lead: the page then shows what is reviewed, and its reading is noted."""
    waiting = person.reviews.select_related("asked_by").filter(decided_at__isnull=True).first()
    leads = allows(role_on(person), Permission.RECORD_REVIEW)
    may_answer = leads and waiting is not None and waiting.asked_by != user_of(request)
    deciding = may_answer and person.review == ReviewState.ASKED
    data = typed(request)
    kind = DecideForm if deciding else AskForm
    form = kind(data).comparing(words_about(person, user_of(request)))
    if request.method == "POST" and form.is_valid():
        user, now, values = user_of(request), timezone.now(), form.cleaned_data
        try:
            if deciding:
                actions.decide_review(
                    person=person, by=user, at=now, decision=values["decision"], words=values["words"]
                )
            else:
                actions.ask_review(person=person, by=user, at=now, words=values["words"])
        except NotNow as error:
            return refuse(request, person, error)
        messages.success(request, _("Your answer was recorded.") if deciding else _("A lead was asked to review it."))
        return redirect("person", person_id=person.pk)
    reviewed = _reviewed(person, user_of(request)) if deciding else {}
    able = colleagues_in([person.team_id], Permission.RECORD_REVIEW).exclude(pk=user_of(request).pk)
    return page(request, person, "review", form=form, deciding=deciding, waiting=waiting, leads=able, **reviewed)


def _reviewed(person: Person, by: User) -> dict[str, Any]:
    """What a lead reviews: the record without the identity. Notes that the signs and consents were read."""
    today, form, values = timezone.localdate(), AboutForm(), known_person(person)
    consents, last = consents_on(person, on=today), assessments_of(person).select_related("by").first()
    situation = situation_of(person, last, consents, today=today)
    note(Kind.SIGNS_READ, person, by)
    note(Kind.CONSENTS_READ, person, by)
    names = [name for name in form.fields if name != "version"]
    return {
        "about": [(form.fields[name].label, value_words(form.fields[name], values[name])) for name in names],
        "signs": display.signs_of(person),
        "last": last,
        "summary": display.summary_of(last) if last else [],
        "consents": display.consents_of(consents, child=situation.treated_as_child, today=today),
        "may_refer": allows(role_on(person), Permission.REFERRAL_MAKE),
    }
