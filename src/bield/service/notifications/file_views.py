"""Files in and out: notifications from a body's own system, and the report on what was received."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from bield.service.accounts.access import organisations_with, requires, teams_with, user_of
from bield.service.accounts.permissions import Permission
from bield.service.audit.actions import record
from bield.service.audit.kinds import Kind
from bield.service.drafts.access import typed
from bield.service.exports import as_csv
from bield.service.gates import GET_OR_POST
from bield.service.notifications import payload
from bield.service.notifications.forms import BringForm, ReportForm, version_today
from bield.service.notifications.intake import Refused, Sender, sent_with_other_zeros
from bield.service.notifications.report import figures, word

MOST_MISTAKES = 50
EXAMPLE = {
    "id": "2026-0001",
    "reference": "SW-4711",
    "agreed": "refused",
    "age": "adult",
    "gender": "woman",
    "country_of_origin": "VN",
    "trafficking": "yes",
    "type": "labour+offence",
    "urgent": "no",
    "if_rare": "broaden",
}


@require_http_methods(GET_OR_POST)
@requires(Permission.NOTIFICATION_SEND)
def bring_in(request: HttpRequest) -> HttpResponse:
    """Notifications from a file. Either every row is taken or none; a row that was sent before makes no second."""
    user, version = user_of(request), version_today()
    teams = teams_with(user, Permission.NOTIFICATION_SEND).select_related("organisation")
    form = BringForm(typed(request), request.FILES or None, teams=teams)
    mistakes: list[payload.Mistake] = []
    if request.method == "POST" and form.is_valid():
        try:
            rows = payload.rows_of(form.cleaned_data["file"].read(), version, on=timezone.localdate())
            made, before = _send_all(rows, Sender(form.cleaned_data["team"], by=user))
        except payload.Mistakes as error:
            mistakes = error.found
        else:
            words = ngettext("%(count)d notification was sent.", "%(count)d notifications were sent.", made)
            messages.success(request, words % {"count": made})
            if before:
                words = ngettext("%(count)d had been sent before.", "%(count)d had been sent before.", before)
                messages.info(request, words % {"count": before})
            return redirect("notifications-sent")
    context = {
        "form": form,
        "mistakes": mistakes[:MOST_MISTAKES],
        "more": max(len(mistakes) - MOST_MISTAKES, 0),
        "columns": payload.columns(version),
        "fields": [item for item in version.fields if item.id in payload.columns(version)],
        "most": payload.MOST_ROWS,
    }
    return render(request, "notifications/bring_in.html", context, status=422 if mistakes else 200)


@transaction.atomic
def _send_all(rows: list[payload.Payload], sender: Sender) -> tuple[int, int]:
    """Every row, or none. Returns how many were made, and how many had been sent before."""
    at, version, made = timezone.now(), version_today(), 0
    if mistakes := [
        payload.Mistake("id", f"{row.extra.request_key!r} and one that was sent before {payload.ZEROS}", row.line)
        for row in rows
        if sent_with_other_zeros(sender.team, row.extra.request_key)
    ]:
        raise payload.Mistakes(mistakes)
    for row in rows:
        try:
            made += row.send(sender, version, way="file", at=at).made
        except Refused as error:
            raise payload.Mistakes([payload.Mistake("row", str(error), row.line)]) from error
    return made, len(rows) - made


@require_safe
@requires(Permission.NOTIFICATION_SEND)
def example(request: HttpRequest) -> HttpResponse:
    """A file to begin with: the headings and one made-up row."""
    columns, row = payload.columns(version_today()), EXAMPLE | {"recovered_where": payload.an_area(settings.PLACE)}
    return as_csv("notifications-example.csv", columns, [[row.get(name, "") for name in columns]])


@require_safe
@requires(Permission.NOTIFICATION_RECEIVE)
def report(request: HttpRequest) -> HttpResponse:
    """The report on what was received in a period: on the page, and as a Word document."""
    user, today = user_of(request), timezone.localdate()
    form = ReportForm(request.GET or None, today=today)
    first, last = today - timedelta(days=182), today
    if form.is_bound and form.is_valid():
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    elif form.is_bound:
        return render(request, "notifications/report.html", {"form": form}, status=400)
    with transaction.atomic():
        found = figures(user, first=first, last=last)
        organisation = organisations_with(user, Permission.NOTIFICATION_RECEIVE).values_list("pk", flat=True).first()
        record(
            Kind.NOTIFICATIONS_REPORTED,
            actor=user.pk,
            organisation=organisation or "",
            days=(last - first).days,
            document="document" in request.GET,
        )
    if "document" in request.GET:
        return HttpResponse(
            word(found, made_on=today),
            content_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            headers={"Content-Disposition": 'attachment; filename="notifications-report.docx"'},
        )
    query = f"?first={first.isoformat()}&last={last.isoformat()}&document=1"
    return render(request, "notifications/report.html", {"form": form, "report": found, "document": query})
