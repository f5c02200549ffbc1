"""The only way into this room: facts come in here, already without identity."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from bield.disclosure import SupportFact
from bield.service.statistics import models


@transaction.atomic
def put_support(key: UUID, fact: SupportFact) -> None:
    """Keep a fact in place of the one with the same key. Anything but a SupportFact is refused: TypeError.

    The type is the proof: it cannot be made of anything that names a person or a day.
    """
    if not isinstance(fact, SupportFact):
        raise TypeError("expected a SupportFact, made by bield.disclosure.support_fact")
    row, _made = models.SupportFact.objects.update_or_create(
        key=key,
        defaults={
            "provider": fact.provider,
            "sex": fact.sex,
            "band": fact.band,
            "world": fact.world,
            "direction": fact.direction,
        },
    )
    row.spans.all().delete()
    models.SupportSpan.objects.bulk_create(
        models.SupportSpan(
            fact=row, kind=item.kind, first=_day(item.first), last=_day(item.last) if item.last else None
        )
        for item in fact.spans
    )


def _day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
