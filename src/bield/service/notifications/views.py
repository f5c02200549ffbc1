"""The pages of notifications: sending without a record here, the sender's list, the police's inbox, and each one."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bield import law
from bield.disclosure import minimise
from bield.law import notification_version
from bield.service.accounts.access import requires, teams_with, user_of
from bield.service.accounts.models import User
from bield.service.accounts.noting import note_in_each
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.changes import NotNow
from bield.service.days import day_of
from bield.service.design.refusing import refused
from bield.service.documents import as_file
from bield.service.drafts.access import typed
from bield.service.exports import as_long_csv, in_chunks
from bield.service.gates import GET_OR_POST
from bield.service.notifications import actions, compose, display, intake
from bield.service.notifications.access import may_with, received_by, sent_by
from bield.service.notifications.forms import (
    AnswerForm,
    AskForm,
    CloseForm,
    FilterForm,
    KnownForm,
    OnwardForm,
    WithoutRecordForm,
    version_today,
)
from bield.service.notifications.gate import on_notification
from bield.service.notifications.intake import Sender, Sent
from bield.service.notifications.models import Notification, NotifiedIdentity
from bield.service.paging import address_with, page_of

MOST_IN_A_FILE = 50_000
SEND, RECEIVE = Permission.NOTIFICATION_SEND, Permission.NOTIFICATION_RECEIVE


# Lists


@require_safe
@requires(SEND)
def sent(request: HttpRequest) -> HttpResponse:
    """What one's own teams have sent."""
    return _list(request, sent_by(user_of(request)), inbox=False)


@require_safe
@requires(RECEIVE)
def inbox(request: HttpRequest) -> HttpResponse:
    """What one's own body has received."""
    return _list(request, received_by(user_of(request)), inbox=True)


def _list(request: HttpRequest, rows: QuerySet[Notification], *, inbox: bool) -> HttpResponse:
    user, form = user_of(request), FilterForm(request.GET or None, bodies=inbox)
    oldest = request.GET.get("sort") == "oldest"
    with transaction.atomic():
        page = page_of(
            _chosen(rows, form).select_related("team__organisation"),
            key="sent_at",
            after=request.GET.get("after", ""),
            descending=not oldest,
        )
        _note(Kind.NOTIFICATIONS_LISTED, user, RECEIVE if inbox else SEND, count=len(page.rows))
    return render(
        request,
        "notifications/inbox.html" if inbox else "notifications/sent.html",
        {
            "form": form,
            "notifications": [(item, _where(item), display.state_words(item)) for item in page.rows],
            "page": page,
            "next": address_with(request.GET, after=page.after) if page.after else "",
            "first": address_with(request.GET, after=""),
            "narrowed": any(request.GET.get(name) for name in form.fields),
            "version": version_today(),
        },
    )


def _where(item: Notification) -> str:
    if not item.recovered_where:
        return "–"
    return display.value_words(notification_version(item.version), "recovered_where", item.recovered_where)


def _chosen(rows: QuerySet[Notification], form: FilterForm) -> QuerySet[Notification]:
    """The rows, narrowed. A filter that makes no sense narrows to nothing, and says so."""
    if not form.is_bound:
        return rows
    if not form.is_valid():
        return rows.none()
    chosen = form.cleaned_data
    for name in ("reference", "body", "recovered_where"):
        if chosen.get(name):
            rows = rows.filter(**{name: chosen[name]})
    states: dict[str, dict[str, Any]] = {
        "": {},
        "new": {"acknowledged_at__isnull": True},
        "open": {"closed_at__isnull": True},
        "waits": {"waits": "sender"},
        "urgent": {"urgent": True, "closed_at__isnull": True},
        "closed": {"closed_at__isnull": False},
    }
    return rows.filter(**states[chosen["state"]])


def _note(kind: Kind, user: User, permission: Permission, **facts: Any) -> None:
    note_in_each(kind, user, permission, **facts)


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
    """The inbox as a file for a spreadsheet. It holds no identity."""
    user = user_of(request)
    with transaction.atomic():
        found = _chosen(received_by(user), FilterForm(request.GET or None, bodies=True)).order_by("-sent_at", "-pk")
        rows = found[:MOST_IN_A_FILE]
        _note(Kind.NOTIFICATIONS_EXPORTED, user, RECEIVE, count=rows.count())
    return as_long_csv("notifications.csv", FILE_COLUMNS, (_row(item) for chunk in in_chunks(rows) for item in chunk))


def _row(item: Notification) -> list[object]:
    held: dict[str, object] = {
        "reference": item.shown_reference,
        "sent_on": day_of(item.sent_at),
        "urgent": item.urgent,
        "counts": item.counts,
    }
    return [held.get(name, getattr(item, name, "")) for name in FILE_COLUMNS]


# Sending without a record here


@require_http_methods(GET_OR_POST)
@requires(SEND)
def new(request: HttpRequest) -> HttpResponse:
    """A notification by somebody whose body keeps no record here: two pages, five minutes."""
    user, version = user_of(request), version_today()
    teams = teams_with(user, SEND).select_related("organisation")
    data = typed(request)
    form = WithoutRecordForm(data, version=version, teams=teams).comparing(None)  # nothing is known of them here
    if request.method != "POST" or "change" in request.POST or not form.is_valid():
        return render(request, "notifications/new.html", {"form": form, "version": version})
    values = form.cleaned_data
    decision = values["agreed"] if values["age"] != "child" else ""
    found = minimise(
        form.record(),
        version,
        {"notification_identity": decision},
        values["age"],
        body=values["team"].organisation.body,
        on=timezone.localdate(),
    )
    draft = compose.Draft(found, Sender(values["team"], by=user), values["local_reference"], values["elsewhere"])
    if "send" not in request.POST:
        return compose.check_page(request, form, draft)
    result = compose.send(request, form, draft, at=timezone.now(), data=request.POST)
    return sent_now(request, result) if isinstance(result, Sent) else result


def sent_now(request: HttpRequest, result: Sent) -> HttpResponse:
    """After sending: the notification's own page, with its receipt."""
    messages.success(
        request, _("The notification was sent. Its reference is %(reference)s.") % {"reference": result.notification}
    )
    return redirect("notification", notification_id=result.notification.pk)


# One notification


@require_safe
@on_notification(SEND, RECEIVE, reading=Kind.NOTIFICATION_READ)
def notification(request: HttpRequest, found: Notification) -> HttpResponse:
    """What was said, what was withheld, and what became of it: for the sender, and for the police."""
    return shown(request, found)


def shown(request: HttpRequest, found: Notification, **forms: Any) -> HttpResponse:
    """The page of a notification. forms: those that came back with something to mend."""
    user, version = user_of(request), notification_version(found.version)
    receives, sends = may_with(user, found, RECEIVE), may_with(user, found, SEND)
    identity = NotifiedIdentity.objects.filter(notification=found).defer("words").first()
    stands = identity is not None and identity.stands(on=timezone.localdate())
    questions = display.exchanges(found, words=stands or sends)
    answers = {
        item.pk: forms.get(f"answer_{item.pk}") or AnswerForm(None, version=version, ask=item.ask)
        for item in questions
        if sends and not item.answer
    }
    values: dict[str, Any] = {}
    if receives and not found.closed_at:
        values["ask_form"] = AskForm(None, version=version, identified=stands)
        values["close_form"] = CloseForm()
    if receives:
        notice, finding = actions.onward_notice(found)
        values["onward_form"] = OnwardForm()
        values["onward_said"] = display.said_rows(notice)
        values["onward_finding"] = finding
        values["onward"] = [
            (law.body(item.to).name, item.at, display.said_words(version, item.said)) for item in found.onward.all()
        ]
    if receives and not found.already_known:
        values["known_form"] = KnownForm(None, among=received_by(user))
    return render(
        request,
        "notifications/notification.html",
        {
            "notification": found,
            "said": display.said_rows(found.notice),
            "withheld": display.withheld_labels(version.id, found.withheld),
            "broadened": display.withheld_labels(version.id, found.broadened),
            "kept": display.kept_words(found.kept_because),
            "basis": display.basis_words(found),
            "elsewhere": [(item, law.body(item).name) for item in found.elsewhere],
            "state": display.state_words(found),
            "version": version,
            "identity": identity,
            "stands": stands,
            "ended": display.ended_words(identity) if identity and not stands else "",
            "may_take_back": sends and stands and identity is not None and identity.rests_on == "consent",
            "may_open": stands and may_with(user, found, Permission.NOTIFIED_IDENTITY_OPEN),
            "questions": [(item, answers.get(item.pk)) for item in questions],
            "receives": receives,
            "sends": sends,
        }
        | values
        | forms,
    )


@require_safe
@on_notification(Permission.NOTIFIED_IDENTITY_OPEN, reading=Kind.NOTIFIED_IDENTITY_READ)
def identity(request: HttpRequest, found: Notification) -> HttpResponse:
    """Who it is about, where it may say so. Opening this page is noted."""
    held, version = NotifiedIdentity.objects.filter(notification=found).first(), notification_version(found.version)
    stands = held is not None and held.stands(on=timezone.localdate())
    rows = [(version.field(name).label, words) for name, words in held.words.items()] if held and stands else []
    ended = display.ended_words(held) if held and not stands else ""
    shown = {"notification": found, "rows": rows, "held": held, "ended": ended}
    return render(request, "notifications/identity.html", shown)


@require_safe
@on_notification(SEND, RECEIVE, reading=Kind.NOTIFICATION_RECEIPT)
def receipt(request: HttpRequest, found: Notification) -> HttpResponse:
    """The receipt as a document."""
    name = f"notification-{found.shown_reference}.pdf"
    return as_file(display.receipt_pdf(found), "application/pdf", name)


@require_safe
@on_notification(SEND, RECEIVE, reading=Kind.NOTIFICATION_RECEIPT)
def receipt_file(request: HttpRequest, found: Notification) -> HttpResponse:
    """The receipt as JSON."""
    text = json.dumps(display.receipt(found), indent=2, ensure_ascii=False)
    return as_file(text.encode(), "application/json", f"notification-{found.shown_reference}.json")


def _back(request: HttpRequest, found: Notification, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("notification", notification_id=found.pk)


def _refused(request: HttpRequest, found: Notification, error: NotNow) -> HttpResponse:
    return refused(request, error, "notification", notification_id=found.pk)


@require_POST
@on_notification(RECEIVE)
def acknowledge(request: HttpRequest, found: Notification) -> HttpResponse:
    """Say that it was received."""
    actions.acknowledge(found, by=user_of(request), at=timezone.now())
    return _back(request, found, _("Acknowledged. The sender sees it."))


@require_POST
@on_notification(RECEIVE)
def ask(request: HttpRequest, found: Notification) -> HttpResponse:
    """Ask the sender something."""
    version = notification_version(found.version)
    form = AskForm(request.POST, version=version, identified=actions.identified(found, on=timezone.localdate()))
    if not form.is_valid():
        return shown(request, found, ask_form=form)
    try:
        actions.ask(found, by=user_of(request), at=timezone.now(), **form.cleaned_data)
    except NotNow as error:
        return _refused(request, found, error)
    return _back(request, found, _("The question waits for the sender."))


@require_POST
@on_notification(RECEIVE)
def unask(request: HttpRequest, found: Notification, question_id: int) -> HttpResponse:
    """Take back a question that was not answered."""
    question = found.questions.filter(pk=question_id).first()
    if question is None:
        return redirect("notification", notification_id=found.pk)
    question.notification = found
    try:
        actions.take_question_back(question, by=user_of(request), at=timezone.now())
    except NotNow as error:
        return _refused(request, found, error)
    return _back(request, found, _("Taken back. The sender sees it."))


@require_POST
@on_notification(SEND)
def answer(request: HttpRequest, found: Notification, question_id: int) -> HttpResponse:
    """Answer a question of the police."""
    question = found.questions.filter(pk=question_id).first()
    if question is None:
        return redirect("notification", notification_id=found.pk)
    question.notification = found
    form = AnswerForm(request.POST, version=notification_version(found.version), ask=question.ask)
    if not form.is_valid():
        return shown(request, found, **{f"answer_{question.pk}": form})
    values = {"choice": "", "words": ""} | form.cleaned_data
    try:
        actions.answer(question, by=user_of(request), at=timezone.now(), **values)
    except NotNow as error:
        return _refused(request, found, error)
    return _back(request, found, _("Answered."))


@require_POST
@on_notification(SEND)
def take_back(request: HttpRequest, found: Notification) -> HttpResponse:
    """They took back their agreement to be identified: for a sender who keeps no record here."""
    intake.take_back(found, by=user_of(request), at=timezone.now())
    return _back(request, found, _("Noted. The police see it, and can no longer open who it is about."))


@require_POST
@on_notification(RECEIVE)
def known(request: HttpRequest, found: Notification) -> HttpResponse:
    """Mark as already known, or take that back."""
    user = user_of(request)
    if "undo" in request.POST:
        actions.unmark_known(found, by=user)
        return _back(request, found, _("They count again as newly known."))
    form = KnownForm(request.POST, among=received_by(user))
    if not form.is_valid():
        return shown(request, found, known_form=form)
    try:
        actions.mark_known(found, by=user, same_as=form.cleaned_data["same"])
    except NotNow as error:
        return _refused(request, found, error)
    return _back(request, found, _("Marked as already known: they are not counted twice."))


@require_POST
@on_notification(RECEIVE)
def close(request: HttpRequest, found: Notification) -> HttpResponse:
    """Close with an outcome, or open again."""
    user = user_of(request)
    if "undo" in request.POST:
        actions.reopen(found, by=user)
        return _back(request, found, _("Open again."))
    form = CloseForm(request.POST)
    if not form.is_valid():
        return shown(request, found, close_form=form)
    try:
        actions.close(found, by=user, at=timezone.now(), outcome=form.cleaned_data["outcome"])
    except NotNow as error:
        return _refused(request, found, error)
    return _back(request, found, _("Closed. The sender sees the outcome."))


@require_POST
@on_notification(RECEIVE)
def onward(request: HttpRequest, found: Notification) -> HttpResponse:
    """Pass it on to another body, under the same bar."""
    form = OnwardForm(request.POST)
    if not form.is_valid():
        return shown(request, found, onward_form=form)
    try:
        actions.pass_on(found, by=user_of(request), at=timezone.now(), to=form.cleaned_data["to"])
    except NotNow as error:
        return _refused(request, found, error)
    return _back(request, found, _("Noted as passed on. Only what stands there may be told."))
