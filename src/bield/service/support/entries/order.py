"""Checks of an entry: its days and times are in order, and its state has what it needs."""

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
    """The mistakes in an entry: a message for each field. The one place that checks the order of days and times."""
    try:
        out_of_sequence = _times(part, details) or _order(part, details)
        return _states(part, details, state, now=now) | _in_future(part, details, now=now) | out_of_sequence
    except (ValueError, TypeError) as error:
        return {"": _("A day or a time cannot be read: %(what)s") % {"what": error}}


def _label(part: Part, name: str) -> str:
    return _(part.field(name).label)


def _time_of(part: Part, name: str) -> Field | None:
    return next((item for item in part.fields if item.of == name), None)


def _times(part: Part, details: Details) -> Mistakes:
    """Times without their day, and times that do not exist on their day because the clocks went forward."""
    wrong = {}
    for field in part.fields:
        if not field.of or not details.get(field.id):
            continue
        when = part.when(field.of, details)
        if when is None:
            wrong[field.of] = _("Enter the day for ‘%(field)s’, or leave the time empty") % {"field": _(field.label)}
        elif when.at is not None:
            try:
                moments(when.day, when.at)
            except ValueError:
                wrong[field.id] = _(
                    "The clocks went forward that night, so there was no %(time)s: check ‘%(field)s’"
                ) % {"time": f"{when.at:%H:%M}", "field": _(field.label)}
    return wrong


def _order(part: Part, details: Details) -> Mistakes:
    wrong: Mistakes = {}
    for first, last in part.order:
        begins, ends = part.when(first, details), part.when(last, details)
        if begins is None or ends is None or not ends.before(begins):
            continue
        if ends.day < begins.day:
            wrong.setdefault(last, out_of_order(_label(part, first), _label(part, last)))
            continue
        at, to = _time_of(part, first), _time_of(part, last)
        assert at is not None  # noqa: S101  # on one day, only hours say that one was before the other
        assert to is not None  # noqa: S101
        words = _("‘%(last)s’ (%(ends)s) is before ‘%(first)s’ (%(begins)s) on the same day: check both times")
        values = {"first": _(at.label), "begins": f"{begins.at:%H:%M}", "last": _(to.label), "ends": f"{ends.at:%H:%M}"}
        wrong.setdefault(to.id, words % values)
    return wrong


def _in_future(part: Part, details: Details, *, now: datetime) -> Mistakes:
    """Days and times that should be past and are in the future."""
    wrong: Mistakes = {}
    for field in part.fields:
        when = part.when(field.id, details) if field.holds == "day" else None
        if when is not None and when.first > now:
            at = _time_of(part, field.id)
            wrong[at.id if at and when.day == day_of(now) else field.id] = future_error(_(field.label), when)
    return wrong


def _states(part: Part, details: Details, state: str, *, now: datetime) -> Mistakes:
    """What a state lacks, may not have, or says has happened when it has not."""
    choice, wrong = part.state(state), {}
    if choice is None:
        return {}
    values = {"state": _(choice.label)}
    needs, without, happened = (rule.get(state, "") for rule in (part.needs, part.without, part.happened))
    if needs and not details.get(needs):
        words = _("Enter ‘%(field)s’, or change ‘%(state)s’")
        wrong[needs] = words % (values | {"field": _label(part, needs)})
    if without and details.get(without):
        words = _("‘%(field)s’ has a date, but this is marked ‘%(state)s’: change one of them")
        wrong[without] = words % (values | {"field": _label(part, without)})
    when = part.when(happened, details) if happened else None
    if when is not None and when.first > now:
        words = _("‘%(state)s’ means it has happened, but %(when)s is in the future: change one of them")
        wrong[happened] = words % (values | {"when": when})
    return wrong


def earlier_days(part: Part, details: Details, *, than: date, kept: Details) -> list[tuple[str, When]]:
    """The days before a given day, which may be a slip: each field with its day and time.

    kept: the details that were saved before; a day among them is not asked about again.
    """
    names = [item.id for item in part.fields if item.holds in ("day", "day_any") and item.id not in part.earlier]
    days = [(name, part.when(name, details)) for name in names if details.get(name) != kept.get(name)]
    return [(name, when) for name, when in days if when is not None and when.day < than]
