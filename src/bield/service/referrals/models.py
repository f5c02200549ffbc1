"""What referrals store: the referral with sealed answers and evidence, its hand-ins and its decisions."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from bield.service.accounts.models import User
from bield.service.cases.models import Person, Sharing
from bield.service.sealing import SealedField


class Referral(models.Model):
    """A referral of a person, on a version of the form.

    It is a draft; then closed, which makes it ready to hand in; then handed in, once somebody has recorded that. A
    closed referral changes only if it is reopened; one that was handed in never changes again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="referrals")
    form = models.CharField(max_length=20)
    version = models.PositiveIntegerField(default=1)
    answers = SealedField(default=dict)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    receipt = models.JSONField(default=dict)
    """SHA-256 of each part of the package, by its name in the package. It contains no identity."""

    handed_in_on = models.DateField(null=True)
    """The day of the valid hand-in: kept here so that one query finds the referrals that wait for one."""

    clock = models.CharField(max_length=30, blank=True)
    """The clock that runs now, if any; with clock_ends, kept here so that one query finds a team's clocks."""
    clock_ends = models.DateField(null=True)
    reminded_on = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["clock_ends", "id"], condition=models.Q(clock_ends__isnull=False), name="referrals_by_clock"
            ),
            models.Index(
                fields=["closed_at", "id"],
                condition=models.Q(closed_at__isnull=False, handed_in_on__isnull=True),
                name="referrals_to_hand_in",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(closed_at__isnull=True), name="one_draft_a_person"
            )
        ]


class HandIn(models.Model):
    """A hand-in of a referral, as somebody recorded it. One that was recorded wrongly is ended, with the reason."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="hand_ins")
    on = models.DateField()
    way = models.CharField(max_length=20)
    number = SealedField(default=str)
    """The Home Office's reference; empty while it is not known."""
    sharing = models.OneToOneField(Sharing, null=True, on_delete=models.SET_NULL, related_name="+")
    """The entry for it among the things that were shared."""
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, blank=True)
    words = SealedField(default=str)
    """Why it was recorded wrongly, in words."""

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["referral"], condition=models.Q(ended_at__isnull=True), name="one_hand_in_a_referral"
            )
        ]


class DecisionsThatStand(models.Manager["Decision"]):
    """Decisions without those that were taken back, so that no clock or page can forget to leave them out."""

    def get_queryset(self) -> models.QuerySet[Decision]:
        return super().get_queryset().filter(taken_back_at=None)


class Decision(models.Model):
    """Something that was decided or done about a referral, with the date of its letter."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=30)
    on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)
    """Set if it was recorded wrongly: it can still be read, but no longer counts."""
    taken_back_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    why = SealedField(default=str)
    """Why it was taken back."""

    objects = DecisionsThatStand()
    every = models.Manager["Decision"]()

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
