"""The questions about the signs of one part, in a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield.indicators import Answer
from bield.indicators.codebook import Indicator
from bield.service.design.fields import codes, words
from bield.service.signs.forms import INHERENT, PartForm
from bield.service.signs.state import Check

SignRow: TypeAlias = "tuple[forms.BoundField, forms.BoundField, forms.BoundField]"

EVIDENCE = _("In the words that were used. It goes with the sign into a referral. It is sealed like a name.")


class SignsForm(PartForm):
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
        check: Check,
        dimension: str,
        answers: Mapping[str, tuple[Answer, str]],
        evidence: Mapping[str, str],
    ) -> None:
        initial = {f"{key}_words": said for key, said in evidence.items()}
        initial |= {key: answer.value for key, (answer, _source) in answers.items()}
        initial |= {f"{key}_source": source for key, (_answer, source) in answers.items()}
        super().__init__(data, initial=initial | {INHERENT: check.inherent.value})
        self.saved = answers
        sets = check.person.sets if check.person else ()
        self.ask(book=check.codebook, sets=sets, gender=check.gender, dimension=dimension)
        for sign in self.signs:
            self.fields[f"{sign.id}_words"] = words(
                _("What was said and who said it, or what was seen"), EVIDENCE, rows=3
            )
            self.fields[f"{sign.id}_source"] = forms.ChoiceField(
                label=_("Where this answer comes from"),
                choices=lambda: codes("source", blank=gettext("As said for the page")),
                required=False,
            )

    def first_rows(self) -> Iterable[SignRow]:
        return self._rows(self.arranged.first)

    def more_rows(self) -> Iterable[SignRow]:
        return self._rows(self.arranged.more)

    def _rows(self, signs: Iterable[Indicator]) -> Iterable[SignRow]:
        """For each sign its fields: the answer, the source, and what was said or seen."""
        for sign in signs:
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
