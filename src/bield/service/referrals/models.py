"""A referral with its answers and evidence, sealed, and the decisions made on it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from bield.service.accounts.models import User
from bield.service.cases.models import Person
from bield.service.sealing import SealedField


class Referral(models.Model):
    """A referral of one person on one version of the form. Once it is sent its answers are never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="referrals")
    form = models.CharField(max_length=20)
    version = models.PositiveIntegerField(default=1)
    answers = SealedField(default=dict)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    receipt = models.JSONField(default=dict)
    """SHA-256 of each part of the package, by its name in the package. Holds no identity."""

    clock = models.CharField(max_length=30, blank=True)
    """The clock that runs now, if any, and its last day: kept here so that a team's clocks are one query."""
    clock_ends = models.DateField(null=True)
    reminded_on = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["clock_ends", "id"], condition=models.Q(clock_ends__isnull=False), name="referrals_by_clock"
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(sent_at__isnull=True), name="one_draft_a_person"
            )
        ]


class Decision(models.Model):
    """Something that was decided or done about a referral, with the date of its letter."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=30)
    on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["on", "pk"]


class Evidence(models.Model):
    """A file that goes with a referral. Its name, what it shows and its content are sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="evidence")
    type = models.CharField(max_length=10)
    """The kind of file by its content, not by its name."""
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    name = SealedField(default=str)
    shows = SealedField(default=str)
    content = SealedField()
    """The bytes in Base64."""
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "pk"]
