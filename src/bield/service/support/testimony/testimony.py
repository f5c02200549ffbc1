"""What changes an account: versions, corrections, grants to read it, and thinking of a new interview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bield.service.accounts.models import Organisation, User
from bield.service.audit.actions import record
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.cases import actions as cases
from bield.service.cases.models import Person
from bield.service.changes import NotNow
from bield.service.days import day_of, order_error
from bield.service.drafts.actions import forget
from bield.service.support.access import account_of, kept_elsewhere, stands
from bield.service.support.episodes.actions import note
from bield.service.support.models import Account, AccountVersion, Correction, Episode, Grant, Interview

Words = Mapping[str, str]


def told_words() -> str:
    """The name of the day on which a version was told."""
    return _("When they told it")


@transaction.atomic
def write(
    episode: Episode,
    *,
    taken_on: date,
    language: str,
    interpreter: str,
    present: str,
    checklist: Sequence[str],
    parts: Mapping[str, Words],
    by: User,
    at: datetime,
) -> AccountVersion:
    """Write a version of the account; the first begins it. What stood before stays as it was.

    parts: by part, its words and summary. Raises NotNow where support is not open, another team keeps the account, or
    nothing has changed.
    """
    if not episode.is_open:
        raise NotNow("support is not open: what stands here is read, and not changed")
    if kept_elsewhere(episode):
        raise NotNow("another service keeps their account: ask for a grant to read it, and do not take it again")
    Person.objects.select_for_update().get(pk=episode.person_id)
    account, _made = Account.objects.get_or_create(person=episode.person, defaults={"team": episode.team, "at": at})
    last = account.versions.first()
    said = {part: dict(words) for part, words in parts.items() if any(words.values())}
    if not said:
        raise NotNow("nothing is written down yet")
    if last is not None and last.parts == said:
        raise NotNow("nothing has changed since the last version")
    found = AccountVersion.objects.create(
        account=account,
        number=last.number + 1 if last else 1,
        taken_on=taken_on,
        language=language,
        interpreter=interpreter,
        checklist=list(checklist),
        present=present,
        parts=said,
        by=by,
        at=at,
    )
    note(Kind.ACCOUNT_TAKEN, episode, by, at=at, version=found.number)
    changed = [part for part, words in said.items() if last is None or last.parts.get(part) != words]
    Correction.objects.filter(account=account, taken_up__isnull=True, part__in=changed).update(taken_up=found)
    return found


@transaction.atomic
def correct(
    episode: Episode, version: AccountVersion, *, part: str, words: str, on: date, by: User, at: datetime
) -> Correction:
    """Put down what the person wants said otherwise. It stays, also when a later version takes it up.

    Raises NotNow for a day before they told it.
    """
    if wrong := order_error(told_words(), version.taken_on, _("When they said so"), on):
        raise NotNow(wrong)
    found = Correction.objects.create(
        account=version.account, version=version, part=part, words=words, on=on, by=by, at=at
    )
    note(Kind.ACCOUNT_CORRECTED, episode, by, at=at, version=version.number, part=part)
    return found


@transaction.atomic
def grant(
    episode: Episode,
    version: AccountVersion,
    *,
    parts: Sequence[str],
    to: Organisation,
    purpose: str,
    agreed_on: date,
    explained: str,
    until: date,
    summary_only: bool,
    by: User,
    at: datetime,
) -> Grant:
    """Allow an organisation to read parts of a version until a day. Raises NotNow where it rests on nothing."""
    if lost := set(parts) - set(version.parts):
        raise NotNow(f"this version says nothing on {len(lost)} of the parts")
    if until < day_of(at):
        raise NotNow("the last day is past")
    if wrong := order_error(told_words(), version.taken_on, _("When the person agreed to exactly this"), agreed_on):
        raise NotNow(wrong)
    child = not episode.person.is_adult
    found = Grant.objects.create(
        version=version,
        parts=[part for part in version.parts if part in parts],
        to=to,
        purpose=purpose,
        rests_on="child" if child else "agreed",
        agreed_on=agreed_on,
        explained=explained,
        until=until,
        summary_only=summary_only,
        by=by,
        at=at,
    )
    note(Kind.ACCOUNT_GRANTED, episode, by, at=at, grant=str(found.pk), agency=to.body, parts=len(found.parts))
    values = {"on": day_of(at), "what": "account", "to": to.body, "consent": "", "note": ""}
    cases.share(person=episode.person, by=by, at=at, values=values)
    return found


@transaction.atomic
def end(episode: Episode, granted: Grant, *, by: User, at: datetime) -> None:
    """Take a grant back; nothing can be read by it from this moment. Raises NotNow where it is over already."""
    row = Grant.objects.select_for_update().get(pk=granted.pk)
    if not stands(row, today=day_of(at)):
        raise NotNow("it is over already")
    row.ended_at, row.ended_by = at, by
    row.save(update_fields=["ended_at", "ended_by"])
    forget(f"grant:{row.pk}")
    note(Kind.ACCOUNT_GRANT_ENDED, episode, by, at=at, grant=str(row.pk))


def read_as_granted(granted: Grant, *, kind: Kind, by: User, at: datetime) -> dict[str, str]:
    """What a grant shows: by part, the words or the summary, of its own parts and version and nothing else.

    The reading is an event of the person, in the same transaction.
    """
    version = granted.version
    record(
        kind,
        actor=by.pk,
        organisation=granted.to_id,
        subject=version.account.person_id,
        at=at,
        grant=str(granted.pk),
        version=version.number,
    )
    return shown_by(granted)


def shown_by(granted: Grant) -> dict[str, str]:
    """The words that a grant lets be read, by part."""
    held = granted.version.parts
    shown = {}
    for part in granted.parts:
        words = held[part]
        shown[part] = words.get("summary", "") if granted.summary_only else words.get("words", "")
        if not granted.summary_only and words.get("summary"):
            shown[part] = "\n\n".join(filter(None, (shown[part], words["summary"])))
    return shown


def readings(grants: Sequence[Grant]) -> dict[object, list[Event]]:
    """The readings of some grants of one person, oldest first, by grant. One query."""
    if not grants:
        return {}
    person = grants[0].version.account.person_id
    found: dict[object, list[Event]] = {item.pk: [] for item in grants}
    kinds = (Kind.GRANTED_READ.value, Kind.GRANTED_TAKEN.value)
    for event in Event.objects.filter(subject=str(person), kind__in=kinds).order_by("at", "number"):
        for item in grants:
            if event.facts.get("grant") == str(item.pk):
                found[item.pk].append(event)
    return found


def covered(account: Account | None, parts: Sequence[str]) -> list[str]:
    """The parts of those somebody needs that the latest version of an account speaks of."""
    last = account.versions.first() if account else None
    return [part for part in parts if last is not None and part in last.parts]


@transaction.atomic
def think_of_interview(
    person: Person,
    *,
    organisation: Organisation,
    parts: Sequence[str],
    held: Sequence[str],
    answer: str,
    words: str,
    on: date | None,
    by: User,
    at: datetime,
) -> Interview:
    """Record that somebody thought of a new interview, and whether the account answers it or why it does not.

    held: the parts among these that they can read. Raises NotNow where it is said to say nothing though they can read
    everything needed, or to answer though they cannot.
    """
    if answer == "answered" and set(held) != set(parts):
        raise NotNow("you can read nothing on some of it: choose why the account is not enough")
    if answer == "answered" and on is not None:
        raise NotNow("no new interview is needed, and so it has no day")
    if answer == "silent" and set(held) == set(parts):
        raise NotNow("you can read of everything that is needed: choose another reason, or read it")
    found = Interview.objects.create(
        person=person,
        organisation=organisation,
        parts=list(parts),
        covered=list(held),
        answer=answer,
        words=words,
        on=on,
        by=by,
        at=at,
    )
    record(
        Kind.INTERVIEW_THOUGHT,
        actor=by.pk,
        organisation=organisation.pk,
        subject=person.pk,
        at=at,
        answer=answer,
        parts=len(found.parts),
        covered=len(held),
    )
    return found


def latest(episode: Episode) -> AccountVersion | None:
    """The latest version of the account that this episode's team keeps, if there is one."""
    account = account_of(episode)
    return account.versions.select_related("by").first() if account else None


def may_plan(person: Person) -> bool:
    """Whether a new interview may be planned: nothing was told yet, or somebody said why the account is not enough."""
    if not Account.objects.filter(person=person).exists():
        return True
    return Interview.objects.filter(person=person).exclude(answer="answered").exists()
