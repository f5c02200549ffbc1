"""The pages that list people: find, filter, add, export, hand over, and delete what is due."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bield.service.accounts.access import colleagues_in, requires, roles_of, teams_with, user_of
from bield.service.accounts.models import User
from bield.service.accounts.noting import note_in_each
from bield.service.accounts.permissions import Permission, allows
from bield.service.audit.kinds import Kind
from bield.service.cases import actions, retention
from bield.service.cases.access import alike, left_behind, people_visible_to, role_on
from bield.service.cases.events import note
from bield.service.cases.forms import NewPersonForm
from bield.service.cases.gate import on_record
from bield.service.cases.listing.forms import FilterForm, LeftBehindForm
from bield.service.cases.models import Identity, Person
from bield.service.cases.shared_names import settle, shared_names_for
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
MOST_DUE = 100


@require_safe
@requires(Permission.PERSON_SEE)
def people(request: HttpRequest) -> HttpResponse:
    """The records that the user may see, without names. The filters are in the address."""
    user, form = user_of(request), FilterForm(request.GET)
    key, descending = ORDERS.get(request.GET.get("sort", ""), ORDERS[""])
    with transaction.atomic():
        records = chosen(user, form).select_related("worker", "team")
        page = page_of(records, key=key, after=request.GET.get("after", ""), descending=descending)
        note_list(Kind.LIST_READ, user, count=len(page.rows))
    roles = roles_of(user)
    leads = any(allows(role, Permission.RECORD_REVIEW) for role in roles)
    return render(
        request,
        "cases/listing/people.html",
        {
            "form": form,
            "people": [(person, label("age", person.age)) for person in page.rows],
            "page": page,
            "next": address_with(request.GET, after=page.after) if page.after else "",
            "first": address_with(request.GET, after=""),
            "narrowed": any(request.GET.get(name) for name in form.fields),
            "may_add": any(allows(role, Permission.PERSON_EDIT) for role in roles),
            "may_delete": any(allows(role, Permission.RECORD_DELETE) for role in roles),
            "left": left_behind(user).count() if leads else 0,
            "shared_names": shared_names_for(user).count() if leads else 0,
        },
    )


def chosen(user: User, form: FilterForm) -> QuerySet[Person]:
    """The records that the user may see, filtered. An invalid filter gives no records, and the form says why."""
    people = people_visible_to(user).filter(merged_at=None)  # a merged record is part of the one that was kept
    if not form.is_valid():
        return people.none()
    filters = form.cleaned_data
    if filters["whose"] == "mine":
        people = people.filter(worker=user)
    if filters["state"] != "all":
        people = people.filter(closed_at__isnull=filters["state"] != "closed")
    for name in ("age", "review", "council"):
        if filters[name]:
            people = people.filter(**{name: filters[name]})
    return people


def note_list(kind: Kind, user: User, **facts: Any) -> None:
    """Note an event about a list of records."""
    note_in_each(kind, user, Permission.PERSON_SEE, **facts)


@require_safe
@requires(Permission.PERSON_SEE)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The same list as a file for a spreadsheet, without identity."""
    user = user_of(request)
    with transaction.atomic():
        matching = chosen(user, FilterForm(request.GET)).select_related("worker", "team").defer("eighteen_from")
        people = matching.order_by("-changed_at", "-pk")[:MOST_IN_A_FILE]
        note_list(Kind.LIST_EXPORTED, user, count=people.count())
    return as_long_csv("people.csv", FILE_COLUMNS, (_row(person) for chunk in in_chunks(people) for person in chunk))


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


def _row(person: Person) -> tuple[object, ...]:
    return (
        person.shown_reference,
        person.team.name,
        person.worker.name,
        person.age,
        person.gender,
        " ".join(person.exploitation),
        person.council,
        person.referral,
        day_of(person.opened_at),
        day_of(person.changed_at),
        person.last_met_on,
        day_of(person.closed_at) if person.closed_at else None,
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
    """What is due for deletion or for review; a lead can delete it here for good."""
    user, today = user_of(request), timezone.localdate()
    mine = Person.objects.filter(team__in=teams_with(user, Permission.RECORD_DELETE))
    if request.method == "POST":
        ticked = set(request.POST.getlist("person"))
        count = 0
        for due in retention.due(mine, on=today):
            if due.rule.action == "delete":
                picked = [person for person in due.people if str(person.pk) in ticked]
                count += actions.delete(picked, actor=user.pk, rule=due.rule.kind)
        messages.success(request, _("%(count)d deleted for good.") % {"count": count})
        return redirect("people-due")
    with transaction.atomic():
        rows = [(due.rule, list(due.people[:MOST_DUE]), due.people.count()) for due in retention.due(mine, on=today)]
        note_list(Kind.LIST_READ, user, count=sum(len(people) for _rule, people, _count in rows))
    may_delete = any(rule.action == "delete" and people for rule, people, _count in rows)
    return render(request, "cases/listing/due.html", {"rows": rows, "may_delete": may_delete})


@require_http_methods(GET_OR_POST)
@requires(Permission.RECORD_REVIEW)
def left(request: HttpRequest) -> HttpResponse:
    """What a colleague who has left looked after; a lead can hand over many records at once here."""
    user = user_of(request)
    with transaction.atomic():
        records = left_behind(user)
        number, people = records.count(), list(records.select_related("worker", "team__organisation")[:MOST_DUE])
        if request.method != "POST":
            note_list(Kind.LIST_READ, user, count=len(people))
        rows = [(str(person.pk), _left_words(person)) for person in people]
        able = colleagues_in({person.team_id for person in people})
        # If somebody else has handed everything over meanwhile, there is nothing to choose and no error to show.
        form = LeftBehindForm(typed(request) if rows else None, rows=rows, people=able)
        if request.method == "POST" and form.is_valid():
            picked = [person for person in people if str(person.pk) in form.cleaned_data["rows"]]
            to, now = form.cleaned_data["to"], timezone.now()
            all_handed = hand_each(
                request,
                picked,
                to,
                lambda person: actions.hand_over(person=person, to=to, by=user, at=now, words=""),
                lambda person: person.shown_reference,
            )
            return redirect("people" if all_handed else "people-left")
    return render(request, "cases/listing/left.html", {"form": form, "rows": rows, "number": number, "back": "people"})


@require_http_methods(GET_OR_POST)
@requires(Permission.RECORD_REVIEW)
def other_teams(request: HttpRequest) -> HttpResponse:
    """Shows a lead the references of records that have the same names, one in their team and one in another."""
    user, now = user_of(request), timezone.now()
    shared_names = list(shared_names_for(user)[:MOST_DUE])
    if request.method == "POST":
        for shared in shared_names:
            if str(shared.pk) == request.POST.get("shared"):
                settle(shared, by=user, at=now)
                messages.success(request, _("Noted."))
        return redirect("people-other-teams")
    with transaction.atomic():
        note_list(Kind.LIST_READ, user, count=len(shared_names))
    mine = set(teams_with(user, Permission.RECORD_REVIEW).values_list("pk", flat=True))
    # The record of the user's own team comes first; if they lead both teams, the order is as stored.
    rows = [
        (shared, shared.one, shared.other) if shared.one.team_id in mine else (shared, shared.other, shared.one)
        for shared in shared_names
    ]
    return render(request, "cases/listing/other_teams.html", {"rows": rows})


def _left_words(person: Person) -> str:
    return _("%(reference)s, until now %(name)s, last changed %(day)s") % {
        "reference": person.shown_reference,
        "name": person.worker.name,
        "day": date_format(day_of(person.changed_at)),
    }


def hand_each(
    request: HttpRequest, rows: Iterable[Row], to: User, hand: Callable[[Row], object], shown: Callable[[Row], str]
) -> bool:
    """Hand each row over, and say how many were and which were not. Returns whether all were.

    hand: hands one row over, and raises NotNow if this colleague cannot have it. shown: the reference of a row.
    """
    done, refused = 0, []
    for row in rows:
        try:
            hand(row)
            done += 1
        except NotNow:
            refused.append(shown(row))
    if done:
        messages.success(request, _("%(name)s now looks after %(n)d more.") % {"name": to.name, "n": done})
    if refused:
        words = _("Not handed over, since %(name)s is not in their team: %(which)s.")
        messages.warning(request, words % {"name": to.name, "which": ", ".join(refused)})
    return not refused


@require_safe
@on_record(Permission.IDENTITY_OPEN, Kind.PERSON_READ)
def alike_records(request: HttpRequest, person: Person) -> HttpResponse:
    """Other records of the team with the same names, perhaps of the same person. The page shows no name."""
    identity = Identity.objects.filter(person=person).first()
    others = alike(person, identity.names) if identity else []
    for other in others:
        note(Kind.FOUND_BY_NAME, other, user_of(request))
    return page(
        request,
        person,
        "cases/listing/alike",
        people=[(other, label("age", other.age)) for other in others],
        may_edit=allows(role_on(person), Permission.PERSON_EDIT),
    )
