"""Hides small numbers in a table, so that nobody can work them out from its total."""

from __future__ import annotations

from collections.abc import Mapping

from bield.disclosure.combination.rules import combination_rules


def protected(counts: Mapping[str, int], *, least: int | None = None, adds_up: bool = True) -> dict[str, int | None]:
    """The counts of a table, with None for those too small to show. adds_up: whether they make a known total.

    A number from 1 to below `least` is hidden. If only one is hidden, or the hidden ones add up to less than `least`,
    the next smallest number is hidden too, again and again: otherwise the total would give them away. Nobody can then
    know a hidden number more closely than its range. Without a total nothing more is hidden, because hiding more would
    show what the small numbers add up to.
    """
    least = combination_rules().threshold.people if least is None else least
    hidden = {key for key, count in counts.items() if 0 < count < least}
    others = sorted((key for key, count in counts.items() if key not in hidden and count), key=lambda key: counts[key])
    while adds_up and hidden and others and (len(hidden) == 1 or sum(counts[key] for key in hidden) < least):
        hidden.add(others.pop(0))
    return {key: None if key in hidden else count for key, count in counts.items()}
