"""What a sign is called: in the sets that were asked, and with its part where two parts have a sign of that name."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from bield.indicators import Codebook
from bield.service.signs.state import Check


def sign_label(book: Codebook, indicator: str, sets: Sequence[str], *, within_part: bool = False) -> str:
    """The words for a sign, such as "Deceived about conditions of prostitution" in the sets for sexual exploitation.

    sets: those that were asked; where they differ, the name in each. within_part: the part is known from the page.
    """
    item = book.indicators[indicator]
    names = dict.fromkeys(_(item.label_in(key)) for key in sets if key in item.strength)
    label = " / ".join(names) or _(item.label)
    twice = any(other.id != item.id and other.label == item.label for other in book.indicators.values())
    if within_part or not twice:
        return label
    return _("%(sign)s (%(part)s)") % {"sign": label, "part": _(book.dimensions[item.dimension].plain)}


def label_in(check: Check, indicator: str) -> str:
    """What a sign is called in the sets that a check asks."""
    return sign_label(check.codebook, indicator, check.person.sets if check.person else ())
