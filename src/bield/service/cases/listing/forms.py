"""The forms of the lists of records: filter a list, hand over what a colleague left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield.service.accounts.models import User
from bield.service.cases.states import ReviewState
from bield.service.design.fields import codes, councils, set_choices, set_queryset

NOT_ADULT = "not_adult"
"""Under 18, or of an age that is not sure: everybody who is treated as a child."""


def ages() -> list[tuple[str, str]]:
    """The ages to choose from in a filter."""
    return [*codes("age", blank=gettext("Any")), (NOT_ADULT, gettext("Under 18 or not sure"))]


def of_age(age: str, field: str = "age") -> Q:
    """A condition for an age that was chosen in a filter."""
    return ~Q(**{field: "adult"}) if age == NOT_ADULT else Q(**{field: age})


class ColleagueField(forms.ModelChoiceField):  # type: ignore[type-arg]  # it takes none at run time
    """A colleague. What is nobody's id is refused in the same words as the id of somebody else."""

    def to_python(self, value: Any) -> User | None:
        try:
            found: User | None = super().to_python(value)
        except forms.ValidationError as error:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error
        return found


def worker_field(label: Any) -> ColleagueField:
    """A colleague to narrow a list by, or anybody. The form gives those to choose from."""
    wrong = {"invalid_choice": _("Choose a colleague of your team")}
    return ColleagueField(
        label=label, queryset=User.objects.none(), required=False, empty_label=_("Anybody"), error_messages=wrong
    )


class FilterForm(forms.Form):
    """Which records to list. The filters are in the address, and hold nobody's name."""

    whose = forms.ChoiceField(
        label=_("Whose"),
        choices=[("", _("The whole team’s")), ("mine", _("Mine")), ("nobody", _("Nobody looks after"))],
        required=False,
    )
    worker = worker_field(_("Looked after by"))
    due = forms.ChoiceField(
        label=_("What is due"),
        choices=[("", _("Anything or nothing")), ("soon", _("Something within two weeks"))],
        required=False,
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("Open")), ("closed", _("Closed")), ("all", _("Open and closed"))],
        required=False,
    )
    age = forms.ChoiceField(label=_("Age"), choices=ages, required=False)
    review = forms.ChoiceField(
        label=_("Review"),
        choices=[("", _("Any")), *ReviewState.choices],
        required=False,
    )
    council = forms.ChoiceField(label=_("Council area"), choices=lambda: councils(blank=gettext("Any")), required=False)
    sort = forms.ChoiceField(
        label=_("Order"),
        choices=[
            ("", _("What is due first")),
            ("changed", _("Changed last, first")),
            ("opened", _("Begun last, first")),
            ("oldest", _("Changed longest ago, first")),
            ("reference", _("By reference")),
        ],
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, workers: QuerySet[User], offer: bool = True) -> None:
        """workers: the colleagues to choose from. offer: whether to show them; an address may name one all the same."""
        super().__init__(data)
        set_queryset(self, "worker", workers)
        if not offer:
            self.fields["worker"].widget = forms.HiddenInput()

    @property
    def narrowed(self) -> bool:
        """Whether the address narrows the list at all."""
        return any(self.data.get(name) for name in self.fields if name != "sort")


class LeftBehindForm(forms.Form):
    """Hand over at once what a colleague has looked after."""

    rows = forms.MultipleChoiceField(
        label=_("What to hand over"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick what to hand over")},
    )
    to = ColleagueField(
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
