"""What support stores: an episode of a person with a provider, its entries, and the account that is told once."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from bield.service.accounts.models import Organisation, Team, User
from bield.service.cases.models import Person
from bield.service.sealing import SealedField
from bield.service.support.states import GIVEN, RUNNING, EpisodeState


class Episode(models.Model):
    """Support of a person by a team, from the request to the end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="episodes")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="episodes")
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=20, choices=EpisodeState.choices)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    words = SealedField(default=str)
    """What the provider needs to know to answer."""
    route = models.SlugField(max_length=60)
    """The rule in the law data that says who supports this person."""
    choice = models.CharField(max_length=20, blank=True)
    """Why a different provider was asked than the rule says; empty if it is the same."""

    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=20, blank=True)
    worker = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="episodes")
    began_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    ending = models.CharField(max_length=20, blank=True)
    follow_up = models.CharField(max_length=20, blank=True)
    """Whether they agreed to be asked later how they are."""

    grounds_on = models.DateField(null=True)
    """The day of the positive reasonable grounds decision, if the referral was not made here."""
    conclusive_on = models.DateField(null=True)
    conclusive = models.CharField(max_length=20, blank=True)
    slavery_only = models.BooleanField(default=False)

    last_seen_on = models.DateField(null=True)
    circumstances = SealedField(default=dict)
    """What decides which services fit; see data/circumstances.v1.toml."""
    fact = models.UUIDField(default=uuid.uuid4, db_index=True, editable=False)
    """The key of the anonymous facts sent to the statistics. Only this row links them to the person."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["team", "state", "-asked_at", "-id"], name="episodes_by_asking"),
            models.Index(fields=["team", "state", "began_on", "id"], name="episodes_by_beginning"),
            models.Index(fields=["team", "state", "last_seen_on", "id"], name="episodes_by_last_seen"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "team"],
                condition=models.Q(state__in=RUNNING),
                name="one_running_episode_a_provider",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=GIVEN) | models.Q(began_on__isnull=False, worker__isnull=False),
                name="given_support_has_begun",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=EpisodeState.CLOSED)
                | (models.Q(ended_on__isnull=False) & ~models.Q(ending="")),
                name="closed_support_has_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.person.shown_reference

    @property
    def is_asked(self) -> bool:
        """Whether the provider has yet to answer."""
        return self.state == EpisodeState.ASKED

    @property
    def is_open(self) -> bool:
        """Whether support is given now, so that its entries may change."""
        return self.state == EpisodeState.OPEN

    @property
    def is_closed(self) -> bool:
        """Whether support was given and has ended."""
        return self.state == EpisodeState.CLOSED


class Entry(models.Model):
    """An entry in one of the parts of data/parts.v1.toml: a need, a risk, a contact, a step.

    Its text is sealed. part, code, state and due are codes and days, so that a team's work is one query.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="entries")
    part = models.CharField(max_length=20)
    under = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="steps")
    version = models.PositiveIntegerField(default=1)
    code = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=20, blank=True)
    open = models.BooleanField(default=False)
    due = models.DateField(null=True)
    details = SealedField(default=dict)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["episode", "part", "-at"], name="entries_by_part"),
            models.Index(fields=["episode", "due"], condition=models.Q(open=True), name="entries_open"),
            models.Index(
                fields=["episode"], condition=models.Q(part__in=("review", "decision")), name="entries_reviewing"
            ),
        ]


class PlanWords(models.Model):
    """The plan in a language the person reads, with the names of its translator and of the person who checked it."""

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="plan_words")
    language = models.CharField(max_length=10)
    lines = SealedField()
    """Each English line with its translation."""
    translator = SealedField(default=str)
    reviewer = SealedField(default=str)
    reviewed_on = models.DateField(null=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["episode", "language"], name="one_translation_a_language")
        ]


class Account(models.Model):
    """A person's account of what happened to them: one per person, in versions, kept by the team that supports them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="account")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="accounts")
    at = models.DateTimeField()


class AccountVersion(models.Model):
    """The account as it was told on a day. A database trigger refuses every change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    taken_on = models.DateField()
    language = models.CharField(max_length=10)
    interpreter = models.CharField(max_length=20)
    checklist = models.JSONField(default=list)
    """The items of the checklist that were done, by their ids in data/account.v1.toml."""
    present = SealedField(default=str)
    parts = SealedField()
    """For each part: words, as they told it, and summary."""
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["account", "number"], name="one_version_a_number")]


class Correction(models.Model):
    """Something the person wants to correct. It is kept, even after a later version includes it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="corrections")
    version = models.ForeignKey(AccountVersion, on_delete=models.CASCADE, related_name="corrections")
    part = models.CharField(max_length=20)
    words = SealedField()
    on = models.DateField()
    taken_up = models.ForeignKey(AccountVersion, null=True, on_delete=models.CASCADE, related_name="took_up")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]


class Grant(models.Model):
    """Permission to read: which version and parts, which organisation, until when, for what, and with what consent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(AccountVersion, on_delete=models.CASCADE, related_name="grants")
    parts = models.JSONField()
    to = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="grants")
    purpose = models.CharField(max_length=20)
    rests_on = models.CharField(max_length=20)
    """"agreed": they agreed to this grant; "child": protecting a child."""
    agreed_on = models.DateField()
    explained = SealedField(default=str)
    """How it was explained and what they said about it."""
    until = models.DateField()
    summary_only = models.BooleanField(default=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["to", "-at", "-id"], name="grants_by_organisation")]


class Interview(models.Model):
    """A new interview that somebody considered: whether the account answers their questions, and if not, why not."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="interviews")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    parts = models.JSONField()
    """parts: what they need to know, as parts of the account. covered: which of these the account had then."""
    covered = models.JSONField()
    answer = models.CharField(max_length=20)
    """"answered" if the account is enough; otherwise the code of the reason for asking again."""
    words = SealedField(default=str)
    on = models.DateField(null=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]


class Guardianship(models.Model):
    """An independent guardian of a child. While it lasts, they may read what helps them to help (section 11(6))."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="guardianships")
    guardian = models.ForeignKey(User, on_delete=models.PROTECT, related_name="guardianships")
    began_on = models.DateField()
    ended_on = models.DateField(null=True)
    agreed_on = models.DateField(null=True)
    """From 18 on: the day they agreed that the guardian continues."""
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-began_on", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(ended_on__isnull=True), name="one_guardian_at_a_time"
            )
        ]


class FeedKey(models.Model):
    """The secret address of a user's calendar. Only its hash is kept."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="calendar")
    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
