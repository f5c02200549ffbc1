"""The pages of the directory of services: find, add, change, check and export services."""

from __future__ import annotations

import json
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bield import law
from bield.law.clocks import own_clock
from bield.service.accounts.access import may, requires, user_of
from bield.service.accounts.permissions import Permission
from bield.service.changes import Conflict
from bield.service.codelists import label
from bield.service.design.fields import heads
from bield.service.design.meanwhile import differing_fields
from bield.service.directory import access, actions
from bield.service.directory.circumstances import circumstances
from bield.service.directory.exchange import as_hsds
from bield.service.directory.forms import DirectoryForm, ServiceForm, known_service
from bield.service.directory.models import Service
from bield.service.documents import as_file
from bield.service.drafts.access import typed
from bield.service.drafts.middleware import adds
from bield.service.gates import GET_OR_POST
from bield.service.paging import address_with, page_of

SEE, KEEP = Permission.SUPPORT_ASK, Permission.SERVICES_KEEP


def _filtered(form: DirectoryForm) -> QuerySet[Service]:
    if not form.is_valid():
        return Service.objects.none()
    filters = form.cleaned_data
    return access.services_with(**{name: filters[name] for name in ("words", "status", "head", "area")})


@require_safe
@requires(SEE)
def services(request: HttpRequest) -> HttpResponse:
    """The directory, by name."""
    form, today = DirectoryForm(request.GET), timezone.localdate()
    services_page = page_of(_filtered(form), key="name", after=request.GET.get("after", ""), descending=False)
    return render(
        request,
        "directory/services.html",
        {
            "form": form,
            "rows": [(item, access.is_checked(item, today=today)) for item in services_page.rows],
            "page": services_page,
            "next": address_with(request.GET, after=services_page.after) if services_page.after else "",
            "first": address_with(request.GET, after=""),
            "narrowed": any(request.GET.get(name) for name in form.fields),
            "may_keep": may(user_of(request), KEEP),
        },
    )


@require_safe
@requires(SEE)
def service(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """A service: what it does, who it is for, how to reach it, and when it was checked."""
    shown_service = access.service_of(service_id)
    titles = dict(heads())
    whom = [
        (_(item.label), ", ".join(_(value.label) for value in item.values if value.key in shown_service.for_whom[key]))
        for key, item in circumstances().items()
        if shown_service.for_whom.get(key)
    ]
    return render(
        request,
        "directory/service.html",
        {
            "service": shown_service,
            "checked": access.is_checked(shown_service, today=timezone.localdate()),
            "heads": [titles.get(item, item) for item in shown_service.heads],
            "areas": [law.body(item).name for item in shown_service.areas],
            "languages": [label("language", item) for item in shown_service.languages],
            "whom": whom,
            "status": label("service_status", shown_service.status),
            "may_keep": may(user_of(request), KEEP),
        },
    )


@require_http_methods(GET_OR_POST)
@requires(KEEP)
@adds
def service_new(request: HttpRequest) -> HttpResponse:
    """Add a service."""
    form = ServiceForm(typed(request))
    if request.method == "POST" and form.is_valid():
        today = timezone.localdate()
        added = actions.add(values=form.values(), verified_on=today, by=user_of(request), at=timezone.now())
        messages.success(request, _("The service is in the directory, checked today."))
        return redirect("service", service_id=added.pk)
    return render(request, "directory/change.html", {"form": form})


@require_http_methods(GET_OR_POST)
@requires(KEEP)
def service_change(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Change a service."""
    stored, status, differing = access.service_of(service_id), 200, None
    form = ServiceForm(typed(request), service=stored)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(
                stored,
                expected=form.cleaned_data["version"],
                values=form.values(),
                by=user_of(request),
                at=timezone.now(),
            )
        except Conflict as conflict:
            current = conflict.row(Service)
            differing, status = differing_fields(form, known_service(current), version=current.version), 409
        else:
            messages.success(request, _("Saved."))
            return redirect("service", service_id=stored.pk)
    context = {"form": form, "service": stored, "differing": differing}
    return render(request, "directory/change.html", context, status=status)


@require_POST
@requires(KEEP)
def service_check(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Record that everything was checked with the service today."""
    stored = access.service_of(service_id)
    actions.check(stored, on=timezone.localdate(), by=user_of(request), at=timezone.now())
    messages.success(request, _("Recorded as checked today."))
    return redirect("service", service_id=stored.pk)


@require_safe
@requires(SEE)
def unverified(request: HttpRequest) -> HttpResponse:
    """The services that nobody has checked for too long, by name."""
    unchecked = access.unchecked(today=timezone.localdate())
    services_page = page_of(unchecked, key="name", after=request.GET.get("after", ""), descending=False)
    return render(
        request,
        "directory/unverified.html",
        {
            "rows": services_page.rows,
            "page": services_page,
            "next": address_with(request.GET, after=services_page.after) if services_page.after else "",
            "first": address_with(request.GET, after=""),
            "clock": own_clock("service_number"),
            "may_keep": may(user_of(request), KEEP),
        },
    )


@require_safe
@requires(SEE)
def services_file(request: HttpRequest) -> HttpResponse:
    """The directory, or the services that match the filters, as HSDS."""
    chosen = _filtered(DirectoryForm(request.GET)).order_by("name", "pk")
    text = json.dumps(as_hsds(chosen), indent=1, ensure_ascii=False)
    return as_file(text.encode(), "application/json", "services.hsds.json")
