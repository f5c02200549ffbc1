"""The forms of the account: taking it, correcting it, letting others read it, and considering an interview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield.law.clocks import own_clock
from bield.service.accounts.models import Organisation
from bield.service.days import order_error
from bield.service.design.fields import (
    FutureDayField,
    PastDayField,
    codes,
    radios,
    select,
    set_choices,
    set_queryset,
    words,
)
from bield.service.design.leaving import LeavingForm, Readers
from bield.service.support.entries.schema import account_parts, checklist
from bield.service.support.models import AccountVersion
from bield.service.support.testimony.testimony import told_label

LONG = 20_000
"""Characters in one part of an account."""

Choices = list[tuple[str, str]]


def part_choices(only: Sequence[str] | None = None) -> Choices:
    """The parts of an account with their labels. only: the ids of the parts to include; None for all."""
    return [(item.id, gettext(item.label)) for item in account_parts() if only is None or item.id in only]


class AccountForm(forms.Form):
    """A version of the account: the checklist, who was there, and each part in their words and as a summary."""

    taken_on = PastDayField(label=_("When they told it"), error_messages={"required": _("Enter the day")})
    language = select("language", _("Language they told it in"), _("Choose the language"))
    interpreter = forms.ChoiceField(
        label=_("Interpreter"),
        choices=lambda: codes("interpreter"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether there was an interpreter")},
    )
    present = forms.CharField(
        label=_("Who was there"),
        help_text=_("Everybody in the room or on the line, with their role. It is sealed like a name."),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say who was there")},
    )
    checklist = forms.MultipleChoiceField(
        label=_("What was done"),
        help_text=_("Leave out what could not be done: it is shown as open, and holds nothing up."),
        choices=lambda: [(item.id, gettext(item.label)) for item in checklist()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, last: AccountVersion | None) -> None:
        last_parts = last.parts if last else {}
        initial: dict[str, Any] = {"taken_on": timezone.localdate()}
        if last is not None:
            initial |= {"language": last.language, "interpreter": last.interpreter, "present": last.present}
        super().__init__(data, initial=initial)
        for account_part in account_parts():
            for name, label, rows in (("words", gettext("In their words"), 6), ("summary", gettext("In short"), 2)):
                self.fields[f"{account_part.id}_{name}"] = forms.CharField(
                    label=f"{gettext(account_part.label)}: {label}",
                    help_text=gettext(account_part.help) if name == "words" else "",
                    max_length=LONG,
                    required=False,
                    initial=last_parts.get(account_part.id, {}).get(name, ""),
                    widget=forms.Textarea(attrs={"rows": rows}),
                )

    @property
    def conversation(self) -> list[forms.BoundField]:
        """The fields about the conversation, and not about what was told."""
        return [self[name] for name in ("taken_on", "language", "interpreter", "present", "checklist")]

    @property
    def told(self) -> Iterator[tuple[str, forms.BoundField, forms.BoundField]]:
        """Each part: its title, and the fields of their words and of the summary."""
        for account_part in account_parts():
            yield gettext(account_part.label), self[f"{account_part.id}_words"], self[f"{account_part.id}_summary"]

    def parts(self) -> dict[str, dict[str, str]]:
        """What was told, by part."""
        return {
            item.id: {name: self.cleaned_data[f"{item.id}_{name}"] for name in ("words", "summary")}
            for item in account_parts()
        }

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        if not self.errors and not any(any(said.values()) for said in self.parts().values()):
            raise forms.ValidationError(_("Enter at least one part"))
        return values


class CorrectionForm(forms.Form):
    """What the person wants to correct."""

    part = forms.ChoiceField(label=_("Which part"), error_messages={"required": _("Choose the part")})
    words = words(_("How they want it said"), _("In their words."), required=_("Enter what they want changed"))
    on = PastDayField(label=_("When they said so"), error_messages={"required": _("Enter the day")})

    def __init__(self, data: Mapping[str, Any] | None = None, *, version: AccountVersion) -> None:
        super().__init__(data, initial={"on": timezone.localdate()})
        self.version = version
        set_choices(self, "part", part_choices())

    def clean_on(self) -> date:
        return _since_told(self, "on", self.version)


class GrantForm(LeavingForm):
    """This version, these parts, to this organisation, until this day, for this purpose."""

    to = forms.ModelChoiceField(
        label=_("Who may read it"),
        queryset=Organisation.objects.none(),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose who may read it")},
    )
    parts = forms.MultipleChoiceField(
        label=_("Which parts"),
        help_text=_("Only what they need for the purpose. Nothing else is shown to them."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one part")},
    )
    summary_only = forms.BooleanField(label=_("Only the summaries, not their own words"), required=False)
    purpose = radios("grant_purpose", _("For what"), _("Choose what it is for"))
    until = FutureDayField(
        label=_("Last day on which they may read it"), error_messages={"required": _("Enter the last day")}
    )
    agreed_on = PastDayField(
        label=_("When the person agreed to exactly this"), error_messages={"required": _("Enter the day they agreed")}
    )
    explained = words(
        _("How it was explained, and what they said"),
        _("Who reads it, what for, until when; that they can take it back at any time, and that support continues."),
        required=_("Enter how it was explained"),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        version: AccountVersion,
        organisations: QuerySet[Organisation],
        child: bool,
    ) -> None:
        today = timezone.localdate()
        self.version = version
        super().__init__(data, initial={"until": own_clock("account_grant").ends(today), "agreed_on": today})
        set_queryset(self, "to", organisations)
        set_choices(self, "parts", part_choices(list(version.parts)))
        if child:
            self.fields["agreed_on"].label = gettext("When it was decided, in the child’s interest")
            self.fields["explained"].label = gettext("Why, how it was explained to the child, and what the child said")

    def clean_agreed_on(self) -> date:
        return _since_told(self, "agreed_on", self.version)

    def clean(self) -> dict[str, Any]:
        """Check the text that the agency would read as well: the agency gets the parts, not who the person is."""
        values = dict(super().clean() or {})
        chosen = [self.version.parts[item] for item in values.get("parts", ())]
        names = ("summary",) if values.get("summary_only") else ("words", "summary")
        text = "\n".join(said.get(name, "") for said in chosen for name in names)
        self.ask_about("parts", text, Readers.MAY_KNOW)
        return values


def _since_told(form: forms.Form, name: str, version: AccountVersion) -> date:
    """A day in a form that follows the telling. Raises ValidationError if it is before the day the version was told."""
    day: date = form.cleaned_data[name]
    if wrong := order_error(told_label(), version.taken_on, str(form.fields[name].label), day):
        raise forms.ValidationError(wrong)
    return day


class InterviewForm(forms.Form):
    """What somebody needs to know, and whether the account answers it."""

    parts = forms.MultipleChoiceField(
        label=_("What do you need to know?"),
        choices=part_choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what you need to know")},
    )
    answer = forms.ChoiceField(
        label=_("Does the account answer it?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether the account answers it, or why it does not")},
    )
    words = words(_("What exactly is missing, or what has changed"), rows=3)
    on = FutureDayField(label=_("Day of the new interview, if one is planned"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        reasons = codes("new_interview")
        set_choices(self, "answer", [("answered", gettext("Yes: no new interview is needed")), *reasons])

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        answer = values.get("answer")
        if answer and answer != "answered" and not values.get("words") and "words" not in self.errors:
            self.add_error("words", gettext("Say exactly what is missing, or what has changed"))
        if answer == "answered" and values.get("on"):
            self.add_error(
                "on",
                gettext("You say that no new interview is needed: leave the day empty, or choose why one is needed"),
            )
        return values
