"""What changes an episode of support and its entries. Each change leaves an event in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from bield import law
from bield.law.support import route
from bield.service.accounts.models import Team, User
from bield.service.audit.actions import Fact, record
from bield.service.audit.kinds import Kind
from bield.service.cases import actions as cases
from bield.service.cases import events
from bield.service.cases.consents import consent_on, consents_on
from bield.service.cases.merged import assessments_of
from bield.service.cases.models import Person
from bield.service.cases.situation import situation_of
from bield.service.cases.states import SupportState
from bield.service.cases.steps import close_steps, open_steps
from bield.service.changes import Conflict, NotNow, changed_meanwhile
from bield.service.days import day_of, out_of_order
from bield.service.drafts.actions import forget
from bield.service.support.access import supporters
from bield.service.support.clocks import waiting
from bield.service.support.entries.order import mistakes
from bield.service.support.entries.schema import Part, parts
from bield.service.support.facts import PARTS, publish_fact
from bield.service.support.models import Entry, Episode
from bield.service.support.states import MOVES, RUNNING, EpisodeState

CONSENT = "support"


def note(kind: Kind, episode: Episode, by: User, *, at: datetime | None = None, **facts: Fact) -> None:
    """An event about a person, in the organisation that supports them."""
    record(
        kind,
        actor=by.pk,
        organisation=episode.team.organisation_id,
        subject=episode.person_id,
        at=at,
        episode=str(episode.pk),
        **facts,
    )


def situation(person: Person, *, today: date) -> law.Situation:
    """What decides who gives support, and what a child's path asks."""
    return situation_of(person, assessments_of(person).first(), consents_on(person, on=today), today=today)


def agreed(person: Person, *, today: date) -> bool:
    """Whether support may be given: they agreed, or they are taken as a child and nobody asks them."""
    return not person.is_adult or consent_on(person, CONSENT, on=today).given


@transaction.atomic
def ask(person: Person, *, team: Team, choice: str, words: str, place: str, by: User, at: datetime) -> Episode:
    """Ask a provider to support somebody. choice: why another than the rule says, where it is another.

    Raises NotNow where an adult has not agreed to support, or this provider was asked already.
    """
    row = events.lock(person)
    if not agreed(row, today=day_of(at)):
        raise NotNow("an adult is supported only if they agree: record first what they said about support")
    if Episode.objects.filter(person=row, team=team, state__in=RUNNING).exists():
        raise NotNow("this provider was asked already, or supports them")
    rule = route(situation(row, today=day_of(at)), on=day_of(at), place=place)
    same = rule.provider == team.organisation.body or (
        rule.provider == "council" and team.organisation.kind == "council"
    )
    if not same and not choice:
        raise NotNow(f"the rule says {rule.label}: choose why another provider is asked")
    earlier = Episode.objects.filter(person=row, team__organisation=team.organisation_id).first()
    found = Episode(
        person=row,
        team=team,
        state=EpisodeState.ASKED,
        asked_by=by,
        asked_at=at,
        words=words,
        route=rule.id,
        choice="" if same else choice,
    )
    if earlier is not None:
        found.fact = earlier.fact  # one person with one provider is counted once
    found.save()
    events.note(Kind.SUPPORT_ASKED, row, by, at=at, episode=str(found.pk), route=rule.id, other=not same)
    close_steps(row, "support", on=day_of(at), by=by, at=at)
    tell_record(row, at)
    _share(row, team, by, at)
    return found


def _share(person: Person, team: Team, by: User, at: datetime) -> None:
    """A request to another body is noted among what was shared, and on what it rests."""
    if team.organisation_id == person.team.organisation_id:
        return
    values = {
        "on": day_of(at),
        "what": "support",
        "to": team.organisation.body,
        "consent": CONSENT if person.is_adult else "",
        "note": "",
    }
    cases.share(person=person, by=by, at=at, values=values)


def part_facts(one: Person, other: Person, *, by: User, at: datetime) -> None:
    """Two records that were taken for one person are two people: each provider counts each of them by a fact."""
    theirs = Episode.objects.filter(person=other).values("fact")
    shared = Episode.objects.select_related("person", "team__organisation").filter(person=one, fact__in=theirs)
    own: dict[UUID, UUID] = {}
    for episode in shared.order_by("began_on"):
        episode.fact = own.setdefault(episode.fact, uuid4())
        episode.save(update_fields=["fact"])
        publish_fact(episode, by=by, at=at)
    for episode in Episode.objects.select_related("person", "team__organisation").filter(person=other, fact__in=own):
        publish_fact(episode, by=by, at=at)


def tell_record(person: Person, at: datetime) -> None:
    """The record says where support stands over all providers."""
    states = set(Episode.objects.filter(person=person).values_list("state", flat=True))
    closed = Episode.objects.filter(person=person, state=EpisodeState.CLOSED).values_list("ended_on", flat=True)
    last = max((day for day in closed if day is not None), default=None)
    if EpisodeState.OPEN in states:
        cases.set_support_state(person, state=SupportState.OPEN, ended_on=None, at=at)
    elif EpisodeState.ASKED in states:
        cases.set_support_state(person, state=SupportState.ASKED, ended_on=None, at=at)
    else:
        cases.set_support_state(person, state=SupportState.ENDED if last else SupportState.NONE, ended_on=last, at=at)


def _locked(episode: Episode) -> Episode:
    row = Episode.objects.select_for_update().get(pk=episode.pk)
    row.person, row.team = episode.person, episode.team
    return row


def _moved(episode: Episode, action: str) -> Episode:
    """The episode, locked, in the state to which an action leads. Raises NotNow where the action cannot be taken."""
    row, move = _locked(episode), MOVES[action]
    if row.state != move.start:
        raise changed_meanwhile(str(EpisodeState(row.state).label))
    row.state = move.end
    return row


@transaction.atomic
def accept(episode: Episode, *, worker: User, on: date, by: User, at: datetime) -> Episode:
    """Take somebody on. Raises NotNow where the worker is not of the team, or agreement was taken back meanwhile."""
    row = _moved(episode, "accept")
    if not agreed(row.person, today=day_of(at)):
        raise NotNow("they have taken back their agreement to support")
    if not supporters(row.team).filter(pk=worker.pk).exists():
        raise NotNow("they are not in this team, or may not support anybody")
    row.worker, row.began_on, row.answered_by, row.answered_at = worker, on, by, at
    row.save()
    note(Kind.SUPPORT_ANSWERED, row, by, at=at, answer="accepted")
    tell_record(row.person, at)
    publish_fact(row, by=by, at=at)
    return row


@transaction.atomic
def decline(episode: Episode, *, reason: str, by: User, at: datetime) -> None:
    """Say that the provider cannot, with the reason."""
    row = _moved(episode, "decline")
    row.refusal, row.answered_by, row.answered_at = reason, by, at
    row.save()
    forget(f"support:{row.pk}")
    note(Kind.SUPPORT_ANSWERED, row, by, at=at, answer="declined", reason=reason)
    _asked_no_longer(row.person, by, at)
    tell_record(row.person, at)


def _asked_no_longer(person: Person, by: User, at: datetime) -> None:
    """Asking a provider is a step to do again, unless another one was asked or has supported them."""
    if not Episode.objects.filter(person=person).filter(state__in=(*RUNNING, EpisodeState.CLOSED)).exists():
        open_steps(person, "support", by=by, at=at)


@transaction.atomic
def take_back(episode: Episode, *, by: User, at: datetime) -> None:
    """Take back a request that nobody answered yet."""
    row = _moved(episode, "take_back")
    row.save()
    forget(f"support:{row.pk}")
    events.note(Kind.SUPPORT_TAKEN_BACK, row.person, by, at=at, episode=str(row.pk))
    _asked_no_longer(row.person, by, at)
    tell_record(row.person, at)


@transaction.atomic
def change(episode: Episode, *, expected: int, values: Mapping[str, Any], by: User, at: datetime) -> None:
    """Change what is kept of the episode itself. Raises Conflict if somebody else did so first."""
    row = _locked(episode)
    if row.version != expected:
        raise Conflict(row)
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    note(Kind.SUPPORT_CHANGED, row, by, at=at, fields=len(changed))
    publish_fact(row, by=by, at=at)


@transaction.atomic
def hand_over(episode: Episode, *, to: User, by: User, at: datetime) -> None:
    """Pass the episode to a colleague. Raises NotNow where they cannot support anybody in this team."""
    row = _moved(episode, "hand_over")
    if not supporters(row.team).filter(pk=to.pk).exists():
        raise NotNow("they are not in this team, or may not support anybody")
    if row.worker_id == to.pk:
        raise NotNow("they support this person already")
    before, row.worker = row.worker_id, to
    row.save(update_fields=["worker"])
    note(Kind.SUPPORT_HANDED, row, by, at=at, before=str(before), after=str(to.pk))


@transaction.atomic
def close(episode: Episode, *, ending: str, on: date, follow_up: str, by: User, at: datetime) -> None:
    """End support. What is still open in it stays as it is, and is overdue no more."""
    row = _moved(episode, "close")
    assert row.began_on is not None  # noqa: S101  # an open episode has begun: a constraint
    if on < row.began_on:
        raise NotNow(out_of_order(_("Support begins on"), _("Last day")))
    row.ending, row.ended_on, row.follow_up = ending, on, follow_up
    row.save()
    note(Kind.SUPPORT_CLOSED, row, by, at=at, ending=ending)
    tell_record(row.person, at)
    publish_fact(row, by=by, at=at)


@transaction.atomic
def reopen(episode: Episode, *, by: User, at: datetime) -> None:
    """Take up support again. Raises NotNow where another episode runs, or an adult does not agree."""
    row = _moved(episode, "reopen")
    if not agreed(row.person, today=day_of(at)):
        raise NotNow("an adult is supported only if they agree: record first what they said about support")
    if Episode.objects.filter(person=row.person, team=row.team, state__in=RUNNING).exists():
        raise NotNow("another episode with this provider runs already")
    row.ending, row.ended_on, row.follow_up = "", None, ""
    row.save()
    note(Kind.SUPPORT_REOPENED, row, by, at=at)
    tell_record(row.person, at)
    publish_fact(row, by=by, at=at)


# Entries


def _open(episode: Episode) -> None:
    if not episode.is_open:
        raise NotNow("support is not open: what stands here is read, and not changed")


def _columns(part: str, details: Mapping[str, Any], state: str, at: datetime) -> dict[str, Any]:
    """What of an entry stands open beside its sealed details."""
    about = parts()[part]
    kept, due = about.state(state), about.when(about.due, details) if about.due else None
    clock = waiting(about, details, now=at)
    return {
        "code": str(details.get(about.code) or "") if about.code else "",
        "state": state,
        "open": bool(kept and kept.open) or clock is not None,
        "due": clock.ends.day if clock else due.day if due else None,
    }


def _sound(about: Part, details: Mapping[str, Any], state: str, at: datetime) -> dict[str, Any]:
    """The fields of the part, and of nothing else. Raises NotNow where they do not hold together."""
    if wrong := mistakes(about, details, state, now=at):
        raise NotNow("; ".join(wrong.values()))
    return about.known(details)


@transaction.atomic
def add_entry(
    episode: Episode,
    *,
    part: str,
    details: Mapping[str, Any],
    by: User,
    at: datetime,
    state: str = "",
    under: Entry | None = None,
) -> Entry:
    """Write something down. state: how it stands; the first of the part where it is not said.

    Raises NotNow where support is not open, or there is one already of what there is only one.
    """
    _open(episode)
    about = parts()[part]
    Episode.objects.select_for_update().get(pk=episode.pk)
    state = state or (about.states[0].key if about.states else "")
    details = _sound(about, details, state, at)
    if about.single and Entry.objects.filter(episode=episode, part=part).exists():
        raise NotNow("there is one already: open it and change it")
    found = Entry.objects.create(
        episode=episode,
        part=part,
        under=under,
        details=dict(details),
        by=by,
        at=at,
        changed_at=at,
        **_columns(part, details, state, at),
    )
    note(Kind.ENTRY_ADDED, episode, by, at=at, part=part)
    _follow(episode, part, by, at)
    return found


@transaction.atomic
def change_entry(
    entry: Entry, *, episode: Episode, expected: int, details: Mapping[str, Any], state: str, by: User, at: datetime
) -> None:
    """Change an entry. Raises Conflict if somebody else did so first, NotNow where support is not open."""
    _open(episode)
    row = _kept(entry)
    if row.version != expected:
        raise Conflict(row)
    details = _sound(parts()[row.part], details, state, at)
    for name, value in _columns(row.part, details, state, at).items():
        setattr(row, name, value)
    row.details, row.changed_at, row.version = dict(details), at, row.version + 1
    row.save()
    note(Kind.ENTRY_CHANGED, episode, by, at=at, part=row.part)
    _follow(episode, row.part, by, at)


@transaction.atomic
def remove_entry(entry: Entry, *, episode: Episode, by: User, at: datetime) -> None:
    """Take out what was written down by mistake, with what stands below it."""
    _open(episode)
    row = _kept(entry)
    note(Kind.ENTRY_REMOVED, episode, by, at=at, part=row.part)
    row.delete()
    _follow(episode, row.part, by, at)


def _kept(entry: Entry) -> Entry:
    row = Entry.objects.select_for_update().filter(pk=entry.pk).first()
    if row is None:
        raise NotNow("somebody took this out already")
    return row


def _follow(episode: Episode, part: str, by: User, at: datetime) -> None:
    """What else an entry changes: when they were last seen, and what may be counted."""
    if part == "contact":
        met = Entry.objects.filter(episode=episode, part="contact", code__in=("seen", "spoke"))
        last = met.aggregate(last=Max("due"))["last"]
        Episode.objects.filter(pk=episode.pk).update(last_seen_on=last)
    if part in PARTS:
        publish_fact(episode, by=by, at=at)
    _close_steps(episode, parts()[part], by, at)


def _close_steps(episode: Episode, about: Part, by: User, at: datetime) -> None:
    """The steps of the pathway that this part shows to be done, or open again where nothing shows it any more."""
    if not about.closes:
        return
    rows = Entry.objects.filter(episode__person=episode.person_id, part=about.id)
    rows = rows.filter(state=about.closes_when) if about.closes_when else rows
    days = [item.details.get("on") or item.details.get("from") or item.details.get("since") for item in rows]
    if not days:
        open_steps(episode.person, about.id, by=by, at=at)
        return
    on = min(filter(None, days), default=None)
    day = date.fromisoformat(on) if on else None
    close_steps(episode.person, about.id, on=day, by=by, at=at, steps=about.closes)
