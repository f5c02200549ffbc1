"""The forms of a check: who it is about, the signs of one dimension, and opening a saved check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield.indicators import Answer, Codebook, StoredError
from bield.indicators.codebook import Indicator
from bield.indicators.person import Age, Exploitation
from bield.law.places import Marking
from bield.service.design.fields import set_choices
from bield.service.signs import saved
from bield.service.signs.labels import sign_label
from bield.service.signs.state import Check

BIGGEST_SAVED_CHECK = 200_000
"""In bytes. A saved check has about 12,000."""


class AboutForm(forms.Form):
    """Who the check is about. This decides the lists of signs and who to turn to; it identifies nobody."""

    age = forms.ChoiceField(
        label=_("How old were they when this happened, or is happening?"),
        help_text=_("If you are not sure, they are treated as a child. That protects them better."),
        choices=[
            (Age.UNDER_18.value, _("Under 18")),
            (Age.ADULT.value, _("18 or over")),
            (Age.NOT_SURE.value, _("Not sure")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how old they were, or ‘not sure’")},
    )
    exploitation = forms.ChoiceField(
        label=_("What kind of exploitation are you worried about?"),
        help_text=_(
            "Labour includes work in homes, on farms, in nail bars or car washes, begging, and being made to commit "
            "crimes. If it may be both, the signs are assessed for each and shown side by side."
        ),
        choices=[
            (Exploitation.LABOUR.value, _("Labour")),
            (Exploitation.SEXUAL.value, _("Sexual")),
            (Exploitation.BOTH.value, _("Both")),
            (Exploitation.NOT_SURE.value, _("Not sure")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a kind of exploitation, or ‘not sure’")},
    )
    gender = forms.ChoiceField(
        label=_("Is the person a woman or a man?"),
        help_text=_("We ask only so that we can name the right service for them."),
        choices=[
            ("woman", _("A woman or girl")),
            ("man", _("A man or boy")),
            ("not_known", _("Another answer, or not known")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer, or ‘not known’")},
    )


class SignField(forms.ChoiceField):
    """One sign: yes, no or not known. The page can show its explanation and an open question."""

    def __init__(self, indicator: Indicator, label: str) -> None:
        self.indicator = indicator
        super().__init__(
            label=label,
            choices=[
                (Answer.YES.value, _("Yes")),
                (Answer.NO.value, _("No")),
                (Answer.UNKNOWN.value, _("Not known")),
            ],
            widget=forms.RadioSelect,
            initial=Answer.UNKNOWN.value,
            required=False,
            error_messages={
                "invalid_choice": _("Choose yes, no or not known"),
            },
        )

    def clean(self, value: Any) -> Answer:
        return Answer(super().clean(value) or Answer.UNKNOWN.value)


INHERENT = "inherent"
"""The name of the field for the fact that can be enough by itself for a set."""


def inherent_fact(book: Codebook, sets: Sequence[str], dimension: str) -> str:
    """The fact that by itself establishes a dimension in one of these sets; empty if no such fact exists."""
    return next((book.sets[key].inherent_fact for key in sets if book.sets[key].inherent == dimension), "")


def inherent_field(fact: str) -> forms.ChoiceField:
    """The question whether that fact is known."""
    return forms.TypedChoiceField(
        label=gettext("Is it known whether %(fact)s?") % {"fact": gettext(fact)},
        help_text=gettext("If so, that by itself is exploitation of a child. A worry is not the same as knowing."),
        choices=[
            (Answer.YES.value, gettext("Yes, they were")),
            (Answer.NO.value, gettext("They were not")),
            (Answer.UNKNOWN.value, gettext("Not known")),
        ],
        widget=forms.RadioSelect,
        initial=Answer.UNKNOWN.value,
        required=False,
        coerce=Answer,
        empty_value=Answer.UNKNOWN,
    )


class DimensionForm(forms.Form):
    """The signs of one dimension, in every set that applies."""

    template_name = "signs/dimension_form.html"

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        book: Codebook,
        sets: Sequence[str],
        dimension: str,
        answers: Mapping[str, Answer],
        inherent: Answer = Answer.UNKNOWN,
    ) -> None:
        initial = {key: answer.value for key, answer in answers.items()}
        super().__init__(data, initial=initial | {INHERENT: inherent.value})
        signs = [
            sign
            for sign in book.indicators.values()
            if sign.dimension == dimension and any(key in sign.strength for key in sets)
        ]
        if fact := inherent_fact(book, sets, dimension):
            self.fields[INHERENT] = inherent_field(fact)
        for sign in signs:
            self.fields[sign.id] = SignField(sign, sign_label(book, sign.id, sets, within_part=True))

    def answers(self) -> dict[str, Answer]:
        return {key: self.cleaned_data[key] for key in self.fields if key != INHERENT}

    def fact(self) -> Answer | None:
        """Whether the fact that is enough by itself for a set is known; None if it is not asked on this page."""
        return self.cleaned_data.get(INHERENT)


class SavedCheckForm(forms.Form):
    """Open a check that was saved as a file."""

    file = forms.FileField(
        label=_("The file you saved"),
        help_text=_("Its name ends in .json. It is read once and not kept."),
        error_messages={
            "required": _("Choose the file you saved"),
            "empty": _("The file is empty. Choose the file you saved"),
        },
    )
    check: Check

    def clean_file(self) -> UploadedFile[bytes]:
        upload: UploadedFile[bytes] = self.cleaned_data["file"]
        if (upload.size or 0) > BIGGEST_SAVED_CHECK:
            raise forms.ValidationError(_("This file is too big to be a saved check"))
        try:
            self.check = saved.from_json(upload.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("This is not a text file, so not a saved check")) from error
        except StoredError as error:
            raise forms.ValidationError(
                _("This file cannot be read as a saved check: %(why)s"), params={"why": str(error)}
            ) from error
        return upload


class MarkingForm(forms.Form):
    """The protective marking of a printed result."""

    marking = forms.ChoiceField(label=_("Protective marking"), widget=forms.RadioSelect)

    def __init__(self, data: Mapping[str, Any] | None = None, *, markings: Sequence[Marking]) -> None:
        super().__init__(data, initial={"marking": markings[0].id})
        set_choices(self, "marking", [(marking.id, gettext(marking.label)) for marking in markings])


class OtherwiseForm(forms.Form):
    """Work the result out another way: another policy, or the other reading of a disputed strength."""

    policy = forms.ChoiceField(label=_("How the parts combine"), widget=forms.RadioSelect)
    alternatives = forms.MultipleChoiceField(
        label=_("Strengths that our sources disagree on"),
        help_text=_("Tick one to use the other reading."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, check: Check) -> None:
        super().__init__(data, initial={"policy": check.policy, "alternatives": list(check.alternatives)})
        book, sets = check.codebook, check.person.sets if check.person else ()
        policies = [(policy.id, gettext(policy.label)) for policy in book.policies.values() if policy.age == "adult"]
        alternatives = [
            (
                sign.id,
                gettext("‘%(sign)s’: %(strength)s instead")
                % {"sign": gettext(sign.label), "strength": gettext(dispute.alternative.value)},
            )
            for sign in book.original.disputed
            for dispute in sign.disputed
            if dispute.set in sets
        ]
        set_choices(self, "policy", policies)
        set_choices(self, "alternatives", alternatives)
        # Do not offer a choice that changes nothing.
        if all(book.sets[key].age == "child" for key in sets):
            del self.fields["policy"]
        if not alternatives:
            del self.fields["alternatives"]
