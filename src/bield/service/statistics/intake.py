"""The only way into this room: facts come in here, already without identity."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction

from bield.disclosure import Span, SupportFact
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
    models.SupportSpan.objects.bulk_create(_rows(row, fact.spans))


def _rows(fact: models.SupportFact, spans: Iterable[Span]) -> list[models.SupportSpan]:
    """The spans of a fact in order, each with how long those of its kind that begin earlier last."""
    rows, lasting = [], dict[str, date]()
    for item in sorted(spans, key=lambda item: item.first):
        first, last = _day(item.first), _day(item.last) if item.last else None
        shared = {"provider": fact.provider, "sex": fact.sex, "band": fact.band}
        row = models.SupportSpan(
            fact=fact, kind=item.kind, first=first, last=last, before=lasting.get(item.kind), **shared
        )
        lasting[item.kind] = max(lasting.get(item.kind, date.min), last or models.FOREVER)
        rows.append(row)
    return rows


def _day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
