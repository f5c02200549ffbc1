"""The pages where an auditor reads what was done in their organisation, and who did it; never a record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from bield.service.accounts.access import organisations_with, requires, user_of
from bield.service.accounts.actors import names_of
from bield.service.accounts.noting import note_in_each
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind, in_words
from bield.service.audit.models import Event
from bield.service.audit.subjects import names_for
from bield.service.days import day_of
from bield.service.design.fields import Words, set_choices
from bield.service.exports import as_long_csv, in_chunks
from bield.service.paging import address_with, page_of

DAY_FORMATS = ["%d/%m/%Y", "%Y-%m-%d", "%d %B %Y"]
MOST_IN_A_FILE = 100_000


class FilterForm(forms.Form):
    """Which events to show. The filters are in the address, and hold nobody's name."""

    kind = forms.ChoiceField(label=gettext_lazy("What happened"), required=False)
    since = forms.DateField(
        label=gettext_lazy("From"),
        help_text=gettext_lazy("For example, 31/3/2026."),
        required=False,
        input_formats=DAY_FORMATS,
    )
    until = forms.DateField(label=gettext_lazy("Until"), required=False, input_formats=DAY_FORMATS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "kind", [("", gettext_lazy("Anything")), *((kind.value, kind.label) for kind in Kind)])


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An event in words. about: the reference or the colleague it is about; subject: their id, for the file only."""

    at: datetime
    who: str
    what: str
    about: str
    subject: str
    facts: str
    place: str


def shown(events: Iterable[Event]) -> list[ShownEvent]:
    """Events in words, with the names of colleagues and the references of records: no id of either."""
    events = list(events)
    names = names_of(event.actor for event in events)
    subjects = names_for(text for event in events for text in (event.subject, *map(str, event.facts.values())))
    return [
        ShownEvent(
            event.at,
            names[event.actor],
            in_words(event.kind),
            _about(event, subjects),
            event.subject,
            _facts(event.facts, subjects),
            f"{event.strand}/{event.number}",
        )
        for event in events
    ]


def _about(event: Event, subjects: Mapping[str, str]) -> str:
    if event.subject in subjects:
        return subjects[event.subject]
    return gettext("key %(number)s") % {"number": event.subject} if event.subject else ""


SAID: Mapping[str, Words] = {
    "after": gettext_lazy("after"),
    "agency": gettext_lazy("to"),
    "answer": gettext_lazy("answer"),
    "before": gettext_lazy("before"),
    "by": gettext_lazy("by"),
    "clock": gettext_lazy("clock"),
    "consent": gettext_lazy("consent"),
    "count": gettext_lazy("number shown"),
    "decision": gettext_lazy("decision"),
    "ending": gettext_lazy("how it ended"),
    "fields": gettext_lazy("fields"),
    "form": gettext_lazy("form"),
    "guardian": gettext_lazy("guardian"),
    "language": gettext_lazy("language"),
    "matches": gettext_lazy("words found"),
    "now": gettext_lazy("now"),
    "on": gettext_lazy("on"),
    "outcome": gettext_lazy("outcome"),
    "part": gettext_lazy("part"),
    "parts": gettext_lazy("parts"),
    "question": gettext_lazy("question"),
    "reason": gettext_lazy("reason"),
    "result": gettext_lazy("result"),
    "role": gettext_lazy("role"),
    "rule": gettext_lazy("rule"),
    "same": gettext_lazy("same as"),
    "section": gettext_lazy("section"),
    "signs": gettext_lazy("signs"),
    "step": gettext_lazy("step"),
    "to": gettext_lazy("to"),
    "version": gettext_lazy("version"),
    "way": gettext_lazy("way"),
    "what": gettext_lazy("what"),
}
"""The facts that say something to a reader. What only finds a row again, such as an id or a hash, is in the file."""


def _facts(facts: Mapping[str, Any], subjects: Mapping[str, str]) -> str:
    """The facts of an event in words: codes without their marks, ids as what they stand for."""
    return "; ".join(
        f"{SAID[name]}: {_value(value, subjects)}" for name, value in sorted(facts.items()) if name in SAID
    )


def _value(value: Any, subjects: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    text = str(value)
    return subjects.get(text) or (text if A_DAY.fullmatch(text) else text.replace("_", " ").replace("-", " "))


A_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def by_day(events: Iterable[ShownEvent]) -> list[tuple[date, list[ShownEvent]]]:
    """Events under the day on which they happened, in the order they come."""
    return [(day, list(rows)) for day, rows in groupby(events, key=lambda event: day_of(event.at))]


@require_safe
@requires(Permission.EVENTS_SEE)
def read(request: HttpRequest) -> HttpResponse:
    """The events, newest first. Reading them is an event too."""
    form = FilterForm(request.GET or None)
    with transaction.atomic():
        page = page_of(_chosen(request, form), key="at", after=request.GET.get("after", ""), size=50)
        _note(request, Kind.EVENTS_READ)
    return render(
        request,
        "accounts/events.html",
        {
            "form": form,
            "days": by_day(shown(page.rows)),
            "page": page,
            "next": address_with(request.GET, after=page.after) if page.after else "",
            "first": address_with(request.GET, after=""),
        },
    )


@require_safe
@requires(Permission.EVENTS_SEE)
def download(request: HttpRequest) -> StreamingHttpResponse:
    """The same events as a file for a spreadsheet: the newest hundred thousand of those chosen."""
    with transaction.atomic():
        chosen = _chosen(request, FilterForm(request.GET or None)).filter(at__lte=timezone.now())
        newest = chosen.order_by("-at", "-pk")[:MOST_IN_A_FILE]
        _note(request, Kind.EVENTS_EXPORTED, count=newest.count())
    rows = (_row(event) for chunk in in_chunks(newest) for event in shown(chunk))
    return as_long_csv("events.csv", FILE_COLUMNS, rows)


FILE_COLUMNS = ("at", "who", "what", "about", "subject", "facts", "strand_and_number")


def _row(event: ShownEvent) -> tuple[object, ...]:
    return event.at, event.who, event.what, event.about, event.subject, event.facts, event.place


def _chosen(request: HttpRequest, form: FilterForm) -> QuerySet[Event]:
    ids = organisations_with(user_of(request), Permission.EVENTS_SEE).values_list("pk", flat=True)
    events = Event.objects.filter(organisation__in=[str(pk) for pk in ids])
    if not form.is_bound:
        return events
    if not form.is_valid():
        return events.none()
    filters = form.cleaned_data
    if filters["kind"]:
        events = events.filter(kind=filters["kind"])
    if filters["since"]:
        events = events.filter(at__gte=_midnight(filters["since"]))
    if filters["until"]:
        events = events.filter(at__lt=_midnight(filters["until"] + timedelta(days=1)))
    return events


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _note(request: HttpRequest, kind: Kind, **facts: Any) -> None:
    user = user_of(request)
    note_in_each(kind, user, Permission.EVENTS_SEE, **facts)
