"""The form that filters and sorts the list of people supported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield.service import reference
from bield.service.accounts.models import User
from bield.service.cases.listing.forms import ages, worker_field
from bield.service.days import order_error
from bield.service.design.fields import heads, set_queryset
from bield.service.support.entries.schema import choices_of, parts
from bield.service.support.states import EpisodeState

ORDERS: dict[str, tuple[str, bool, Any]] = {
    "asked": ("asked_at", True, _("Asked for last")),
    "longest": ("began_on", False, _("Supported longest")),
    "seen": ("last_seen_on", False, _("Not seen for longest")),
}
"""Every order but the first, which is by what is due."""

DAY_FORMATS = ["%d/%m/%Y", "%Y-%m-%d", "%d %B %Y"]


def contacts() -> list[tuple[str, str]]:
    """What may have come of a contact."""
    return [("", gettext("Any")), *choices_of(parts()["contact"].field("result"))]


class FilterForm(forms.Form):
    """Which episodes to show, and in which order. The filters are in the address, and hold nobody's name."""

    reference = forms.CharField(label=_("Reference"), max_length=20, required=False)
    state = forms.ChoiceField(
        label=_("Where it stands"),
        choices=EpisodeState.choices,
        required=False,
        initial=EpisodeState.OPEN,
    )
    whose = forms.ChoiceField(
        label=_("Whose"),
        choices=[("", _("The team’s")), ("mine", _("Mine")), ("nobody", _("Nobody supports"))],
        required=False,
    )
    worker = worker_field(_("Supported by"))
    due = forms.ChoiceField(
        label=_("What is due"),
        choices=[
            ("", _("Anything or nothing")),
            ("soon", _("Something within two weeks")),
            ("unseen", _("Not seen for too long")),
        ],
        required=False,
    )
    age = forms.ChoiceField(label=_("Age"), choices=ages, required=False)
    need = forms.ChoiceField(label=_("An open need"), choices=lambda: [("", gettext("Any")), *heads()], required=False)
    contact = forms.ChoiceField(label=_("A contact that came to"), choices=contacts, required=False)
    since = forms.DateField(
        label=_("Contact from"), help_text=_("For example, 31/3/2026."), required=False, input_formats=DAY_FORMATS
    )
    until = forms.DateField(label=_("Contact until"), required=False, input_formats=DAY_FORMATS)
    sort = forms.ChoiceField(
        label=_("Order"),
        choices=[("", _("What is due first")), *((key, words) for key, (_key, _down, words) in ORDERS.items())],
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, workers: QuerySet[User]) -> None:
        super().__init__(data)
        set_queryset(self, "worker", workers)

    @property
    def narrowed(self) -> bool:
        """Whether the address narrows the list of those supported now."""
        return any(self.data.get(name) for name in self.fields if name != "sort")

    def clean_reference(self) -> str:
        typed = str(self.cleaned_data["reference"]).strip()
        if typed and not reference.read(typed):
            raise forms.ValidationError(
                _("%(value)s is not a reference. Enter one such as K7M4-PXC"), params={"value": typed}
            )
        return typed

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        wrong = order_error(gettext("Contact from"), values.get("since"), gettext("Contact until"), values.get("until"))
        if wrong:
            self.add_error("until", wrong)
        return values
