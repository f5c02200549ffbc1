"""The directory of services: finding, keeping, checking, exchanging; and which fit somebody."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bield import law
from bield.law.clocks import own_clock
from bield.law.support import support_of
from bield.service.accounts.access import may, requires, user_of
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases.actions import Conflict
from bield.service.cases.meanwhile import meanwhile
from bield.service.codelists import label as case_label
from bield.service.documents import as_file
from bield.service.drafts.access import typed
from bield.service.drafts.middleware import adds
from bield.service.gates import GET_OR_POST
from bield.service.paging import address_with, page_of
from bield.service.support.directory import directory, matching
from bield.service.support.directory.forms import DirectoryForm, ServiceForm, known_service
from bield.service.support.entries.schema import circumstances, label
from bield.service.support.episodes.views import page
from bield.service.support.gate import on_episode
from bield.service.support.models import Episode, Service

SEE, KEEP = Permission.SUPPORT_ASK, Permission.SERVICES_KEEP


def _service(service_id: UUID) -> Service:
    """A service of the directory, which everybody who works with people may read. Raises Http404 for none."""
    found = Service.objects.filter(pk=service_id).first()
    if found is None:
        raise Http404
    return found


def _chosen(form: DirectoryForm) -> QuerySet[Service]:
    if not form.is_valid():
        return Service.objects.none()
    wanted, found = form.cleaned_data, Service.objects.all()
    if wanted["words"]:
        words = wanted["words"]
        found = found.filter(Q(name__icontains=words) | Q(what__icontains=words) | Q(organisation__icontains=words))
    if wanted["status"]:
        found = found.filter(status=wanted["status"])
    # The two lists are JSON; SQLite cannot ask whether a list holds something, so the text of it is looked through:
    # codes are quoted there, and none is part of another.
    if wanted["head"]:
        found = found.filter(heads__icontains=f'"{wanted["head"]}"')
    if wanted["area"]:
        found = found.filter(Q(areas=[]) | Q(areas__icontains=f'"{wanted["area"]}"'))
    return found


@require_safe
@requires(SEE)
def services(request: HttpRequest) -> HttpResponse:
    """The directory, by name."""
    form, today = DirectoryForm(request.GET), timezone.localdate()
    found = page_of(_chosen(form), key="name", after=request.GET.get("after", ""), descending=False)
    return render(
        request,
        "support/directory/services.html",
        {
            "form": form,
            "rows": [(item, matching.is_checked(item, today=today)) for item in found.rows],
            "page": found,
            "next": address_with(request.GET, after=found.after) if found.after else "",
            "first": address_with(request.GET, after=""),
            "narrowed": any(request.GET.get(name) for name in form.fields),
            "may_keep": may(user_of(request), KEEP),
        },
    )


@require_safe
@requires(SEE)
def service(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """One service: what it does, who it is for, how to reach it, and when it was checked."""
    found = _service(service_id)
    heads = {item.id: _(item.label) for item in support_of(settings.PLACE).heads}
    whom = [
        (_(item.label), ", ".join(_(value.label) for value in item.values if value.key in found.for_whom[key]))
        for key, item in circumstances().items()
        if found.for_whom.get(key)
    ]
    return render(
        request,
        "support/directory/service.html",
        {
            "service": found,
            "checked": matching.is_checked(found, today=timezone.localdate()),
            "heads": [heads.get(item, item) for item in found.heads],
            "areas": [law.body(item).name for item in found.areas],
            "languages": [case_label("language", item) for item in found.languages],
            "whom": whom,
            "status": label("status", found.status),
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
        found = directory.add(values=form.values(), verified_on=today, by=user_of(request), at=timezone.now())
        messages.success(request, _("The service is in the directory, checked today."))
        return redirect("service", service_id=found.pk)
    return render(request, "support/directory/service_change.html", {"form": form})


@require_http_methods(GET_OR_POST)
@requires(KEEP)
def service_change(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Change a service."""
    found, status, differing = _service(service_id), 200, None
    form = ServiceForm(typed(request), service=found)
    if request.method == "POST" and form.is_valid():
        try:
            directory.change(
                found,
                expected=form.cleaned_data["version"],
                values=form.values(),
                by=user_of(request),
                at=timezone.now(),
            )
        except Conflict as conflict:
            current = conflict.current
            assert isinstance(current, Service)  # noqa: S101  # what change locks
            differing, status = meanwhile(form, known_service(current), version=current.version), 409
        else:
            messages.success(request, _("Saved."))
            return redirect("service", service_id=found.pk)
    known = {"form": form, "service": found, "differing": differing}
    return render(request, "support/directory/service_change.html", known, status=status)


@require_POST
@requires(KEEP)
def service_check(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Note that everything was checked with the service today."""
    found = _service(service_id)
    directory.check(found, on=timezone.localdate(), by=user_of(request), at=timezone.now())
    messages.success(request, _("Noted: checked today."))
    return redirect("service", service_id=found.pk)


@require_safe
@requires(SEE)
def unverified(request: HttpRequest) -> HttpResponse:
    """Those that nobody has checked for too long, the oldest first."""
    limit = timezone.localdate() - timedelta(days=own_clock("service_number").days or 0)
    rows = Service.objects.exclude(status="defunct").filter(Q(verified_on__isnull=True) | Q(verified_on__lt=limit))
    found = page_of(rows, key="name", after=request.GET.get("after", ""), descending=False)
    return render(
        request,
        "support/directory/unverified.html",
        {
            "rows": found.rows,
            "page": found,
            "next": address_with(request.GET, after=found.after) if found.after else "",
            "first": address_with(request.GET, after=""),
            "clock": own_clock("service_number"),
            "may_keep": may(user_of(request), KEEP),
        },
    )


@require_safe
@requires(SEE)
def services_file(request: HttpRequest) -> HttpResponse:
    """The directory, or what was chosen of it, as HSDS."""
    rows = _chosen(DirectoryForm(request.GET)).order_by("name", "pk")
    text = json.dumps(directory.as_hsds(rows), indent=1, ensure_ascii=False)
    return as_file(text.encode(), "application/json", "services.hsds.json")


@require_safe
@on_episode(Kind.SUPPORT_READ)
def fitting(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Which services fit somebody, each with its reasons."""
    heads = [(item.id, _(item.label)) for item in support_of(settings.PLACE).heads]
    head = request.GET.get("head", "")
    rows = list(Service.objects.exclude(status="defunct"))
    asked = matching.asked_of(episode.person, episode.circumstances)
    found = matching.match(rows, asked, head=head, today=timezone.localdate())
    return page(
        request,
        episode,
        "support/directory/fitting",
        heads=heads,
        head=head,
        fits=[item for item in found if item.fits == "yes"],
        perhaps=[item for item in found if item.fits == "not_known"],
        no=[item for item in found if item.fits == "no"],
    )
