"""Changes to an account: versions, corrections, grants to read it; and the record of interviews considered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

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
from bield.service.support.access import account_of, is_in_force, kept_elsewhere
from bield.service.support.episodes.actions import note
from bield.service.support.models import Account, AccountVersion, Correction, Episode, Grant, Interview

Words = Mapping[str, str]


def told_label() -> str:
    """The label of the day on which a version was told."""
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
    """Save a new version of the account; the first one creates it. Earlier versions stay as they are.

    parts: the words and summary of each part. Raises NotNow if support is not open, another team keeps the account, or
    nothing has changed.
    """
    if not episode.is_open:
        raise NotNow("support is not open, so the account can be read but not changed")
    if kept_elsewhere(episode):
        raise NotNow("another service keeps their account: ask for a grant to read it, and do not take it again")
    Person.objects.select_for_update().get(pk=episode.person_id)
    account, _made = Account.objects.get_or_create(person=episode.person, defaults={"team": episode.team, "at": at})
    last = account.versions.first()
    told_parts = {part: dict(words) for part, words in parts.items() if any(words.values())}
    if not told_parts:
        raise NotNow("nothing is entered yet: fill in at least one part")
    if last is not None and last.parts == told_parts:
        raise NotNow("nothing has changed since the last version")
    version = AccountVersion.objects.create(
        account=account,
        number=last.number + 1 if last else 1,
        taken_on=taken_on,
        language=language,
        interpreter=interpreter,
        checklist=list(checklist),
        present=present,
        parts=told_parts,
        by=by,
        at=at,
    )
    note(Kind.ACCOUNT_TAKEN, episode, by, at=at, version=version.number)
    changed = [part for part, words in told_parts.items() if last is None or last.parts.get(part) != words]
    Correction.objects.filter(account=account, taken_up__isnull=True, part__in=changed).update(taken_up=version)
    return version


@transaction.atomic
def correct(
    episode: Episode, version: AccountVersion, *, part: str, words: str, on: date, by: User, at: datetime
) -> Correction:
    """Record what the person wants to correct. It is kept, even after a later version includes it.

    Raises NotNow for a day before they told the version.
    """
    if wrong := order_error(told_label(), version.taken_on, _("When they said so"), on):
        raise NotNow(wrong)
    correction = Correction.objects.create(
        account=version.account, version=version, part=part, words=words, on=on, by=by, at=at
    )
    note(Kind.ACCOUNT_CORRECTED, episode, by, at=at, version=version.number, part=part)
    return correction


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
    """Allow an organisation to read parts of a version until a day.

    Raises NotNow for parts the version does not have, a last day in the past, or agreement before the day of telling.
    """
    if missing := set(parts) - set(version.parts):
        raise NotNow(f"this version says nothing on {len(missing)} of the parts you chose")
    if until < day_of(at):
        raise NotNow("the last day is in the past: choose today or a later day")
    if wrong := order_error(told_label(), version.taken_on, _("When the person agreed to exactly this"), agreed_on):
        raise NotNow(wrong)
    child = not episode.person.is_adult
    granted = Grant.objects.create(
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
    note(Kind.ACCOUNT_GRANTED, episode, by, at=at, grant=str(granted.pk), agency=to.body, parts=len(granted.parts))
    values = {"on": day_of(at), "what": "account", "to": to.body, "consent": "", "note": ""}
    cases.share(person=episode.person, by=by, at=at, values=values)
    return granted


@transaction.atomic
def end(episode: Episode, granted: Grant, *, by: User, at: datetime) -> None:
    """Take a grant back: from now on nobody can read the account by it. Raises NotNow if it is over already."""
    locked = Grant.objects.select_for_update().get(pk=granted.pk)
    if not is_in_force(locked, today=day_of(at)):
        raise NotNow("they can no longer read it: the grant is over already")
    locked.ended_at, locked.ended_by = at, by
    locked.save(update_fields=["ended_at", "ended_by"])
    forget(f"grant:{locked.pk}")
    note(Kind.ACCOUNT_GRANT_ENDED, episode, by, at=at, grant=str(locked.pk))


def read_as_granted(granted: Grant, *, kind: Kind, by: User, at: datetime) -> dict[str, str]:
    """What a grant shows: for each of its parts, the words and summary or the summary alone, and nothing else.

    The reading is recorded as an event about the person, in the same transaction.
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
    """The text that a grant allows its organisation to read, by part."""
    version_parts = granted.version.parts
    text = {}
    for part in granted.parts:
        words = version_parts[part]
        text[part] = words.get("summary", "") if granted.summary_only else words.get("words", "")
        if not granted.summary_only and words.get("summary"):
            text[part] = "\n\n".join(filter(None, (text[part], words["summary"])))
    return text


def readings(grants: Sequence[Grant]) -> dict[object, list[Event]]:
    """The readings under each of a person's grants, oldest first, by the grant's key. One query."""
    if not grants:
        return {}
    person = grants[0].version.account.person_id
    by_grant: dict[object, list[Event]] = {granted.pk: [] for granted in grants}
    kinds = (Kind.GRANTED_READ.value, Kind.GRANTED_TAKEN.value)
    for event in Event.objects.filter(subject=str(person), kind__in=kinds).order_by("at", "number"):
        for granted in grants:
            if event.facts.get("grant") == str(granted.pk):
                by_grant[granted.pk].append(event)
    return by_grant


def read_by(organisations: Collection[UUID], grants: Sequence[Grant]) -> set[str]:
    """The keys of those grants under which somebody of these organisations has read an account. One query."""
    people = [str(item.version.account.person_id) for item in grants]
    kinds = (Kind.GRANTED_READ.value, Kind.GRANTED_TAKEN.value)
    events = Event.objects.filter(subject__in=people, kind__in=kinds, organisation__in=map(str, organisations))
    return {str(facts.get("grant")) for facts in events.values_list("facts", flat=True)}


def covered(account: Account | None, parts: Sequence[str]) -> list[str]:
    """Which of the given parts the latest version of an account has."""
    last = account.versions.first() if account else None
    return [part for part in parts if last is not None and part in last.parts]


@transaction.atomic
def consider_interview(
    person: Person,
    *,
    organisation: Organisation,
    parts: Sequence[str],
    readable: Sequence[str],
    answer: str,
    words: str,
    on: date | None,
    by: User,
    at: datetime,
) -> Interview:
    """Record that somebody considered a new interview, and whether the account answers their questions or why not.

    parts: what they need to know; readable: which of these they can read. Raises NotNow if they say that the account is
    enough but they cannot read all of it, or that it is silent but they can.
    """
    if answer == "answered" and set(readable) != set(parts):
        raise NotNow("you cannot read some of the parts you need: choose why the account is not enough")
    if answer == "answered" and on is not None:
        raise NotNow("you say that no new interview is needed: leave its day empty")
    if answer == "silent" and set(readable) == set(parts):
        raise NotNow("you can read every part you need: read them first, or choose another reason")
    interview = Interview.objects.create(
        person=person,
        organisation=organisation,
        parts=list(parts),
        covered=list(readable),
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
        parts=len(interview.parts),
        covered=len(readable),
    )
    return interview


def latest(episode: Episode) -> AccountVersion | None:
    """The latest version of the account that this episode's team keeps; None if it keeps no account."""
    account = account_of(episode)
    return account.versions.select_related("by").first() if account else None


def may_plan(person: Person) -> bool:
    """Whether a new interview may be planned: there is no account yet, or somebody said why it is not enough."""
    if not Account.objects.filter(person=person).exists():
        return True
    return Interview.objects.filter(person=person).exclude(answer="answered").exists()
