"""What notifications store: each as it was sent, what happened to it since, and the API keys of bodies' systems."""

from __future__ import annotations

import uuid
from datetime import date
from typing import ClassVar

from django.db import models

from bield.disclosure import Notice
from bield.law import notification_version
from bield.service import reference
from bield.service.accounts.models import Organisation, Team, User
from bield.service.days import day_of
from bield.service.sealing import SealedField


class ApiKey(models.Model):
    """A key that a team's own system sends with. Only its hash is stored."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]


class Notification(models.Model):
    """What was said to the police about a person. Nothing here is free text, and nothing says who they are.

    What was said never changes; its state does. Codes are those of the notification's version.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=7, unique=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="notifications")
    to = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=10)
    """page, file or api."""
    basis = models.CharField(max_length=10)
    """statutory if the duty applied to the body on that day; otherwise voluntary."""
    sent_at = models.DateTimeField()

    version = models.CharField(max_length=40)
    body = models.SlugField(max_length=60)
    age = models.CharField(max_length=20)
    gender = models.CharField(max_length=20, blank=True)
    country_of_origin = models.CharField(max_length=20, blank=True)
    recovered_where = models.CharField(max_length=60, blank=True)
    activity_where = models.CharField(max_length=60, blank=True)
    trafficking = models.CharField(max_length=5, blank=True)
    slavery = models.CharField(max_length=5, blank=True)
    type = models.CharField(max_length=120, blank=True)
    """Several types are joined with +, in alphabetical order."""
    identity_agreed = models.CharField(max_length=10)
    referral = models.CharField(max_length=10, blank=True)
    urgent = models.BooleanField(default=False)
    withheld = models.JSONField(default=list)
    broadened = models.JSONField(default=list)
    """The fields that were said more broadly than they are known, or left out, so that nobody is singled out.
    Their original values are not stored."""
    kept_because = models.CharField(max_length=20, blank=True)
    """Why a rare combination was sent as it was."""
    people = models.PositiveIntegerField(null=True)
    """How many others shared what was said when it was sent; empty if that was not checked."""

    local = models.CharField(max_length=64, blank=True)
    """A keyed hash of the sender's own reference for the person: it shows only that two are the same."""
    again = models.BooleanField(default=False)
    """Whether the same body has notified about this person before, so that they are not counted twice."""
    elsewhere = models.JSONField(default=list)
    """Ids of bodies known to have notified or referred this person."""

    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    same_as = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="duplicates")
    already_known = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    waits = models.CharField(max_length=10, blank=True)
    """Who it waits for: ‘sender’ while a question is open; empty otherwise."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["to", "-sent_at", "-id"], name="notes_by_arrival"),
            models.Index(fields=["team", "-sent_at", "-id"], name="notes_by_sender"),
            models.Index(fields=["local"], condition=~models.Q(local=""), name="notes_by_person"),
            models.Index(
                fields=["to", "-sent_at", "-id"],
                condition=models.Q(acknowledged_at__isnull=True),
                name="notes_not_acknowledged",
            ),
            models.Index(
                fields=["to", "-sent_at", "-id"], condition=models.Q(closed_at__isnull=True), name="notes_open"
            ),
            models.Index(
                fields=["team", "-sent_at", "-id"], condition=models.Q(waits="sender"), name="notes_with_a_question"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, outcome="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(outcome="")),
                name="closed_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=models.Q(same_as__isnull=True) | models.Q(already_known=True), name="same_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.shown_reference

    @property
    def shown_reference(self) -> str:
        return reference.shown(self.reference)

    @property
    def counts(self) -> bool:
        """Whether it is about a person who was not counted before."""
        return not (self.again or self.already_known)

    @property
    def notice(self) -> Notice:
        """What was said, as the type that cannot contain an identity."""
        said = []
        for field in notification_version(self.version).fields:
            if field.identifies:
                continue
            if field.id == "notified_on":
                value = day_of(self.sent_at).isoformat()
            elif field.id == "urgent":
                value = "yes" if self.urgent else "no"
            else:
                value = getattr(self, field.id, "")
            if value:
                said.append((field.id, tuple(value.split("+")) if field.holds == "several" else (value,)))
        return Notice(self.version, tuple(said), tuple(self.withheld))


class Joined(models.Model):
    """Two of a body's own references for the same person: keyed hashes, as in `local`. The police are not told."""

    one = models.CharField(max_length=64, db_index=True)
    other = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField()


class NotifiedIdentity(models.Model):
    """Who the person is, sent because they agreed or are a child: sealed, stored apart, each reading an event."""

    notification = models.OneToOneField(Notification, on_delete=models.CASCADE, related_name="identity")
    rests_on = models.CharField(max_length=10)
    words = SealedField()
    """The identifying fields of the version, by their ids."""
    agreed_until = models.DateField(null=True)
    """The last day of their agreement, if they set one."""
    withdrawn_at = models.DateTimeField(null=True)
    """When its basis ended, for whatever reason: from then on nothing more may be said, and none of it is shown."""

    def stands(self, *, on: date) -> bool:
        """Whether its basis is still valid on a day."""
        return self.withdrawn_at is None and (self.agreed_until is None or self.agreed_until >= on)


class Request(models.Model):
    """A sender's own key for a notification, so that sending it again never makes a second one."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    """A hash of the sender's key, because the key may contain their case number."""
    digest = models.CharField(max_length=64)
    """A keyed hash of the content, which tells the same request from a different one with the same key."""
    notification = models.OneToOneField(Notification, on_delete=models.CASCADE, related_name="request")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "key"], name="one_notification_a_key")]


class Question(models.Model):
    """Something the police asked the sender, and the answer.

    If the person has not agreed to be identified, both are codes from a list, so that no identity can pass. With
    agreement, or about a child, there may be free text too, sealed.
    """

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="questions")
    ask = models.CharField(max_length=40)
    words = SealedField(default=str)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=120, blank=True)
    answer_words = SealedField(default=str)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["asked_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True, answer="")
                | (models.Q(answered_at__isnull=False) & ~models.Q(answer="")),
                name="answered_with_something",
            )
        ]


class Onward(models.Model):
    """What the police passed on to another body about a person: codes only, and never more than this."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="onward")
    to = models.SlugField(max_length=60)
    said = models.JSONField()
    """Values by field of the version, as lists."""
    people = models.PositiveIntegerField()
    """How many others shared what was said."""
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "pk"]
