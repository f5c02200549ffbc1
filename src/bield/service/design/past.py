"""Words for dates seen from today: how long ago or how soon, and whether a due date has passed."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def ago(day: date, *, today: date) -> str:
    """How long ago a day was, or in how many days it comes."""
    days = (today - day).days
    if days == 0:
        return _("today")
    if days > 0:
        return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
    return ngettext("in %(n)d day", "in %(n)d days", -days) % {"n": -days}


def due_words(day: date, *, today: date) -> str:
    """When something is or was due: the date, and how long ago or how soon."""
    words = _("was due on %(day)s, %(ago)s") if day < today else _("due on %(day)s, %(ago)s")
    return words % {"day": date_format(day), "ago": ago(day, today=today)}


def last_day_words(day: date, *, today: date) -> str:
    """When a clock ends, or ended."""
    words = _("the last day was %(day)s, %(ago)s") if day < today else _("the last day is %(day)s, %(ago)s")
    return words % {"day": date_format(day), "ago": ago(day, today=today)}


def late_words(day: date, *, today: date) -> str:
    """How late something is."""
    days = (today - day).days
    return ngettext("%(n)d day late", "%(n)d days late", days) % {"n": days} if days > 0 else _("today")


def waiting_words(day: date, *, today: date) -> str:
    """How long something has waited since a day."""
    days = (today - day).days
    return ngettext("Waits %(n)d day", "Waits %(n)d days", days) % {"n": days} if days > 0 else _("Came today")
