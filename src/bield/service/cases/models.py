"""A person's record. Their identity is stored apart from it, sealed."""

from __future__ import annotations

import uuid
from datetime import date
from typing import ClassVar

from django.db import models

from bield.service import reference
from bield.service.accounts.models import Team, User
from bield.service.cases.states import ConsentAnswer, ReviewState, SupportState
from bield.service.sealing import SealedField

DUPLICATE = "duplicate"
"""The reason for closing a record that duplicates another one."""


def treated_as_adult(age: str) -> bool:
    """Whether somebody of this age is treated as an adult. Somebody of uncertain age is treated as a child."""
    return age == "adult"


def months_of_turning_18(text: str | None) -> tuple[date, date] | None:
    """The first day of the first and of the last month in which somebody may turn 18, from the text that is stored."""
    if not text:
        return None
    first, _slash, last = text.partition("/")
    return date.fromisoformat(first), date.fromisoformat(last or first)


class Person(models.Model):
    """What a team records about somebody, without their identity. Codes come from codelists.v1.toml."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=7, unique=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="people")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="people")
    version = models.PositiveIntegerField(default=1)

    age = models.CharField(max_length=20)
    believed_under_18 = models.BooleanField(default=False)
    age_doubt = models.CharField(max_length=20, blank=True)
    """How the date of birth contradicts the age; empty if it does not, or once somebody has decided."""
    age_then = models.CharField(max_length=20, blank=True)
    """Age when it happened, if different from the age now."""
    gender = models.CharField(max_length=20)
    exploitation = models.JSONField(default=list)
    danger = models.CharField(max_length=20, default="not_known")
    inherent = models.CharField(max_length=10, default="unknown")
    """Whether the fact that makes something exploitation of a child by itself is known; asked with the signs."""
    parental_rights_in_uk = models.CharField(max_length=20, default="not_known")
    offence = models.CharField(max_length=20, default="not_known")
    missing = models.BooleanField(default=False)
    council = models.SlugField(max_length=60, blank=True)
    referral = models.CharField(max_length=30, default="none")
    decision_on = models.DateField(null=True)
    to_hand_in_since = models.DateField(null=True)
    """When a referral was closed that nobody has recorded as handed in yet. Set by the room of referrals."""
    eighteen_from = SealedField(null=True)
    """The months in which they may turn 18, as text: see `turns_18`. The date itself is kept with the identity."""

    support = models.CharField(max_length=20, default=SupportState.NONE, choices=SupportState.choices)
    support_ended_on = models.DateField(null=True)

    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    last_met_on = models.DateField(null=True)
    review = models.CharField(max_length=20, blank=True, choices=ReviewState.choices)
    closed_at = models.DateTimeField(null=True)
    closing = models.CharField(max_length=20, blank=True)
    same_as = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="duplicates")
    """The kept record, where this one was closed as a second record of the same person."""
    merged_at = models.DateTimeField(null=True)
    """When this record was merged into `same_as`. It cannot be opened until somebody takes the two apart."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["team", "-changed_at", "-id"], name="people_by_change"),
            models.Index(fields=["team", "-opened_at", "-id"], name="people_by_opening"),
            models.Index(fields=["team", "reference"], name="people_by_reference"),
            models.Index(fields=["team", "worker", "-changed_at", "-id"], name="people_by_worker"),
            # For users in several teams:
            models.Index(fields=["-changed_at", "-id"], name="all_by_change"),
            models.Index(fields=["-opened_at", "-id"], name="all_by_opening"),
            # For lists that show a few records out of many:
            models.Index(
                fields=["team", "review", "-changed_at", "-id"], condition=~models.Q(review=""), name="people_by_review"
            ),
            models.Index(
                fields=["team", "-changed_at", "-id"],
                condition=models.Q(closed_at__isnull=False),
                name="closed_people_by_change",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, closing="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(closing="")),
                name="closed_with_a_reason",
            )
        ]

    def __str__(self) -> str:
        return self.shown_reference

    @property
    def shown_reference(self) -> str:
        return reference.shown(self.reference)

    @property
    def is_adult(self) -> bool:
        """Whether they are treated as an adult. Somebody of uncertain age is treated as a child."""
        return treated_as_adult(self.age)

    @property
    def turns_18(self) -> tuple[date, date] | None:
        """The first day of the first and of the last month in which they may turn 18; the same day if it is known."""
        return months_of_turning_18(self.eighteen_from)


class Identity(models.Model):
    """Who somebody is. At most one row for each person, sealed; reading it needs permission and leaves an event."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="identity")
    version = models.PositiveIntegerField(default=1)
    names = SealedField()
    """given_names, family_name, nickname, born (see `Birth.stored`), home_office_reference, nationality."""
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")


class Fingerprint(models.Model):
    """The blind index of one of a person's names."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="fingerprints")
    digest = models.CharField(max_length=64, db_index=True)


class Channel(models.Model):
    """A way to reach somebody, and whether it is safe. Value and note are sealed; kind and safety are not."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=20)
    safe = models.CharField(max_length=20)
    details = SealedField()
    """value, and note: when and how."""


class AgeAssessment(models.Model):
    """A council's assessment of somebody's age."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="age_assessments")
    on = models.DateField()
    council = models.SlugField(max_length=60)
    result = models.CharField(max_length=20)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Encounter(models.Model):
    """A time when somebody was met, or came to attention."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="encounters")
    version = models.PositiveIntegerField(default=1)
    on = models.DateField()
    council = models.SlugField(max_length=60, blank=True)
    place_kind = models.CharField(max_length=20)
    attention = models.CharField(max_length=20)
    note = SealedField(default=str)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)
    """Set when it was recorded wrongly: it can still be read, but no longer counts."""
    taken_back_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    why = SealedField(default=str)
    """Why it was taken back."""

    class Meta:
        ordering: ClassVar = ["-on", "-pk"]


class SignAnswer(models.Model):
    """The answer to one sign so far, and where it comes from. Not an assessment until somebody signs one."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="answers")
    indicator = models.CharField(max_length=80)
    answer = models.CharField(max_length=10)
    source = models.CharField(max_length=20)
    words = SealedField(default=str)
    """What was said and who said it, or what was seen."""
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "indicator"], name="one_answer_a_sign")]


class Assessment(models.Model):
    """The answers that somebody signed. A trigger refuses every change; a later assessment supersedes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="assessments")
    supersedes = models.OneToOneField("self", null=True, on_delete=models.CASCADE, related_name="superseded_by")
    check_file = models.JSONField()
    """The check in the format bield-check-1, with its codebook's version: it can be replayed in years."""
    sources = models.JSONField()
    words = SealedField(null=True)
    """What was said or seen, by sign, at that time; null for assessments made before this was stored."""
    nonce = SealedField(null=True)
    """See `signed.fingerprint`; null for assessments made before the words were part of the hash."""
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-at"]


class Consent(models.Model):
    """One answer to one of the four consents. Answers are added and never changed; the latest of each kind counts."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=30)
    decision = models.CharField(max_length=20, choices=ConsentAnswer.choices)
    on = models.DateField()
    whom = models.SlugField(max_length=60, blank=True)
    text_version = models.CharField(max_length=20)
    language = models.CharField(max_length=10, blank=True)
    interpreter = models.CharField(max_length=20, blank=True)
    until = models.DateField(null=True)
    note = SealedField(default=str)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-pk"]


class StepMark(models.Model):
    """A step of the pathway that is done: somebody says so, or what was recorded shows it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="step_marks")
    step = models.CharField(max_length=60)
    on = models.DateField(null=True)
    """The day it happened, if what was recorded says so."""
    shown_by = models.CharField(max_length=40, blank=True)
    """The kind of entry that shows it; empty if somebody marked it by hand."""
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "step"], name="one_mark_a_step")]


class Sharing(models.Model):
    """Something about the person that was shared with another body, and the consent that allowed it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sharings")
    on = models.DateField()
    what = models.CharField(max_length=20)
    to = models.SlugField(max_length=60)
    consent = models.CharField(max_length=30, blank=True)
    """The kind of consent that allowed it; empty if a duty, or protecting a child, did."""
    note = SealedField(default=str)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-on", "-pk"]


class HandOver(models.Model):
    """A record passed from one colleague to another."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="hand_overs")
    before = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    note = SealedField(default=str)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]


class Review(models.Model):
    """A lead's review of a record before its referral is closed. It covers the record as it was then."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="reviews")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    question = SealedField(default=str)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=20, blank=True, choices=ReviewState.choices)
    comment = SealedField(default=str)

    class Meta:
        ordering: ClassVar = ["-asked_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(decided_at__isnull=True, decided_by__isnull=True, decision="")
                | (models.Q(decided_at__isnull=False, decided_by__isnull=False) & ~models.Q(decision="")),
                name="decided_by_somebody",
            )
        ]


class Merge(models.Model):
    """A merge of two records of one person, with what is needed to take them apart again."""

    kept = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merges")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merged_by")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    before = SealedField(default=dict)
    """The ids of what was moved, and the kept record before and after the merge. Empty once settled."""
    settled_at = models.DateTimeField(null=True)
    """When `before` was deleted: the records were taken apart, or the time for that had passed."""
    apart_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    apart_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["other"], condition=models.Q(apart_at__isnull=True), name="brought_together_once"
            )
        ]


class SharedNames(models.Model):
    """Two teams of one organisation have a record under the same names. Only their leads are told."""

    one = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="shared_names")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="shared_names_too")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    settled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]


class ImportedFile(models.Model):
    """A file of cases that a team took in, so that it cannot be taken in twice. Only a keyed hash is kept."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    people = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "digest"], name="one_taking_in_a_file")]
