"""The form that filters and sorts the list of people supported."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield.service import reference
from bield.service.design.fields import codes
from bield.service.support.states import EpisodeState

ORDERS: dict[str, tuple[str, bool, Any]] = {
    "": ("asked_at", True, _("Asked for last")),
    "longest": ("began_on", False, _("Supported longest")),
    "seen": ("last_seen_on", False, _("Not seen for longest")),
}


class FilterForm(forms.Form):
    """Which episodes to show, and in which order."""

    reference = forms.CharField(label=_("Reference"), max_length=20, required=False)
    state = forms.ChoiceField(
        label=_("Where it stands"),
        choices=EpisodeState.choices,
        required=False,
        initial=EpisodeState.OPEN,
    )
    whose = forms.ChoiceField(label=_("Whose"), choices=[("", _("The team’s")), ("mine", _("Mine"))], required=False)
    age = forms.ChoiceField(label=_("Age"), choices=lambda: codes("age", blank=gettext("Any")), required=False)
    sort = forms.ChoiceField(
        label=_("Order"), choices=[(key, words) for key, (_key, _down, words) in ORDERS.items()], required=False
    )

    def clean_reference(self) -> str:
        typed = str(self.cleaned_data["reference"]).strip()
        if typed and not reference.read(typed):
            raise forms.ValidationError(
                _("%(value)s is not a reference. Enter one such as K7M4-PXC"), params={"value": typed}
            )
        return typed
