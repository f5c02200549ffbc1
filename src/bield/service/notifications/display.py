"""Notifications in words: what was said, what was withheld, the state, and receipts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from bield.disclosure import Finding, Notice, Option, combination_rules, ladder
from bield.law import LawError, NotificationVersion, notification_version
from bield.law.forms import load_notification_versions
from bield.service.days import day_of
from bield.service.documents import Block, Facts, Heading, Lines, as_pdf
from bield.service.notifications.dialogue import TAKEN_BACK, WORDS, answer_words, outcome_words, question_words
from bield.service.notifications.models import Notification, NotifiedIdentity

RECEIPT = "bield-notification-receipt-1"


def value_words(version: NotificationVersion, name: str, value: str) -> str:
    """A value of a field in words."""
    field = version.field(name)
    if field.holds == "day":
        return date_format(date.fromisoformat(value))
    rungs = ladder(field)
    return _(rungs.label(value)) if rungs else value


def said_rows(notice: Notice) -> list[tuple[str, str]]:
    """What a notice says, as pairs of label and value, in the order of the version."""
    version = notification_version(notice.version)
    return [
        (_(version.field(name).label), ", ".join(value_words(version, name, value) for value in values))
        for name, values in notice.said
    ]


def said_words(version: NotificationVersion, said: Mapping[str, Sequence[str]]) -> str:
    """What was said, in one line."""
    return "; ".join(
        f"{_(version.field(name).label)}: {', '.join(value_words(version, name, value) for value in values)}"
        for name, values in said.items()
    )


def withheld_labels(version_id: str, names: list[str] | tuple[str, ...]) -> list[str]:
    """The labels of fields that were known and are not said."""
    version = notification_version(version_id)
    return [_(version.field(name).label) for name in names]


def option_words(option: Option) -> str:
    """An option in a sentence: what changes, and how many people share it then."""
    version = notification_version_of(option)
    parts = []
    for change in option.changes:
        label = _(version.field(change.field).label)
        if change.to:
            words = value_words(version, change.field, change.to)
            parts.append(_("%(field)s: say “%(value)s”") % {"field": label, "value": words})
        else:
            parts.append(_("%(field)s: leave it out") % {"field": label})
    return _("%(changes)s. Then %(people)s others share it.") % {
        "changes": "; ".join(parts),
        "people": f"{option.people:,}",
    }


def notification_version_of(option: Option) -> NotificationVersion:
    """The version that an option's words come from: one of this place with its fields. Raises LawError if none has."""
    names = {change.field for change in option.changes}
    for version in load_notification_versions():
        if version.place == settings.PLACE and names <= {item.id for item in version.fields}:
            return version
    raise LawError(f"no version has the fields {sorted(names)}")


def rare_words(finding: Finding, version: NotificationVersion) -> list[str]:
    """What makes a combination rare, one line for each set of fields."""
    return [" + ".join(_(version.field(name).label) for name in names) for names in finding.rare]


def kept_words(reason: str) -> str:
    """The reason in words why a rare combination was sent as it is; empty if no reason was given."""
    return next((_(item.label) for item in combination_rules().reasons if item.id == reason), "")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer, in words."""

    pk: int
    ask: str
    question: str
    words: str
    asked: str
    answer: str


def exchanges(notification: Notification, *, words: bool) -> list[Exchange]:
    """The questions of the police with their answers, oldest first. words: whether free text may still be shown."""
    version = notification_version(notification.version)
    rows = []
    for question in notification.questions.all():
        answer_text = question.answer_words if words else _closed(question.answer_words)
        in_words = question.ask == WORDS and question.answer != TAKEN_BACK
        rows.append(
            Exchange(
                question.pk,
                question.ask,
                question_words(version, question.ask),
                question.words if words else _closed(question.words),
                date_format(localtime(question.asked_at), "j M Y, H:i"),
                answer_text if in_words else answer_words(version, question.ask, question.answer),
            )
        )
    return rows


def _closed(words: str) -> str:
    return _("Closed: that they may be identified has ended.") if words else ""


def ended_words(identity: NotifiedIdentity) -> str:
    """Why somebody may no longer be identified, and since when. identity: one that is no longer valid."""
    until = identity.agreed_until
    ended = day_of(identity.withdrawn_at) if identity.withdrawn_at else date.max
    if until and ended > until:
        return _("Their agreement ended on %(day)s.") % {"day": date_format(until)}
    if identity.rests_on == "child":
        return _("They are no longer treated as a child since %(day)s.") % {"day": date_format(ended)}
    return _("They no longer agree since %(day)s.") % {"day": date_format(ended)}


def state_words(notification: Notification) -> str:
    """The state of a notification in words."""
    if notification.closed_at:
        return outcome_words(notification.outcome)
    if notification.waits == "sender":
        return _("The police asked a question")
    return _("Acknowledged") if notification.acknowledged_at else _("Sent, not acknowledged yet")


def basis_words(notification: Notification) -> str:
    """The basis of a notification in words: the duty, or voluntary."""
    if notification.basis == "statutory":
        return _("Under the duty to notify")
    return _("Voluntary: as far as we know, no regulations bind anybody yet")


def receipt(notification: Notification, *, identity_sent: bool | None = None) -> dict[str, Any]:
    """The receipt as an object for JSON. It says what was sent, and contains no identity.

    identity_sent: whether it said who the person is, if the caller knows; None to ask the database.
    """
    notice, version = notification.notice, notification_version(notification.version)
    said = {name: list(values) for name, values in notice.said}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return {
        "format": RECEIPT,
        "reference": notification.shown_reference,
        "sent_at": notification.sent_at.isoformat(),
        "from": notification.team.organisation.name,
        "to": notification.to.name,
        "basis": notification.basis,
        "version": version.id,
        "version_in_force": version.in_force,
        "said": said,
        "withheld": list(notification.withheld),
        "broadened": list(notification.broadened),
        "kept_because": notification.kept_because,
        "identity_sent": hasattr(notification, "identity") if identity_sent is None else identity_sent,
        "sha256_of_said": digest,
    }


def receipt_pdf(notification: Notification) -> bytes:
    """The receipt as a document to keep."""
    notice, version = notification.notice, notification_version(notification.version)
    details = receipt(notification)
    blocks: list[Block] = [
        Facts(
            (
                (_("Reference"), notification.shown_reference),
                (_("Sent"), date_format(localtime(notification.sent_at), "j F Y, H:i")),
                (_("From"), notification.team.organisation.name),
                (_("To"), notification.to.name),
                (_("Basis"), basis_words(notification)),
                (_("Form"), _(version.title)),
            )
        ),
        Heading(_("What was sent")),
        Facts(tuple(said_rows(notice))),
        Heading(_("What was withheld")),
        Lines(tuple(withheld_labels(notice.version, notification.withheld)) or (_("Nothing that was known."),)),
    ]
    if details["identity_sent"]:
        identity_line = _("Who they are was sent too: they agreed, or are a child. It is not printed here.")
        blocks.append(Lines((identity_line,)))
    if notification.broadened:
        names = ", ".join(withheld_labels(notice.version, notification.broadened))
        blocks.append(Lines((_("Said more broadly, so that nobody is singled out: %(names)s.") % {"names": names},)))
    if notification.kept_because:
        why = kept_words(notification.kept_because)
        blocks.append(Lines((_("Sent as it was, although few people share it, because: %(why)s.") % {"why": why},)))
    blocks.append(Lines((_("SHA-256 of what was sent: %(hash)s") % {"hash": details["sha256_of_said"]},)))
    return as_pdf(_("Receipt of a notification"), blocks, marking=_("OFFICIAL-SENSITIVE"))
