"""Merges two records of one person, and takes them apart again."""

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
    """A hash of both records as they are now: a different one means that somebody has changed either of them."""
    rows = [Person.objects.get(pk=person.pk) for person in (kept, other)]
    identities = [Identity.objects.filter(person=row).values_list("version", flat=True).first() for row in rows]
    text = json.dumps([[str(row.pk), row.version, row.changed_at.isoformat()] for row in rows] + [identities])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@transaction.atomic
def merge(kept: Person, other: Person, *, seen: str, chosen: Mapping[str, str], by: User, at: datetime) -> Merge:
    """Merge two open records of one team. Everything in the other one moves to the kept one.

    seen: `state_of` when the page was shown. chosen: by key of `differences`, "kept" or "other" (or "uncertain" for the
    age). Raises Conflict if either was changed since or a choice is missing, and NotNow if they cannot be merged.
    """
    rows = {row.pk: row for row in Person.objects.select_for_update().filter(pk__in=[kept.pk, other.pk]).order_by("pk")}
    one, two = rows[kept.pk], rows[other.pk]
    if one.team_id != two.team_id or one.pk == two.pk:
        raise NotNow(_("only two records of the same team can be merged"))
    if two.merged_at is not None or one.merged_at is not None:
        raise NotNow(_("they have been merged already"))
    if reasons := hindrances(one, two):
        raise NotNow("; ".join(reasons))
    needed = differing.differences(one, two)
    if seen != state_of(one, two) or any(difference.key not in chosen for difference in needed):
        raise Conflict(one)
    before, marks = snapshot(one), marks_of(two)
    joined = intake.join(one.team, one.reference, two.reference, at=at)
    held = _close_into(one, two, at)
    moved = _move_all(one, two, _merge_signs(one, two, chosen))
    _merge_about(one, two, chosen, by, at)
    _merge_identity(one, two, chosen, by, at)  # after the age: a contradicting date of birth marks it as in doubt
    for row in (two, one):
        _update_dependents(row, by, at)
    done = Merge.objects.create(kept=one, other=two, by=by, at=at)
    after = snapshot(one)
    done.before = {"before": before, "after": after, "moved": moved, "joined": joined, "held": held}
    done.before["marks"] = marks
    done.save(update_fields=["before"])
    note(Kind.MERGED, one, by, at=at, other=two.shown_reference)
    note(Kind.MERGED, two, by, at=at, other=one.shown_reference)
    return done


def _close_into(kept: Person, other: Person, at: datetime) -> list[str]:
    """Close the other record and point it to the kept one, with all records that were merged into it before.

    Returns the ids of those records.
    """
    merged_before = Person.objects.filter(same_as=other, merged_at__isnull=False)
    ids = [str(pk) for pk in merged_before.values_list("pk", flat=True)]
    merged_before.update(same_as=kept)
    Person.objects.filter(pk=other.pk).update(
        same_as=kept, merged_at=at, closed_at=at, closing=DUPLICATE, changed_at=at
    )
    return ids


def _merge_signs(kept: Person, other: Person, chosen: Mapping[str, str]) -> list[str]:
    """Merge the answers to signs that both have: the chosen one counts. If they agree, the words of both are kept.

    Returns the signs that both have: the other's answers to those are not moved.
    """
    one, two = differing.signs_of(kept), differing.signs_of(other)
    for key in sorted(one.keys() & two.keys()):
        mine, theirs = one[key], two[key]
        if mine.answer == theirs.answer:
            words = [text for text in (mine.words, theirs.words) if text]
            mine.words = "\n".join(dict.fromkeys(words))
        elif chosen[f"sign_{key}"] == OTHER:
            mine.answer, mine.source, mine.words = theirs.answer, theirs.source, theirs.words
            mine.by_id, mine.at = theirs.by_id, theirs.at
        mine.save()
    return sorted(one.keys() & two.keys())


def _move_all(kept: Person, other: Person, both: list[str]) -> dict[str, list[str]]:
    """Move what the other has to the kept record. Returns the ids of what was moved, by relation."""
    in_kept = {"answers": set(both), "step_marks": set(kept.step_marks.values_list("step", flat=True))}
    moved = {}
    for name in MOVED:
        rows = rows_of(name, other)
        if column := ONE_OF_A_KIND.get(name):
            rows = rows.exclude(**{f"{column}__in": in_kept[name]})
        pks = list(rows.values_list("pk", flat=True))
        move(name, pks, to=kept)
        moved[name] = [str(pk) for pk in pks]
    return moved


def _merge_identity(kept: Person, other: Person, chosen: Mapping[str, str], by: User, at: datetime) -> None:
    """Save the identity as chosen, and all ways to reach them, each as unsafe as in either record."""
    one, two = differing.names_of(kept), differing.names_of(other)
    ways = differing.joined_ways(kept, other)
    if not (two or other.channels.exists()):
        return
    names = {
        name: (two.get(name) if chosen.get(name) == OTHER else one.get(name)) or one.get(name) or two.get(name) or ""
        for name in differing.NAMES
    }
    current = Identity.objects.filter(person=kept).first()
    cases.change_identity(
        person=kept, expected=current.version if current else 0, by=by, at=at, names=names, channels=ways
    )


def _merge_about(kept: Person, other: Person, chosen: Mapping[str, str], by: User, at: datetime) -> None:
    """Save what decides the next steps: what was chosen, else what only one record says; all kinds of exploitation."""
    row = Person.objects.get(pk=kept.pk)
    row.team = kept.team
    values = {name: _merged_value(row, other, name, chosen) for name in differing.titles()}
    inherent = values.pop("inherent")
    values["exploitation"] = sorted({*row.exploitation, *other.exploitation})
    values["missing"] = row.missing or other.missing
    values["decision_on"] = other.decision_on if _takes_other(row, other, "referral", chosen) else row.decision_on
    values["believed_under_18"] = values["age"] == NOT_SURE and (
        row.believed_under_18 or other.believed_under_18 or chosen.get("age") == NOT_SURE
    )
    if "age" not in chosen:
        values.pop("age")  # nobody has decided it here, so a doubt about it stays
    cases.change_about(person=row, expected=row.version, by=by, at=at, values=values)
    if inherent != row.inherent:
        Person.objects.filter(pk=row.pk).update(inherent=inherent)


def _takes_other(kept: Person, other: Person, name: str, chosen: Mapping[str, str]) -> bool:
    """Whether the value of the other record counts: it was chosen, or only the other record has one."""
    one, two = getattr(kept, name), getattr(other, name)
    if differing.differ(one, two):
        return chosen.get(name) == OTHER
    return one in differing.UNKNOWN and two not in differing.UNKNOWN


def _merged_value(kept: Person, other: Person, name: str, chosen: Mapping[str, str]) -> Any:
    if name == "age" and chosen.get(name) == NOT_SURE:
        return NOT_SURE
    return getattr(other if _takes_other(kept, other, name, chosen) else kept, name)


def _update_dependents(person: Person, by: User, at: datetime) -> None:
    """Update what depends on a record: stored states, and what the police are told about the basis for the identity.

    An approval is cancelled, since the lead approved a different record.
    """
    row = Person.objects.get(pk=person.pk)
    row.team = person.team
    referrals.update_waiting_since(row)
    support.update_record(row, at)
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
    """Until when two records can be taken apart, and whether that time has passed."""

    last: datetime
    over: bool


def may_part(done: Merge, *, at: datetime) -> Apart:
    """Whether two records can still be taken apart, and until when."""
    last = done.at + timedelta(days=days_to_part())
    return Apart(last, at > last)


def taken_apart_already() -> NotNow:
    """The refusal for a second click, or for somebody who goes back in the browser."""
    return NotNow(_("they have been taken apart already"))


@transaction.atomic
def take_apart(done: Merge, *, by: User, at: datetime) -> list[str]:
    """Give each record back what came from it. What was added since stays with the kept record.

    Returns, in words, what was changed since and stays. Raises NotNow if the time for it has passed, if they were taken
    apart already, or if another merge must be undone first.
    """
    both = Person.objects.select_for_update().filter(pk__in=[done.kept_id, done.other_id]).order_by("pk")
    rows = {row.pk: row for row in both.select_related("team")}
    current = Merge.objects.select_for_update().get(pk=done.pk)
    if current.apart_at is not None:
        raise taken_apart_already()
    if may_part(current, at=at).over:
        raise NotNow(_("the time for taking them apart has passed"))
    kept, other = rows[current.kept_id], rows[current.other_id]
    if kept.merged_at is not None:
        raise NotNow(_("this record was itself merged into another one: take that apart first"))
    later = Merge.objects.filter(kept=kept, apart_at=None, pk__gt=current.pk).exists()
    if later:
        raise NotNow(_("another record was merged in later: take that one apart first"))
    stays = put_back(current, kept, other, by=by, at=at)
    support.separate_facts(kept, other, by=by, at=at)
    for row in (kept, other):
        if current.before["moved"]["referrals"]:
            referrals.update_record_from_last(row, by=by, at=at)
        _update_dependents(row, by, at)
    current.apart_by, current.apart_at, current.before, current.settled_at = by, at, {}, at
    current.save(update_fields=["apart_by", "apart_at", "before", "settled_at"])
    note(Kind.TAKEN_APART, kept, by, at=at, other=other.shown_reference)
    note(Kind.TAKEN_APART, other, by, at=at, other=kept.shown_reference)
    return stays


def forget_what_was(*, at: datetime) -> int:
    """Delete what was kept to take records apart, once the time for that has passed. Returns for how many merges."""
    expired = Merge.objects.filter(settled_at=None, at__lt=at - timedelta(days=days_to_part()))
    return expired.update(before={}, settled_at=at)
