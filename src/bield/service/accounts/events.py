"""The pages where an auditor reads what was done in their organisation, and who did it; never a record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from bield.service.accounts.access import organisations_with, requires, user_of
from bield.service.accounts.actors import names_of
from bield.service.accounts.noting import note_in_each
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind, in_words
from bield.service.audit.models import Event
from bield.service.design.fields import set_choices
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
    """An event in words."""

    at: datetime
    who: str
    what: str
    subject: str
    facts: str
    place: str


def shown(events: Iterable[Event]) -> list[ShownEvent]:
    """Events in words, with the names of who did them."""
    events = list(events)
    names = names_of(event.actor for event in events)
    return [
        ShownEvent(
            event.at,
            names[event.actor],
            in_words(event.kind),
            event.subject,
            ", ".join(f"{name} {value}" for name, value in sorted(event.facts.items())),
            f"{event.strand}/{event.number}",
        )
        for event in events
    ]


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
            "events": shown(page.rows),
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


FILE_COLUMNS = ("at", "who", "what", "subject", "facts", "strand_and_number")


def _row(event: ShownEvent) -> tuple[object, ...]:
    return event.at, event.who, event.what, event.subject, event.facts, event.place


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
