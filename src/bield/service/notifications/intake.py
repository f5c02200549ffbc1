"""The only way to send a notification: what the rooms above, the pages and the API pass in is minimised already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import product
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from bield import law
from bield.disclosure import Finding, Identified, Notice, combination_rules, identifiability
from bield.law import notification_version
from bield.service import reference
from bield.service.accounts.models import Organisation, Team, User
from bield.service.audit.actions import SYSTEM, record, record_many
from bield.service.audit.kinds import Kind
from bield.service.audit.statements import first, insert
from bield.service.days import day_of
from bield.service.notifications.columns import SAID
from bield.service.notifications.dialogue import FIELD, says_nothing
from bield.service.notifications.models import ApiKey, Joined, Notification, NotifiedIdentity, Request
from bield.service.notifications.register import register_now
from bield.service.notifications.same_person import hashes_of, joined, said_before, same_person

REFUSE: Final = "refuse"
BROADEN: Final = "broaden"

NOBODY: Final = "nobody receives notifications in this installation yet: ask your administrator"
_KNOWN: Final = """
SELECT receiver.id, receiver.body, receiver.name,
  EXISTS (SELECT 1 FROM notifications_request WHERE team_id = %s AND key = %s),
  EXISTS (SELECT 1 FROM notifications_notification WHERE local = %s AND NOT local = '')
    OR EXISTS (SELECT 1 FROM notifications_joined WHERE one = %s OR other = %s)
FROM accounts_organisation AS receiver WHERE receiver.body = %s
"""


class Refused(ValueError):
    """A notification that cannot be sent as it is; the text says why, for the sender to read."""


class TooRare(Refused):
    """Too few people share what is said. `finding` says which fields make it rare, and what would help."""

    def __init__(self, finding: Finding) -> None:
        super().__init__("what is said would single somebody out, and they have not agreed to be identified")
        self.finding = finding


class KeyUsed(Refused):
    """The sender's key was used for another notification before."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: a team, and its member or API key."""

    team: Team
    by: User | None = None
    key: ApiKey | None = None

    @property
    def actor(self) -> object:
        return self.by.pk if self.by else f"key:{self.key.pk if self.key else ''}"


@dataclass(frozen=True, slots=True)
class Extra:
    """What goes with a notification besides what is said.

    local_reference: the sender's own reference for the person; only a keyed hash is stored. elsewhere: ids of bodies
    known to have notified or referred them. request_key: the sender's own key for this notification. if_rare: refuse,
    broaden (say it as broadly as needed), or the id of a reason to send it as it is.
    """

    local_reference: str = ""
    elsewhere: tuple[str, ...] = ()
    request_key: str = ""
    if_rare: str = REFUSE
    broader: Mapping[str, str] = field(default_factory=dict)
    """Fields that the sender chose to say more broadly, before this notice was made."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The notification. made: False if the same request made it before; identified: whether it says who it is about."""

    notification: Notification
    made: bool
    identified: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """A notice as it will be sent, with what was decided about it.

    again: whether this body notified about the person before; people: how many share what it says.
    """

    notice: Notice
    content: tuple[str, ...]
    again: bool
    broadened: tuple[str, ...]
    people: int | None = None
    kept_because: str = ""


def judge(notice: Notice, earlier: Sequence[Notification]) -> Finding:
    """Whether a notice singles somebody out, together with what was said about the same person before."""
    return identifiability(notice, register_now(), earlier=[known(item) for item in earlier])


def about(team: Team, local_reference: str) -> list[Notification]:
    """The notifications a body has sent about a person, by its own references for them; oldest first."""
    if not local_reference.strip():
        return []
    return same_person(*joined(set(hashes_of("person", team.organisation.body, local_reference))))


@transaction.atomic
def join(team: Team, one: str, other: str, *, at: datetime) -> list[int]:
    """Record that two of a body's own references mean the same person. Returns what `part` needs to undo it.

    From now on, notifications under either are judged together, and are about the same person for this body. The police
    are not told: two notices that are each common may single somebody out together.
    """
    body = team.organisation.body
    pairs = product(hashes_of("person", body, one), hashes_of("person", body, other))
    return [Joined.objects.create(one=first, other=second, at=at).pk for first, second in pairs]


def part(joined: Iterable[int]) -> None:
    """Undo `join`: two references no longer mean the same person. joined: what `join` returned."""
    Joined.objects.filter(pk__in=list(joined)).delete()


@transaction.atomic
def identity_rests_on(
    team: Team, local_reference: str, *, basis: str, until: date | None, by: User, at: datetime
) -> int:
    """Set the only basis on which notifications about a person may still identify them: consent, child, or empty.

    Identities on another basis end: the police are told, and no more free text passes. Those that rest on consent end
    after `until`. Returns how many ended.
    """
    identities = NotifiedIdentity.objects.filter(
        notification__in=about(team, local_reference), withdrawn_at__isnull=True
    )
    identities.filter(rests_on="consent").update(agreed_until=until)
    return _end(identities.exclude(rests_on=basis), actor=by.pk, at=at)


@transaction.atomic
def take_back(notification: Notification, *, by: User, at: datetime) -> None:
    """Record that somebody withdrew their agreement, for a sender without records. A second time changes nothing."""
    _end(NotifiedIdentity.objects.filter(notification=notification, withdrawn_at__isnull=True), actor=by.pk, at=at)


@transaction.atomic
def end_past_agreements(*, today: date, at: datetime) -> int:
    """End the identities that rest on an agreement that is over, so that the police are told. Returns how many."""
    past = NotifiedIdentity.objects.filter(withdrawn_at__isnull=True, agreed_until__lt=today)
    return _end(past, actor=SYSTEM, at=at)


def _end(rows: QuerySet[NotifiedIdentity], *, actor: object, at: datetime) -> int:
    identities = list(rows.select_related("notification__team"))
    NotifiedIdentity.objects.filter(pk__in=[identity.pk for identity in identities]).update(withdrawn_at=at)
    for identity in identities:
        organisation = identity.notification.team.organisation_id
        record(Kind.CONSENT_WITHDRAWN, actor=actor, organisation=organisation, subject=identity.notification_id, at=at)
    return len(identities)


def known(notification: Notification) -> Notice:
    """What was said in a notification, and later in answers about its fields."""
    notice = notification.notice
    answers = {
        item.ask.removeprefix(FIELD): item.answer
        for item in notification.questions.all()
        if item.ask.startswith(FIELD) and item.answer and not says_nothing(item.answer)
    }
    return extended(notice, answers) if answers else notice


def extended(notice: Notice, values: Mapping[str, str]) -> Notice:
    """A notice with more values in some fields. Raises NotMinimal for a value that is not from a closed list."""
    said = dict(notice.said) | {name: tuple(value.split("+")) for name, value in values.items()}
    order = [item.id for item in notification_version(notice.version).fields]
    withheld = tuple(name for name in notice.withheld if name not in values)
    return Notice(notice.version, tuple((name, said[name]) for name in order if name in said), withheld)


def notify(
    minimised: Notice | Identified, *, sender: Sender, way: str, at: datetime, extra: Extra | None = None
) -> Sent:
    """Send a notification.

    The same request key with the same content returns the notification that it made before. Raises KeyUsed for the same
    key with other content, TooRare if the combination singles out somebody who has not agreed, and Refused if nobody
    here receives notifications.
    """
    extra = extra or Extra()
    return store(minimised, None, sender=sender, way=way, at=at, extra=extra)


Findings = dict[tuple[Notice, tuple[Notice, ...]], Finding]
"""Findings by notice and what was said about the person before it."""


def weigh(
    minimised: Notice | Identified,
    team: Team,
    extra: Extra,
    *,
    besides: Sequence[Notice] | None = None,
    findings: Findings | None = None,
) -> Weighed:
    """Decide how a notice would be sent: as it is, or more broadly. Changes nothing. Raises TooRare if neither may be.

    besides: what was said about the same person before; None to look it up. findings: those of earlier rows of a file,
    so that what many rows say is judged only once.
    """
    notice = minimised.notice if isinstance(minimised, Identified) else minimised
    earlier = [known(item) for item in said_before(team, extra.local_reference)] if besides is None else besides
    weighed = Weighed(notice, _content(minimised, extra), bool(earlier), tuple(sorted(extra.broader)))
    if isinstance(minimised, Identified):
        return weighed
    findings = {} if findings is None else findings
    said_together = (notice, tuple(earlier))
    if said_together not in findings:
        findings[said_together] = identifiability(notice, register_now(), earlier=earlier)
    return _judged(weighed, findings[said_together], extra)


def _judged(weighed: Weighed, finding: Finding, extra: Extra) -> Weighed:
    """Send a combination as it is or more broadly. Raises TooRare if neither is allowed."""
    if not finding.singles_out:
        return replace(weighed, people=finding.people)
    if extra.if_rare in {item.id for item in combination_rules().reasons}:
        return replace(weighed, people=finding.people, kept_because=extra.if_rare)
    if extra.if_rare == BROADEN and finding.options:
        best = finding.options[0]
        names = tuple(sorted({*weighed.broadened, *best.values}))
        return replace(weighed, notice=weighed.notice.broadened(best.values), people=best.people, broadened=names)
    raise TooRare(finding)


def _row(judged: Weighed, to: Organisation, *, sender: Sender, way: str, at: datetime, extra: Extra) -> Notification:
    """A notification as it will be stored, still without its reference."""
    body, notice = sender.team.organisation.body, judged.notice
    values = {item.id: notice.value(item.id) for item in notification_version(notice.version).fields}
    return Notification(
        team=sender.team,
        to=to,
        by=sender.by,
        way=way,
        basis="statutory" if law.body(body).under_duty_on(day_of(at), settings.PLACE) else "voluntary",
        sent_at=at,
        version=notice.version,
        urgent=values.pop("urgent", "") == "yes",
        withheld=list(notice.withheld),
        broadened=list(judged.broadened),
        kept_because=judged.kept_because,
        people=judged.people,
        local=hashes_of("person", body, extra.local_reference)[0] if extra.local_reference.strip() else "",
        again=judged.again,
        elsewhere=[item for item in extra.elsewhere if item],
        **{name: value for name, value in values.items() if value and name in SAID},
    )


def _event(notification: Notification, judged: Weighed, *, sender: Sender, identified: bool) -> dict[str, Any]:
    """The event of a sent notification."""
    facts = {
        "way": notification.way,
        "identified": identified,
        "broadened": len(judged.broadened),
        "kept": judged.kept_because or "no",
    }
    columns = {"kind": Kind.NOTIFIED, "actor": sender.actor, "organisation": sender.team.organisation_id}
    return columns | {"subject": notification.pk, "at": notification.sent_at, "facts": facts}


Ready = tuple[Notice | Identified, Weighed, Extra]
"""What somebody sends, as it was judged, and what goes with it."""


@transaction.atomic
def store_all(ready: Sequence[Ready], *, sender: Sender, way: str, at: datetime) -> int:
    """Store many notifications in a few queries. Returns how many were made now.

    If somebody sent one of the same requests at the same moment, they are stored one by one, so none is made twice.
    """
    try:
        with transaction.atomic():
            _store_at_once(ready, sender=sender, way=way, at=at)
    except IntegrityError:
        return sum(
            store(minimised, judged, sender=sender, way=way, at=at, extra=extra).made
            for minimised, judged, extra in ready
        )
    return len(ready)


def _store_at_once(ready: Sequence[Ready], *, sender: Sender, way: str, at: datetime) -> None:
    recipients = {
        version: _recipient(version) for version in {judged.notice.version for _found, judged, _extra in ready}
    }
    notifications = [
        _row(judged, recipients[judged.notice.version], sender=sender, way=way, at=at, extra=extra)
        for _found, judged, extra in ready
    ]
    for notification in notifications:
        notification.reference = reference.new()
    Notification.objects.bulk_create(notifications)
    row_and_ready = list(zip(notifications, ready, strict=True))
    Request.objects.bulk_create(
        Request(
            team=sender.team,
            key=hashes_of("request", extra.request_key)[0],
            digest=judged.content[0],
            notification=notification,
        )
        for notification, (_found, judged, extra) in row_and_ready
        if extra.request_key
    )
    NotifiedIdentity.objects.bulk_create(
        NotifiedIdentity(notification=notification, rests_on=minimised.rests_on, words=dict(minimised.identity))
        for notification, (minimised, _judged, _extra) in row_and_ready
        if isinstance(minimised, Identified)
    )
    record_many(
        _event(notification, judged, sender=sender, identified=isinstance(minimised, Identified))
        for notification, (minimised, judged, _extra) in row_and_ready
    )


def store(
    minimised: Notice | Identified, judged: Weighed | None, *, sender: Sender, way: str, at: datetime, extra: Extra
) -> Sent:
    """Store a notification, judged already or else now. The same request returns the notification it made before."""
    for _attempt in range(5):
        try:
            with transaction.atomic():
                to, requested, said = _asked_at_once(minimised, sender.team, extra)
                if requested and (before := made_before(sender.team, minimised, extra)):
                    return Sent(before, made=False, identified=isinstance(minimised, Identified))
                weighed = judged or weigh(minimised, sender.team, extra, besides=None if said else [])
                notification = _make(minimised, weighed, to, sender=sender, way=way, at=at, extra=extra)
                return Sent(notification, made=True, identified=isinstance(minimised, Identified))
        except IntegrityError:
            # Somebody sent the same request at the same moment; or, once in many millions, the reference is taken.
            continue
    raise Refused("no free reference was found: try again")


def _asked_at_once(minimised: Notice | Identified, team: Team, extra: Extra) -> tuple[Organisation, bool, bool]:
    """Who receives it, and whether it may have been sent before, and something been said about the person.

    Yes to either is looked into properly. With more than one of INDEX_KEYS both are: an older one may have been used.
    """
    notice = minimised.notice if isinstance(minimised, Identified) else minimised
    request = hashes_of("request", extra.request_key)[0]
    person = hashes_of("person", team.organisation.body, extra.local_reference)[0]
    receives = notification_version(notice.version).recipient_body
    row = first(_KNOWN, team.pk, request, person, person, person, receives)
    if row is None:
        raise Refused(NOBODY)
    older, known = len(settings.INDEX_KEYS) > 1, {"id": UUID(str(row[0])), "body": row[1], "name": row[2]}
    to = Organisation.from_db(connection.alias, list(known), list(known.values()))
    return to, older or bool(row[3]), older or bool(row[4])


def _make(
    minimised: Notice | Identified,
    judged: Weighed,
    to: Organisation,
    *,
    sender: Sender,
    way: str,
    at: datetime,
    extra: Extra,
) -> Notification:
    """Make a notification with everything that belongs to it, in the current transaction."""
    notification = _row(judged, to, sender=sender, way=way, at=at, extra=extra)
    notification.reference = reference.new()
    insert(notification)
    if extra.request_key:
        key = hashes_of("request", extra.request_key)[0]
        insert(Request(team=sender.team, key=key, digest=judged.content[0], notification=notification))
    if isinstance(minimised, Identified):
        NotifiedIdentity.objects.create(
            notification=notification, rests_on=minimised.rests_on, words=dict(minimised.identity)
        )
    event = _event(notification, judged, sender=sender, identified=isinstance(minimised, Identified))
    record(**event.pop("facts"), **event)
    return notification


def _recipient(version_id: str) -> Organisation:
    body = notification_version(version_id).recipient_body
    recipient = Organisation.objects.filter(body=body).first()
    if recipient is None:
        raise Refused(NOBODY)
    return recipient


def _content(minimised: Notice | Identified, extra: Extra) -> tuple[str, ...]:
    notice = minimised.notice if isinstance(minimised, Identified) else minimised
    # Without the day: a request repeated after midnight is the same request.
    said = [(name, values) for name, values in notice.said if name != "notified_on"]
    identity = minimised.identity if isinstance(minimised, Identified) else ()
    return hashes_of("content", repr(said), repr(identity), extra.local_reference, repr(sorted(extra.elsewhere)))


def made_before(team: Team, minimised: Notice | Identified, extra: Extra) -> Notification | None:
    """The notification that the same request made before, if any. Raises KeyUsed if it asked for something else."""
    if not extra.request_key:
        return None
    keys = hashes_of("request", extra.request_key)
    request = Request.objects.filter(team=team, key__in=keys).first()
    if request is None:
        return None
    if request.digest not in _content(minimised, extra):
        raise KeyUsed("this key was used before, for a notification that said something else: use a new key")
    return request.notification
