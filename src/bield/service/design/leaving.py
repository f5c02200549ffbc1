"""Asks about typed words that identify the person, before they reach readers who need not or must not know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any, ClassVar, Self

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bield.disclosure.words import Match

Compare = Callable[[str], tuple[Match, ...]]
"""Finds the parts of a known identity in a text."""

STAYS = "_stays"
"""Suffix of a field name, for the boxes to tick for words that must stay in it."""


class Readers(Enum):
    """Who reads what is typed into a field."""

    MAY_KNOW = auto()
    """They may open the identity, or the person decides it: any word may stay if it is ticked."""
    MUST_NOT = auto()
    """They must not know who it is: only a name may stay, if it is another word or somebody else's name."""


ASKED: Mapping[Readers, str | Promise] = {
    Readers.MAY_KNOW: gettext_lazy(
        "This contains %(words)s, which can identify the person. Take it out, or tick below if it has to stay"
    ),
    Readers.MUST_NOT: gettext_lazy(
        "This contains %(words)s, which can identify the person, and some readers must not know who it is. "
        "Take it out, or tick below if it does not refer to them"
    ),
}
REFUSED = gettext_lazy(
    "This contains %(words)s, which can identify the person, and some readers must not know who it is. Take it out"
)
BOX = {
    Readers.MAY_KNOW: gettext_lazy("‘%(word)s’ must stay"),
    Readers.MUST_NOT: gettext_lazy("‘%(word)s’ is another word here, or somebody else’s name"),
}


class LeavingForm(forms.Form):
    """A form with words that other people will read. Its view says with `comparing` what to compare them with.

    A view that forgets to say so fails, so that the comparison cannot be left out by mistake.
    """

    leaves: ClassVar[Mapping[str, Readers]] = {}
    """The fields that other people will read, and who reads them."""
    refusals: ClassVar[Mapping[str, str | Promise]] = {}
    """Messages to use instead of REFUSED, by field."""
    compare: Compare | None

    def leaving(self) -> Mapping[str, Readers]:
        """Returns `leaves`; a form whose fields come from data overrides it."""
        return self.leaves

    def comparing(self, compare: Compare | None) -> Self:
        """Say what to compare the words with. None if this writer may not know who it is: nothing is compared.

        To them, a question would show that a guess was right.
        """
        self.compare = compare
        return self

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        for name, readers in self.leaving().items():
            if values.get(name):
                self.ask_about(name, str(values[name]), readers)
        return values

    def ask_about(self, name: str, text: str, readers: Readers) -> None:
        """Add an error to a field if its text identifies the person, unless all such words are ticked to stay."""
        matches = self.compare(text) if self.compare else ()
        if not matches:
            return
        may_stay = [match.text for match in matches if readers is Readers.MAY_KNOW or match.kind == "name"]
        ticked = self._boxes(name, [_key(word) for word in may_stay], readers) if may_stay else set()
        open_matches = [match for match in matches if match.text not in may_stay or _key(match.text) not in ticked]
        if open_matches:
            refused = [match for match in open_matches if match.text not in may_stay]
            message = ASKED[readers] if not refused else self.refusals.get(name, REFUSED)
            words = ", ".join(f"‘{_key(match.text)}’" for match in refused or open_matches)
            self.add_error(name, str(message) % {"words": words})

    def _boxes(self, name: str, words: list[str], readers: Readers) -> set[str]:
        """Add the boxes to tick after their field. Returns what is ticked."""
        boxes = forms.MultipleChoiceField(
            label=_("If it must stay"),
            choices=[(word, BOX[readers] % {"word": word}) for word in dict.fromkeys(words)],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
        self.fields[f"{name}{STAYS}"] = boxes
        names = [field for field in self.fields if field != f"{name}{STAYS}"]
        names.insert(names.index(name) + 1, f"{name}{STAYS}")
        self.order_fields(names)
        sent = self[f"{name}{STAYS}"].data or ()
        return set(sent if isinstance(sent, list | tuple) else [sent])


def _key(text: str) -> str:
    """A match on one line, as a browser sends it back."""
    return " ".join(text.split())
