"""The list of people: finding, filtering, adding, exporting, and what is due for deletion."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bield.service.accounts.access import colleagues_in, requires, roles_of, teams_with, user_of
from bield.service.accounts.models import User
from bield.service.accounts.noting import note_in_each
from bield.service.accounts.permissions import Permission, allows
from bield.service.audit.kinds import Kind
from bield.service.cases import actions, retention
from bield.service.cases.access import alike, found_by, left_behind, people_visible_to, role_on
from bield.service.cases.crossings import settle, told_to
from bield.service.cases.events import note
from bield.service.cases.forms import NewPersonForm
from bield.service.cases.gate import on_record
from bield.service.cases.listing.forms import FilterForm, FindForm, LeftBehindForm
from bield.service.cases.models import Identity, Person
from bield.service.cases.views import page
from bield.service.changes import NotNow
from bield.service.codelists import label
from bield.service.days import day_of
from bield.service.drafts.access import typed
from bield.service.drafts.middleware import adds
from bield.service.exports import as_long_csv, in_chunks
from bield.service.gates import GET_OR_POST
from bield.service.paging import address_with, page_of

Row = TypeVar("Row")
ORDERS = {
    "": ("changed_at", True),
    "opened": ("opened_at", True),
    "oldest": ("changed_at", False),
    "reference": ("reference", False),
}
MOST_IN_A_FILE = 50_000
MOST_FOUND = 25
MOST_DUE = 100


@require_safe
@requires(Permission.PERSON_SEE)
def people(request: HttpRequest) -> HttpResponse:
    """The records that one may see, without names. The filters stand in the address."""
    user, form = user_of(request), FilterForm(request.GET)
    key, descending = ORDERS.get(request.GET.get("sort", ""), ORDERS[""])
    with transaction.atomic():
        rows = chosen(user, form).select_related("worker", "team")
        page = page_of(rows, key=key, after=request.GET.get("after", ""), descending=descending)
        note_list(Kind.LIST_READ, user, count=len(page.rows))
    roles = roles_of(user)
    leads = any(allows(role, Permission.RECORD_REVIEW) for role in roles)
    return render(
        request,
        "cases/listing/people.html",
        {
            "form": form,
            "find": FindForm(),
            "people": [(item, label("age", item.age)) for item in page.rows],
            "page": page,
            "next": address_with(request.GET, after=page.after) if page.after else "",
            "first": address_with(request.GET, after=""),
            "narrowed": any(request.GET.get(name) for name in form.fields),
            "may_add": any(allows(role, Permission.PERSON_EDIT) for role in roles),
            "may_delete": any(allows(role, Permission.RECORD_DELETE) for role in roles),
            "left": left_behind(user).count() if leads else 0,
            "crossings": told_to(user).count() if leads else 0,
        },
    )


def chosen(user: User, form: FilterForm) -> QuerySet[Person]:
    """The records that one may see, narrowed. A filter that makes no sense narrows to nothing, and says so."""
    found = people_visible_to(user).filter(merged_at=None)  # a merged record is in the one that goes on
    if not form.is_valid():
        return found.none()
    wanted = form.cleaned_data
    if wanted["whose"] == "mine":
        found = found.filter(worker=user)
    if wanted["state"] != "all":
        found = found.filter(closed_at__isnull=wanted["state"] != "closed")
    for name in ("age", "review", "council"):
        if wanted[name]:
            found = found.filter(**{name: wanted[name]})
    return found


def note_list(kind: Kind, user: User, **facts: Any) -> None:
    """An event about a list of records."""
    note_in_each(kind, user, Permission.PERSON_SEE, **facts)


@require_POST
@requires(Permission.PERSON_SEE)
def find(request: HttpRequest) -> HttpResponse:
    """Find by reference or by names. A record found by name notes it, as if it had been opened."""
    user, form = user_of(request), FindForm(request.POST)
    found: list[Person] = []
    if form.is_valid():
        with transaction.atomic():
            rows, by_name = found_by(user, form.cleaned_data["words"])
            found = list(rows.select_related("worker", "team__organisation").order_by("-changed_at")[:MOST_FOUND])
            note_list(Kind.SEARCHED, user, by="name" if by_name else "reference", count=len(found))
            if by_name:
                for person in found:
                    note(Kind.FOUND_BY_NAME, person, user)
        if len(found) == 1 and not by_name:
            return redirect("person", person_id=found[0].pk)
    return render(
        request,
        "cases/listing/found.html",
        {"find": form, "people": [(item, label("age", item.age)) for item in found]},
    )


@require_safe
@requires(Permission.PERSON_SEE)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The same list as a file for a spreadsheet. It holds no identity."""
    user = user_of(request)
    with transaction.atomic():
        found = chosen(user, FilterForm(request.GET)).select_related("worker", "team").defer("eighteen_from")
        rows = found.order_by("-changed_at", "-pk")[:MOST_IN_A_FILE]
        note_list(Kind.LIST_EXPORTED, user, count=rows.count())
    return as_long_csv("people.csv", FILE_COLUMNS, (_row(item) for chunk in in_chunks(rows) for item in chunk))


FILE_COLUMNS = (
    "reference",
    "team",
    "worker",
    "age",
    "gender",
    "exploitation",
    "council",
    "referral",
    "opened",
    "changed",
    "last_met",
    "closed",
)


def _row(item: Person) -> tuple[object, ...]:
    return (
        item.shown_reference,
        item.team.name,
        item.worker.name,
        item.age,
        item.gender,
        " ".join(item.exploitation),
        item.council,
        item.referral,
        day_of(item.opened_at),
        day_of(item.changed_at),
        item.last_met_on,
        day_of(item.closed_at) if item.closed_at else None,
    )


@require_http_methods(GET_OR_POST)
@requires(Permission.PERSON_EDIT)
@adds
def new(request: HttpRequest) -> HttpResponse:
    """Begin a record."""
    user = user_of(request)
    teams = teams_with(user, Permission.PERSON_EDIT).select_related("organisation")
    form = NewPersonForm(typed(request), teams=teams)
    if request.method == "POST" and form.is_valid():
        person = actions.add_person(team=form.cleaned_data["team"], by=user, at=timezone.now(), values=form.values())
        messages.success(
            request, _("The record was begun. Its reference is %(reference)s.") % {"reference": person.shown_reference}
        )
        return redirect("person", person_id=person.pk)
    return render(request, "cases/new.html", {"form": form})


@require_http_methods(GET_OR_POST)
@requires(Permission.RECORD_DELETE)
def due(request: HttpRequest) -> HttpResponse:
    """What is due for deletion or for a look; a lead deletes it here, for good."""
    user, today = user_of(request), timezone.localdate()
    mine = Person.objects.filter(team__in=teams_with(user, Permission.RECORD_DELETE))
    if request.method == "POST":
        chosen = set(request.POST.getlist("person"))
        count = 0
        for item in retention.due(mine, on=today):
            if item.rule.action == "delete":
                picked = [person for person in item.people if str(person.pk) in chosen]
                count += actions.delete(picked, actor=user.pk, rule=item.rule.kind)
        messages.success(request, _("%(count)d deleted for good.") % {"count": count})
        return redirect("people-due")
    with transaction.atomic():
        rows = [
            (item.rule, list(item.people[:MOST_DUE]), item.people.count()) for item in retention.due(mine, on=today)
        ]
        note_list(Kind.LIST_READ, user, count=sum(len(people) for _rule, people, _count in rows))
    may_delete = any(rule.action == "delete" and people for rule, people, _count in rows)
    return render(request, "cases/listing/due.html", {"rows": rows, "may_delete": may_delete})


@require_http_methods(GET_OR_POST)
@requires(Permission.RECORD_REVIEW)
def left(request: HttpRequest) -> HttpResponse:
    """What a colleague who has left looked after: a lead hands it over here, many at once."""
    user = user_of(request)
    with transaction.atomic():
        found = left_behind(user)
        number, people = found.count(), list(found.select_related("worker", "team__organisation")[:MOST_DUE])
        if request.method != "POST":
            note_list(Kind.LIST_READ, user, count=len(people))
        rows = [(str(item.pk), _left_words(item.shown_reference, item.worker.name, item.changed_at)) for item in people]
        able = colleagues_in({item.team_id for item in people})
        # Where somebody else handed everything over meanwhile there is nothing to choose from, and nothing to mend.
        form = LeftBehindForm(typed(request) if rows else None, rows=rows, people=able)
        if request.method == "POST" and form.is_valid():
            picked = [item for item in people if str(item.pk) in form.cleaned_data["rows"]]
            to, now = form.cleaned_data["to"], timezone.now()
            every = hand_each(
                request,
                picked,
                to,
                lambda row: actions.hand_over(person=row, to=to, by=user, at=now, words=""),
                lambda row: row.shown_reference,
            )
            return redirect("people" if every else "people-left")
    return render(request, "cases/listing/left.html", {"form": form, "rows": rows, "number": number, "back": "people"})


@require_http_methods(GET_OR_POST)
@requires(Permission.RECORD_REVIEW)
def other_teams(request: HttpRequest) -> HttpResponse:
    """What a lead is told: that a record of their team and one of another team have the same names. Two references."""
    user, now = user_of(request), timezone.now()
    found = list(told_to(user)[:MOST_DUE])
    if request.method == "POST":
        for item in found:
            if str(item.pk) == request.POST.get("crossing"):
                settle(item, by=user, at=now)
                messages.success(request, _("Noted."))
        return redirect("people-other-teams")
    with transaction.atomic():
        note_list(Kind.LIST_READ, user, count=len(found))
    mine = set(teams_with(user, Permission.RECORD_REVIEW).values_list("pk", flat=True))
    # Of a record one's own team first; of two teams that one leads, as they were found.
    rows = [(item, *((item.one, item.other) if item.one.team_id in mine else (item.other, item.one))) for item in found]
    return render(request, "cases/listing/other_teams.html", {"rows": rows})


def _left_words(shown: str, worker: str, at: datetime) -> str:
    day = date_format(day_of(at))
    return _("%(reference)s, until now %(name)s, last changed %(day)s") % {
        "reference": shown,
        "name": worker,
        "day": day,
    }


def hand_each(
    request: HttpRequest, rows: Iterable[Row], to: User, hand: Callable[[Row], object], shown: Callable[[Row], str]
) -> bool:
    """Hand each over, and say how many went and which did not. Returns whether all did.

    hand: raises NotNow for one that this colleague cannot have. shown: its reference.
    """
    done, kept = 0, []
    for row in rows:
        try:
            hand(row)
            done += 1
        except NotNow:
            kept.append(shown(row))
    if done:
        messages.success(request, _("%(name)s looks after %(n)d more.") % {"name": to.name, "n": done})
    if kept:
        words = _("Not handed over, since %(name)s is not in their team: %(which)s.")
        messages.warning(request, words % {"name": to.name, "which": ", ".join(kept)})
    return not kept


@require_safe
@on_record(Permission.IDENTITY_OPEN, Kind.PERSON_READ)
def alike_records(request: HttpRequest, person: Person) -> HttpResponse:
    """Other records of the team with the same names: perhaps two of one person. No name stands here."""
    found = Identity.objects.filter(person=person).first()
    rows = alike(person, found.names) if found else []
    for item in rows:
        note(Kind.FOUND_BY_NAME, item, user_of(request))
    return page(
        request,
        person,
        "cases/listing/alike",
        people=[(item, label("age", item.age)) for item in rows],
        may_edit=allows(role_on(person), Permission.PERSON_EDIT),
    )
