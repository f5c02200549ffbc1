"""Makes two records of the same made-up person, for a worker to find and merge."""

from __future__ import annotations

from django.utils import timezone

from bield.service.cases import actions
from bield.service.cases.models import Channel, Identity, Person
from bield.service.merging.parts import hindrances

TEAM, WORKER = "glasgow-city", "Morag Tennant"


def fill() -> None:
    """Give a colleague's person the names of one of Morag's, so that two records look like the same person."""
    people = Person.objects.filter(team__organisation__body=TEAM, closed_at=None, age="adult", identity__isnull=False)
    hers = people.filter(worker__name=WORKER).order_by("opened_at", "pk").last()
    if hers is None:
        return
    others = people.filter(team=hers.team_id).exclude(worker=hers.worker_id).order_by("opened_at", "pk")
    double = next((item for item in others if not hindrances(hers, item)), None)
    if double is None:
        return
    names = Identity.objects.get(person=hers).names
    identity = Identity.objects.get(person=double)
    channels = [{"kind": row.kind, "safe": row.safe, **row.details} for row in Channel.objects.filter(person=double)]
    actions.change_identity(
        person=double,
        expected=identity.version,
        by=double.worker,
        at=min(timezone.now(), max(hers.changed_at, double.changed_at)),
        names=names | {"nickname": "", "born": ""},
        channels=channels,
    )
