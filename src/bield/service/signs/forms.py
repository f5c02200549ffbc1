"""The forms of a check: who it is about, the signs of one dimension, and opening a saved check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield.indicators import Answer, Codebook, StoredError
from bield.indicators.codebook import Indicator, words_for
from bield.indicators.person import Age, Exploitation
from bield.law.places import Marking
from bield.service.design.fields import set_choices
from bield.service.signs import saved
from bield.service.signs.asking import Arranged, arrange, signs_of_part
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


QUESTION = "signs/question.html"
"""The template of a question with its joined buttons."""


class Segmented(forms.RadioSelect):
    """Radio buttons that look like one row of joined buttons."""

    template_name = "signs/segmented.html"


class SignField(forms.ChoiceField):
    """One sign, asked in plain words: yes, no or not known. The page can show its name, what counts and how to ask.

    name: what the field's professionals call the sign; empty where the question is that name already.
    """

    def __init__(self, book: Codebook, indicator: Indicator, sets: Sequence[str], gender: str) -> None:
        self.indicator = indicator
        name = sign_label(book, indicator.id, sets, within_part=True)
        question = gettext(indicator.ask(sets, gender)) if indicator.asks else ""
        self.name = name if question else ""
        super().__init__(
            label=question or name,
            choices=[
                (Answer.YES.value, _("Yes")),
                (Answer.NO.value, _("No")),
                (Answer.UNKNOWN.value, _("Not known")),
            ],
            widget=Segmented,
            initial=Answer.UNKNOWN.value,
            required=False,
            error_messages={
                "invalid_choice": _("Choose yes, no or not known"),
            },
        )
        self.template_name = QUESTION

    def clean(self, value: Any) -> Answer:
        return Answer(super().clean(value) or Answer.UNKNOWN.value)


class FactField(forms.TypedChoiceField):
    """The fact that by itself can be enough: yes, no or not known."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            help_text=gettext("If so, that by itself is exploitation of a child. A worry is not the same as knowing."),
            choices=[
                (Answer.YES.value, gettext("Yes")),
                (Answer.NO.value, gettext("No")),
                (Answer.UNKNOWN.value, gettext("Not known")),
            ],
            widget=Segmented,
            initial=Answer.UNKNOWN.value,
            required=False,
            coerce=Answer,
            empty_value=Answer.UNKNOWN,
        )
        self.template_name = QUESTION


INHERENT = "inherent"
"""The name of the field for the fact that can be enough by itself for a set."""


def inherent_field(book: Codebook, sets: Sequence[str], gender: str, dimension: str) -> forms.ChoiceField | None:
    """The question whether the fact is known that by itself establishes a dimension in one of these sets, if any."""
    about = next((book.sets[key] for key in sets if book.sets[key].inherent == dimension), None)
    if about is None:
        return None
    asked = words_for(about.inherent_asks, [about.id], gender)
    known = gettext("Is it known whether %(fact)s?") % {"fact": gettext(about.inherent_fact)}
    return FactField(gettext(asked) if asked else known)


class PartForm(forms.Form):
    """The signs of one dimension in every set that applies: a few first, the others folded away."""

    arranged: Arranged

    def ask(self, *, book: Codebook, sets: Sequence[str], gender: str, dimension: str) -> None:
        """Add the question of each sign, in the order in which the page asks them."""
        self.arranged = arrange(signs_of_part(book, sets, dimension), sets)
        if field := inherent_field(book, sets, gender, dimension):
            self.fields[INHERENT] = field
        for sign in self.signs:
            self.fields[sign.id] = SignField(book, sign, sets, gender)

    @property
    def signs(self) -> tuple[Indicator, ...]:
        return self.arranged.first + self.arranged.more

    @property
    def more_open(self) -> bool:
        """Whether a sign that is folded away has an answer or an error, so that the fold may not hide it."""
        return any(self._told(self[sign.id]) or self[sign.id].errors for sign in self.arranged.more)

    @staticmethod
    def _told(field: forms.BoundField) -> bool:
        return field.value() not in (None, "", Answer.UNKNOWN.value)

    def fact(self) -> Answer | None:
        """Whether the fact that is enough by itself for a set is known; None if it is not asked on this page."""
        return self.cleaned_data.get(INHERENT)


class DimensionForm(PartForm):
    """The signs of one dimension, as the public check asks them."""

    template_name = "signs/dimension_form.html"

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        check: Check,
        dimension: str,
    ) -> None:
        initial = {key: answer.value for key, answer in check.answers.items()}
        super().__init__(data, initial=initial | {INHERENT: check.inherent.value})
        sets = check.person.sets if check.person else ()
        self.ask(book=check.codebook, sets=sets, gender=check.gender, dimension=dimension)

    def first_rows(self) -> list[forms.BoundField]:
        return [self[sign.id] for sign in self.arranged.first]

    def more_rows(self) -> list[forms.BoundField]:
        return [self[sign.id] for sign in self.arranged.more]

    def answers(self) -> dict[str, Answer]:
        return {sign.id: self.cleaned_data[sign.id] for sign in self.signs}


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
