"""The pages for files: import notifications from a body's own system, and the report on what was received."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from bield.service.accounts.access import requires, teams_with, user_of
from bield.service.accounts.noting import note_in_each
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.drafts.access import typed
from bield.service.drafts.held import Upload
from bield.service.drafts.preview import Effect, FileImport, Plan, hold_for_preview, preview
from bield.service.exports import as_csv
from bield.service.gates import GET_OR_POST
from bield.service.notifications import from_file, payload
from bield.service.notifications.forms import BringForm, version_today
from bield.service.notifications.intake import Sender
from bield.service.notifications.list_forms import ReportForm
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
    """Choose a file of notifications. Nothing is sent before the sender has seen the preview."""
    user, version, now = user_of(request), version_today(), timezone.now()
    teams = teams_with(user, Permission.NOTIFICATION_SEND).select_related("organisation")
    form = BringForm(typed(request), request.FILES or None, teams=teams)
    mistakes: list[payload.Mistake] = []
    if request.method == "POST" and form.is_valid():
        content, team = form.cleaned_data["file"].read(), form.cleaned_data["team"]
        try:
            planned = from_file.plan(content, Sender(team, by=user), version, at=now)
        except payload.Mistakes as error:
            mistakes = error.found
        else:
            return hold_for_preview(request, IMPORT, content=content, about={"team": str(team.pk)}, lines=planned.lines)
    context = {
        "form": form,
        "mistakes": mistakes[:MOST_MISTAKES],
        "more": max(len(mistakes) - MOST_MISTAKES, 0),
        "columns": payload.columns(version),
        "fields": [item for item in version.fields if item.id in payload.columns(version)],
        "most": payload.MOST_ROWS,
    }
    return render(request, "notifications/bring_in.html", context, status=422 if mistakes else 200)


@require_http_methods(GET_OR_POST)
@requires(Permission.NOTIFICATION_SEND)
def bring_in_look(request: HttpRequest) -> HttpResponse:
    """Preview what the file would send, row by row; then send it, or delete the upload."""
    return preview(request, IMPORT)


def _plan(request: HttpRequest, upload: Upload) -> Plan:
    """What the file would send now, with the function that sends it."""
    user, version, now = user_of(request), version_today(), timezone.now()
    team = teams_with(user, Permission.NOTIFICATION_SEND).filter(pk=upload.about["team"]).first()
    if team is None:
        raise PermissionDenied
    sender = Sender(team, by=user)
    planned = from_file.plan(upload.content, sender, version, at=now)
    return Plan(planned.lines, lambda: _send(request, planned, sender, now))


def _send(request: HttpRequest, planned: from_file.Plan, sender: Sender, at: datetime) -> HttpResponse:
    made, _twice = from_file.send(planned, sender, at=at)
    words = ngettext("%(count)d notification was sent.", "%(count)d notifications were sent.", made)
    messages.success(request, words % {"count": made})
    refused = sum(line.kind == from_file.REFUSED for line in planned.lines)
    if refused:
        words = ngettext(
            "%(count)d row was refused. Correct it and upload the file again: what was sent is not sent twice.",
            "%(count)d rows were refused. Correct them and upload the file again: what was sent is not sent twice.",
            refused,
        )
        messages.warning(request, words % {"count": refused})
    return redirect("notifications-sent")


IMPORT = FileImport(
    name="notifications",
    begin="notifications-bring-in",
    preview="notifications-bring-in-look",
    room=("notifications-sent", gettext_lazy("notifications")),
    title=gettext_lazy("Check before you send"),
    lead=gettext_lazy("Nothing has been sent yet. This is what the file would do."),
    kinds=(
        Effect(
            from_file.REFUSED,
            gettext_lazy("refused"),
            ngettext_lazy(
                "%(count)d row is refused, and not sent", "%(count)d rows are refused, and not sent", "count"
            ),
            acts=False,
            warns=True,
        ),
        Effect(
            from_file.KEPT,
            gettext_lazy("can single somebody out"),
            ngettext_lazy(
                "%(count)d is sent although it could identify somebody",
                "%(count)d are sent although they could identify somebody",
                "count",
            ),
            warns=True,
        ),
        Effect(
            from_file.BROADER,
            gettext_lazy("said more broadly"),
            ngettext_lazy("%(count)d is said more broadly", "%(count)d are said more broadly", "count"),
        ),
        Effect(
            from_file.AS_IT_IS,
            gettext_lazy("as it is"),
            ngettext_lazy("%(count)d is sent as it is", "%(count)d are sent as they are", "count"),
        ),
        Effect(
            from_file.BEFORE,
            gettext_lazy("sent before"),
            ngettext_lazy("%(count)d was sent before", "%(count)d were sent before", "count"),
            acts=False,
        ),
    ),
    go=ngettext_lazy("Send it", "Send these %(count)d", "count"),
    changed=gettext_lazy("What would be sent has changed since you checked. Nothing was sent: check again."),
    plan=_plan,
)


@require_safe
@requires(Permission.NOTIFICATION_SEND)
def example(request: HttpRequest) -> HttpResponse:
    """An example file: the headings and one made-up row."""
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
        numbers = figures(user, first=first, last=last)
        note_in_each(
            Kind.NOTIFICATIONS_REPORTED,
            user,
            Permission.NOTIFICATION_RECEIVE,
            days=(last - first).days,
            document="document" in request.GET,
        )
    if "document" in request.GET:
        return HttpResponse(
            word(numbers, made_on=today),
            content_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            headers={"Content-Disposition": 'attachment; filename="notifications-report.docx"'},
        )
    query = f"?first={first.isoformat()}&last={last.isoformat()}&document=1"
    return render(request, "notifications/report.html", {"form": form, "report": numbers, "document": query})
