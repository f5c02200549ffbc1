"""The forms of the lists of records: filter a list, hand over what a colleague left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield.service.accounts.models import User
from bield.service.cases.states import ReviewState
from bield.service.design.fields import codes, councils, set_choices, set_queryset


class FilterForm(forms.Form):
    """Which records to list. The filters are in the address, and hold nobody's name."""

    whose = forms.ChoiceField(
        label=_("Whose"), choices=[("", _("The whole team’s")), ("mine", _("Mine"))], required=False
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("Open")), ("closed", _("Closed")), ("all", _("Open and closed"))],
        required=False,
    )
    age = forms.ChoiceField(label=_("Age"), choices=lambda: codes("age", blank=gettext("Any")), required=False)
    review = forms.ChoiceField(
        label=_("Review"),
        choices=[("", _("Any")), *ReviewState.choices],
        required=False,
    )
    council = forms.ChoiceField(label=_("Council area"), choices=lambda: councils(blank=gettext("Any")), required=False)
    sort = forms.ChoiceField(
        label=_("Order"),
        choices=[
            ("", _("Changed last, first")),
            ("opened", _("Begun last, first")),
            ("oldest", _("Changed longest ago, first")),
            ("reference", _("By reference")),
        ],
        required=False,
    )


class LeftBehindForm(forms.Form):
    """Hand over at once what a colleague who has left looked after."""

    rows = forms.MultipleChoiceField(
        label=_("What to hand over"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick what to hand over")},
    )
    to = forms.ModelChoiceField(
        label=_("Hand over to"),
        queryset=User.objects.none(),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose a colleague"), "invalid_choice": _("Choose a colleague of this team")},
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, rows: Sequence[tuple[str, str]], people: QuerySet[User]
    ) -> None:
        super().__init__(data, initial={"rows": [key for key, _label in rows]})
        set_choices(self, "rows", rows)
        set_queryset(self, "to", people)
