"""What the lists of notifications show: about whom, of what type, how urgent, and how long each has waited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from bield.law import NotificationVersion, notification_version
from bield.service.days import day_of
from bield.service.design.lists import MOST_COUNTED, Quick, quick_filters
from bield.service.notifications import display
from bield.service.notifications.list_forms import CHILD, FilterForm
from bield.service.notifications.models import Notification

Groups = list[tuple[QuerySet[Notification], bool]]

ON_A_ROW: Final = (
    *("reference", "sent_at", "version", "age", "gender", "recovered_where", "type", "urgent", "acknowledged_at"),
    *("already_known", "closed_at", "outcome", "waits", "team__organisation__name"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A notification on a list. waits_since: the day since which nobody has acknowledged it."""

    notification: Notification
    who: str
    tag: str
    types: str
    where: str
    state: str
    waits_since: date | None


def rows_of(notifications: Iterable[Notification]) -> list[Row]:
    """The rows of some notifications."""
    return [_row(item, notification_version(item.version)) for item in notifications]


def _row(item: Notification, version: NotificationVersion) -> Row:
    return Row(
        item,
        who(item),
        child_words(item),
        ", ".join(display.value_words(version, "type", code) for code in item.type.split("+") if code),
        display.value_words(version, "recovered_where", item.recovered_where) if item.recovered_where else "–",
        display.state_words(item),
        day_of(item.sent_at) if item.acknowledged_at is None and item.closed_at is None else None,
    )


def who(item: Notification) -> str:
    """Gender and age in words, as on a record: woman, adult; boy."""
    if item.age == "child":
        return {"woman": _("Girl"), "man": _("Boy")}.get(item.gender, _("Child"))
    words = {"woman": _("Woman"), "man": _("Man")}.get(item.gender, _("Person"))
    age = _("adult") if item.age == "adult" else _("age not sure")
    return f"{words}, {age}"


def child_words(item: Notification) -> str:
    """The tag that must be seen for a child, or somebody treated as one; empty for an adult."""
    if item.age == "adult":
        return ""
    return _("child") if item.age == "child" else _("treat as a child")


def filtered(notifications: QuerySet[Notification], form: FilterForm) -> QuerySet[Notification]:
    """The notifications that match the filters. An invalid filter matches nothing, and the form says why."""
    if not form.is_bound:
        return notifications
    if not form.is_valid():
        return notifications.none()
    chosen = form.cleaned_data
    for name in ("reference", "body", "recovered_where"):
        if chosen.get(name):
            notifications = notifications.filter(**{name: chosen[name]})
    if chosen["age"]:
        notifications = notifications.filter(~Q(age="adult") if chosen["age"] == CHILD else Q(age=chosen["age"]))
    states: dict[str, dict[str, Any]] = {
        "": {},
        "new": {"acknowledged_at__isnull": True},
        "open": {"closed_at__isnull": True},
        "waits": {"waits": "sender"},
        "urgent": {"urgent": True, "closed_at__isnull": True},
        "closed": {"closed_at__isnull": False},
    }
    return notifications.filter(**states[chosen["state"]])


def in_groups(rows: QuerySet[Notification], *, inbox: bool, sort: str) -> Groups:
    """The groups of a list, one after the other, each with whether its newest comes first.

    By default, what waits for whoever reads the list comes first, the longest waiting before the others: for the police
    what nobody has acknowledged, urgent ones before the rest; for a sender what the police asked.
    """
    rows = rows.select_related("team__organisation").only(*ON_A_ROW)
    if sort:
        return [(rows, sort != "oldest")]
    if not inbox:
        return [(rows.filter(waits="sender"), False), (rows.exclude(waits="sender"), True)]
    new = rows.filter(acknowledged_at=None)
    return [
        (new.filter(urgent=True), False),
        (new.filter(urgent=False), False),
        (rows.filter(acknowledged_at__isnull=False), True),
    ]


def quick_of(rows: QuerySet[Notification], query: QueryDict, *, inbox: bool) -> list[Quick]:
    """The quick filters of a list with how many open notifications each shows. One query."""
    waits = (_("Waiting for the sender") if inbox else _("Waiting for your answer"), {"state": "waits"}, "waits")
    new = (_("Not acknowledged"), {"state": "new"}, "new")
    filters: list[tuple[str, Mapping[str, str], str]] = [
        (_("All"), {}, "all"),
        *([new, waits] if inbox else [waits, new]),
        (_("Urgent"), {"state": "urgent"}, "urgent"),
        (_("Child or age not sure"), {"state": "open", "age": CHILD}, "children"),
        (_("Open"), {"state": "open"}, "open"),
    ]
    return quick_filters(query, filters, _counts(rows))


def _counts(rows: QuerySet[Notification]) -> dict[str, int | None]:
    open_rows = rows.filter(closed_at=None).order_by().values("pk", "acknowledged_at", "waits", "urgent", "age")
    counted = open_rows[: MOST_COUNTED + 1].aggregate(
        open=Count("pk"),
        new=Count("pk", filter=Q(acknowledged_at=None)),
        waits=Count("pk", filter=Q(waits="sender")),
        urgent=Count("pk", filter=Q(urgent=True)),
        children=Count("pk", filter=~Q(age="adult")),
    )
    return {} if counted["open"] > MOST_COUNTED else dict(counted)
