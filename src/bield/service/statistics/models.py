"""Facts without identity. Nothing in this room points to a record."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Final

from django.db import models

FOREVER: Final = date.max
"""The last month of what continues, where months are compared."""


class SupportFact(models.Model):
    """Somebody's support by one provider. The key is random; only the room above knows whose it is.

    Every value is from a closed list of bield.disclosure.support_facts.
    """

    key = models.UUIDField(primary_key=True)
    provider = models.SlugField(max_length=60)
    sex = models.CharField(max_length=20)
    band = models.CharField(max_length=20)
    world = models.CharField(max_length=20, blank=True)
    direction = models.CharField(max_length=20)


class SupportSpan(models.Model):
    """A kind of support over some months. Months are their first days; last is None while it continues.

    provider, sex and band are those of the fact, so that the measures are counted from one index.
    """

    fact = models.ForeignKey(SupportFact, on_delete=models.CASCADE, related_name="spans")
    kind = models.CharField(max_length=20)
    first = models.DateField()
    last = models.DateField(null=True)
    before = models.DateField(null=True)
    """The latest month of the spans of this fact and kind that begin earlier; FOREVER while one of them continues.

    A year counts somebody once: with the first of their spans that touches it, so where `before` lies before the year.
    """
    provider = models.SlugField(max_length=60, db_index=False)
    sex = models.CharField(max_length=20)
    band = models.CharField(max_length=20)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["kind", "first", "last", "before", "band", "provider", "sex"], name="spans_counted")
        ]
