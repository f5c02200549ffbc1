"""The directory of services: what they help with, who they are for, how to reach them. It names nobody they help."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class Service(models.Model):
    """An entry of the directory of services, in the terms of Open Referral HSDS. It names no person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    organisation = models.CharField(max_length=200)
    what = models.TextField()
    heads = models.JSONField(default=list)
    """The heads of support it gives, by their ids in the law data."""
    least_age = models.PositiveSmallIntegerField(null=True)
    most_age = models.PositiveSmallIntegerField(null=True)
    for_whom = models.JSONField(default=dict)
    """For each circumstance of data/circumstances.v1.toml, the answers it accepts; without an entry it accepts all."""
    areas = models.JSONField(default=list)
    """Ids of councils; empty is the whole country."""
    languages = models.JSONField(default=list)
    access = models.TextField(blank=True)
    """How to get in: stairs, lift, transport, hours."""
    apply = models.TextField(blank=True)
    numbers = models.JSONField(default=list)
    """label, value and emergency of each telephone number."""
    email = models.EmailField(blank=True)
    website = models.URLField(blank=True)
    places = models.PositiveIntegerField(null=True)
    free = models.PositiveIntegerField(null=True)
    counted_on = models.DateField(null=True)
    status = models.CharField(max_length=20, default="active")
    source = models.CharField(max_length=300, blank=True)
    verified_on = models.DateField(null=True)
    other = models.JSONField(default=dict)
    """Whatever else an HSDS file said, kept so that an export has it again."""
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        indexes: ClassVar = [models.Index(fields=["name", "id"], name="services_by_name")]

    def __str__(self) -> str:
        return self.name if self.organisation in self.name else f"{self.name}, {self.organisation}"
