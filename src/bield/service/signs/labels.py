"""Names a sign as the sets that were asked do, with its part if two parts have a sign of that name."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from bield.indicators import Codebook
from bield.service.signs.state import Check


def sign_label(book: Codebook, indicator: str, sets: Sequence[str], *, within_part: bool = False) -> str:
    """The words for a sign, such as "Deceived about conditions of prostitution" in the sets for sexual exploitation.

    sets: the sets that were asked; if their names differ, all are given. within_part: the page already shows the part.
    """
    sign = book.indicators[indicator]
    names = dict.fromkeys(_(sign.label_in(key)) for key in sets if key in sign.strength)
    label = " / ".join(names) or _(sign.label)
    ambiguous = any(other.id != sign.id and other.label == sign.label for other in book.indicators.values())
    if within_part or not ambiguous:
        return label
    return _("%(sign)s (%(part)s)") % {"sign": label, "part": _(book.dimensions[sign.dimension].plain)}


def label_in(check: Check, indicator: str) -> str:
    """The name of a sign in the sets that apply to a check."""
    return sign_label(check.codebook, indicator, check.person.sets if check.person else ())
