"""The forms that ask which record to merge, and which answers to keep where the two differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield.service import reference
from bield.service.cases.models import Person
from bield.service.merging.differences import KEPT, NOT_SURE, OTHER, Difference


class OtherForm(forms.Form):
    """The reference of the other record."""

    other = forms.CharField(
        label=_("Reference of the other record"),
        max_length=20,
        error_messages={"required": _("Enter the reference of the other record")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, person: Person) -> None:
        super().__init__(data)
        self.person = person

    def clean_other(self) -> Person:
        typed = self.cleaned_data["other"]
        matching = Person.objects.filter(team=self.person.team_id, reference=reference.read(typed) or "")
        other = matching.exclude(pk=self.person.pk).exclude(same_as=self.person.pk, merged_at__isnull=False).first()
        if other is None:
            words = gettext("“%(typed)s” is not the reference of another record of your team, such as K7M4-PXC")
            raise forms.ValidationError(words % {"typed": typed})
        return other


class MergeForm(forms.Form):
    """A choice for each thing that the two records say differently. Nothing is chosen in advance."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        kept: Person,
        other: Person,
        differences: Sequence[Difference],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        for difference in differences:
            choices = [
                (KEPT, f"{difference.kept} ({kept.shown_reference})"),
                (OTHER, f"{difference.other} ({other.shown_reference})"),
            ]
            if difference.key == "age" and NOT_SURE not in (kept.age, other.age):
                choices.append((NOT_SURE, gettext("Not sure: they are treated as a child until somebody decides")))
            missing = gettext("Choose which to keep: %(what)s") % {"what": difference.label}
            self.fields[difference.key] = forms.ChoiceField(
                label=difference.label,
                choices=choices,
                widget=forms.RadioSelect,
                error_messages={"required": missing, "invalid_choice": missing},
            )

    def chosen(self) -> dict[str, str]:
        """What was chosen, by key."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}
