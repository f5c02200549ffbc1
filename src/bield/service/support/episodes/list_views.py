"""A team's page, its list of those supported, and the calendar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bield.service import reference
from bield.service.accounts.access import colleagues_in, requires, user_of
from bield.service.accounts.models import User
from bield.service.accounts.noting import note_in_each
from bield.service.audit.kinds import Kind
from bield.service.cases.listing.forms import LeftBehindForm
from bield.service.cases.listing.views import hand_each
from bield.service.codelists import label
from bield.service.drafts.access import typed
from bield.service.exports import as_long_csv, in_chunks
from bield.service.gates import GET_OR_POST
from bield.service.paging import Page, address_with, page_of
from bield.service.support import calendar_feed as feed
from bield.service.support import due, phases
from bield.service.support.access import GIVE, episodes_of, left_behind
from bield.service.support.episodes import actions, display
from bield.service.support.episodes.list_forms import ORDERS, FilterForm
from bield.service.support.models import Episode, FeedKey
from bield.service.support.states import EpisodeState

MOST_ON_THE_PAGE = 1_000
"""Open episodes that a team's page looks through."""

MOST_ASKED = 50

MOST_OF_A_KIND = 25
"""How many of each kind it shows; it says how many more there are."""

MOST_IN_A_FILE = 50_000
MOST_ON_A_LIST = 100


def note_list(kind: Kind, user: User, shown: Sequence[Episode] = (), **facts: Any) -> None:
    """An event about a list of episodes. shown: those that it shows, with their teams, where they were fetched."""
    organisations = sorted({item.team.organisation_id for item in shown})
    note_in_each(kind, user, GIVE, organisations=organisations, **facts)


@require_safe
@requires(GIVE)
def team(request: HttpRequest) -> HttpResponse:
    """Who waits, whose clock ends, what is overdue, who has not been seen."""
    user, today = user_of(request), timezone.localdate()
    mine = request.GET.get("whose") == "mine"
    own = episodes_of(user)
    running = own.filter(state=EpisodeState.OPEN).order_by("began_on", "id")
    if mine:
        running = running.filter(worker=user)
    episodes = running[:MOST_ON_THE_PAGE]
    with transaction.atomic():
        found = due.due_in(episodes, today=today, now=timezone.now())
        rows = {"clocks": found.clocks, "overdue": found.overdue, "unseen": found.unseen}
        shown = due.with_episodes(
            {
                **{name: of_kind[:MOST_OF_A_KIND] for name, of_kind in rows.items()},
                "coming": due.with_hours(found.coming[:MOST_OF_A_KIND]),
            }
        )
        asked = own.filter(state=EpisodeState.ASKED).select_related("person").only("asked_at", "person__reference")
        requests = list(asked.order_by("asked_at", "id")[:MOST_ASKED])
        organisations = sorted({item.organisation for item in found.days})
        note_in_each(Kind.SUPPORT_LISTED, user, GIVE, organisations=organisations, count=len(found.days))
    return render(
        request,
        "support/team.html",
        {
            **shown,
            "asked": requests,
            "more": {name: max(len(of_kind) - MOST_OF_A_KIND, 0) for name, of_kind in rows.items()},
            "number": len(found.days),
            "left": left_behind(own).count(),
            "mine": mine,
            "most": MOST_ON_THE_PAGE,
            "soon": phases.length("support_soon").days,
            "unseen_for": phases.length("support_not_seen").days,
        },
    )


@require_http_methods(GET_OR_POST)
@requires(GIVE)
def left(request: HttpRequest) -> HttpResponse:
    """Those whose supporter has left: handed over here, many at once."""
    user = user_of(request)
    with transaction.atomic():
        found = left_behind(episodes_of(user))
        episodes = list(found.select_related("person", "worker", "team")[:MOST_ON_A_LIST])
        number = found.count()
        if request.method != "POST":
            note_list(Kind.SUPPORT_LISTED, user, episodes, count=len(episodes))
        rows = [(str(item.pk), f"{item.person.shown_reference}, {item.worker}") for item in episodes]
        able = colleagues_in({item.team_id for item in episodes}, GIVE)
        # Where somebody else handed everything over meanwhile there is nothing to choose from, and nothing to mend.
        form = LeftBehindForm(typed(request) if rows else None, rows=rows, people=able)
        if request.method == "POST" and form.is_valid():
            picked = [item for item in episodes if str(item.pk) in form.cleaned_data["rows"]]
            to, now = form.cleaned_data["to"], timezone.now()
            every = hand_each(
                request,
                picked,
                to,
                lambda row: actions.hand_over(row, to=to, by=user, at=now),
                lambda row: row.person.shown_reference,
            )
            return redirect("support-team" if every else "support-left")
    return render(
        request, "cases/listing/left.html", {"form": form, "rows": rows, "number": number, "back": "support-team"}
    )


def chosen(user: User, form: FilterForm) -> QuerySet[Episode]:
    """The episodes of one's teams, narrowed. A filter that makes no sense narrows to nothing, and says so."""
    found = episodes_of(user)
    if not form.is_valid():
        return found.none()
    wanted = form.cleaned_data
    found = found.filter(state=wanted["state"] or EpisodeState.OPEN)
    if wanted["whose"] == "mine":
        found = found.filter(worker=user)
    if wanted["age"]:
        found = found.filter(person__age=wanted["age"])
    if wanted["reference"]:
        found = found.filter(person__reference=reference.read(wanted["reference"]))
    return found


def _page(request: HttpRequest, form: FilterForm) -> Page[Episode]:
    key, descending = ORDERS.get(request.GET.get("sort", ""), ORDERS[""])[:2]
    rows = chosen(user_of(request), form).select_related("person", "worker", "team__organisation")
    rows = rows.defer("words", "circumstances")
    if key == "last_seen_on":
        rows = rows.filter(last_seen_on__isnull=False)
    return page_of(rows, key=key, after=request.GET.get("after", ""), descending=descending)


@require_safe
@requires(GIVE)
def episodes(request: HttpRequest) -> HttpResponse:
    """Everybody that the user's teams support or supported, by reference."""
    form = FilterForm(request.GET)
    with transaction.atomic():
        page = _page(request, form)
        ends = _ends(page.rows)
        note_list(Kind.SUPPORT_LISTED, user_of(request), count=len(page.rows))
    return render(
        request,
        "support/episodes.html",
        {
            "form": form,
            "rows": [
                (item, label("age", item.person.age), display.state_words(item), ends[item.pk]) for item in page.rows
            ],
            "page": page,
            "next": address_with(request.GET, after=page.after) if page.after else "",
            "first": address_with(request.GET, after=""),
            "narrowed": any(request.GET.get(name) for name in form.fields),
        },
    )


def _ends(rows: Any) -> dict[object, Any]:
    found = phases.periods(rows, today=timezone.localdate())
    return {item.pk: found[item.pk].ends if item.pk in found else None for item in rows}


@require_safe
@requires(GIVE)
def episodes_file(request: HttpRequest) -> StreamingHttpResponse:
    """The same list as a file for a spreadsheet. It holds no identity, and nothing that was written down."""
    user, form = user_of(request), FilterForm(request.GET)
    with transaction.atomic():
        found = chosen(user, form).select_related("person", "worker").defer("words", "circumstances")
        rows = found.order_by("-asked_at", "-id")[:MOST_IN_A_FILE]
        note_list(Kind.SUPPORT_EXPORTED, user, count=rows.count())
    return as_long_csv("support.csv", FILE_COLUMNS, (line for chunk in in_chunks(rows) for line in _lines(chunk)))


def _lines(rows: list[Episode]) -> Iterator[tuple[object, ...]]:
    ends = _ends(rows)
    for item in rows:
        yield _row(item, ends)


FILE_COLUMNS = ("reference", "state", "age", "began", "ended", "statutory_period_ends", "last_seen", "worker")


def _row(item: Episode, ends: Any) -> tuple[object, ...]:
    return (
        item.person.shown_reference,
        item.state,
        item.person.age,
        item.began_on,
        item.ended_on,
        ends[item.pk],
        item.last_seen_on,
        item.worker.name if item.worker else None,
    )


@require_http_methods(GET_OR_POST)
@requires(GIVE)
def calendar(request: HttpRequest) -> HttpResponse:
    """The address of one's own calendar: made, shown once, ended."""
    user, address = user_of(request), ""
    if request.method == "POST" and "end" in request.POST:
        feed.end_key(user, at=timezone.now())
        messages.success(request, _("The address does not work any more."))
        return redirect("support-calendar")
    if request.method == "POST":
        token = feed.make_key(user, at=timezone.now())
        address = request.build_absolute_uri(reverse("support-feed", args=[token]))
    held = FeedKey.objects.filter(user=user).first()
    return render(request, "support/calendar.html", {"held": held, "address": address})


@login_not_required
@require_safe
def calendar_feed(_request: HttpRequest, token: str) -> HttpResponse:
    """A calendar for a telephone, which cannot sign in: its address is the secret. References and days only."""
    owner = feed.owner_of(token)
    if owner is None:
        raise Http404
    with transaction.atomic():
        entries = feed.events_of(owner, today=timezone.localdate())
        clocks = feed.clocks_of(owner, now=timezone.now())
        ends = feed.periods_of(owner, today=timezone.localdate())
        waiting = feed.to_hand_in_of(owner)
        note_list(Kind.CALENDAR_READ, owner, count=len(entries) + len(clocks) + len(ends) + len(waiting))
    calendar = feed.as_icalendar(entries, ends, waiting, clocks, now=timezone.now())
    return HttpResponse(calendar, content_type="text/calendar; charset=utf-8")
