"""Changes to a notification after it is sent, and to the API keys of systems. Each change records an event."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from django.db import transaction

from bield.disclosure import Finding, Notice, identifiability
from bield.law import notification_version
from bield.service.accounts.access import colleagues_in
from bield.service.accounts.models import Team, User
from bield.service.accounts.news import News, tell
from bield.service.accounts.permissions import Permission
from bield.service.audit.actions import Fact, record
from bield.service.audit.kinds import Kind
from bield.service.changes import NotNow
from bield.service.days import day_of
from bield.service.notifications.access import digest_of
from bield.service.notifications.dialogue import FIELD, TAKEN_BACK, WORDS, answers_to, askable, says_nothing
from bield.service.notifications.intake import extended, judge, known
from bield.service.notifications.models import ApiKey, Notification, NotifiedIdentity, Onward, Question
from bield.service.notifications.register import register_now
from bield.service.notifications.same_person import linked

KEY_PREFIX = "bield_"
KEY_DAYS = 365


def note(kind: Kind, notification: Notification, by: User, *, at: datetime | None = None, **facts: Fact) -> None:
    """Record an event about a notification, in the organisation of the user who did it."""
    sender = notification.team.memberships.filter(user=by).exists()
    organisation = notification.team.organisation_id if sender else notification.to_id
    record(kind, actor=by.pk, organisation=organisation, subject=notification.pk, at=at, **facts)


def _locked(notification: Notification) -> Notification:
    locked = Notification.objects.select_for_update().get(pk=notification.pk)
    locked.team, locked.to = notification.team, notification.to
    return locked


@transaction.atomic
def acknowledge(notification: Notification, *, by: User, at: datetime) -> None:
    """Record that it was received and read. A second time changes nothing."""
    locked = _locked(notification)
    if locked.acknowledged_at is None:
        Notification.objects.filter(pk=locked.pk).update(acknowledged_at=at, acknowledged_by=by)
        note(Kind.NOTIFICATION_ACKNOWLEDGED, locked, by, at=at)


def identified(notification: Notification, *, on: date) -> bool:
    """Whether it says who the person is, on a basis that is still valid on a day; if so, free text is allowed."""
    identity = NotifiedIdentity.objects.filter(notification=notification).defer("words").first()
    return identity is not None and identity.stands(on=on)


@transaction.atomic
def ask(notification: Notification, *, by: User, at: datetime, question: str, words: str = "") -> Question:
    """Ask the sender a question. Raises NotNow if it is closed, or the question is still open or may not be asked."""
    locked = _locked(notification)
    words_allowed = identified(locked, on=day_of(at))
    if locked.closed_at:
        raise NotNow("the notification is closed: open it again first")
    if question not in dict(askable(notification_version(locked.version), words=words_allowed)):
        raise NotNow("this question may not be asked")
    if words and question != WORDS:
        raise NotNow("only a question in words can have words")
    if locked.questions.filter(ask=question, answered_at__isnull=True).exclude(ask=WORDS).exists():
        raise NotNow("you have asked this already, and it is not answered yet")
    asked = Question.objects.create(notification=locked, ask=question, words=words, asked_by=by, asked_at=at)
    Notification.objects.filter(pk=locked.pk).update(waits="sender")
    note(Kind.NOTIFICATION_ASKED, locked, by, at=at, question=question)
    tell(colleagues_in([locked.team_id], Permission.NOTIFICATION_SEND), News.QUESTION)
    return asked


@transaction.atomic
def answer(question: Question, *, by: User, at: datetime, choice: str, words: str = "") -> None:
    """Answer a question of the police.

    Raises NotNow if it is answered already, if the answer is not on its list, and if saying more would single the
    person out.
    """
    locked = _locked(question.notification)
    current = Question.objects.select_for_update().get(pk=question.pk)
    version = notification_version(locked.version)
    if current.answered_at:
        raise NotNow("this question has been answered already")
    if current.ask == WORDS:
        if not (words and identified(locked, on=day_of(at))):
            raise NotNow("an answer in words needs words, and the person's agreement to say who they are")
        choice = WORDS
    elif choice not in dict(answers_to(version, current.ask)):
        raise NotNow("choose one of the answers")
    elif current.ask.startswith(FIELD) and not identified(locked, on=day_of(at)):
        _refuse_rare(locked, current.ask.removeprefix(FIELD), choice)
    _settle(locked, current, by=by, at=at, answer=choice, answer_words=words)
    note(Kind.NOTIFICATION_ANSWERED, locked, by, at=at, question=current.ask)


@transaction.atomic
def take_question_back(question: Question, *, by: User, at: datetime) -> None:
    """Take back a question that nobody has answered, so that it holds nothing up. Raises NotNow if it is answered."""
    locked = _locked(question.notification)
    current = Question.objects.select_for_update().get(pk=question.pk)
    if current.answered_at:
        raise NotNow("this question has been answered already")
    _settle(locked, current, by=by, at=at, answer=TAKEN_BACK)
    note(Kind.NOTIFICATION_UNASKED, locked, by, at=at, question=current.ask)


def _settle(notification: Notification, question: Question, *, by: User, at: datetime, **said: str) -> None:
    """Close a question, and update whether the notification still waits for its sender."""
    Question.objects.filter(pk=question.pk).update(answered_by=by, answered_at=at, **said)
    still_open = notification.questions.filter(answered_at__isnull=True).exists()
    Notification.objects.filter(pk=notification.pk).update(waits="sender" if still_open else "")


def _refuse_rare(notification: Notification, name: str, choice: str) -> None:
    """Raises NotNow if an answer about a field, with everything said before, would single the person out."""
    if says_nothing(choice):
        return
    extended_notice = extended(known(notification), {name: choice})
    if judge(extended_notice, linked(notification)).singles_out:
        raise NotNow("this answer would single them out, and they have not agreed to be identified")


@transaction.atomic
def mark_known(notification: Notification, *, by: User, same_as: Notification | None) -> None:
    """Mark the person as already known, so that they are counted once.

    same_as: the notification they are known from, if any. Raises NotNow if it is the same notification, if it is itself
    marked as known or has another recipient, and if other notifications are marked as the same as this one.
    """
    locked = _locked(notification)
    if same_as is not None and same_as.pk == locked.pk:
        raise NotNow("a notification cannot be the same as itself: enter another reference")
    if same_as is not None and (same_as.already_known or same_as.to_id != locked.to_id):
        raise NotNow("that one is itself marked as known, or another body received it: enter the one that is counted")
    if locked.duplicates.exists():
        raise NotNow("others are marked as the same as this one: take that back first")
    Notification.objects.filter(pk=locked.pk).update(already_known=True, same_as=same_as)
    note(Kind.NOTIFICATION_KNOWN, locked, by, same=str(same_as.pk) if same_as else "other")


@transaction.atomic
def unmark_known(notification: Notification, *, by: User) -> None:
    """Take back the mark that the person was already known."""
    locked = _locked(notification)
    if locked.already_known:
        Notification.objects.filter(pk=locked.pk).update(already_known=False, same_as=None)
        note(Kind.NOTIFICATION_NOT_KNOWN, locked, by)


@transaction.atomic
def close(notification: Notification, *, by: User, at: datetime, outcome: str) -> None:
    """Close it with an outcome that the sender sees. Raises NotNow if it is closed, or a question is open."""
    locked = _locked(notification)
    if locked.closed_at:
        raise NotNow("the notification is closed already")
    waiting = locked.questions.filter(answered_at__isnull=True)
    if not identified(locked, on=day_of(at)):
        waiting = waiting.exclude(ask=WORDS)  # their agreement has ended, so nobody can answer these any more
    if waiting.exists():
        raise NotNow("a question is still open: take it back, or wait for the answer")
    Notification.objects.filter(pk=locked.pk).update(
        closed_at=at,
        outcome=outcome,
        acknowledged_at=locked.acknowledged_at or at,
        acknowledged_by=locked.acknowledged_by or by,
    )
    note(Kind.NOTIFICATION_CLOSED, locked, by, at=at, outcome=outcome)


@transaction.atomic
def reopen(notification: Notification, *, by: User) -> None:
    """Open a closed notification again."""
    locked = _locked(notification)
    if locked.closed_at:
        Notification.objects.filter(pk=locked.pk).update(closed_at=None, outcome="")
        note(Kind.NOTIFICATION_REOPENED, locked, by)


def onward_notice(notification: Notification) -> tuple[Notice, Finding]:
    """What may be passed on about a notification, as broadly as needed, and how many people share it.

    Section 38(5) protects everybody's identity in the same way: agreement to tell the police is not agreement to tell
    others. The notice is judged together with everything passed on about this person before, in any notification,
    because whoever has two notices can compare them.
    """
    passed_on = Onward.objects.filter(notification__in=[other.pk for other in linked(notification)])
    earlier = [
        Notice(onward.notification.version, tuple((name, tuple(values)) for name, values in onward.said.items()))
        for onward in passed_on.select_related("notification")
    ]
    notice = known(notification).onward()
    finding = identifiability(notice, register_now(), earlier=earlier, counted=notification.counts)
    if finding.singles_out and finding.options:
        notice = notice.broadened(finding.options[0].values)
        finding = identifiability(notice, register_now(), earlier=earlier, counted=notification.counts)
    return notice, finding


@transaction.atomic
def pass_on(notification: Notification, *, to: str, by: User, at: datetime) -> Onward:
    """Pass a notification on, without anything that identifies. Raises NotNow if it would single the person out."""
    locked = _locked(notification)
    notice, finding = onward_notice(locked)
    if finding.singles_out:
        raise NotNow("too few people share what it says, however broadly it is put")
    if not notice.said:
        raise NotNow("there is nothing in it that may be passed on")
    said = {name: list(values) for name, values in notice.said}
    onward = Onward.objects.create(notification=locked, to=to, said=said, people=finding.people, by=by, at=at)
    note(Kind.NOTIFICATION_PASSED_ON, locked, by, at=at, to=to)
    return onward


@transaction.atomic
def make_key(*, team: Team, name: str, by: User, at: datetime, days: int = KEY_DAYS) -> tuple[ApiKey, str]:
    """Make a key for a team's system to send with. Returns it with its text, which is shown once and not stored."""
    text = KEY_PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        team=team,
        name=name,
        prefix=text[:10],
        digest=digest_of(text),
        made_by=by,
        made_at=at,
        expires_at=at + timedelta(days=days),
    )
    record(Kind.KEY_MADE, actor=by.pk, organisation=team.organisation_id, subject=key.pk, at=at)
    return key, text


@transaction.atomic
def end_key(key: ApiKey, *, by: User, at: datetime) -> None:
    """End a key: it no longer works."""
    if key.ended_at is None:
        ApiKey.objects.filter(pk=key.pk).update(ended_at=at)
        record(Kind.KEY_ENDED, actor=by.pk, organisation=key.team.organisation_id, subject=key.pk, at=at)
