"""The only way into this room: what the rooms above, the pages and the API hand in is minimised already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import product
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from bield import law
from bield.disclosure import Finding, Identified, Notice, combination_rules, identifiability
from bield.law import notification_version
from bield.service import reference
from bield.service.accounts.models import Organisation, Team, User
from bield.service.audit.actions import SYSTEM, record, record_many
from bield.service.audit.kinds import Kind
from bield.service.days import day_of
from bield.service.notifications.columns import SAID
from bield.service.notifications.dialogue import FIELD, says_nothing
from bield.service.notifications.models import ApiKey, Joined, Notification, NotifiedIdentity, Request
from bield.service.notifications.register import register_now
from bield.service.notifications.same_person import hashes_of, joined, said_before, same_person

REFUSE: Final = "refuse"
BROADEN: Final = "broaden"


class Refused(ValueError):
    """A notification cannot be taken as it is; the text says why, for the sender to read."""


class TooRare(Refused):
    """Too few people share what is said. `finding` says which fields make it rare, and what would help."""

    def __init__(self, finding: Finding) -> None:
        super().__init__("what is said would single somebody out, and they have not agreed to be identified")
        self.finding = finding


class KeyUsed(Refused):
    """The sender's key was used for another notification before."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: a team, and the colleague or the key that does it."""

    team: Team
    by: User | None = None
    key: ApiKey | None = None

    @property
    def actor(self) -> object:
        return self.by.pk if self.by else f"key:{self.key.pk if self.key else ''}"


@dataclass(frozen=True, slots=True)
class Extra:
    """What goes with a notification besides what is said.

    local_reference: the sender's own reference of the person; only a keyed hash is kept. elsewhere: ids of bodies that
    are known to have notified or referred them. request_key: the sender's own key for this notification. if_rare:
    refuse, broaden (say it as broadly as is needed), or the id of a reason to send it as it is.
    """

    local_reference: str = ""
    elsewhere: tuple[str, ...] = ()
    request_key: str = ""
    if_rare: str = REFUSE
    broader: Mapping[str, str] = field(default_factory=dict)
    """Fields that the sender chose to say more broadly already, before this notice was made."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The notification, whether it was made now or by the same request before, and whether what was sent identifies."""

    notification: Notification
    made: bool
    identified: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """A notice as it goes, with what was found about it on the way."""

    notice: Notice
    content: tuple[str, ...]
    again: bool
    broadened: tuple[str, ...]
    people: int | None = None
    kept_because: str = ""


def judge(notice: Notice, earlier: Sequence[Notification]) -> Finding:
    """Whether a notice singles somebody out, with what was said of the same person before."""
    return identifiability(notice, register_now(), earlier=[known(item) for item in earlier])


def about(team: Team, local_reference: str) -> list[Notification]:
    """What a body has sent about one person, by its own references of them; oldest first."""
    if not local_reference.strip():
        return []
    return same_person(*joined(set(hashes_of("person", team.organisation.body, local_reference))))


@transaction.atomic
def join(team: Team, one: str, other: str, *, at: datetime) -> list[int]:
    """Say that two of a body's own references stand for one person. Returns what `part` needs to take it back.

    From now on what was sent under either is judged together, and is about the same person for this body. The police
    learn nothing by it: two notices that are each common may single somebody out together.
    """
    body = team.organisation.body
    pairs = product(hashes_of("person", body, one), hashes_of("person", body, other))
    return [Joined.objects.create(one=first, other=second, at=at).pk for first, second in pairs]


def part(joined: Iterable[int]) -> None:
    """Take back that two references stand for one person."""
    Joined.objects.filter(pk__in=list(joined)).delete()


@transaction.atomic
def identity_rests_on(
    team: Team, local_reference: str, *, basis: str, until: date | None, by: User, at: datetime
) -> int:
    """Say on what identity in the notifications about a person may rest from now: consent, child, or nothing.

    What rested on something else ends: the police are told, and no more words pass. What rests on an agreement ends on
    its last day. Returns how many ended.
    """
    rows = NotifiedIdentity.objects.filter(notification__in=about(team, local_reference), withdrawn_at__isnull=True)
    rows.filter(rests_on="consent").update(agreed_until=until)
    return _end(rows.exclude(rests_on=basis), actor=by.pk, at=at)


@transaction.atomic
def take_back(notification: Notification, *, by: User, at: datetime) -> None:
    """A sender without a record here says that somebody took their agreement back. A second time changes nothing."""
    _end(NotifiedIdentity.objects.filter(notification=notification, withdrawn_at__isnull=True), actor=by.pk, at=at)


@transaction.atomic
def end_past_agreements(*, today: date, at: datetime) -> int:
    """End what rests on an agreement whose last day is past, so that the police are told. Returns how many."""
    past = NotifiedIdentity.objects.filter(withdrawn_at__isnull=True, agreed_until__lt=today)
    return _end(past, actor=SYSTEM, at=at)


def _end(rows: QuerySet[NotifiedIdentity], *, actor: object, at: datetime) -> int:
    found = list(rows.select_related("notification__team"))
    NotifiedIdentity.objects.filter(pk__in=[item.pk for item in found]).update(withdrawn_at=at)
    for item in found:
        organisation = item.notification.team.organisation_id
        record(Kind.CONSENT_WITHDRAWN, actor=actor, organisation=organisation, subject=item.notification_id, at=at)
    return len(found)


def known(notification: Notification) -> Notice:
    """What was said in a notification, and since in answers about its fields."""
    notice = notification.notice
    answers = {
        item.ask.removeprefix(FIELD): item.answer
        for item in notification.questions.all()
        if item.ask.startswith(FIELD) and item.answer and not says_nothing(item.answer)
    }
    return fuller(notice, answers) if answers else notice


def fuller(notice: Notice, values: Mapping[str, str]) -> Notice:
    """A notice that says more in some fields. Raises NotMinimal for a value that is not from a closed list."""
    said = dict(notice.said) | {name: tuple(value.split("+")) for name, value in values.items()}
    order = [item.id for item in notification_version(notice.version).fields]
    withheld = tuple(name for name in notice.withheld if name not in values)
    return Notice(notice.version, tuple((name, said[name]) for name in order if name in said), withheld)


def notify(found: Notice | Identified, *, sender: Sender, way: str, at: datetime, extra: Extra | None = None) -> Sent:
    """Take a notification in.

    The same request key with the same content gives the notification that it made before. Raises KeyUsed for the same
    key with another content, TooRare where the combination singles out somebody who has not agreed, and Refused where
    nobody here receives notifications.
    """
    extra = extra or Extra()
    return store(found, None, sender=sender, way=way, at=at, extra=extra)


Findings = dict[tuple[Notice, tuple[Notice, ...]], Finding]
"""What was found about a notice, with what was said before it."""


def weigh(
    found: Notice | Identified,
    team: Team,
    extra: Extra,
    *,
    besides: Sequence[Notice] | None = None,
    findings: Findings | None = None,
) -> Weighed:
    """How it would go: as it is, or more broadly. Changes nothing. Raises TooRare where it may not go at all.

    besides: what was said about the same person before, where that is known; looked for where it is not. findings: of
    the rows of a file, so that what many rows say is judged once.
    """
    notice = found.notice if isinstance(found, Identified) else found
    earlier = [known(item) for item in said_before(team, extra.local_reference)] if besides is None else besides
    held = Weighed(notice, _content(found, extra), bool(earlier), tuple(sorted(extra.broader)))
    if isinstance(found, Identified):
        return held
    findings = {} if findings is None else findings
    asked = (notice, tuple(earlier))
    if asked not in findings:
        findings[asked] = identifiability(notice, register_now(), earlier=earlier)
    return _judged(held, findings[asked], extra)


def _judged(held: Weighed, finding: Finding, extra: Extra) -> Weighed:
    """What to do about a combination: as it is, more broadly, or not at all."""
    if not finding.singles_out:
        return replace(held, people=finding.people)
    if extra.if_rare in {item.id for item in combination_rules().reasons}:
        return replace(held, people=finding.people, kept_because=extra.if_rare)
    if extra.if_rare == BROADEN and finding.options:
        best = finding.options[0]
        names = tuple(sorted({*held.broadened, *best.values}))
        return replace(held, notice=held.notice.broadened(best.values), people=best.people, broadened=names)
    raise TooRare(finding)


def _row(judged: Weighed, to: Organisation, *, sender: Sender, way: str, at: datetime, extra: Extra) -> Notification:
    """A notification as it will be kept, without its reference."""
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


def _event(row: Notification, judged: Weighed, *, sender: Sender, identified: bool) -> dict[str, Any]:
    """The event of a sent notification."""
    facts = {
        "way": row.way,
        "identified": identified,
        "broadened": len(judged.broadened),
        "kept": judged.kept_because or "no",
    }
    about = {"kind": Kind.NOTIFIED, "actor": sender.actor, "organisation": sender.team.organisation_id}
    return about | {"subject": row.pk, "at": row.sent_at, "facts": facts}


Ready = tuple[Notice | Identified, Weighed, Extra]
"""What somebody sends, as it was weighed, and what goes with it."""


@transaction.atomic
def store_all(ready: Sequence[Ready], *, sender: Sender, way: str, at: datetime) -> int:
    """Take many in, as they were weighed, in a few queries. Returns how many were made now.

    Where somebody sent one of the same requests at the same moment, one after the other: that one is not made twice.
    """
    try:
        with transaction.atomic():
            _store_at_once(ready, sender=sender, way=way, at=at)
    except IntegrityError:
        return sum(
            store(found, judged, sender=sender, way=way, at=at, extra=extra).made for found, judged, extra in ready
        )
    return len(ready)


def _store_at_once(ready: Sequence[Ready], *, sender: Sender, way: str, at: datetime) -> None:
    recipients = {
        version: _recipient(version) for version in {judged.notice.version for _found, judged, _extra in ready}
    }
    rows = [
        _row(judged, recipients[judged.notice.version], sender=sender, way=way, at=at, extra=extra)
        for _found, judged, extra in ready
    ]
    for row in rows:
        row.reference = reference.new()
    Notification.objects.bulk_create(rows)
    whole = list(zip(rows, ready, strict=True))
    Request.objects.bulk_create(
        Request(
            team=sender.team, key=hashes_of("request", extra.request_key)[0], digest=judged.content[0], notification=row
        )
        for row, (_found, judged, extra) in whole
        if extra.request_key
    )
    NotifiedIdentity.objects.bulk_create(
        NotifiedIdentity(notification=row, rests_on=found.rests_on, words=dict(found.identity))
        for row, (found, _judged, _extra) in whole
        if isinstance(found, Identified)
    )
    record_many(
        _event(row, judged, sender=sender, identified=isinstance(found, Identified))
        for row, (found, judged, _extra) in whole
    )


def store(
    found: Notice | Identified, judged: Weighed | None, *, sender: Sender, way: str, at: datetime, extra: Extra
) -> Sent:
    """Take it in as it was weighed, or is now. The same request before, or at the same moment, gives what it made."""
    for _attempt in range(5):
        try:
            with transaction.atomic():
                if before := made_before(sender.team, found, extra):
                    return Sent(before, made=False, identified=isinstance(found, Identified))
                weighed = judged or weigh(found, sender.team, extra)
                row = _made(found, weighed, sender=sender, way=way, at=at, extra=extra)
                return Sent(row, made=True, identified=isinstance(found, Identified))
        except IntegrityError:
            # Somebody sent the same request at the same moment; or, once in many millions, the reference is taken.
            continue
    raise Refused("no free reference was found; try again")


def _made(
    found: Notice | Identified, judged: Weighed, *, sender: Sender, way: str, at: datetime, extra: Extra
) -> Notification:
    """A new notification with everything that belongs to it, in the transaction under way."""
    row = _row(judged, _recipient(judged.notice.version), sender=sender, way=way, at=at, extra=extra)
    row.reference = reference.new()
    row.save(force_insert=True)
    if extra.request_key:
        key = hashes_of("request", extra.request_key)[0]
        Request.objects.create(team=sender.team, key=key, digest=judged.content[0], notification=row)
    if isinstance(found, Identified):
        NotifiedIdentity.objects.create(notification=row, rests_on=found.rests_on, words=dict(found.identity))
    record_many([_event(row, judged, sender=sender, identified=isinstance(found, Identified))])
    return row


def _recipient(version_id: str) -> Organisation:
    body = notification_version(version_id).recipient_body
    found = Organisation.objects.filter(body=body).first()
    if found is None:
        raise Refused("nobody receives notifications in this installation yet")
    return found


def _content(found: Notice | Identified, extra: Extra) -> tuple[str, ...]:
    notice = found.notice if isinstance(found, Identified) else found
    # The day is left out: a request that is repeated after midnight is the same request.
    said = [(name, values) for name, values in notice.said if name != "notified_on"]
    identity = found.identity if isinstance(found, Identified) else ()
    return hashes_of("content", repr(said), repr(identity), extra.local_reference, repr(sorted(extra.elsewhere)))


def made_before(team: Team, found: Notice | Identified, extra: Extra) -> Notification | None:
    """The notification that the same request made before, if any. Raises KeyUsed if it asked for something else."""
    if not extra.request_key:
        return None
    keys = hashes_of("request", extra.request_key)
    held = Request.objects.filter(team=team, key__in=keys).first()
    if held is None:
        return None
    if held.digest not in _content(found, extra):
        raise KeyUsed("this key was used before for a notification that said something else")
    return held.notification
