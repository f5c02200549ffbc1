"""Says what a merge does with each kind of row that a record has, and what prevents a merge.

Every relation to a record is in one of the two tables: a new room that forgets its own fails a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import ForeignObjectRel, Model
from django.utils.translation import gettext as _

from bield.law.clocks import own_clock
from bield.service.cases.models import Person
from bield.service.referrals.models import Referral
from bield.service.support.models import Account, Episode, Guardianship
from bield.service.support.states import RUNNING

MOVED: Final = (
    "encounters",
    "age_assessments",
    "answers",
    "step_marks",
    "sharings",
    "hand_overs",
    "reviews",
    "referrals",
    "episodes",
    "account",
    "interviews",
    "guardianships",
    "shared_names",
    "shared_names_too",
)
"""Moved to the kept record, and back when the records are taken apart."""

ONE_OF_A_KIND: Final[Mapping[str, str]] = {"answers": "indicator", "step_marks": "step"}
"""A record has at most one of these for each value of this column: what the kept record already has is not moved."""

STAY: Final[Mapping[str, str]] = {
    "identity": "somebody chooses where they differ; the other's stays with it, so that either name finds the record",
    "fingerprints": "stay with the names of each record",
    "channels": "copied; a way that is unsafe in either stays unsafe",
    "assessments": "signed and never changed: read from both",
    "consents": "never changed: read from both, and the stricter counts",
    "duplicates": "point to the other record, which points to the kept one",
    "merges": "records merged into the other before then point to the kept one too",
    "merged_by": "the merge itself",
}


def days_to_part() -> int:
    """For how many days two records can be taken apart again."""
    return own_clock("merge_taken_apart").days or 0


def relations() -> Mapping[str, ForeignObjectRel]:
    """Every relation to a record, from any room, by the name of its attribute on the record."""
    return {str(relation.get_accessor_name()): relation for relation in Person._meta.related_objects}


def rows_of(name: str, person: Person) -> Any:
    """The rows of one relation that point to a person's record."""
    relation = relations()[name]
    return _model(relation)._base_manager.filter(**{relation.field.name: person})


def move(name: str, pks: Iterable[Any], *, to: Person) -> None:
    """Point rows of one relation to another record."""
    relation = relations()[name]
    _model(relation)._base_manager.filter(pk__in=list(pks)).update(**{relation.field.name: to})


def _model(relation: ForeignObjectRel) -> type[Model]:
    model = relation.related_model
    assert not isinstance(model, str)  # noqa: S101  # Django has resolved it once the apps are loaded
    return model


def hindrances(kept: Person, other: Person) -> tuple[str, ...]:
    """Why two records cannot be merged as they are, in words; nothing if they can."""
    reasons, both = [], (kept, other)
    if any(person.closed_at for person in both):
        reasons.append(_("both records must be open: open the closed one again first"))
    if all(Referral.objects.filter(person=person, closed_at=None).exists() for person in both):
        reasons.append(_("both have a draft referral: close or delete one"))
    if all(Account.objects.filter(person=person).exists() for person in both):
        reasons.append(_("both have an account of what happened, and accounts cannot be combined"))
    if all(Guardianship.objects.filter(person=person, ended_on=None).exists() for person in both):
        reasons.append(_("both have a guardian: the support service must end one first"))
    running = [
        set(Episode.objects.filter(person=person, state__in=RUNNING).values_list("team", "team__organisation__name"))
        for person in both
    ]
    reasons += [
        _("%(service)s supports both, or was asked to: ask them to end one first") % {"service": name}
        for _team, name in sorted(running[0] & running[1], key=lambda row: row[1])
    ]
    return tuple(reasons)
