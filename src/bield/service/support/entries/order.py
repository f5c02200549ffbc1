"""What has to hold together in an entry: its days and hours in order, its states with what they need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from bield.service.days import When, day_of, future_error, moments, out_of_order
from bield.service.support.entries.schema import Field, Part

Details = Mapping[str, Any]
Mistakes = dict[str, str]


def mistakes(part: Part, details: Details, state: str, *, now: datetime) -> Mistakes:
    """What does not hold together in an entry: words by field. The one place where days and hours stand in order."""
    try:
        found = _times(part, details) or _order(part, details)
        return _states(part, details, state, now=now) | _to_come(part, details, now=now) | found
    except (ValueError, TypeError) as error:
        return {"": _("A day or a time cannot be read: %(what)s") % {"what": error}}


def _label(part: Part, name: str) -> str:
    return _(part.field(name).label)


def _time_of(part: Part, name: str) -> Field | None:
    return next((item for item in part.fields if item.of == name), None)


def _times(part: Part, details: Details) -> Mistakes:
    """Times without their day, and times that clocks skip on their day."""
    found = {}
    for item in part.fields:
        if not item.of or not details.get(item.id):
            continue
        when = part.when(item.of, details)
        if when is None:
            found[item.of] = _("Enter the day for ‘%(field)s’, or leave the time empty") % {"field": _(item.label)}
        elif when.at is not None:
            try:
                moments(when.day, when.at)
            except ValueError:
                found[item.id] = _(
                    "The clocks went forward that night, so there was no %(time)s: check ‘%(field)s’"
                ) % {"time": f"{when.at:%H:%M}", "field": _(item.label)}
    return found


def _order(part: Part, details: Details) -> Mistakes:
    found: Mistakes = {}
    for first, last in part.order:
        begins, ends = part.when(first, details), part.when(last, details)
        if begins is None or ends is None or not ends.before(begins):
            continue
        if ends.day < begins.day:
            found.setdefault(last, out_of_order(_label(part, first), _label(part, last)))
            continue
        at, to = _time_of(part, first), _time_of(part, last)
        assert at is not None  # noqa: S101  # on one day, only hours say that one was before the other
        assert to is not None  # noqa: S101
        words = _("‘%(last)s’ (%(ends)s) is before ‘%(first)s’ (%(begins)s) on the same day: check both times")
        about = {"first": _(at.label), "begins": f"{begins.at:%H:%M}", "last": _(to.label), "ends": f"{ends.at:%H:%M}"}
        found.setdefault(to.id, words % about)
    return found


def _to_come(part: Part, details: Details, *, now: datetime) -> Mistakes:
    """Days and hours that are said to have been, and are still to come."""
    found: Mistakes = {}
    for item in part.fields:
        when = part.when(item.id, details) if item.holds == "day" else None
        if when is not None and when.first > now:
            at = _time_of(part, item.id)
            found[at.id if at and when.day == day_of(now) else item.id] = future_error(_(item.label), when)
    return found


def _states(part: Part, details: Details, state: str, *, now: datetime) -> Mistakes:
    """What a state needs, cannot have, and says to have happened."""
    choice, found = part.state(state), {}
    if choice is None:
        return {}
    about = {"state": _(choice.label)}
    needs, without, happened = (rule.get(state, "") for rule in (part.needs, part.without, part.happened))
    if needs and not details.get(needs):
        words = _("Enter ‘%(field)s’, or change ‘%(state)s’")
        found[needs] = words % (about | {"field": _label(part, needs)})
    if without and details.get(without):
        words = _("‘%(field)s’ has a date, but this is marked ‘%(state)s’: change one of them")
        found[without] = words % (about | {"field": _label(part, without)})
    when = part.when(happened, details) if happened else None
    if when is not None and when.first > now:
        words = _("‘%(state)s’ means it has happened, but %(when)s is in the future: change one of them")
        found[happened] = words % (about | {"when": when})
    return found


def earlier_days(part: Part, details: Details, *, than: date, kept: Details) -> list[tuple[str, When]]:
    """The days that have been and lie before a day, which may be a slip: each field with what stands in it.

    kept: what was saved before and is not asked about again.
    """
    names = [item.id for item in part.fields if item.holds in ("day", "day_any") and item.id not in part.earlier]
    rows = [(name, part.when(name, details)) for name in names if details.get(name) != kept.get(name)]
    return [(name, when) for name, when in rows if when is not None and when.day < than]
