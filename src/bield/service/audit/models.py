"""Stores events: who did or read what, and when, in chains that show any change."""

from __future__ import annotations

from datetime import UTC
from typing import Any, ClassVar

from django.db import models


class Event(models.Model):
    """One thing done or read. It never holds typed text: it outlives the record, and more people read it.

    actor, organisation and subject are ids, not foreign keys, so that an event neither blocks a deletion nor is deleted
    with it.
    """

    strand = models.PositiveSmallIntegerField()
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    actor = models.CharField(max_length=36)
    organisation = models.CharField(max_length=36, blank=True)
    subject = models.CharField(max_length=36, blank=True)
    facts = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["strand", "number"], name="one_event_a_place")]
        indexes: ClassVar = [
            models.Index(fields=["subject", "-id"], name="event_of_subject"),
            models.Index(fields=["organisation", "-id"], name="event_of_organisation"),
        ]

    def as_dict(self) -> dict[str, Any]:
        """The event as the chain hashes it and as an inspector gets it."""
        return {
            "strand": self.strand,
            "number": self.number,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "kind": self.kind,
            "actor": self.actor,
            "organisation": self.organisation,
            "subject": self.subject,
            "facts": self.facts,
            "previous": self.previous,
            "hash": self.hash,
        }
