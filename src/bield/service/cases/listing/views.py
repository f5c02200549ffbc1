"""The pages that list people: find, filter, add, export, hand over, and delete what is due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bield.service import reference
from bield.service.accounts.access import colleagues_in, requires, teams_with, user_of
from bield.service.accounts.models import User
from bield.service.accounts.noting import note_in_each
from bield.service.accounts.permissions import Permission, allows
from bield.service.audit.kinds import Kind
from bield.service.cases import actions
from bield.service.cases.access import Reach, alike, left_behind, people_visible_to, person_for, reach_of, role_on
from bield.service.cases.events import MergedAway, note
from bield.service.cases.forms import NewPersonForm
from bield.service.cases.gate import on_record
from bield.service.cases.keeping import retention
from bield.service.cases.listing import due as dues
from bield.service.cases.listing.due import Due
from bield.service.cases.listing.forms import FilterForm, LeftBehindForm
from bield.service.cases.listing.narrowing import chosen, counts_of, form_of, opened, quick_of
from bield.service.cases.listing.rows import rows_of, with_facts
from bield.service.cases.models import Identity, Person
from bield.service.cases.same_person.shared_names import settle, shared_names_for
from bield.service.cases.views import page
from bield.service.changes import NotNow
from bield.service.codelists import label
from bield.service.days import day_of
from bield.service.design.lists import size_of, ticked
from bield.service.drafts.access import typed
from bield.service.drafts.middleware import adds
from bield.service.exports import as_long_csv, in_chunks
from bield.service.gates import GET_OR_POST
from bield.service.paging import Page, address_with, page_by_day, page_of

Row = TypeVar("Row")
ORDERS = {
    "changed": ("changed_at", True),
    "opened": ("opened_at", True),
    "oldest": ("changed_at", False),
    "reference": ("reference", False),
}
MOST_IN_A_FILE = 50_000
MOST_DUE = 100


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The records that the user may see, without names. The filters are in the address."""
    user, today = user_of(request), timezone.localdate()
    reach = reach_of(user)
    form = form_of(reach, request.GET)
    with transaction.atomic():
        counts = counts_of(reach)
        due = dues.dated(opened(reach), today=today) if counts else {}
        wanted = chosen(reach, form, due=due if counts else None)
        page = _page(request, wanted, due, all_in=not form.narrowed)
        if not counts:  # too many to sort by it: what is due is found for this page only
            due = dues.dated(reach.people.filter(pk__in=[person.pk for person in page.rows]), today=today)
        note_in_each(Kind.LIST_READ, user, organisations=reach.organisations, count=len(page.rows))
    context = {
        "form": form,
        "rows": rows_of(page.rows, due, today=today),
        "quick": quick_of(request.GET, counts, due, today=today),
        "many": not counts,
        "page": page,
        "next": address_with(request.GET, after=page.after, print="") if page.after else "",
        "first": address_with(request.GET, after="", print=""),
        "print_url": address_with(request.GET, after="", print="1"),
        "by_due": address_with(request.GET, after="", sort=""),
        "sorted_by_due": bool(counts) and request.GET.get("sort", "") not in ORDERS,
        "narrowed": form.narrowed,
        "printed": timezone.now() if "print" in request.GET else None,
        "may_add": reach.may(Permission.PERSON_EDIT),
        "may_delete": reach.may(Permission.RECORD_DELETE),
    }
    return render(request, "cases/listing/people.html", context | _around(reach, form))


def _around(reach: Reach, form: FilterForm) -> dict[str, Any]:
    """What stands around the list: the teams, whose people it shows, and what a lead is told and may do."""
    seen, led = reach.teams(Permission.PERSON_SEE), reach.teams(Permission.RECORD_REVIEW)
    worker = form.cleaned_data["worker"] if form.is_valid() else None
    values: dict[str, Any] = {
        "teams": [row.team for row in reach.memberships if row.team_id in seen],
        "worker": worker,
        "hands_over": bool(led) and worker is not None,
    }
    if led:
        values["left"] = left_behind(reach.user).count()
        values["shared_names"] = shared_names_for(reach.user).count()
        values["able"] = colleagues_in(led).exclude(pk=worker.pk) if worker else ()
    return values


def _page(request: HttpRequest, people: QuerySet[Person], due: Mapping[UUID, Due], *, all_in: bool) -> Page[Person]:
    """A page of people in the order that was chosen: by default, what is due first.

    all_in: whether everybody for whom something is due is among them.
    """
    people, after = with_facts(people), request.GET.get("after", "")
    size = size_of(request.GET)
    order = ORDERS.get(request.GET.get("sort", ""))
    if order is None:
        return page_by_day(people, dues.days(due), key="changed_at", after=after, size=size, all_in=all_in)
    key, descending = order
    return page_of(people, key=key, after=after, descending=descending, size=size)


def note_list(kind: Kind, user: User, **facts: Any) -> None:
    """Note an event about a list of records."""
    note_in_each(kind, user, Permission.PERSON_SEE, **facts)


@require_safe
@requires(Permission.PERSON_SEE)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The same list as a file for a spreadsheet, without identity."""
    user = user_of(request)
    with transaction.atomic():
        reach = reach_of(user)
        matching = chosen(reach, form_of(reach, request.GET)).select_related("worker", "team").defer("eighteen_from")
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
def due_for_deletion(request: HttpRequest) -> HttpResponse:
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
def hand_over_many(request: HttpRequest) -> HttpResponse:
    """Hand over many records of one colleague at once. Each goes through the gate again; what was not done is said."""
    user = user_of(request)
    teams = list(teams_with(user, Permission.RECORD_REVIEW))
    with transaction.atomic():
        wanted = ticked(request, "rows")
        worker = ticked(request, "worker")[:1]
        led = Person.objects.filter(team__in=teams, closed_at=None, merged_at=None)
        people = led.filter(Q(worker__in=worker) | Q(pk__in=wanted)).select_related("worker", "team")
        rows = [(str(person.pk), _left_words(person)) for person in people.order_by("reference")[:MOST_DUE]]
        lost = [(str(pk), _("A record that is not open to you any more")) for pk in wanted if str(pk) not in dict(rows)]
        form = LeftBehindForm(
            typed(request) if rows or lost else None, rows=[*rows, *lost], people=colleagues_in(teams)
        )
        form.initial = {}  # nothing is ticked until somebody ticks it
        if request.method == "POST" and form.is_valid():
            hand_each_over(request, form.cleaned_data["rows"], form.cleaned_data["to"])
            back = f"?{urlencode({'worker': str(worker[0])})}" if worker else ""
            return redirect(f"{reverse('people')}{back}")
        note_list(Kind.LIST_READ, user, count=len(rows))
    return render(request, "cases/listing/hand_over.html", {"form": form, "rows": rows, "back": "people"})


def hand_each_over(request: HttpRequest, keys: Iterable[str], to: User) -> bool:
    """Hand over each record that the user leads now, and say which were not. Returns whether all were."""
    user, now = user_of(request), timezone.now()

    def hand(key: str) -> None:
        person = person_for(user, UUID(key), Permission.RECORD_REVIEW)
        if person.worker_id == to.pk:
            return
        actions.hand_over(person=person, to=to, by=user, at=now, words="")

    shown = {
        str(pk): reference.shown(code)
        for pk, code in people_visible_to(user).filter(pk__in=keys).values_list("pk", "reference")
    }
    return hand_each(request, keys, to, hand, lambda key: shown.get(key, _("a record that is not yours any more")))


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

    hand: hands one row over; it raises NotNow if this colleague cannot have it, and what the gate raises if the user
    may not hand it over any more. shown: the reference of a row.
    """
    done, refused = 0, []
    for row in rows:
        try:
            hand(row)
            done += 1
        except (NotNow, MergedAway, Http404, PermissionDenied):
            refused.append(shown(row))
    if done:
        messages.success(request, _("%(name)s now looks after %(n)d more.") % {"name": to.name, "n": done})
    if refused:
        words = _("Not handed over, because %(name)s is not in their team or you no longer lead it: %(which)s.")
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
