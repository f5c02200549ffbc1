"""Makes the copy of everything held about a person, from all the rooms that hold something."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases.gate import on_record
from bield.service.cases.models import Person
from bield.service.cases.rights import subject_access
from bield.service.documents import as_file
from bield.service.referrals.subject_access import held_in_referrals
from bield.service.support.subject_access import held_in_support, held_of_account

HEADINGS = {
    "referrals": "Referrals",
    "support": "Support",
    "account": "What you told",
}
"""The headings for what the rooms above `cases` hold."""


def everything(person: Person, *, today: date) -> dict[str, Any]:
    """All that is held about a person in any room, in words; dates and times are kept as such."""
    in_record = subject_access.everything(person, place=settings.PLACE, today=today)
    above = {
        "referrals": held_in_referrals(person),
        "support": held_in_support(person),
        "account": held_of_account(person),
    }
    return in_record | above


@require_safe
@on_record(Permission.SUBJECT_ACCESS, Kind.SUBJECT_ACCESS)
def copy_document(request: HttpRequest, person: Person) -> HttpResponse:
    """Everything held, as a document for the person."""
    today = timezone.localdate()
    pdf = subject_access.copy_pdf(
        everything(person, today=today), headings=subject_access.HEADINGS | HEADINGS, today=today
    )
    return as_file(pdf, "application/pdf", "everything-held.pdf")


@require_safe
@on_record(Permission.SUBJECT_ACCESS, Kind.SUBJECT_ACCESS)
def copy_file(request: HttpRequest, person: Person) -> HttpResponse:
    """Everything held, as JSON."""
    text = json.dumps(
        everything(person, today=timezone.localdate()), indent=2, ensure_ascii=False, default=subject_access.plain
    )
    return as_file(text.encode(), "application/json", "everything-held.json")


urlpatterns = [
    path("<uuid:person_id>/copy/document/", copy_document, name="person-copy-document"),
    path("<uuid:person_id>/copy/file/", copy_file, name="person-copy-file"),
]
