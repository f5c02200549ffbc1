"""The questions about the signs of one part, in a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield.indicators import Answer, Codebook
from bield.indicators.codebook import Indicator
from bield.service.design.fields import codes, words
from bield.service.signs.forms import INHERENT, SignField, inherent_fact, inherent_field
from bield.service.signs.labels import sign_label

EVIDENCE = _("In the words that were used. It goes with the sign into a referral. It is sealed like a name.")


class SignsForm(forms.Form):
    """The signs of one dimension, and the source of the answers: one for the page, or one for each sign."""

    template_name = "cases/signs/signs_form.html"

    source = forms.ChoiceField(
        label=_("Where do the answers you change on this page come from?"),
        choices=lambda: [choice for choice in codes("source") if choice[0] != "check"],
        widget=forms.RadioSelect,
        initial="told",
        required=False,
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        book: Codebook,
        sets: Sequence[str],
        dimension: str,
        answers: Mapping[str, tuple[Answer, str]],
        evidence: Mapping[str, str],
        inherent: Answer = Answer.UNKNOWN,
    ) -> None:
        initial = {f"{key}_words": said for key, said in evidence.items()}
        initial |= {key: answer.value for key, (answer, _source) in answers.items()}
        initial |= {f"{key}_source": source for key, (_answer, source) in answers.items()}
        super().__init__(data, initial=initial | {INHERENT: inherent.value})
        self.saved = answers
        if fact := inherent_fact(book, sets, dimension):
            self.fields[INHERENT] = inherent_field(fact)
        self.signs: list[Indicator] = [
            sign
            for sign in book.indicators.values()
            if sign.dimension == dimension and any(key in sign.strength for key in sets)
        ]
        for sign in self.signs:
            self.fields[sign.id] = SignField(sign, sign_label(book, sign.id, sets, within_part=True))
            self.fields[f"{sign.id}_words"] = words(
                _("What was said and who said it, or what was seen"), EVIDENCE, rows=3
            )
            self.fields[f"{sign.id}_source"] = forms.ChoiceField(
                label=_("Where this answer comes from"),
                choices=lambda: codes("source", blank=gettext("As said for the page")),
                required=False,
            )

    def rows(self) -> Iterable[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """For each sign its fields: the answer, the source, and what was said or seen."""
        for sign in self.signs:
            yield self[sign.id], self[f"{sign.id}_source"], self[f"{sign.id}_words"]

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        for sign in self.signs:
            if values.get(f"{sign.id}_words") and values.get(sign.id) is Answer.UNKNOWN:
                self.add_error(sign.id, gettext("Choose yes or no, or delete what was said or seen"))
        return values

    def evidence(self) -> dict[str, str]:
        """What was said or seen, by sign; empty if nothing was recorded."""
        return {sign.id: self.cleaned_data.get(f"{sign.id}_words") or "" for sign in self.signs}

    def fact(self) -> Answer | None:
        """Whether the fact that is enough by itself for a set is known; None if it is not asked on this page."""
        return self.cleaned_data.get(INHERENT)

    def answers(self) -> dict[str, tuple[Answer, str]]:
        """Each answer with its source. One that was not changed keeps the source it had."""
        page_source = self.cleaned_data.get("source") or "told"
        answers = {}
        for sign in self.signs:
            answer: Answer = self.cleaned_data[sign.id]
            saved = self.saved.get(sign.id)
            sign_source = self.cleaned_data.get(f"{sign.id}_source", "")
            if saved and saved[0] is answer:
                answers[sign.id] = (answer, sign_source or saved[1])
            else:
                changed_by_hand = sign_source and not (saved and sign_source == saved[1])
                answers[sign.id] = (answer, sign_source if changed_by_hand else page_source)
        return answers
