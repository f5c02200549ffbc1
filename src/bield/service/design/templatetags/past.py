"""Template filters for dates seen from today."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone

from bield.service.days import day_of
from bield.service.design import past

register = template.Library()


@register.filter
def ago(day: date) -> str:
    """How long ago a day was, or in how many days it comes."""
    return past.ago(day, today=timezone.localdate())


@register.filter
def due(day: date) -> str:
    """When something is or was due: the date, and how long ago or how soon."""
    return past.due_words(day, today=timezone.localdate())


@register.filter
def last_day(day: date) -> str:
    """When a clock ends, or ended."""
    return past.last_day_words(day, today=timezone.localdate())


@register.filter
def late(day: date) -> str:
    """How late something is."""
    return past.late_words(day, today=timezone.localdate())


@register.filter
def waiting(since: date) -> str:
    """How long something has waited since a day, or since a moment of it."""
    day = day_of(since) if isinstance(since, datetime) else since
    return past.waiting_words(day, today=timezone.localdate())
