"""Small numbers in one table: hidden, and not to be worked out from its total."""

from __future__ import annotations

from collections.abc import Mapping

from bield.disclosure.combination.rules import combination_rules


def protected(counts: Mapping[str, int], *, least: int | None = None, adds_up: bool = True) -> dict[str, int | None]:
    """The counts of a table, with None where a number is too small to show. adds_up: whether they make a known total.

    A number from 1 to below the least is hidden. While one alone is hidden, or those hidden come to less than the least
    together, the next smallest number is hidden too: otherwise the total would give them away. None of what is hidden
    can then be known more closely than its range. Without a total nothing more is hidden: whether it were would tell
    what the small numbers come to.
    """
    least = combination_rules().threshold.people if least is None else least
    hidden = {key for key, count in counts.items() if 0 < count < least}
    others = sorted((key for key, count in counts.items() if key not in hidden and count), key=lambda key: counts[key])
    while adds_up and hidden and others and (len(hidden) == 1 or sum(counts[key] for key in hidden) < least):
        hidden.add(others.pop(0))
    return {key: None if key in hidden else count for key, count in counts.items()}
