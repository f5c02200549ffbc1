"""The page and the document of who has looked at a record."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases import display
from bield.service.cases.gate import on_record
from bield.service.cases.models import Person
from bield.service.cases.rights import subject_access
from bield.service.cases.views import page
from bield.service.documents import as_file


@require_safe
@on_record(Permission.LOOKS_SEE, Kind.LOOKS_READ)
def looks(request: HttpRequest, person: Person) -> HttpResponse:
    """Who has looked at the record."""
    return page(request, person, "looks", looks=display.looks_at(person))


@require_safe
@on_record(Permission.LOOKS_SEE, Kind.LOOKS_READ)
def looks_document(request: HttpRequest, person: Person) -> HttpResponse:
    """The same as a document, for the person on request."""
    pdf = subject_access.looks_pdf(person, today=timezone.localdate())
    return as_file(pdf, "application/pdf", "who-has-looked.pdf")
