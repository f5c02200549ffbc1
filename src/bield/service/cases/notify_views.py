"""Notifying the police from a person's record: in two pages, filled from what is recorded, minimised on the way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bield.births import Birth
from bield.disclosure import Identified, may_identify, minimise
from bield.service.accounts.access import user_of
from bield.service.accounts.permissions import Permission, allows
from bield.service.audit.kinds import Kind
from bield.service.cases import actions
from bield.service.cases.access import role_on
from bield.service.cases.consents import consents_on
from bield.service.cases.crosswalks import AGE_OF_NOTIFICATION, TYPE_OF_NOTIFICATION
from bield.service.cases.events import note
from bield.service.cases.gate import on_record
from bield.service.cases.known import unsafe_ways
from bield.service.cases.models import Identity, Person
from bield.service.cases.steps import close_steps
from bield.service.cases.views import page
from bield.service.codelists import label
from bield.service.design.births import birth_words
from bield.service.drafts.access import typed
from bield.service.gates import GET_OR_POST
from bield.service.notifications import compose, intake
from bield.service.notifications.display import state_words
from bield.service.notifications.forms import IdentifiedForm, SaidForm, version_today
from bield.service.notifications.views import sent_now

REFERRALS = {"none": "none", "sent": "sent"}
KNOWN = "known"
"""Stands for an identifying value that is recorded and is not opened: only that there is one is told."""


@require_http_methods(GET_OR_POST)
@on_record(Permission.NOTIFICATION_SEND, Kind.PERSON_READ)
def notify(request: HttpRequest, person: Person) -> HttpResponse:
    """The two pages. Identity is opened only where the notification may hold it, and that is noted."""
    user, today, version = user_of(request), timezone.localdate(), version_today()
    consents = {kind: item.state for kind, item in consents_on(person, on=today).items()}
    basis = may_identify(consents, AGE_OF_NOTIFICATION[person.age])
    known = _known(person)
    if basis and allows(role_on(person), Permission.IDENTITY_OPEN):
        known |= _identity(person)
        note(Kind.IDENTITY_READ, person, user)
    kind: type[SaidForm] = IdentifiedForm if basis else SaidForm
    form = kind(typed(request), version=version, initial=known)
    if isinstance(form, IdentifiedForm):
        form.comparing(unsafe_ways(person, user))
    crumbs = {"basis": basis, "consent": consents.get("notification_identity", "not_asked")}
    if request.method != "POST" or "change" in request.POST or not form.is_valid():
        earlier = [(item, state_words(item)) for item in intake.about(person.team, person.reference)]
        return page(request, person, "notify", form=form, version=version, earlier=earlier, **crumbs)
    record = form.record() if basis else form.record() | _identity_there_is(person)
    body = person.team.organisation.body
    found = minimise(record, version, consents, AGE_OF_NOTIFICATION[person.age], body=body, on=today)
    sender = intake.Sender(person.team, by=user)
    draft = compose.Draft(found, sender, person.reference, form.cleaned_data["elsewhere"])
    if "send" not in request.POST:
        return compose.check_page(request, form, draft, person=person, **crumbs)
    result = compose.send(request, form, draft, at=timezone.now(), data=request.POST, person=person, **crumbs)
    if not isinstance(result, intake.Sent):
        return result
    if result.made:
        _note_sharing(person, user, found, version.recipient_body)
        actions.tell_of_identity(person, by=user, at=timezone.now())
        close_steps(person, "notification", on=today, by=user, at=timezone.now())
    return sent_now(request, result)


def _note_sharing(person: Person, user: Any, found: object, to: str) -> None:
    rests_on_consent = isinstance(found, Identified) and found.rests_on == "consent"
    said = _("With who they are.") if isinstance(found, Identified) else _("Without saying who they are.")
    actions.share(
        person=person,
        by=user,
        at=timezone.now(),
        values={
            "on": timezone.localdate(),
            "what": "notification",
            "to": to,
            "consent": "notification_identity" if rests_on_consent else "",
            "note": said,
        },
    )


def _known(person: Person) -> dict[str, Any]:
    """What the record holds of the fields that identify nobody, as the notification names them."""
    return {
        "gender": person.gender,
        "type": [TYPE_OF_NOTIFICATION[item] for item in person.exploitation],
        "recovered_where": person.council,
        "referral": REFERRALS.get(person.referral, "decided"),
        "urgent": person.danger == "yes",
    }


def _identity_there_is(person: Person) -> dict[str, str]:
    """Which identifying fields are recorded, without opening them."""
    found = {"name": KNOWN, "date_of_birth": KNOWN} if Identity.objects.filter(person=person).exists() else {}
    return found | ({"contact": KNOWN} if person.channels.exists() else {})


def _born(text: str) -> str:
    """A day as the notification takes it, and in words what is less than a day."""
    born = Birth.read(text) if text else None
    if born is None:
        return ""
    return born.day.isoformat() if born.day else birth_words(born)


def _identity(person: Person) -> dict[str, str]:
    """Who they are, as the notification names it; only safe ways to reach them."""
    identity = Identity.objects.filter(person=person).first()
    names: Mapping[str, str] = identity.names if identity else {}
    ways = [
        ": ".join(part for part in (label("channel", item.kind), item.details["value"], item.details["note"]) if part)
        for item in person.channels.filter(safe="yes")
    ]
    return {
        "name": " ".join(part for part in (names.get("given_names"), names.get("family_name")) if part),
        "date_of_birth": _born(names.get("born", "")),
        "nationality": names.get("nationality", ""),
        "contact": "; ".join(ways),
    }
