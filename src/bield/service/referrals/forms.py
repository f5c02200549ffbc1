"""The forms of a referral, made from its data files. They check what was typed and word the errors; they never save."""

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

MOST_LINES = 10
"""How many towns, and how many countries, the Home Office's form accepts."""


class SectionForm(VersionedForm):
    """A section of the form. A question that depends on another of its page says so, as no page needs a script."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        form: NrmForm,
        section: str,
        answers: dict[str, Any],
        version: int,
    ) -> None:
        page_questions = questions(form, section, answers)
        initial = {question.id: answers.get(question.id) for question in page_questions}
        super().__init__(data, initial=initial | {"version": version})
        by_id = {question.id: question for question in form.fields}
        for question in page_questions:
            self.fields[question.id] = _field(
                question,
                form,
                condition_words(question.when, by_id) if _depends_on_page(question, page_questions) else "",
            )
        self.questions = page_questions

    def answers(self) -> dict[str, Any]:
        """The answers by question; empty for a question that was not answered."""
        return {item.id: _stored(item, self.cleaned_data.get(item.id)) for item in self.questions}


def questions(form: NrmForm, section: str, answers: dict[str, Any]) -> tuple[NrmField, ...]:
    """The questions on a page: those that are asked, and those that may be asked after another answer on the page."""
    section_ids = {item.id for item in form.section(section).fields}
    asked = {item.id for item in form.asked(answers).get(section, ())}
    return tuple(
        item
        for item in form.section(section).fields
        if item.id in asked or (item.when and set(item.when) <= section_ids)
    )


def _depends_on_page(item: NrmField, shown: tuple[NrmField, ...]) -> bool:
    """Whether a question depends on another on its page."""
    return bool(set(item.when) & {other.id for other in shown})


def _stored(item: NrmField, value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if item.holds == "lines" and value:
        return "\n".join(line.strip() for line in value.splitlines() if line.strip())
    return value or ""


def _field(question: NrmField, form: NrmForm, condition: str) -> forms.Field:
    """The form field of a question. None is required: a draft may have gaps, and the check page names them."""
    label = gettext(question.label)
    help_text = " ".join(part for part in (condition, gettext(question.help) if question.help else "") if part)
    common: dict[str, Any] = {"label": label, "help_text": help_text, "required": False}
    choices = [(choice.key, gettext(choice.label)) for choice in question.choices]
    if question.holds == "choice":
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
    if question.holds == "several":
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
    if question.holds == "day":
        return PastDayField(**common)
    if question.holds == "council":
        return forms.ChoiceField(choices=councils, **common)
    if question.holds == "body":
        return forms.ChoiceField(choices=_first_responders, **common)
    if question.holds == "phone":
        return PhoneField(**common)
    if question.holds == "email":
        return EmailAddressField(**common)
    if question.holds == "short":
        return forms.CharField(max_length=SHORT_TEXT, widget=forms.TextInput(attrs={"autocomplete": "off"}), **common)
    attrs = {"rows": 3 if question.holds == "lines" else 5}
    field = forms.CharField(max_length=form.most_characters, widget=forms.Textarea(attrs=attrs), **common)
    if question.holds == "lines":
        field.validators.append(_few_lines)
    return field


def _few_lines(value: str) -> None:
    count = len([line for line in value.splitlines() if line.strip()])
    if count > MOST_LINES:
        raise forms.ValidationError(
            _("You entered %(count)d lines: the form accepts up to %(most)d"),
            params={"count": count, "most": MOST_LINES},
        )


def form_today() -> NrmForm | None:
    """The place's referral form of today; None if none is recorded."""
    try:
        return law.nrm_form(settings.PLACE, on=timezone.localdate())
    except law.NotRecorded:
        return None


def _first_responders() -> list[tuple[str, Any]]:
    bodies = law.first_responders(settings.PLACE, on=timezone.localdate())
    return [("", gettext("Choose")), *((item.id, item.name) for item in bodies)]


class EvidenceForm(forms.Form):
    """A file of evidence and what it shows."""

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
            words = gettext("The file is %(size)d MB. The form accepts up to %(most)d MB: make it smaller, or split it")
            raise forms.ValidationError(words % {"size": -(-upload.size // (1 << 20)), "most": self.most})
        return upload


class HandInForm(forms.Form):
    """Recording that a closed referral was handed in."""

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
    """The reference from the body that decides, once it is known."""

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
    """The correct details of a hand-in, and what was wrong."""

    field_order = ("reason", "words")


class DecisionForm(forms.Form):
    """A decision with the date of its letter."""

    kind = forms.ChoiceField(
        label=_("What was decided"), widget=forms.RadioSelect, error_messages={"required": _("Choose what was decided")}
    )
    on = PastDayField(
        label=_("Date of the letter"),
        help_text=_("The date on the letter, not the day it arrived: clocks count from it."),
        error_messages={"required": _("Enter the date of the letter")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        set_choices(self, "kind", [(item.key, gettext(item.label)) for item in kinds().values()])
