"""What people sent, so that nothing counts twice, and what they typed, so that nothing is lost."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from bield.service.accounts.models import User
from bield.service.sealing import SealedField


class Sent(models.Model):
    """A form that was sent and taken. Kept for a day, so that the same one does not count twice."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    """Of the address and everything in the form, under a key: it tells that two are the same, and no more."""
    answer = models.CharField(max_length=300, blank=True)
    """Where the browser was sent afterwards."""
    made = models.CharField(max_length=100, blank=True)
    """What was made of it, such as "encounter:7", where that can be taken back; see `actions.forget`."""
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key", "digest"], name="a_form_counts_once")]
        indexes: ClassVar = [
            models.Index(fields=["user", "digest", "at"], name="sent_alike"),
            models.Index(fields=["made"], condition=~models.Q(made=""), name="sent_made"),
        ]


class Draft(models.Model):
    """What somebody typed into a form and has not saved. Sealed like a name, and theirs alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=300)
    """The address that the form is sent to."""
    page = models.CharField(max_length=300)
    """The address of the page on which the form stands."""
    words = SealedField()
    """Each field with everything typed into it: a list of pairs of a name and its values."""
    why = models.CharField(max_length=20)
    """signed_out: it was sent after the session had ended; expired: the form no longer held; typed: kept on the way;
    merged: the record was merged into another one meanwhile."""
    teams = models.JSONField(default=list)
    """The teams in which its user could see people: who has left one of them does not get it."""
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "page"], name="drafts_of_a_page")]


class HeldFile(models.Model):
    """A file that somebody uploaded, kept until they have seen what it would do. Sealed, theirs alone, not for long.

    A user has one of each import: another one takes its place.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    import_name = models.CharField(max_length=20)
    words = SealedField()
    """The file itself, what was said with it, and what its user was shown."""
    teams = models.JSONField(default=list)
    """The teams in which its user could see people: who has left one of them does not get it."""
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "import_name"], name="one_file_of_each_import")
        ]
