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
    """The signs of one dimension with where the answers come from: once for the page, or sign by sign."""

    template_name = "cases/signs/signs_form.html"

    source = forms.ChoiceField(
        label=_("Where do the answers you change on this page come from?"),
        choices=lambda: [item for item in codes("source") if item[0] != "check"],
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
        self.held = answers
        if fact := inherent_fact(book, sets, dimension):
            self.fields[INHERENT] = inherent_field(fact)
        self.signs: list[Indicator] = [
            item
            for item in book.indicators.values()
            if item.dimension == dimension and any(key in item.strength for key in sets)
        ]
        for item in self.signs:
            self.fields[item.id] = SignField(item, sign_label(book, item.id, sets, within_part=True))
            self.fields[f"{item.id}_words"] = words(_("What was said, and by whom, or what was seen"), EVIDENCE, rows=3)
            self.fields[f"{item.id}_source"] = forms.ChoiceField(
                label=_("Where this answer comes from"),
                choices=lambda: codes("source", blank=gettext("As said for the page")),
                required=False,
            )

    def rows(self) -> Iterable[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Each sign with the fields of its source and of what was said or seen."""
        for item in self.signs:
            yield self[item.id], self[f"{item.id}_source"], self[f"{item.id}_words"]

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        for item in self.signs:
            if values.get(f"{item.id}_words") and values.get(item.id) is Answer.UNKNOWN:
                self.add_error(item.id, gettext("Choose yes or no, or take out what was said or seen"))
        return values

    def evidence(self) -> dict[str, str]:
        """What was said or seen, by sign; empty if nothing was recorded."""
        return {item.id: self.cleaned_data.get(f"{item.id}_words") or "" for item in self.signs}

    def fact(self) -> Answer | None:
        """Whether the fact is known on which a set rests by itself; None where it is not asked here."""
        return self.cleaned_data.get(INHERENT)

    def answers(self) -> dict[str, tuple[Answer, str]]:
        """Each answer with its source. One that was not changed keeps the source it had."""
        page = self.cleaned_data.get("source") or "told"
        found = {}
        for item in self.signs:
            answer: Answer = self.cleaned_data[item.id]
            held = self.held.get(item.id)
            own = self.cleaned_data.get(f"{item.id}_source", "")
            if held and held[0] is answer:
                found[item.id] = (answer, own or held[1])
            else:
                changed_by_hand = own and not (held and own == held[1])
                found[item.id] = (answer, own if changed_by_hand else page)
        return found
