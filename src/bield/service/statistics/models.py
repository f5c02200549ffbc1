"""Facts without identity. Nothing in this room points to a record."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


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
    """A kind of support over some months. Months are their first days; last is None while it continues."""

    fact = models.ForeignKey(SupportFact, on_delete=models.CASCADE, related_name="spans")
    kind = models.CharField(max_length=20)
    first = models.DateField()
    last = models.DateField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "first", "last"], name="spans_by_month")]
