"""Stores organisations, their teams, users, and the role of each user in a team."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from bield.service.accounts.permissions import role_name


class Organisation(models.Model):
    """A body that works against trafficking. `body` is its id in the law data, which says what kind of body it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    body = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    domains = models.JSONField(default=list)
    """The e-mail domains that invitations may be sent to."""
    compares_teams = models.BooleanField(default=False)
    """Whether its leads are told when two of its teams have records with the same names."""

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People of one organisation who work with the same records."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar = ["organisation__name", "name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation", "name"], name="one_team_a_name")]

    def __str__(self) -> str:
        return f"{self.organisation.name}: {self.name}"


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **values: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **values)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """Somebody who works with Bield. What they may do comes only from their memberships."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("work e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    here_at = models.DateTimeField(null=True)
    """When they last opened the page of what waits for them."""
    news = models.CharField(max_length=10, blank=True)
    """When they want e-mails about what waits for them: see `news.When`."""
    news_on = models.DateField(null=True)
    """The day of the last morning e-mail, so that it is sent once a day."""
    visit_before_at = models.DateTimeField(null=True)
    """When their visit before this one ended: what happened since is shown to them."""

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def first_word(self) -> str:
        """The first word of their name, to greet them."""
        return self.name.split()[0] if self.name.split() else ""


class Membership(models.Model):
    """A role in a team."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=30)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "team"], name="one_role_a_team")]

    @property
    def role_name(self) -> str:
        return role_name(self.role)


class RoleRequest(models.Model):
    """A role that can see people, which one colleague asked for and another must confirm."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_requests")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="role_requests")
    role = models.CharField(max_length=30)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["asked_at", "pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "team"], name="one_role_asked_a_team")]

    @property
    def role_name(self) -> str:
        return role_name(self.role)


class Invitation(models.Model):
    """A place in a team offered to a work e-mail address. Only a hash of the link is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=30)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "email"],
                condition=models.Q(accepted_at__isnull=True),
                name="one_open_invitation",
            )
        ]

    @property
    def role_name(self) -> str:
        return role_name(self.role)
