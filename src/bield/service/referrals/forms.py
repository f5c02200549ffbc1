"""The forms of a referral, made from the same data as all else of it. They read and word errors; they never save."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield import law
from bield.law import NrmField, NrmForm
from bield.service.codelists import lazy_mechanism
from bield.service.design.fields import (
    SHORT_TEXT,
    EmailAddressField,
    PastDayField,
    PhoneField,
    councils,
    radios,
    set_choices,
    words,
)
from bield.service.design.leaving import LeavingForm, Readers
from bield.service.design.meanwhile import VersionedForm
from bield.service.referrals.decisions import kinds
from bield.service.referrals.package import condition_words

"""Characters in a short answer."""

MOST_LINES = 10
"""Towns, and countries, that the Home Office's form takes."""


class SectionForm(VersionedForm):
    """One section. Questions that rest on another of the same page say so, as no page needs scripts."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        form: NrmForm,
        section: str,
        answers: dict[str, Any],
        version: int,
    ) -> None:
        shown = questions(form, section, answers)
        initial = {item.id: answers.get(item.id) for item in shown}
        super().__init__(data, initial=initial | {"version": version})
        titles = {item.id: item for item in form.fields}
        for item in shown:
            self.fields[item.id] = _field(
                item, form, condition_words(item.when, titles) if _inside(item, shown) else ""
            )
        self.questions = shown

    def answers(self) -> dict[str, Any]:
        """What was answered; empty where it was not."""
        return {item.id: _stored(item, self.cleaned_data.get(item.id)) for item in self.questions}


def questions(form: NrmForm, section: str, answers: dict[str, Any]) -> tuple[NrmField, ...]:
    """What a page shows: what is asked, and what would be if another question of the page were answered so."""
    own = {item.id for item in form.section(section).fields}
    asked = {item.id for item in form.asked(answers).get(section, ())}
    return tuple(
        item for item in form.section(section).fields if item.id in asked or (item.when and set(item.when) <= own)
    )


def _inside(item: NrmField, shown: tuple[NrmField, ...]) -> bool:
    """Whether a question rests on another of its page."""
    return bool(set(item.when) & {other.id for other in shown})


def _stored(item: NrmField, value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if item.holds == "lines" and value:
        return "\n".join(line.strip() for line in value.splitlines() if line.strip())
    return value or ""


def _field(item: NrmField, form: NrmForm, condition: str) -> forms.Field:
    """The field of a question. Nothing is required here: a draft may have gaps, and the check names them."""
    label = gettext(item.label)
    helps = " ".join(part for part in (condition, gettext(item.help) if item.help else "") if part)
    known: dict[str, Any] = {"label": label, "help_text": helps, "required": False}
    choices = [(choice.key, gettext(choice.label)) for choice in item.choices]
    if item.holds == "choice":
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **known)
    if item.holds == "several":
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **known)
    if item.holds == "day":
        return PastDayField(**known)
    if item.holds == "council":
        return forms.ChoiceField(choices=councils, **known)
    if item.holds == "body":
        return forms.ChoiceField(choices=_first_responders, **known)
    if item.holds == "phone":
        return PhoneField(**known)
    if item.holds == "email":
        return EmailAddressField(**known)
    if item.holds == "short":
        return forms.CharField(max_length=SHORT_TEXT, widget=forms.TextInput(attrs={"autocomplete": "off"}), **known)
    rows = {"rows": 3 if item.holds == "lines" else 5}
    field = forms.CharField(max_length=form.most_characters, widget=forms.Textarea(attrs=rows), **known)
    if item.holds == "lines":
        field.validators.append(_few_lines)
    return field


def _few_lines(value: str) -> None:
    count = len([line for line in value.splitlines() if line.strip()])
    if count > MOST_LINES:
        raise forms.ValidationError(
            _("%(count)d lines: the form takes %(most)d at most"), params={"count": count, "most": MOST_LINES}
        )


def form_today() -> NrmForm | None:
    """The form of the place as it is today; None where none is recorded."""
    try:
        return law.nrm_form(settings.PLACE, on=timezone.localdate())
    except law.NotRecorded:
        return None


def _first_responders() -> list[tuple[str, Any]]:
    found = law.first_responders(settings.PLACE, on=timezone.localdate())
    return [("", gettext("Choose")), *((item.id, item.name) for item in found)]


class EvidenceForm(forms.Form):
    """A file, and what it shows."""

    file = forms.FileField(
        label=_("The file"), error_messages={"required": _("Choose a file"), "empty": _("The file is empty")}
    )
    shows = forms.CharField(label=_("What it shows"), max_length=SHORT_TEXT, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, files: Any = None, *, form: NrmForm) -> None:
        super().__init__(data, files)
        self.most = form.most_megabytes
        types = ", ".join(form.file_types)
        self.fields["file"].help_text = gettext("%(types)s; up to %(size)d MB.") % {
            "types": types,
            "size": form.most_megabytes,
        }

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > self.most << 20:
            words = gettext("The file has %(size)d MB, and up to %(most)d MB can go: make it smaller, or in parts")
            raise forms.ValidationError(words % {"size": -(-upload.size // (1 << 20)), "most": self.most})
        return upload


class HandInForm(forms.Form):
    """That a closed referral was handed in."""

    on = PastDayField(
        label=_("When it was handed in"), error_messages={"required": _("Enter the day on which it was handed in")}
    )
    way = radios("hand_in", _("How it was handed in"), _("Choose how it was handed in"), initial="page")
    number = forms.CharField(
        label=lazy_mechanism("reference"),
        help_text=_("If it gave you one. You can add it later. It is sealed like a name."),
        max_length=40,
        required=False,
    )


class NumberForm(forms.Form):
    """The reference of the body that decides, once it is known."""

    number = forms.CharField(
        label=lazy_mechanism("reference"),
        max_length=40,
        error_messages={"required": _("Enter the reference that it was given")},
    )


class WrongForm(LeavingForm):
    """Why a hand-in was recorded wrongly."""

    leaves: ClassVar = {"words": Readers.MAY_KNOW}

    reason = radios("hand_in_wrong", _("What was wrong"), _("Choose what was wrong"))
    words = words(_("More about it, if it helps others"), _("It is sealed like a name."), rows=2)


class CorrectionForm(HandInForm, WrongForm):
    """The hand-in as it truly was, and what was wrong."""

    field_order = ("reason", "words")


class DecisionForm(forms.Form):
    """A decision with the date of its letter."""

    kind = forms.ChoiceField(
        label=_("What was decided"), widget=forms.RadioSelect, error_messages={"required": _("Choose what was decided")}
    )
    on = PastDayField(
        label=_("Date of the letter"),
        help_text=_("The date on the letter, not the day it came: clocks count from it."),
        error_messages={"required": _("Enter the date of the letter")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        set_choices(self, "kind", [(item.key, gettext(item.label)) for item in kinds().values()])
