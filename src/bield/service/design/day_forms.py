"""What forms with dates share: dates in order, and a question about a date that is possible but unlikely."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext

from bield.service.days import order_error


class OrderedForm(forms.Form):
    """A form that checks the order of its dates."""

    order: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Pairs of date fields: the second must not be before the first."""

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        for first, last in self.order:
            labels = (str(self.fields[name].label) for name in (first, last))
            if wrong := order_error(next(labels), values.get(first), next(labels), values.get(last)):
                self.add_error(last, wrong)
        return values


class AsksAboutDays(forms.Form):
    """A form that asks about a date that is possible but unlikely, and accepts it once a box is ticked."""

    SURE = "day_is_right"

    def ask_about_day(self, name: str, day: date, *, since: date, what: str) -> None:
        """Ask whether a date is right. what: how it relates to an event, in words; since: the date of that event."""
        about = {"field": self.fields[name].label, "day": date_format(day), "what": what, "since": date_format(since)}
        words = gettext(
            "‘%(field)s’: %(day)s is %(what)s on %(since)s. If the date is right, tick the box. If not, change it"
        )
        ticked = bool(self.data.get(self.add_prefix(self.SURE)))
        if self.SURE not in self.fields:
            self.fields[self.SURE] = forms.BooleanField(label=gettext("The date is right"), required=False)
        if not ticked:
            self.add_error(self.SURE, words % about)
