"""One conversation, one form: several consents asked of an adult at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bield import law
from bield.service.accounts.models import User
from bield.service.cases import actions
from bield.service.cases.consents import NOT_ASKED, Standing, taken_back_too_early
from bield.service.cases.models import Person
from bield.service.cases.states import ConsentAnswer
from bield.service.design.fields import SHORT_TEXT, PastDayField, radios, select, words

ALL = "all"
"""Stands for every consent in the address of one."""


class ConsentsForm(forms.Form):
    """The answers of one conversation: day, language, interpreter and explainer once, then each consent by itself."""

    on = PastDayField(label=_("When you spoke"), error_messages={"required": _("Enter the day you spoke")})
    language = select("language", _("Language it was explained in"), _("Choose the language it was explained in"))
    interpreter = radios("interpreter", _("Interpreter"), _("Choose whether there was an interpreter"))
    explainer = forms.CharField(
        label=_("Who explained it, if it was not you"),
        max_length=SHORT_TEXT,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        kinds: Sequence[law.ConsentKind],
        standings: Mapping[str, Standing],
        on: date,
    ) -> None:
        super().__init__(data, initial={"on": on})
        self.kinds, self.standings = kinds, standings
        for kind in kinds:
            answers = [ConsentAnswer.GIVEN, ConsentAnswer.REFUSED]
            if standings.get(kind.id, NOT_ASKED).given:
                answers.append(ConsentAnswer.WITHDRAWN)
            self.fields[kind.id] = forms.ChoiceField(
                label=gettext(kind.question),
                choices=[*((item.value, item.label) for item in answers), ("", gettext("Not asked today"))],
                widget=forms.RadioSelect,
                required=False,
            )
            self.fields[f"{kind.id}_note"] = words(
                gettext("What they said about it"),
                gettext("In their words, if you can. It is sealed like a name."),
                rows=2,
            )

    @property
    def asked(self) -> Iterator[tuple[law.ConsentKind, Standing, forms.BoundField, forms.BoundField]]:
        """Each consent with how it stands now, the field of its answer, and that of what they said."""
        for kind in self.kinds:
            yield kind, self.standings.get(kind.id, NOT_ASKED), self[kind.id], self[f"{kind.id}_note"]

    @property
    def shared(self) -> list[forms.BoundField]:
        """The fields that are asked once for all."""
        return [self[name] for name in ("on", "language", "interpreter", "explainer")]

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        if not any(values.get(kind.id) for kind in self.kinds):
            raise forms.ValidationError(_("Nothing is answered: record at least one answer, or leave the page"))
        for kind in self.kinds:
            one = {"decision": values.get(kind.id), "on": values.get("on")}
            if wrong := taken_back_too_early(self.standings.get(kind.id, NOT_ASKED), one):
                self.add_error("on", wrong)
        return values

    def answers(self) -> dict[str, dict[str, Any]]:
        """Each consent that was asked, with what is recorded about it."""
        values = self.cleaned_data
        who = gettext("Explained by %(name)s.") % {"name": values["explainer"]} if values["explainer"] else ""
        return {
            kind.id: {
                "decision": values[kind.id],
                "on": values["on"],
                "whom": "",
                "language": values["language"],
                "interpreter": values["interpreter"],
                "until": None,
                "note": " ".join(part for part in (who, values[f"{kind.id}_note"]) if part),
            }
            for kind in self.kinds
            if values[kind.id]
        }


@transaction.atomic
def record_answers(person: Person, answers: Mapping[str, Mapping[str, Any]], *, by: User, at: datetime) -> None:
    """Record the answers of one conversation, all or none. Each leaves its own event, and stays its own consent."""
    for kind, values in answers.items():
        actions.answer_consent(person=person, kind=kind, by=by, at=at, values=values)
