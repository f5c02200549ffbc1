"""Marks steps of the pathway as done: by hand, or because something recorded shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from types import MappingProxyType

from django.db import transaction

from bield.datafiles import read
from bield.service.accounts.models import User
from bield.service.audit.kinds import Kind
from bield.service.cases.events import note, touch
from bield.service.cases.models import Person, StepMark

VERSION = "1"


@cache
def shown_by_records() -> Mapping[str, tuple[str, ...]]:
    """For each kind of entry, the steps that it shows to be done."""
    raw = read("bield.service.cases", f"steps.v{VERSION}.toml")
    return MappingProxyType({kind: tuple(steps) for kind, steps in raw.items()})


@transaction.atomic
def mark_step(*, person: Person, step: str, done: bool, by: User, at: datetime) -> None:
    """Say that a step is done, or that it is not after all."""
    if done:
        StepMark.objects.get_or_create(person=person, step=step, defaults={"by": by, "at": at})
    else:
        StepMark.objects.filter(person=person, step=step).delete()
    note(Kind.STEP_DONE if done else Kind.STEP_UNDONE, person, by, step=step)
    touch(person, at)


def close_steps(
    person: Person, kind: str, *, on: date | None, by: User, at: datetime, steps: Iterable[str] | None = None
) -> None:
    """Mark the steps that an entry shows to be done. Called by the room in which the entry was made.

    kind: the kind of entry. steps: the steps that it shows; by default those in the data for the kind. Existing marks
    stay as they are.
    """
    for step in shown_by_records()[kind] if steps is None else steps:
        values = {"on": on, "shown_by": kind, "by": by, "at": at}
        _mark, new = StepMark.objects.get_or_create(person=person, step=step, defaults=values)
        if new:
            note(Kind.STEP_DONE, person, by, at=at, step=step, shown_by=kind)


def open_steps(person: Person, kind: str, *, by: User, at: datetime) -> None:
    """Unmark the steps that an entry showed, after it was taken back. Steps marked by hand stay done."""
    for mark in StepMark.objects.filter(person=person, shown_by=kind):
        note(Kind.STEP_UNDONE, person, by, at=at, step=mark.step, shown_by=kind)
        mark.delete()
