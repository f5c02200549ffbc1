"""What becomes of a notification, and the keys with which systems send. Each change leaves an event."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from django.db import transaction

from bield.disclosure import Finding, Notice, identifiability
from bield.law import notification_version
from bield.service.accounts.models import Team, User
from bield.service.audit.actions import Fact, record
from bield.service.audit.kinds import Kind
from bield.service.changes import NotNow
from bield.service.days import day_of
from bield.service.notifications.access import digest_of
from bield.service.notifications.dialogue import FIELD, TAKEN_BACK, WORDS, answers_to, askable, says_nothing
from bield.service.notifications.intake import fuller, judge, known
from bield.service.notifications.models import ApiKey, Notification, NotifiedIdentity, Onward, Question
from bield.service.notifications.register import register_now
from bield.service.notifications.same_person import linked

KEY_PREFIX = "bield_"
KEY_DAYS = 365


def note(kind: Kind, notification: Notification, by: User, *, at: datetime | None = None, **facts: Fact) -> None:
    """An event about a notification, in the books of whoever did it."""
    sender = notification.team.memberships.filter(user=by).exists()
    organisation = notification.team.organisation_id if sender else notification.to_id
    record(kind, actor=by.pk, organisation=organisation, subject=notification.pk, at=at, **facts)


def _held(notification: Notification) -> Notification:
    row = Notification.objects.select_for_update().get(pk=notification.pk)
    row.team, row.to = notification.team, notification.to
    return row


@transaction.atomic
def acknowledge(notification: Notification, *, by: User, at: datetime) -> None:
    """Say that it was received and read. A second time changes nothing."""
    row = _held(notification)
    if row.acknowledged_at is None:
        Notification.objects.filter(pk=row.pk).update(acknowledged_at=at, acknowledged_by=by)
        note(Kind.NOTIFICATION_ACKNOWLEDGED, row, by, at=at)


def identified(notification: Notification, *, on: date) -> bool:
    """Whether it says who somebody is and that still stands on a day, and so whether there may be words about it."""
    identity = NotifiedIdentity.objects.filter(notification=notification).defer("words").first()
    return identity is not None and identity.stands(on=on)


@transaction.atomic
def ask(notification: Notification, *, by: User, at: datetime, question: str, words: str = "") -> Question:
    """Ask the sender something. Raises NotNow where it is closed, the question is open already, or may not be asked."""
    row = _held(notification)
    free = identified(row, on=day_of(at))
    if row.closed_at:
        raise NotNow("the notification is closed")
    if question not in dict(askable(notification_version(row.version), words=free)):
        raise NotNow("this may not be asked")
    if words and question != WORDS:
        raise NotNow("words go with a question in words only")
    if row.questions.filter(ask=question, answered_at__isnull=True).exclude(ask=WORDS).exists():
        raise NotNow("this was asked already, and is not answered yet")
    found = Question.objects.create(notification=row, ask=question, words=words, asked_by=by, asked_at=at)
    Notification.objects.filter(pk=row.pk).update(waits="sender")
    note(Kind.NOTIFICATION_ASKED, row, by, at=at, question=question)
    return found


@transaction.atomic
def answer(question: Question, *, by: User, at: datetime, choice: str, words: str = "") -> None:
    """Answer a question of the police.

    Raises NotNow where it is answered already, where the answer is not one of those to choose from, and where saying
    more would single the person out.
    """
    row = _held(question.notification)
    current = Question.objects.select_for_update().get(pk=question.pk)
    version = notification_version(row.version)
    if current.answered_at:
        raise NotNow("it was answered already")
    if current.ask == WORDS:
        if not (words and identified(row, on=day_of(at))):
            raise NotNow("an answer in words needs words, and agreement to say who they are")
        choice = WORDS
    elif choice not in dict(answers_to(version, current.ask)):
        raise NotNow("choose one of the answers")
    elif current.ask.startswith(FIELD) and not identified(row, on=day_of(at)):
        _refuse_rare(row, current.ask.removeprefix(FIELD), choice)
    _settle(row, current, by=by, at=at, answer=choice, answer_words=words)
    note(Kind.NOTIFICATION_ANSWERED, row, by, at=at, question=current.ask)


@transaction.atomic
def take_question_back(question: Question, *, by: User, at: datetime) -> None:
    """Take a question back that nobody has answered, so that it keeps nothing open. Raises NotNow where it is."""
    row = _held(question.notification)
    current = Question.objects.select_for_update().get(pk=question.pk)
    if current.answered_at:
        raise NotNow("it was answered already")
    _settle(row, current, by=by, at=at, answer=TAKEN_BACK)
    note(Kind.NOTIFICATION_UNASKED, row, by, at=at, question=current.ask)


def _settle(row: Notification, question: Question, *, by: User, at: datetime, **said: str) -> None:
    """Close a question, and say whether the notification still waits for its sender."""
    Question.objects.filter(pk=question.pk).update(answered_by=by, answered_at=at, **said)
    still_open = row.questions.filter(answered_at__isnull=True).exists()
    Notification.objects.filter(pk=row.pk).update(waits="sender" if still_open else "")


def _refuse_rare(row: Notification, name: str, choice: str) -> None:
    """An answer about a field is judged like the notification itself, with everything that was said before it."""
    if says_nothing(choice):
        return
    said = fuller(known(row), {name: choice})
    if judge(said, linked(row)).singles_out:
        raise NotNow("saying this would single them out, and they have not agreed to be identified")


@transaction.atomic
def mark_known(notification: Notification, *, by: User, same_as: Notification | None) -> None:
    """Say that the person was known already, so that they are counted once. same_as: the notification, if it was one.

    Raises NotNow where the two are one, or the other was itself marked as the same as a third.
    """
    row = _held(notification)
    if same_as is not None and same_as.pk == row.pk:
        raise NotNow("it cannot be the same as itself")
    if same_as is not None and (same_as.already_known or same_as.to_id != row.to_id):
        raise NotNow("choose the one that is counted")
    if row.duplicates.exists():
        raise NotNow("others were marked as the same as this one; take that back first")
    Notification.objects.filter(pk=row.pk).update(already_known=True, same_as=same_as)
    note(Kind.NOTIFICATION_KNOWN, row, by, same=str(same_as.pk) if same_as else "other")


@transaction.atomic
def unmark_known(notification: Notification, *, by: User) -> None:
    """Take back that the person was known already."""
    row = _held(notification)
    if row.already_known:
        Notification.objects.filter(pk=row.pk).update(already_known=False, same_as=None)
        note(Kind.NOTIFICATION_NOT_KNOWN, row, by)


@transaction.atomic
def close(notification: Notification, *, by: User, at: datetime, outcome: str) -> None:
    """Close with an outcome that the sender sees. Raises NotNow where it is closed, or a question is open."""
    row = _held(notification)
    if row.closed_at:
        raise NotNow("it is closed already")
    waiting = row.questions.filter(answered_at__isnull=True)
    if not identified(row, on=day_of(at)):
        waiting = waiting.exclude(ask=WORDS)  # they took their agreement back: it can no longer be answered
    if waiting.exists():
        raise NotNow("a question is still open")
    Notification.objects.filter(pk=row.pk).update(
        closed_at=at,
        outcome=outcome,
        acknowledged_at=row.acknowledged_at or at,
        acknowledged_by=row.acknowledged_by or by,
    )
    note(Kind.NOTIFICATION_CLOSED, row, by, at=at, outcome=outcome)


@transaction.atomic
def reopen(notification: Notification, *, by: User) -> None:
    """Open it again."""
    row = _held(notification)
    if row.closed_at:
        Notification.objects.filter(pk=row.pk).update(closed_at=None, outcome="")
        note(Kind.NOTIFICATION_REOPENED, row, by)


def onward_notice(notification: Notification) -> tuple[Notice, Finding]:
    """What may be passed on about a notification, and how many share it, said as broadly as that needs.

    The bar of section 38(5) is the same for everybody's identity: agreement to tell the police is no agreement to tell
    others. What is passed on is judged with everything about this person that was passed on before, in whichever
    notification: who holds two can take one from the other.
    """
    rows = Onward.objects.filter(notification__in=[item.pk for item in linked(notification)])
    before = [
        Notice(item.notification.version, tuple((name, tuple(values)) for name, values in item.said.items()))
        for item in rows.select_related("notification")
    ]
    notice = known(notification).onward()
    finding = identifiability(notice, register_now(), earlier=before, counted=notification.counts)
    if finding.singles_out and finding.options:
        notice = notice.broadened(finding.options[0].values)
        finding = identifiability(notice, register_now(), earlier=before, counted=notification.counts)
    return notice, finding


@transaction.atomic
def pass_on(notification: Notification, *, to: str, by: User, at: datetime) -> Onward:
    """Pass a notification on, without anything that identifies. Raises NotNow where it would single somebody out."""
    row = _held(notification)
    notice, finding = onward_notice(row)
    if finding.singles_out:
        raise NotNow("whatever way it is said, too few people share it")
    if not notice.said:
        raise NotNow("there is nothing in it that may be passed on")
    said = {name: list(values) for name, values in notice.said}
    found = Onward.objects.create(notification=row, to=to, said=said, people=finding.people, by=by, at=at)
    note(Kind.NOTIFICATION_PASSED_ON, row, by, at=at, to=to)
    return found


@transaction.atomic
def make_key(*, team: Team, name: str, by: User, at: datetime, days: int = KEY_DAYS) -> tuple[ApiKey, str]:
    """A key with which a team's system may send, and its text, which is shown once and not kept."""
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
    """A key holds no longer, from now."""
    if key.ended_at is None:
        ApiKey.objects.filter(pk=key.pk).update(ended_at=at)
        record(Kind.KEY_ENDED, actor=by.pk, organisation=key.team.organisation_id, subject=key.pk, at=at)
