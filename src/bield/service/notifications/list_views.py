"""The lists of notifications: those a team has sent, and those an organisation has received; their file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from bield.service.accounts.access import memberships_with, requires, user_of
from bield.service.accounts.models import Membership
from bield.service.accounts.noting import note_in_each
from bield.service.accounts.permissions import Permission, Role, allows
from bield.service.audit.kinds import Kind
from bield.service.days import day_of
from bield.service.design.lists import size_of, ticked
from bield.service.exports import as_long_csv, in_chunks
from bield.service.notifications import actions
from bield.service.notifications.access import notification_for, received_by
from bield.service.notifications.forms import version_today
from bield.service.notifications.list_forms import FilterForm
from bield.service.notifications.listing import filtered, in_groups, quick_of, rows_of
from bield.service.notifications.models import Notification
from bield.service.paging import address_with, page_in_groups

MOST_IN_A_FILE = 50_000
SEND, RECEIVE = Permission.NOTIFICATION_SEND, Permission.NOTIFICATION_RECEIVE


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """The notifications that the user's teams have sent."""
    memberships = _with(memberships_with(user_of(request), SEND), SEND)
    rows = Notification.objects.filter(team__in=[row.team_id for row in memberships])
    return _list(request, rows, memberships, inbox=False)


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """The notifications that the user's organisation has received."""
    memberships = _with(memberships_with(user_of(request), RECEIVE), RECEIVE)
    rows = Notification.objects.filter(to__in=sorted({row.team.organisation_id for row in memberships}))
    return _list(request, rows, memberships, inbox=True)


def _with(memberships: Sequence[Membership], permission: Permission) -> list[Membership]:
    return [row for row in memberships if allows(Role(row.role), permission)]


def _list(
    request: HttpRequest, rows: QuerySet[Notification], memberships: Sequence[Membership], *, inbox: bool
) -> HttpResponse:
    user, form = user_of(request), FilterForm(request.GET or None, bodies=inbox)
    groups = in_groups(filtered(rows, form), inbox=inbox, sort=request.GET.get("sort", ""))
    organisations = sorted({row.team.organisation_id for row in memberships})
    with transaction.atomic():
        page = page_in_groups(groups, key="sent_at", after=request.GET.get("after", ""), size=size_of(request.GET))
        note_in_each(Kind.NOTIFICATIONS_LISTED, user, organisations=organisations, count=len(page.rows))
    shown = rows_of(page.rows)
    return render(
        request,
        "notifications/inbox.html" if inbox else "notifications/sent.html",
        {
            "form": form,
            "rows": shown,
            "quick": quick_of(rows, request.GET, inbox=inbox),
            "acknowledges": inbox and any(row.waits_since for row in shown),
            "page": page,
            "next": address_with(request.GET, after=page.after, print="") if page.after else "",
            "first": address_with(request.GET, after="", print=""),
            "print_url": address_with(request.GET, after="", print="1"),
            "printed": timezone.now() if "print" in request.GET else None,
            "narrowed": form.narrowed,
            "version": version_today(),
        },
    )


@require_POST
@requires(RECEIVE)
def acknowledge_many(request: HttpRequest) -> HttpResponse:
    """Record that many notifications were received and read. Each goes through the gate; what was not done is said."""
    user, now = user_of(request), timezone.now()
    done = refused = 0
    for key in ticked(request, "rows"):
        try:
            actions.acknowledge(notification_for(user, key, RECEIVE), by=user, at=now)
            done += 1
        except (Http404, PermissionDenied):
            refused += 1
    if done:
        words = ngettext("%(n)d acknowledged. The sender sees it.", "%(n)d acknowledged. The senders see it.", done)
        messages.success(request, words % {"n": done})
    if refused:
        words = ngettext(
            "%(n)d was not acknowledged, because your organisation does not receive it any more.",
            "%(n)d were not acknowledged, because your organisation does not receive them any more.",
            refused,
        )
        messages.warning(request, words % {"n": refused})
    if not done and not refused:
        messages.warning(request, _("Tick what you have read first."))
    return redirect("notifications-inbox")


FILE_COLUMNS = (
    "reference",
    "sent_on",
    "body",
    "way",
    "basis",
    "age",
    "gender",
    "country_of_origin",
    "recovered_where",
    "activity_where",
    "trafficking",
    "slavery",
    "type",
    "referral",
    "urgent",
    "counts",
    "outcome",
)


@require_safe
@requires(RECEIVE)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The inbox as a file for a spreadsheet. It contains no identity."""
    user = user_of(request)
    with transaction.atomic():
        matching = filtered(received_by(user), FilterForm(request.GET or None, bodies=True)).order_by("-sent_at", "-pk")
        exported = matching[:MOST_IN_A_FILE]
        note_in_each(Kind.NOTIFICATIONS_EXPORTED, user, RECEIVE, count=exported.count())
    return as_long_csv(
        "notifications.csv", FILE_COLUMNS, (_row(item) for chunk in in_chunks(exported) for item in chunk)
    )


def _row(notification: Notification) -> list[object]:
    own_columns: dict[str, Any] = {
        "reference": notification.shown_reference,
        "sent_on": day_of(notification.sent_at),
        "urgent": notification.urgent,
        "counts": notification.counts,
    }
    return [own_columns.get(name, getattr(notification, name, "")) for name in FILE_COLUMNS]
