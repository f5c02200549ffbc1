"""Words that reach somebody who need not, or must not, know who it is about: asked about before they are saved."""

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
"""What of a known identity stands in a text."""

STAYS = "_stays"
"""After the name of a field: the boxes to tick for what must stay in it."""


class Readers(Enum):
    """Who reads what is typed into a field."""

    MAY_KNOW = auto()
    """They may open who it is, or the person decides it: whatever is found may stay where it is ticked."""
    MUST_NOT = auto()
    """They must not know who it is: only a name may stay, where it is another word or somebody else's."""


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
    """A form with words that leave. Its view says with `comparing` what they are compared with.

    A view that says nothing breaks: the comparison is never left out by forgetting it.
    """

    leaves: ClassVar[Mapping[str, Readers]] = {}
    """The fields whose words leave, and who reads them."""
    refusals: ClassVar[Mapping[str, str | Promise]] = {}
    """Other words than REFUSED, by field."""
    compare: Compare | None

    def leaving(self) -> Mapping[str, Readers]:
        """As `leaves`, for a form whose fields are data."""
        return self.leaves

    def comparing(self, compare: Compare | None) -> Self:
        """Say what the words are compared with. None: this writer may not know who it is, so nothing is compared.

        For them an answer would tell whether a guess is right.
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
        """Ask at a field about what of the identity stands in a text, unless all of it is ticked to stay."""
        found = self.compare(text) if self.compare else ()
        if not found:
            return
        may_stay = [item.text for item in found if readers is Readers.MAY_KNOW or item.kind == "name"]
        ticked = self._boxes(name, [_key(item) for item in may_stay], readers) if may_stay else set()
        left = [item for item in found if item.text not in may_stay or _key(item.text) not in ticked]
        if left:
            refused = [item for item in left if item.text not in may_stay]
            words = ASKED[readers] if not refused else self.refusals.get(name, REFUSED)
            said = ", ".join(f"‘{_key(item.text)}’" for item in refused or left)
            self.add_error(name, str(words) % {"words": said})

    def _boxes(self, name: str, words: list[str], readers: Readers) -> set[str]:
        """Put the boxes to tick behind their field. Returns what is ticked."""
        boxes = forms.MultipleChoiceField(
            label=_("If it must stay"),
            choices=[(item, BOX[readers] % {"word": item}) for item in dict.fromkeys(words)],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
        self.fields[f"{name}{STAYS}"] = boxes
        names = [item for item in self.fields if item != f"{name}{STAYS}"]
        names.insert(names.index(name) + 1, f"{name}{STAYS}")
        self.order_fields(names)
        sent = self[f"{name}{STAYS}"].data or ()
        return set(sent if isinstance(sent, list | tuple) else [sent])


def _key(text: str) -> str:
    """A match in one line, as a browser sends it back."""
    return " ".join(text.split())
