"""Stores which forms were sent, so that none is saved twice, and drafts, so that nothing typed is lost."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from bield.service.accounts.models import User
from bield.service.sealing import SealedField


class Sent(models.Model):
    """A form that was sent and saved. Kept for a day, so that it is not saved twice."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    """A keyed hash of the address and everything in the form: it shows only that two forms are the same."""
    answer = models.CharField(max_length=300, blank=True)
    """Where the browser was sent afterwards."""
    made = models.CharField(max_length=100, blank=True)
    """What it made, such as "encounter:7", if that can be taken back; see `actions.forget`."""
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key", "digest"], name="a_form_counts_once")]
        indexes: ClassVar = [
            models.Index(fields=["user", "digest", "at"], name="sent_alike"),
            models.Index(fields=["made"], condition=~models.Q(made=""), name="sent_made"),
        ]


class Draft(models.Model):
    """What somebody typed into a form and has not saved. Sealed like a name, and only for them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=300)
    """The address that the form is sent to."""
    page = models.CharField(max_length=300)
    """The address of the page that the form is on."""
    words = SealedField()
    """What was typed into each field: a list of pairs of a field name and its values."""
    why = models.CharField(max_length=20)
    """signed_out: sent after the session had ended; expired: the form was too old; typed: kept while typing;
    merged: the record was merged into another one meanwhile."""
    teams = models.JSONField(default=list)
    """The teams in which the user could see people. Once they leave one of them they do not get this any more."""
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "page"], name="drafts_of_a_page")]


class HeldFile(models.Model):
    """A file that somebody uploaded, held until they have checked what it does. Sealed, theirs only, and not for long.

    A user has one for each import: a new one replaces it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    import_name = models.CharField(max_length=20)
    words = SealedField()
    """The file itself, what was chosen with it, and what its user was shown."""
    teams = models.JSONField(default=list)
    """The teams in which the user could see people. Once they leave one of them they do not get this any more."""
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "import_name"], name="one_file_of_each_import")
        ]
