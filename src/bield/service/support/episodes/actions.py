"""Changes to an episode of support and its entries. Each change records an event in the same transaction."""

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
from bield.service.accounts.news import News, tell
from bield.service.audit.actions import Fact, record
from bield.service.audit.kinds import Kind
from bield.service.cases import actions as cases
from bield.service.cases import events
from bield.service.cases.consents import consent_on, consents_on
from bield.service.cases.models import Person
from bield.service.cases.same_person.merged import assessments_of
from bield.service.cases.situation import situation_of
from bield.service.cases.states import SupportState
from bield.service.cases.steps import close_steps, open_steps
from bield.service.changes import Conflict, NotNow, changed_meanwhile, set_fields
from bield.service.days import day_of, out_of_order
from bield.service.drafts.actions import forget
from bield.service.support.access import supporters
from bield.service.support.clocks import next_clock
from bield.service.support.entries.order import mistakes
from bield.service.support.entries.schema import Part, parts
from bield.service.support.facts import PARTS, publish_fact
from bield.service.support.models import Entry, Episode
from bield.service.support.states import MOVES, RUNNING, EpisodeState

CONSENT = "support"

WRITTEN = frozenset({"grounds_on", "conclusive_on", "conclusive", "slavery_only", "circumstances"})
"""The columns of an episode that people write; every other one follows from an action."""


def note(kind: Kind, episode: Episode, by: User, *, at: datetime | None = None, **facts: Fact) -> None:
    """Record an event about a person, in the organisation that supports them."""
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
    """The person's situation, which decides who supports them and the steps of a child's pathway."""
    return situation_of(person, assessments_of(person).first(), consents_on(person, on=today), today=today)


def agreed(person: Person, *, today: date) -> bool:
    """Whether support may be given: the person agreed, or is treated as a child and is not asked."""
    return not person.is_adult or consent_on(person, CONSENT, on=today).given


@transaction.atomic
def ask(person: Person, *, team: Team, choice: str, words: str, place: str, by: User, at: datetime) -> Episode:
    """Ask a provider to support somebody. choice: why it is a different provider than the rule says, if it is.

    Raises NotNow if an adult has not agreed to support, or this provider was asked already.
    """
    locked = events.lock(person)
    if not agreed(locked, today=day_of(at)):
        raise NotNow("an adult is supported only if they agree: first record what they said about support")
    if Episode.objects.filter(person=locked, team=team, state__in=RUNNING).exists():
        raise NotNow("this provider has been asked already, or supports them")
    rule = route(situation(locked, today=day_of(at)), on=day_of(at), place=place)
    same = rule.provider == team.organisation.body or (
        rule.provider == "council" and team.organisation.kind == "council"
    )
    if not same and not choice:
        raise NotNow(f"the rule says {rule.label}: choose why you ask another provider")
    earlier = Episode.objects.filter(person=locked, team__organisation=team.organisation_id).first()
    episode = Episode(
        person=locked,
        team=team,
        state=EpisodeState.ASKED,
        asked_by=by,
        asked_at=at,
        words=words,
        route=rule.id,
        choice="" if same else choice,
    )
    if earlier is not None:
        episode.fact = earlier.fact  # one person with one provider is counted once
    episode.save()
    events.note(Kind.SUPPORT_ASKED, locked, by, at=at, episode=str(episode.pk), route=rule.id, other=not same)
    close_steps(locked, "support", on=day_of(at), by=by, at=at)
    update_record(locked, at)
    _share(locked, team, by, at)
    tell(supporters(team).exclude(pk=by.pk), News.REQUEST)
    return episode


def _share(person: Person, team: Team, by: User, at: datetime) -> None:
    """Record a request to another body among the things that were shared, with the consent it rests on."""
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


def separate_facts(one: Person, other: Person, *, by: User, at: datetime) -> None:
    """After a merge is undone, give each of two people a fact of their own with every provider they share."""
    facts_of_other = Episode.objects.filter(person=other).values("fact")
    shared = Episode.objects.select_related("person", "team__organisation").filter(person=one, fact__in=facts_of_other)
    new_facts: dict[UUID, UUID] = {}
    for episode in shared.order_by("began_on"):
        episode.fact = new_facts.setdefault(episode.fact, uuid4())
        episode.save(update_fields=["fact"])
        publish_fact(episode, by=by, at=at)
    for episode in Episode.objects.select_related("person", "team__organisation").filter(
        person=other, fact__in=new_facts
    ):
        publish_fact(episode, by=by, at=at)


def update_record(person: Person, at: datetime) -> None:
    """Show on the person's record the state of support, over all providers."""
    states = set(Episode.objects.filter(person=person).values_list("state", flat=True))
    last_days = Episode.objects.filter(person=person, state=EpisodeState.CLOSED).values_list("ended_on", flat=True)
    last = max((day for day in last_days if day is not None), default=None)
    if EpisodeState.OPEN in states:
        cases.set_support_state(person, state=SupportState.OPEN, ended_on=None, at=at)
    elif EpisodeState.ASKED in states:
        cases.set_support_state(person, state=SupportState.ASKED, ended_on=None, at=at)
    else:
        cases.set_support_state(person, state=SupportState.ENDED if last else SupportState.NONE, ended_on=last, at=at)


def _locked(episode: Episode) -> Episode:
    locked = Episode.objects.select_for_update().get(pk=episode.pk)
    locked.person, locked.team = episode.person, episode.team
    return locked


def _moved(episode: Episode, action: str) -> Episode:
    """The episode, locked, in the state that an action leads to. Raises NotNow if it is in another state."""
    locked, move = _locked(episode), MOVES[action]
    if locked.state != move.start:
        raise changed_meanwhile(str(EpisodeState(locked.state).label))
    locked.state = move.end
    return locked


@transaction.atomic
def accept(episode: Episode, *, worker: User, on: date, by: User, at: datetime) -> Episode:
    """Take somebody on. Raises NotNow if the worker may not support people in this team, or consent was withdrawn."""
    locked = _moved(episode, "accept")
    if not agreed(locked.person, today=day_of(at)):
        raise NotNow("they no longer agree to support")
    if not supporters(locked.team).filter(pk=worker.pk).exists():
        raise NotNow("this worker is not in the team, or may not support anybody: choose another")
    locked.worker, locked.began_on, locked.answered_by, locked.answered_at = worker, on, by, at
    locked.save()
    note(Kind.SUPPORT_ANSWERED, locked, by, at=at, answer="accepted")
    update_record(locked.person, at)
    publish_fact(locked, by=by, at=at)
    return locked


@transaction.atomic
def decline(episode: Episode, *, reason: str, by: User, at: datetime) -> None:
    """Record that the provider cannot support them, with the reason."""
    locked = _moved(episode, "decline")
    locked.refusal, locked.answered_by, locked.answered_at = reason, by, at
    locked.save()
    forget(f"support:{locked.pk}")
    note(Kind.SUPPORT_ANSWERED, locked, by, at=at, answer="declined", reason=reason)
    _reopen_asking(locked.person, by, at)
    update_record(locked.person, at)


def _reopen_asking(person: Person, by: User, at: datetime) -> None:
    """Reopen the step of asking a provider, unless another provider was asked or has supported them."""
    if not Episode.objects.filter(person=person).filter(state__in=(*RUNNING, EpisodeState.CLOSED)).exists():
        open_steps(person, "support", by=by, at=at)


@transaction.atomic
def take_back(episode: Episode, *, by: User, at: datetime) -> None:
    """Take back a request that nobody has answered yet."""
    locked = _moved(episode, "take_back")
    locked.save()
    forget(f"support:{locked.pk}")
    events.note(Kind.SUPPORT_TAKEN_BACK, locked.person, by, at=at, episode=str(locked.pk))
    _reopen_asking(locked.person, by, at)
    update_record(locked.person, at)


@transaction.atomic
def change(episode: Episode, *, expected: int, values: Mapping[str, Any], by: User, at: datetime) -> None:
    """Change fields of the episode itself. Raises Conflict if somebody else did so first."""
    locked = _locked(episode)
    if locked.version != expected:
        raise Conflict(locked)
    changed = set_fields(locked, values, allowed=WRITTEN)
    locked.version += 1
    locked.save()
    note(Kind.SUPPORT_CHANGED, locked, by, at=at, fields=len(changed))
    publish_fact(locked, by=by, at=at)


@transaction.atomic
def hand_over(episode: Episode, *, to: User, by: User, at: datetime) -> None:
    """Pass the episode to a colleague. Raises NotNow if they may not support people in this team, or do so already."""
    locked = _moved(episode, "hand_over")
    if not supporters(locked.team).filter(pk=to.pk).exists():
        raise NotNow("this worker is not in the team, or may not support anybody: choose another")
    if locked.worker_id == to.pk:
        raise NotNow("they support this person already")
    before, locked.worker = locked.worker_id, to
    locked.save(update_fields=["worker"])
    note(Kind.SUPPORT_HANDED, locked, by, at=at, before=str(before), after=str(to.pk))
    if to.pk != by.pk:
        tell([to], News.HANDED_OVER)


@transaction.atomic
def close(episode: Episode, *, ending: str, on: date, follow_up: str, by: User, at: datetime) -> None:
    """End support. Open entries stay as they are, and are no longer overdue."""
    locked = _moved(episode, "close")
    assert locked.began_on is not None  # noqa: S101  # an open episode has begun: a constraint
    if on < locked.began_on:
        raise NotNow(out_of_order(_("Support begins on"), _("Last day")))
    locked.ending, locked.ended_on, locked.follow_up = ending, on, follow_up
    locked.save()
    note(Kind.SUPPORT_CLOSED, locked, by, at=at, ending=ending)
    update_record(locked.person, at)
    publish_fact(locked, by=by, at=at)


@transaction.atomic
def reopen(episode: Episode, *, by: User, at: datetime) -> None:
    """Start support again. Raises NotNow if another episode is running, or an adult does not agree."""
    locked = _moved(episode, "reopen")
    if not agreed(locked.person, today=day_of(at)):
        raise NotNow("an adult is supported only if they agree: first record what they said about support")
    if Episode.objects.filter(person=locked.person, team=locked.team, state__in=RUNNING).exists():
        raise NotNow("another episode with this provider is already running")
    locked.ending, locked.ended_on, locked.follow_up = "", None, ""
    locked.save()
    note(Kind.SUPPORT_REOPENED, locked, by, at=at)
    update_record(locked.person, at)
    publish_fact(locked, by=by, at=at)


# Entries


def _open(episode: Episode) -> None:
    if not episode.is_open:
        raise NotNow("support is not open, so its entries can be read but not changed")


def _columns(part: str, details: Mapping[str, Any], state: str, at: datetime) -> dict[str, Any]:
    """The columns of an entry that are not sealed."""
    entry_part = parts()[part]
    known_state, due = entry_part.state(state), entry_part.when(entry_part.due, details) if entry_part.due else None
    clock = next_clock(entry_part, details, now=at)
    return {
        "code": str(details.get(entry_part.code) or "") if entry_part.code else "",
        "state": state,
        "open": bool(known_state and known_state.open) or clock is not None,
        "due": clock.ends.day if clock else due.day if due else None,
    }


def _checked(part: Part, details: Mapping[str, Any], state: str, at: datetime) -> dict[str, Any]:
    """The details that are fields of the part, and nothing else. Raises NotNow if they have mistakes."""
    if wrong := mistakes(part, details, state, now=at):
        raise NotNow("; ".join(wrong.values()))
    return part.known(details)


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
    """Add an entry. state: its state; empty for the first state of the part.

    Raises NotNow if support is not open, the details have mistakes, or the part allows one entry and has it.
    """
    _open(episode)
    entry_part = parts()[part]
    Episode.objects.select_for_update().get(pk=episode.pk)
    state = state or (entry_part.states[0].key if entry_part.states else "")
    details = _checked(entry_part, details, state, at)
    if entry_part.single and Entry.objects.filter(episode=episode, part=part).exists():
        raise NotNow("there is one already: open it to change it")
    entry = Entry.objects.create(
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
    _update_from_entries(episode, part, by, at)
    return entry


@transaction.atomic
def change_entry(
    entry: Entry, *, episode: Episode, expected: int, details: Mapping[str, Any], state: str, by: User, at: datetime
) -> None:
    """Change an entry. Raises Conflict if somebody else did so first, NotNow if support is not open."""
    _open(episode)
    locked = _locked_entry(entry)
    if locked.version != expected:
        raise Conflict(locked)
    details = _checked(parts()[locked.part], details, state, at)
    for name, value in _columns(locked.part, details, state, at).items():
        setattr(locked, name, value)
    locked.details, locked.changed_at, locked.version = dict(details), at, locked.version + 1
    locked.save()
    note(Kind.ENTRY_CHANGED, episode, by, at=at, part=locked.part)
    _update_from_entries(episode, locked.part, by, at)


@transaction.atomic
def remove_entry(entry: Entry, *, episode: Episode, by: User, at: datetime) -> None:
    """Delete an entry that was made by mistake, with the entries below it."""
    _open(episode)
    locked = _locked_entry(entry)
    note(Kind.ENTRY_REMOVED, episode, by, at=at, part=locked.part)
    locked.delete()
    _update_from_entries(episode, locked.part, by, at)


def _locked_entry(entry: Entry) -> Entry:
    locked = Entry.objects.select_for_update().filter(pk=entry.pk).first()
    if locked is None:
        raise NotNow("somebody has deleted this entry already")
    return locked


def _update_from_entries(episode: Episode, part: str, by: User, at: datetime) -> None:
    """Update what depends on entries: when the person was last seen, the fact that is counted, and the steps."""
    if part == "contact":
        contacts = Entry.objects.filter(episode=episode, part="contact", code__in=("seen", "spoke"))
        last = contacts.aggregate(last=Max("due"))["last"]
        Episode.objects.filter(pk=episode.pk).update(last_seen_on=last)
    if part in PARTS:
        publish_fact(episode, by=by, at=at)
    _close_steps(episode, parts()[part], by, at)


def _close_steps(episode: Episode, part: Part, by: User, at: datetime) -> None:
    """Close the steps of the pathway that entries of this part show to be done; open them again if no entry does."""
    if not part.closes:
        return
    entries = Entry.objects.filter(episode__person=episode.person_id, part=part.id)
    entries = entries.filter(state=part.closes_when) if part.closes_when else entries
    days = [item.details.get("on") or item.details.get("from") or item.details.get("since") for item in entries]
    if not days:
        open_steps(episode.person, part.id, by=by, at=at)
        return
    on = min(filter(None, days), default=None)
    day = date.fromisoformat(on) if on else None
    close_steps(episode.person, part.id, on=day, by=by, at=at, steps=part.closes)
