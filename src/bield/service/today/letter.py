"""Sends the e-mail of the morning: how much waits for somebody, and never about whom."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bield.service.accounts.models import User
from bield.service.accounts.news import When, send_news
from bield.service.days import day_of
from bield.service.today.day import day_for
from bield.service.today.navigation import by_permission, memberships_of
from bield.service.today.work import Day


def send_daily(*, now: datetime) -> int:
    """Write to everybody who wants it and for whom something waits, once a day. Returns how many were written to.

    Each is marked in a transaction of its own before the e-mail is sent, so that a stopped run repeats nothing.
    """
    today, count = day_of(now), 0
    for pk in list(_wanted(today).values_list("pk", flat=True)):
        with transaction.atomic():
            user = _wanted(today).select_for_update().filter(pk=pk).first()
            if user is None:
                continue  # another run was quicker
            words = words_of(day_for(user, by_permission(memberships_of(user)), now=now)[0])
            User.objects.filter(pk=user.pk).update(news_on=today)
        if words:
            count += send_news(user.email, words)
    return count


def _wanted(today: date) -> QuerySet[User]:
    wanting = User.objects.filter(is_active=True, news__in=[When.DAILY, When.AT_ONCE])
    return wanting.exclude(news_on=today)


def words_of(day: Day) -> str:
    """How much is late, due today, and waits for an answer; empty if nothing does."""
    late = day.late
    due = sum(1 + len(row.also) for row in day.do.rows) + day.do.more - late
    waiting = len(day.waiting.rows) + day.waiting.more
    lines = [
        ngettext("%(n)d thing is late.", "%(n)d things are late.", late) % {"n": late} if late else "",
        ngettext("%(n)d thing is due today.", "%(n)d things are due today.", due) % {"n": due} if due > 0 else "",
        ngettext("%(n)d thing waits for your answer.", "%(n)d things wait for your answer.", waiting) % {"n": waiting}
        if waiting
        else "",
        _("A support period ends within a week.") if any(bar.left <= 7 for bar in day.clocks) else "",
    ]
    return "\n".join(line for line in lines if line)
