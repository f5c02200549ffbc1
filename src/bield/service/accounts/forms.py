"""The forms of accounts: invite, join, and change a role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bield.service.accounts.models import Membership, Organisation, Team, User
from bield.service.accounts.news import When
from bield.service.accounts.permissions import Role
from bield.service.design.fields import EmailAddressField, set_queryset


def role_choices() -> list[tuple[str, Any]]:
    return [(role.value, role.label) for role in Role]


class TeamsForm(forms.Form):
    """In which organisations to tell the leads when two teams have records with the same names."""

    compared = forms.ModelMultipleChoiceField(
        label=_("Tell the leads of"),
        queryset=Organisation.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, organisations: QuerySet[Organisation], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        set_queryset(self, "compared", organisations)


class NewsForm(forms.Form):
    """When to get e-mails about what waits."""

    when = forms.ChoiceField(
        label=_("When do you want an e-mail?"), choices=When.choices, widget=forms.RadioSelect, required=False
    )


class InviteForm(forms.Form):
    """Offer somebody a place in a team."""

    email = EmailAddressField(
        label=_("Work e-mail address"), error_messages={"required": _("Enter a work e-mail address")}
    )
    team = forms.ModelChoiceField(
        label=_("Team"),
        queryset=Team.objects.none(),
        error_messages={"required": _("Choose a team")},
        empty_label=_("Choose"),
    )
    role = forms.ChoiceField(label=_("Role"), choices=role_choices, error_messages={"required": _("Choose a role")})

    def __init__(self, data: Mapping[str, Any] | None = None, *, teams: QuerySet[Team]) -> None:
        super().__init__(data)
        set_queryset(self, "team", teams)

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class RoleForm(forms.Form):
    """Change the role of a colleague."""

    role = forms.ChoiceField(label=_("Role"), choices=role_choices, error_messages={"required": _("Choose a role")})

    def __init__(self, data: Mapping[str, Any] | None = None, *, membership: Membership) -> None:
        super().__init__(data, initial={"role": membership.role})

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class JoinForm(forms.Form):
    """Accept an invitation with a new account."""

    name = forms.CharField(
        label=_("Your name"),
        help_text=_("As colleagues know you."),
        max_length=120,
        error_messages={"required": _("Enter your name")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("A password"),
        help_text=_("At least twelve characters. Three or four words that do not belong together work well."),
        error_messages={"required": _("Enter a password")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, email: str) -> None:
        super().__init__(data)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email, name=self.cleaned_data.get("name", "")))
        return password
