"""The pages of notifications: sending without a record here, and each one."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bield import law
from bield.disclosure import minimise
from bield.law import notification_version
from bield.service.accounts.access import requires, teams_with, user_of
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.changes import NotNow
from bield.service.design.refusing import refused
from bield.service.documents import as_file
from bield.service.drafts.access import typed
from bield.service.gates import GET_OR_POST
from bield.service.notifications import actions, compose, display, intake
from bield.service.notifications.access import may_with, received_by
from bield.service.notifications.forms import (
    AnswerForm,
    AskForm,
    CloseForm,
    KnownForm,
    OnwardForm,
    WithoutRecordForm,
    version_today,
)
from bield.service.notifications.gate import on_notification
from bield.service.notifications.intake import Sender, Sent
from bield.service.notifications.models import Notification, NotifiedIdentity

SEND, RECEIVE = Permission.NOTIFICATION_SEND, Permission.NOTIFICATION_RECEIVE


# Sending without a record here


@require_http_methods(GET_OR_POST)
@requires(SEND)
def new(request: HttpRequest) -> HttpResponse:
    """A notification by somebody whose body keeps no records here: two pages, five minutes."""
    user, version = user_of(request), version_today()
    teams = teams_with(user, SEND).select_related("organisation")
    data = typed(request)
    form = WithoutRecordForm(data, version=version, teams=teams).comparing(
        None
    )  # nothing is known about the person here
    if request.method != "POST" or "change" in request.POST or not form.is_valid():
        return render(request, "notifications/new.html", {"form": form, "version": version})
    values = form.cleaned_data
    decision = values["agreed"] if values["age"] != "child" else ""
    notification = minimise(
        form.record(),
        version,
        {"notification_identity": decision},
        values["age"],
        body=values["team"].organisation.body,
        on=timezone.localdate(),
    )
    draft = compose.Draft(notification, Sender(values["team"], by=user), values["local_reference"], values["elsewhere"])
    if "send" not in request.POST:
        return compose.check_page(request, form, draft)
    result = compose.send(request, form, draft, at=timezone.now(), data=request.POST)
    return sent_now(request, result) if isinstance(result, Sent) else result


def sent_now(request: HttpRequest, result: Sent) -> HttpResponse:
    """After sending, redirect to the notification's page, with its receipt."""
    messages.success(
        request, _("The notification was sent. Its reference is %(reference)s.") % {"reference": result.notification}
    )
    return redirect("notification", notification_id=result.notification.pk)


# One notification


@require_safe
@on_notification(SEND, RECEIVE, reading=Kind.NOTIFICATION_READ)
def notification(request: HttpRequest, notification: Notification) -> HttpResponse:
    """What was said, what was withheld, and what happened since: for the sender and for the police."""
    return shown(request, notification)


def shown(request: HttpRequest, notification: Notification, **forms: Any) -> HttpResponse:
    """The page of a notification. forms: those that came back with errors, by their name in the template."""
    user, version = user_of(request), notification_version(notification.version)
    receives, sends = may_with(user, notification, RECEIVE), may_with(user, notification, SEND)
    identity = NotifiedIdentity.objects.filter(notification=notification).defer("words").first()
    stands = identity is not None and identity.stands(on=timezone.localdate())
    questions = display.exchanges(notification, words=stands or sends)
    answers = {
        item.pk: forms.get(f"answer_{item.pk}") or AnswerForm(None, version=version, ask=item.ask)
        for item in questions
        if sends and not item.answer
    }
    values: dict[str, Any] = {}
    if receives and not notification.closed_at:
        values["ask_form"] = AskForm(None, version=version, identified=stands)
        values["close_form"] = CloseForm()
    if receives:
        notice, finding = actions.onward_notice(notification)
        values["onward_form"] = OnwardForm()
        values["onward_said"] = display.said_rows(notice)
        values["onward_finding"] = finding
        values["onward"] = [
            (law.body(item.to).name, item.at, display.said_words(version, item.said))
            for item in notification.onward.all()
        ]
    if receives and not notification.already_known:
        values["known_form"] = KnownForm(None, among=received_by(user))
    return render(
        request,
        "notifications/notification.html",
        {
            "notification": notification,
            "said": display.said_rows(notification.notice),
            "withheld": display.withheld_labels(version.id, notification.withheld),
            "broadened": display.withheld_labels(version.id, notification.broadened),
            "kept": display.kept_words(notification.kept_because),
            "basis": display.basis_words(notification),
            "elsewhere": [(item, law.body(item).name) for item in notification.elsewhere],
            "state": display.state_words(notification),
            "version": version,
            "identity": identity,
            "stands": stands,
            "ended": display.ended_words(identity) if identity and not stands else "",
            "may_take_back": sends and stands and identity is not None and identity.rests_on == "consent",
            "may_open": stands and may_with(user, notification, Permission.NOTIFIED_IDENTITY_OPEN),
            "questions": [(item, answers.get(item.pk)) for item in questions],
            "receives": receives,
            "sends": sends,
        }
        | values
        | forms,
    )


@require_safe
@on_notification(Permission.NOTIFIED_IDENTITY_OPEN, reading=Kind.NOTIFIED_IDENTITY_READ)
def identity(request: HttpRequest, notification: Notification) -> HttpResponse:
    """Who the notification is about, if it may say so. Opening this page is recorded."""
    identity, version = (
        NotifiedIdentity.objects.filter(notification=notification).first(),
        notification_version(notification.version),
    )
    stands = identity is not None and identity.stands(on=timezone.localdate())
    identity_rows = (
        [(version.field(name).label, words) for name, words in identity.words.items()] if identity and stands else []
    )
    ended = display.ended_words(identity) if identity and not stands else ""
    context = {"notification": notification, "rows": identity_rows, "held": identity, "ended": ended}
    return render(request, "notifications/identity.html", context)


@require_safe
@on_notification(SEND, RECEIVE, reading=Kind.NOTIFICATION_RECEIPT)
def receipt(request: HttpRequest, notification: Notification) -> HttpResponse:
    """The receipt as a document."""
    name = f"notification-{notification.shown_reference}.pdf"
    return as_file(display.receipt_pdf(notification), "application/pdf", name)


@require_safe
@on_notification(SEND, RECEIVE, reading=Kind.NOTIFICATION_RECEIPT)
def receipt_file(request: HttpRequest, notification: Notification) -> HttpResponse:
    """The receipt as JSON."""
    text = json.dumps(display.receipt(notification), indent=2, ensure_ascii=False)
    return as_file(text.encode(), "application/json", f"notification-{notification.shown_reference}.json")


def _back(request: HttpRequest, notification: Notification, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("notification", notification_id=notification.pk)


def _refused(request: HttpRequest, notification: Notification, error: NotNow) -> HttpResponse:
    return refused(request, error, "notification", notification_id=notification.pk)


@require_POST
@on_notification(RECEIVE)
def acknowledge(request: HttpRequest, notification: Notification) -> HttpResponse:
    """Record that it was received."""
    actions.acknowledge(notification, by=user_of(request), at=timezone.now())
    return _back(request, notification, _("Acknowledged. The sender sees it."))


@require_POST
@on_notification(RECEIVE)
def ask(request: HttpRequest, notification: Notification) -> HttpResponse:
    """Ask the sender a question."""
    version = notification_version(notification.version)
    form = AskForm(request.POST, version=version, identified=actions.identified(notification, on=timezone.localdate()))
    if not form.is_valid():
        return shown(request, notification, ask_form=form)
    try:
        actions.ask(notification, by=user_of(request), at=timezone.now(), **form.cleaned_data)
    except NotNow as error:
        return _refused(request, notification, error)
    return _back(request, notification, _("The question was sent. It waits for the sender to answer."))


@require_POST
@on_notification(RECEIVE)
def unask(request: HttpRequest, notification: Notification, question_id: int) -> HttpResponse:
    """Take back a question that nobody has answered."""
    question = notification.questions.filter(pk=question_id).first()
    if question is None:
        return redirect("notification", notification_id=notification.pk)
    question.notification = notification
    try:
        actions.take_question_back(question, by=user_of(request), at=timezone.now())
    except NotNow as error:
        return _refused(request, notification, error)
    return _back(request, notification, _("Taken back. The sender sees it."))


@require_POST
@on_notification(SEND)
def answer(request: HttpRequest, notification: Notification, question_id: int) -> HttpResponse:
    """Answer a question of the police."""
    question = notification.questions.filter(pk=question_id).first()
    if question is None:
        return redirect("notification", notification_id=notification.pk)
    question.notification = notification
    form = AnswerForm(request.POST, version=notification_version(notification.version), ask=question.ask)
    if not form.is_valid():
        return shown(request, notification, **{f"answer_{question.pk}": form})
    values = {"choice": "", "words": ""} | form.cleaned_data
    try:
        actions.answer(question, by=user_of(request), at=timezone.now(), **values)
    except NotNow as error:
        return _refused(request, notification, error)
    return _back(request, notification, _("Answered."))


@require_POST
@on_notification(SEND)
def take_back(request: HttpRequest, notification: Notification) -> HttpResponse:
    """Record that the person withdrew their agreement to be identified, for a sender who keeps no records here."""
    intake.take_back(notification, by=user_of(request), at=timezone.now())
    return _back(request, notification, _("Recorded. The police see this, and can no longer open who it is about."))


@require_POST
@on_notification(RECEIVE)
def known(request: HttpRequest, notification: Notification) -> HttpResponse:
    """Mark the person as already known, or take that back."""
    user = user_of(request)
    if "undo" in request.POST:
        actions.unmark_known(notification, by=user)
        return _back(request, notification, _("They count again as newly known."))
    form = KnownForm(request.POST, among=received_by(user))
    if not form.is_valid():
        return shown(request, notification, known_form=form)
    try:
        actions.mark_known(notification, by=user, same_as=form.cleaned_data["same"])
    except NotNow as error:
        return _refused(request, notification, error)
    return _back(request, notification, _("Marked as already known: they are not counted twice."))


@require_POST
@on_notification(RECEIVE)
def close(request: HttpRequest, notification: Notification) -> HttpResponse:
    """Close it with an outcome, or open it again."""
    user = user_of(request)
    if "undo" in request.POST:
        actions.reopen(notification, by=user)
        return _back(request, notification, _("Open again."))
    form = CloseForm(request.POST)
    if not form.is_valid():
        return shown(request, notification, close_form=form)
    try:
        actions.close(notification, by=user, at=timezone.now(), outcome=form.cleaned_data["outcome"])
    except NotNow as error:
        return _refused(request, notification, error)
    return _back(request, notification, _("Closed. The sender sees the outcome."))


@require_POST
@on_notification(RECEIVE)
def onward(request: HttpRequest, notification: Notification) -> HttpResponse:
    """Pass it on to another body, without anything that identifies."""
    form = OnwardForm(request.POST)
    if not form.is_valid():
        return shown(request, notification, onward_form=form)
    try:
        actions.pass_on(notification, by=user_of(request), at=timezone.now(), to=form.cleaned_data["to"])
    except NotNow as error:
        return _refused(request, notification, error)
    return _back(request, notification, _("Recorded as passed on. Tell them only what this page says you passed on."))
