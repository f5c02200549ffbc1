"""A team's page, its list of those supported, and the calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bield.service.accounts.access import colleagues_in, requires, teams_with, user_of
from bield.service.accounts.models import User
from bield.service.accounts.noting import note_in_each
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases.listing import due as dues
from bield.service.cases.listing.due import Due as Next
from bield.service.cases.listing.forms import LeftBehindForm
from bield.service.cases.listing.views import hand_each
from bield.service.design.lists import size_of, ticked
from bield.service.drafts.access import typed
from bield.service.exports import as_long_csv, in_chunks
from bield.service.gates import GET_OR_POST
from bield.service.paging import Page, address_with, page_by_day, page_of
from bield.service.support import calendar_feed as feed
from bield.service.support import due, phases
from bield.service.support.access import GIVE, Reach, episode_for, episodes_of, left_behind, reach_of
from bield.service.support.episodes import actions
from bield.service.support.episodes.caseload import (
    ON_A_ROW,
    caseload,
    first_due,
    next_appointments,
    rows_of,
)
from bield.service.support.episodes.list_forms import ORDERS, FilterForm
from bield.service.support.episodes.narrowing import MOST_LOOKED_THROUGH, chosen, form_of, open_in, quick_of
from bield.service.support.models import Episode, FeedKey
from bield.service.support.states import EpisodeState

MOST_ASKED = 50

MOST_IN_A_FILE = 50_000
MOST_ON_A_LIST = 100


def note_list(kind: Kind, user: User, shown: Sequence[Episode] = (), **facts: Any) -> None:
    """An event about a list of episodes. shown: those that it shows, with their teams, where they were fetched."""
    organisations = sorted({item.team.organisation_id for item in shown})
    note_in_each(kind, user, GIVE, organisations=organisations, **facts)


@require_safe
def team(request: HttpRequest) -> HttpResponse:
    """One row for each person supported: what is due, how late, when they were seen, and their next appointment."""
    user, today = user_of(request), timezone.localdate()
    reach = reach_of(user)
    mine = request.GET.get("whose") == "mine"
    with transaction.atomic():
        found = due.due_in(open_in(reach), today=today, now=timezone.now())
        first = first_due(found)
        running = reach.episodes.filter(state=EpisodeState.OPEN)
        running = running.filter(worker=user) if mine else running
        page = _by_day(request, running, first, all_in=not mine)
        asked = reach.episodes.filter(state=EpisodeState.ASKED).select_related("person__team__organisation")
        requests = list(asked.only(*ON_A_ROW).order_by("asked_at", "id")[:MOST_ASKED])
        appointments = next_appointments(page.rows, today=today)
        note_in_each(Kind.SUPPORT_LISTED, user, organisations=reach.organisations, count=len(found.days))
    led = reach.teams(Permission.RECORD_REVIEW)
    return render(
        request,
        "support/team.html",
        {
            "rows": rows_of(page.rows, first, found.periods, today=today, appointments=appointments),
            "page": page,
            "next": address_with(request.GET, after=page.after) if page.after else "",
            "first": address_with(request.GET, after=""),
            "asked": rows_of(requests, {}, {}, today=today),
            "number": len(found.days),
            "late": len({row.episode for row in (*found.clocks, *found.overdue) if row.late}),
            "unseen": len(found.unseen),
            "left": left_behind(reach.episodes).count(),
            "loads": caseload(found, colleagues_in(led, GIVE)) if led and not mine else (),
            "mine": mine,
            "most": MOST_LOOKED_THROUGH,
            "unseen_for": phases.length("support_not_seen").days,
        },
    )


def _by_day(
    request: HttpRequest, episodes: QuerySet[Episode], first: Mapping[UUID, Next], *, all_in: bool
) -> Page[Episode]:
    """A page of episodes, those with something due first. all_in: whether the query has all of these."""
    rows = episodes.select_related("person__team__organisation", "worker", "team__organisation").only(*ON_A_ROW)
    days, after = dues.days(first), request.GET.get("after", "")
    return page_by_day(rows, days, key="asked_at", after=after, size=size_of(request.GET), all_in=all_in)


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


@require_http_methods(GET_OR_POST)
@requires(Permission.RECORD_REVIEW)
def hand_over_many(request: HttpRequest) -> HttpResponse:
    """Hand over many people of one colleague at once. Each goes through the gate again; what was not done is said."""
    user = user_of(request)
    teams = list(teams_with(user, Permission.RECORD_REVIEW))
    with transaction.atomic():
        wanted, worker = ticked(request, "rows"), ticked(request, "worker")[:1]
        led = episodes_of(user).filter(team__in=teams, state=EpisodeState.OPEN)
        episodes = led.filter(Q(worker__in=worker) | Q(pk__in=wanted)).select_related("person", "worker", "team")
        episodes = episodes.defer("words", "circumstances").order_by("person__reference")
        found = list(episodes[:MOST_ON_A_LIST])
        rows = [(str(item.pk), f"{item.person.shown_reference}, {item.worker}") for item in found]
        lost = [(str(pk), _("Somebody you no longer support")) for pk in wanted if str(pk) not in dict(rows)]
        form = LeftBehindForm(
            typed(request) if rows or lost else None, rows=[*rows, *lost], people=colleagues_in(teams, GIVE)
        )
        form.initial = {}  # nothing is ticked until somebody ticks it
        if request.method == "POST" and form.is_valid():
            _hand_each_over(request, form.cleaned_data["rows"], form.cleaned_data["to"], dict(rows))
            back = f"?{urlencode({'worker': str(worker[0])})}" if worker else ""
            return redirect(f"{reverse('support-list')}{back}")
        note_list(Kind.SUPPORT_LISTED, user, found, count=len(rows))
    return render(request, "cases/listing/hand_over.html", {"form": form, "rows": rows, "back": "support-list"})


def _hand_each_over(request: HttpRequest, keys: Sequence[str], to: User, shown: Mapping[str, str]) -> None:
    """Hand over each episode that the user leads now, and say which were not."""
    user, now = user_of(request), timezone.now()

    def hand(key: str) -> None:
        actions.hand_over(episode_for(user, UUID(key), Permission.RECORD_REVIEW), to=to, by=user, at=now)

    hand_each(request, keys, to, hand, lambda key: shown.get(key, _("somebody you no longer support")).split(",")[0])


def _page(request: HttpRequest, reach: Reach, form: FilterForm, first: Mapping[UUID, Next]) -> Page[Episode]:
    order, rows = ORDERS.get(request.GET.get("sort", "")), chosen(reach, form, first=first)
    if order is None:
        return _by_day(request, rows, first, all_in=not form.narrowed)
    key, descending = order[:2]
    rows = rows.select_related("person__team__organisation", "worker", "team__organisation").only(*ON_A_ROW)
    if key == "last_seen_on":
        rows = rows.filter(last_seen_on__isnull=False)
    return page_of(rows, key=key, after=request.GET.get("after", ""), descending=descending, size=size_of(request.GET))


@require_safe
def episodes(request: HttpRequest) -> HttpResponse:
    """Everybody that the user's teams support or supported, by reference."""
    user, today = user_of(request), timezone.localdate()
    reach = reach_of(user)
    form = form_of(reach, request.GET)
    with transaction.atomic():
        found = due.due_in(open_in(reach), today=today, now=timezone.now())
        first = first_due(found)
        page = _page(request, reach, form, first)
        note_in_each(Kind.SUPPORT_LISTED, user, organisations=reach.organisations, count=len(page.rows))
    worker = form.cleaned_data["worker"] if form.is_valid() else None
    led = reach.teams(Permission.RECORD_REVIEW) if worker else []
    return render(
        request,
        "support/episodes.html",
        {
            "form": form,
            "rows": rows_of(page.rows, first, found.periods, today=today),
            "quick": quick_of(reach, request.GET, found, first, today=today),
            "page": page,
            "next": address_with(request.GET, after=page.after, print="") if page.after else "",
            "first": address_with(request.GET, after="", print=""),
            "print_url": address_with(request.GET, after="", print="1"),
            "by_due": address_with(request.GET, after="", sort=""),
            "sorted_by_due": request.GET.get("sort", "") not in ORDERS,
            "printed": timezone.now() if "print" in request.GET else None,
            "narrowed": form.narrowed,
            "worker": worker,
            "hands_over": bool(led),
            "able": colleagues_in(led, GIVE).exclude(pk=worker.pk) if worker else (),
        },
    )


def _ends(rows: Any) -> dict[object, Any]:
    found = phases.periods(rows, today=timezone.localdate())
    return {item.pk: found[item.pk].ends if item.pk in found else None for item in rows}


@require_safe
@requires(GIVE)
def episodes_file(request: HttpRequest) -> StreamingHttpResponse:
    """The same list as a file for a spreadsheet. It holds no identity, and nothing that was written down."""
    user = user_of(request)
    reach = reach_of(user)
    with transaction.atomic():
        found = (
            chosen(reach, form_of(reach, request.GET))
            .select_related("person", "worker")
            .defer("words", "circumstances")
        )
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
