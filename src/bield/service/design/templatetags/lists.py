"""Template filters for the cells of a list: a near day, and days since."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone

from bield.service.days import day_of
from bield.service.design import lists

register = template.Library()


@register.filter
def near(day: date) -> str:
    """When something is due: 2 days late, today, tomorrow, 30 Nov."""
    return lists.near_words(day, today=timezone.localdate())


@register.filter
def short(moment: date) -> str:
    """A day, or the local day of a moment, without its year where that is clear."""
    day = day_of(moment) if isinstance(moment, datetime) else moment
    return lists.short_day(day, today=timezone.localdate())


@register.filter
def days(day: date) -> str:
    """How many days have passed since a day."""
    return lists.days_words(day, today=timezone.localdate())
