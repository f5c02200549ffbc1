"""The pages that notify the police from a record: filled from what is recorded, and minimised before sending."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bield.disclosure import may_identify
from bield.service.accounts.access import user_of
from bield.service.accounts.permissions import Permission, allows
from bield.service.audit.kinds import Kind
from bield.service.cases.access import role_on
from bield.service.cases.consents import consents_on
from bield.service.cases.crosswalks import AGE_OF_NOTIFICATION
from bield.service.cases.events import note
from bield.service.cases.gate import on_record
from bield.service.cases.known import unsafe_ways
from bield.service.cases.models import Person
from bield.service.cases.notifying.actions import (
    codes_of,
    identity_of,
    minimised,
    notify_police,
    recorded_identity_fields,
)
from bield.service.cases.views import page
from bield.service.drafts.access import typed
from bield.service.gates import GET_OR_POST
from bield.service.notifications import compose, intake
from bield.service.notifications.display import state_words
from bield.service.notifications.forms import IdentifiedForm, SaidForm, version_today
from bield.service.notifications.views import sent_now


@require_http_methods(GET_OR_POST)
@on_record(Permission.NOTIFICATION_SEND, Kind.PERSON_READ)
def notify(request: HttpRequest, person: Person) -> HttpResponse:
    """Fill in, check and send. Identity is opened only if the notification may hold it, and opening it is noted."""
    user, today, version = user_of(request), timezone.localdate(), version_today()
    consents = {form_class: standing.state for form_class, standing in consents_on(person, on=today).items()}
    basis = may_identify(consents, AGE_OF_NOTIFICATION[person.age])
    initial = codes_of(person)
    if basis and allows(role_on(person), Permission.IDENTITY_OPEN):
        initial |= identity_of(person)
        note(Kind.IDENTITY_READ, person, user)
    form_class: type[SaidForm] = IdentifiedForm if basis else SaidForm
    form = form_class(typed(request), version=version, initial=initial)
    if isinstance(form, IdentifiedForm):
        form.comparing(unsafe_ways(person, user))
    crumbs = {"basis": basis, "consent": consents.get("notification_identity", "not_asked")}
    if request.method != "POST" or "change" in request.POST or not form.is_valid():
        earlier = [(earlier, state_words(earlier)) for earlier in intake.about(person.team, person.reference)]
        return page(request, person, "notify", form=form, version=version, earlier=earlier, **crumbs)
    record = form.record() if basis else form.record() | recorded_identity_fields(person)
    minimal = minimised(person, record, version, consents, on=today)
    sender = intake.Sender(person.team, by=user)
    draft = compose.Draft(minimal, sender, person.reference, form.cleaned_data["elsewhere"])
    if "send" not in request.POST:
        return compose.check_page(request, form, draft, person=person, **crumbs)
    notify = partial(notify_police, person)
    result = compose.send(
        request, form, draft, at=timezone.now(), data=request.POST, notify=notify, person=person, **crumbs
    )
    return sent_now(request, result) if isinstance(result, intake.Sent) else result
