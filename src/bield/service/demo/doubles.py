"""One person of the made-up country who was recorded twice, for a worker to find and merge."""

from __future__ import annotations

from django.utils import timezone

from bield.service.cases import actions
from bield.service.cases.models import Channel, Identity, Person
from bield.service.merging.parts import hindrances

TEAM, WORKER = "glasgow-city", "Morag Tennant"


def fill() -> None:
    """A colleague recorded the names of a person Morag knows: makes nobody new, gives two people the same names."""
    rows = Person.objects.filter(team__organisation__body=TEAM, closed_at=None, age="adult", identity__isnull=False)
    mine = rows.filter(worker__name=WORKER).order_by("opened_at", "pk").last()
    if mine is None:
        return
    others = rows.filter(team=mine.team_id).exclude(worker=mine.worker_id).order_by("opened_at", "pk")
    theirs = next((item for item in others if not hindrances(mine, item)), None)
    if theirs is None:
        return
    names = Identity.objects.get(person=mine).names
    held = Identity.objects.get(person=theirs)
    ways = [{"kind": row.kind, "safe": row.safe, **row.details} for row in Channel.objects.filter(person=theirs)]
    actions.change_identity(
        person=theirs,
        expected=held.version,
        by=theirs.worker,
        at=min(timezone.now(), max(mine.changed_at, theirs.changed_at)),
        names=names | {"nickname": "", "born": ""},
        channels=ways,
    )
