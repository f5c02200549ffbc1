"""Merging two records of one person, and taking them apart again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bield.service.accounts.models import User
from bield.service.audit.kinds import Kind
from bield.service.cases import actions as cases
from bield.service.cases import encounters
from bield.service.cases.events import note, touch
from bield.service.cases.models import DUPLICATE, Identity, Merge, Person
from bield.service.cases.states import ReviewState
from bield.service.changes import Conflict, NotNow
from bield.service.merging import differences as differing
from bield.service.merging.differences import NOT_SURE, OTHER
from bield.service.merging.parts import MOVED, ONE_OF_A_KIND, days_to_part, hindrances, move, rows_of
from bield.service.merging.restore import put_back
from bield.service.merging.snapshot import marks_of, snapshot
from bield.service.notifications import intake
from bield.service.referrals import actions as referrals
from bield.service.support.episodes import actions as support


def state_of(kept: Person, other: Person) -> str:
    """A mark of both records as they stand: another one says that somebody changed either meanwhile."""
    rows = [Person.objects.get(pk=person.pk) for person in (kept, other)]
    identities = [Identity.objects.filter(person=row).values_list("version", flat=True).first() for row in rows]
    text = json.dumps([[str(row.pk), row.version, row.changed_at.isoformat()] for row in rows] + [identities])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@transaction.atomic
def merge(kept: Person, other: Person, *, seen: str, chosen: Mapping[str, str], by: User, at: datetime) -> Merge:
    """Merge two open records of one team. Everything in the other one moves to the kept one.

    seen: `state_of` when it was shown. chosen: by key of `differences`, kept or other (of the age also uncertain).
    Raises Conflict where either was changed since, or a choice is missing; NotNow where something stands in the way.
    """
    rows = {row.pk: row for row in Person.objects.select_for_update().filter(pk__in=[kept.pk, other.pk]).order_by("pk")}
    one, two = rows[kept.pk], rows[other.pk]
    if one.team_id != two.team_id or one.pk == two.pk:
        raise NotNow(_("only two records of one team can be merged"))
    if two.merged_at is not None or one.merged_at is not None:
        raise NotNow(_("they have been merged already"))
    if found := hindrances(one, two):
        raise NotNow("; ".join(found))
    needed = differing.differences(one, two)
    if seen != state_of(one, two) or any(item.key not in chosen for item in needed):
        raise Conflict(one)
    before, marks = snapshot(one), marks_of(two)
    joined = intake.join(one.team, one.reference, two.reference, at=at)
    held = _lead_on(one, two, at)
    moved = _move_all(one, two, _signs(one, two, chosen))
    _about(one, two, chosen, by, at)
    _names(one, two, chosen, by, at)  # after the age: a day of birth that contradicts it puts it in doubt
    for row in (two, one):
        _tell(row, by, at)
    done = Merge.objects.create(kept=one, other=two, by=by, at=at)
    after = snapshot(one)
    done.before = {"before": before, "after": after, "moved": moved, "joined": joined, "held": held}
    done.before["marks"] = marks
    done.save(update_fields=["before"])
    note(Kind.MERGED, one, by, at=at, other=two.shown_reference)
    note(Kind.MERGED, two, by, at=at, other=one.shown_reference)
    return done


def _lead_on(kept: Person, other: Person, at: datetime) -> list[str]:
    """Close the other and point it at the kept record, with everything that was merged into it before.

    Returns the ids of what was merged into it before.
    """
    inner = Person.objects.filter(same_as=other, merged_at__isnull=False)
    held = [str(pk) for pk in inner.values_list("pk", flat=True)]
    inner.update(same_as=kept)
    Person.objects.filter(pk=other.pk).update(
        same_as=kept, merged_at=at, closed_at=at, closing=DUPLICATE, changed_at=at
    )
    return held


def _signs(kept: Person, other: Person, chosen: Mapping[str, str]) -> list[str]:
    """The answers that both have: the chosen one stands. What was said or seen of the same answer is kept of both.

    Returns the signs that both have: the other's answer to those stays with it.
    """
    one, two = differing.signs_of(kept), differing.signs_of(other)
    for key in sorted(one.keys() & two.keys()):
        mine, theirs = one[key], two[key]
        if mine.answer == theirs.answer:
            words = [item for item in (mine.words, theirs.words) if item]
            mine.words = "\n".join(dict.fromkeys(words))
        elif chosen[f"sign_{key}"] == OTHER:
            mine.answer, mine.source, mine.words = theirs.answer, theirs.source, theirs.words
            mine.by_id, mine.at = theirs.by_id, theirs.at
        mine.save()
    return sorted(one.keys() & two.keys())


def _move_all(kept: Person, other: Person, both: list[str]) -> dict[str, list[str]]:
    """Move what the other has to the kept record. Returns the ids of what was moved, by relation."""
    there = {"answers": set(both), "step_marks": set(kept.step_marks.values_list("step", flat=True))}
    moved = {}
    for name in MOVED:
        rows = rows_of(name, other)
        if column := ONE_OF_A_KIND.get(name):
            rows = rows.exclude(**{f"{column}__in": there[name]})
        pks = list(rows.values_list("pk", flat=True))
        move(name, pks, to=kept)
        moved[name] = [str(pk) for pk in pks]
    return moved


def _names(kept: Person, other: Person, chosen: Mapping[str, str], by: User, at: datetime) -> None:
    """Who they are, as chosen; every way to reach them, as unsafe as in either."""
    one, two = differing.names_of(kept), differing.names_of(other)
    ways = differing.joined_ways(kept, other)
    if not (two or other.channels.exists()):
        return
    names = {
        name: (two.get(name) if chosen.get(name) == OTHER else one.get(name)) or one.get(name) or two.get(name) or ""
        for name in differing.NAMES
    }
    held = Identity.objects.filter(person=kept).first()
    cases.change_identity(person=kept, expected=held.version if held else 0, by=by, at=at, names=names, channels=ways)


def _about(kept: Person, other: Person, chosen: Mapping[str, str], by: User, at: datetime) -> None:
    """What decides the next steps: what was chosen; where only one says something, that; kinds of both."""
    row = Person.objects.get(pk=kept.pk)
    row.team = kept.team
    values = {name: _standing(row, other, name, chosen) for name in differing.titles()}
    inherent = values.pop("inherent")
    values["exploitation"] = sorted({*row.exploitation, *other.exploitation})
    values["missing"] = row.missing or other.missing
    values["decision_on"] = other.decision_on if _of_other(row, other, "referral", chosen) else row.decision_on
    values["believed_under_18"] = values["age"] == NOT_SURE and (
        row.believed_under_18 or other.believed_under_18 or chosen.get("age") == NOT_SURE
    )
    if "age" not in chosen:
        values.pop("age")  # nobody decides it here: a doubt about it stays
    cases.change_about(person=row, expected=row.version, by=by, at=at, values=values)
    if inherent != row.inherent:
        Person.objects.filter(pk=row.pk).update(inherent=inherent)


def _of_other(kept: Person, other: Person, name: str, chosen: Mapping[str, str]) -> bool:
    one, two = getattr(kept, name), getattr(other, name)
    if differing.differ(one, two):
        return chosen.get(name) == OTHER
    return one in differing.UNKNOWN and two not in differing.UNKNOWN


def _standing(kept: Person, other: Person, name: str, chosen: Mapping[str, str]) -> Any:
    if name == "age" and chosen.get(name) == NOT_SURE:
        return NOT_SURE
    return getattr(other if _of_other(kept, other, name, chosen) else kept, name)


def _tell(person: Person, by: User, at: datetime) -> None:
    """Whatever rests on a record is counted anew, and whoever holds what was sent is told on what it rests.

    What a lead approved was another record than this one: it waits for another look.
    """
    row = Person.objects.get(pk=person.pk)
    row.team = person.team
    referrals.tell_of_waiting(row)
    support.tell_record(row, at)
    encounters.update_last_met(row)
    cases.lapse_review(row, by, at)
    reviews = row.reviews.order_by("decided_at")
    last = reviews.filter(decided_at__isnull=False).last()
    review = ReviewState.CHANGES if last and last.decision == ReviewState.CHANGES else ""
    if reviews.filter(decided_at__isnull=True).exists():
        review = ReviewState.ASKED
    Person.objects.filter(pk=row.pk).update(review=review)
    if row.merged_at is None:
        cases.update_identity_basis(row, by=by, at=at)
        touch(row, at)


@dataclass(frozen=True, slots=True)
class Apart:
    """Until when two records can be taken apart, and whether that is over."""

    last: datetime
    over: bool


def may_part(done: Merge, *, at: datetime) -> Apart:
    """Whether two records can still be taken apart."""
    last = done.at + timedelta(days=days_to_part())
    return Apart(last, at > last)


def taken_apart_already() -> NotNow:
    """What a second click, or somebody who goes back, is told."""
    return NotNow(_("they have been taken apart already"))


@transaction.atomic
def take_apart(done: Merge, *, by: User, at: datetime) -> list[str]:
    """Give each record back what came from it. What was added since stays with the kept record.

    Returns what was changed since and stays, in words. Raises NotNow once the time is over, or somebody did so.
    """
    both = Person.objects.select_for_update().filter(pk__in=[done.kept_id, done.other_id]).order_by("pk")
    rows = {row.pk: row for row in both.select_related("team")}
    held = Merge.objects.select_for_update().get(pk=done.pk)
    if held.apart_at is not None:
        raise taken_apart_already()
    if may_part(held, at=at).over:
        raise NotNow(_("the time in which they could be taken apart is over"))
    kept, other = rows[held.kept_id], rows[held.other_id]
    if kept.merged_at is not None:
        raise NotNow(_("this record was itself merged into another one: take that apart first"))
    later = Merge.objects.filter(kept=kept, apart_at=None, pk__gt=held.pk).exists()
    if later:
        raise NotNow(_("another record was merged in later: take that one apart first"))
    stays = put_back(held, kept, other, by=by, at=at)
    support.part_facts(kept, other, by=by, at=at)
    for row in (kept, other):
        if held.before["moved"]["referrals"]:
            referrals.tell_of_last(row, by=by, at=at)
        _tell(row, by, at)
    held.apart_by, held.apart_at, held.before, held.settled_at = by, at, {}, at
    held.save(update_fields=["apart_by", "apart_at", "before", "settled_at"])
    note(Kind.TAKEN_APART, kept, by, at=at, other=other.shown_reference)
    note(Kind.TAKEN_APART, other, by, at=at, other=kept.shown_reference)
    return stays


def forget_what_was(*, at: datetime) -> int:
    """Delete what was kept to take records apart, once the time for that is over. Returns of how many merges."""
    over = Merge.objects.filter(settled_at=None, at__lt=at - timedelta(days=days_to_part()))
    return over.update(before={}, settled_at=at)
