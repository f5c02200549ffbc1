"""When each step of `bield nightly` last succeeded: for whoever watches the installation."""

from __future__ import annotations

from datetime import datetime

from django.db import models


class Step(models.TextChoices):
    """What is done every night, in this order."""

    REMINDERS = "reminders"
    DELETION = "deletion"
    CHAINS = "chains"
    CHECKPOINT = "checkpoint"
    BACKUP = "backup"


class StepDone(models.Model):
    """The last success of a step. Nothing in it is about a person."""

    step = models.CharField(max_length=20, primary_key=True, choices=Step.choices)
    at = models.DateTimeField()


def note_done(step: Step, *, at: datetime) -> None:
    """Record that a step succeeded."""
    StepDone.objects.update_or_create(step=step, defaults={"at": at})


def last_done() -> dict[str, datetime]:
    """When each step that ever succeeded last did."""
    return dict(StepDone.objects.values_list("step", "at"))
