"""The documents that a person may ask for: everything held, and who has looked."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases import copy
from bield.service.cases.models import Person
from bield.service.cases.views import on_record


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_safe
@on_record(Permission.LOOKS_SEE, Kind.LOOKS_READ)
def looks_document(request: HttpRequest, person: Person) -> HttpResponse:
    """The same as a document, for the person on request."""
    pdf = copy.looks_pdf(person, today=timezone.localdate())
    return _file(pdf, "application/pdf", "who-has-looked.pdf")


@require_safe
@on_record(Permission.SUBJECT_ACCESS, Kind.SUBJECT_ACCESS)
def copy_document(request: HttpRequest, person: Person) -> HttpResponse:
    """Everything held, as a document for the person."""
    pdf = copy.copy_pdf(person, place=settings.PLACE, today=timezone.localdate())
    return _file(pdf, "application/pdf", "everything-held.pdf")


@require_safe
@on_record(Permission.SUBJECT_ACCESS, Kind.SUBJECT_ACCESS)
def copy_file(request: HttpRequest, person: Person) -> HttpResponse:
    """Everything held, as JSON."""
    held = copy.everything(person, place=settings.PLACE, today=timezone.localdate())
    text = json.dumps(held, indent=2, ensure_ascii=False)
    return _file(text.encode(), "application/json", "everything-held.json")
