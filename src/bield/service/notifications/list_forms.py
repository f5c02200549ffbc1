"""The forms of lists of notifications: which to show, and the days that a report is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield import law
from bield.service import reference
from bield.service.design.fields import set_choices
from bield.service.notifications.forms import place_choices

CHILD = "not_adult"
"""Everybody who is treated as a child: a child, or somebody of an age that is not sure."""


class FilterForm(forms.Form):
    """The filters of a list of notifications; their values are in the address."""

    reference = forms.CharField(label=_("Reference"), max_length=12, required=False)
    state = forms.ChoiceField(
        label=_("Which"),
        choices=[
            ("", _("All")),
            ("new", _("Not acknowledged yet")),
            ("open", _("Open")),
            ("waits", _("A question waits for the sender")),
            ("urgent", _("Urgent and open")),
            ("closed", _("Closed")),
        ],
        required=False,
    )
    body = forms.ChoiceField(label=_("From"), required=False)
    recovered_where = forms.ChoiceField(
        label=_("Found in"), choices=lambda: place_choices(blank=gettext("Anywhere")), required=False
    )
    age = forms.ChoiceField(
        label=_("Age"),
        choices=[
            ("", _("Any")),
            (CHILD, _("Child or not sure")),
            ("child", _("Child")),
            ("adult", _("Adult")),
        ],
        required=False,
    )
    sort = forms.ChoiceField(
        label=_("Order"),
        choices=[("", _("What waits, first")), ("newest", _("Newest first")), ("oldest", _("Oldest first"))],
        required=False,
    )

    @property
    def narrowed(self) -> bool:
        """Whether the address narrows the list at all."""
        return any(self.data.get(name) for name in self.fields if name != "sort")

    def __init__(self, data: Mapping[str, Any] | None = None, *, bodies: bool) -> None:
        super().__init__(data)
        if not bodies:
            del self.fields["body"]
            return
        senders = law.bodies(settings.PLACE, on=timezone.localdate())
        set_choices(self, "body", [("", gettext("Every organisation")), *((item.id, item.name) for item in senders)])

    def clean_reference(self) -> str:
        typed: str = self.cleaned_data["reference"].strip()
        code = reference.read(typed) if typed else ""
        if code is None:
            raise forms.ValidationError(
                _("%(text)s is not a reference. Enter one such as K7M4-PXC"), params={"text": typed}
            )
        return code


class ReportForm(forms.Form):
    """The period of a report."""

    first = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date) -> None:
        initial = {"first": (today - timedelta(days=182)).isoformat(), "last": today.isoformat()}
        super().__init__(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        if values.get("first") and values.get("last") and values["first"] > values["last"]:
            self.add_error("last", gettext("The period cannot end before it begins"))
        return values
