"""The pages that import services from another directory: a preview of what would change, then the import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext_lazy
from django.views.decorators.http import require_http_methods

from bield.service.accounts.access import requires, user_of
from bield.service.accounts.permissions import Permission
from bield.service.directory import exchange
from bield.service.directory.forms import BringInForm, ServiceForm, read_services
from bield.service.drafts.access import typed
from bield.service.drafts.held import Line, Upload
from bield.service.drafts.preview import Effect, FileImport, Plan, hold_for_preview, preview
from bield.service.gates import GET_OR_POST
from bield.standards.hsds import HsdsError

NEW: Final = "new"
CHANGED: Final = "changed"
SAME: Final = "same"


@require_http_methods(GET_OR_POST)
@requires(Permission.SERVICES_KEEP)
def bring_in(request: HttpRequest) -> HttpResponse:
    """Choose an HSDS file. Nothing changes before the user has seen the preview."""
    form = BringInForm(typed(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            lines = _lines(exchange.plan(form.raw))
        except HsdsError as error:
            form.add_error("file", str(error))
        else:
            return hold_for_preview(request, IMPORT, content=form.cleaned_data["file"], lines=lines)
    return render(request, "directory/bring_in.html", {"form": form})


@require_http_methods(GET_OR_POST)
@requires(Permission.SERVICES_KEEP)
def bring_in_look(request: HttpRequest) -> HttpResponse:
    """Preview what the file would do with each service; then import it, or delete the upload."""
    return preview(request, IMPORT)


def _plan(request: HttpRequest, upload: Upload) -> Plan:
    """What the file would change now, with the function that imports it."""
    planned = exchange.plan(read_services(upload.content))
    return Plan(tuple(_lines(planned)), lambda: _import(request, planned))


def _import(request: HttpRequest, planned: Sequence[exchange.PlannedService]) -> HttpResponse:
    added, changed = exchange.bring_in(planned, by=user_of(request), at=timezone.now())
    words = gettext("%(added)d new, %(changed)d replaced.") % {"added": added, "changed": changed}
    messages.success(request, words)
    return redirect("services")


def _lines(planned: Sequence[exchange.PlannedService]) -> list[Line]:
    return [_line(item) for item in planned]


def _line(planned: exchange.PlannedService) -> Line:
    notes = tuple(gettext("Not used here; kept only to pass on: %(what)s") % {"what": w} for w in planned.lost)
    if planned.was is None:
        filled = tuple(
            (_label(name), _words(value)) for name, value in planned.values.items() if value and name != "other"
        )
        return Line(planned.item.name, NEW, filled, notes=notes)
    broader = tuple(
        (_label(name), _words(getattr(planned.was, name)), _words(planned.values[name]))
        for name in planned.changed
        if name != "other"
    )
    return Line(planned.was.name, CHANGED if planned.changed else SAME, broader=broader, notes=notes)


def _label(name: str) -> str:
    """The form's label for a field of a service."""
    field = ServiceForm.base_fields.get(name)
    others = {
        "organisation": gettext("Who runs it"),
        "numbers": gettext("Telephones"),
        "for_whom": gettext("Who it is for"),
        "verified_on": gettext("Checked on"),
        "status": gettext("Can it be used?"),
        "source": gettext("Where this comes from"),
    }
    return str(field.label) if field is not None and field.label else others.get(name, name)


def _words(value: Any) -> str:
    """A value of a service in words."""
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(_words(item) for item in value)
    if isinstance(value, Mapping):
        return "; ".join(_words(item) for item in value.values() if item not in ("", False, None, []))
    return str(value)


IMPORT = FileImport(
    name="services",
    begin="services-bring-in",
    preview="services-bring-in-look",
    room=("services", gettext_lazy("services")),
    title=gettext_lazy("Check the file before you bring services in"),
    lead=gettext_lazy("Nothing has changed yet. This is what the file would do."),
    kinds=(
        Effect(
            NEW,
            gettext_lazy("new"),
            ngettext_lazy("%(count)d service is new", "%(count)d services are new", "count"),
        ),
        Effect(
            CHANGED,
            gettext_lazy("changes"),
            ngettext_lazy("%(count)d service here would change", "%(count)d services here would change", "count"),
            warns=True,
        ),
        Effect(
            SAME,
            gettext_lazy("unchanged"),
            ngettext_lazy("%(count)d is unchanged", "%(count)d are unchanged", "count"),
            acts=False,
        ),
    ),
    go=ngettext_lazy("Bring it in", "Bring in these %(count)d", "count"),
    changed=gettext_lazy("What would change is different now. Nothing was brought in: check again."),
    plan=_plan,
)
