"""The page of a child's pathway: its steps, the guardian, turning 18; and the pages that a guardian may read."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bield import law
from bield.law.support import guardian_tests, support_of
from bield.service.accounts.access import requires, teams_with, user_of
from bield.service.accounts.models import User
from bield.service.accounts.noting import note_in_each
from bield.service.accounts.permissions import Permission
from bield.service.audit.actions import record
from bield.service.audit.kinds import Kind
from bield.service.cases import what_next
from bield.service.cases.models import Person
from bield.service.cases.steps import mark_step
from bield.service.changes import NotNow
from bield.service.codelists import label
from bield.service.design.births import months_words
from bield.service.design.fields import PastDayField, set_queryset
from bield.service.directory.models import Service
from bield.service.drafts.access import typed
from bield.service.drafts.middleware import adds
from bield.service.gates import GET_OR_POST
from bield.service.support import phases
from bield.service.support.access import child_for, guarded_by, possible_guardians
from bield.service.support.children import guardians
from bield.service.support.entries.schema import parts
from bield.service.support.episodes import actions, display
from bield.service.support.episodes.forms import EntryForm
from bield.service.support.episodes.views import page, refuse
from bield.service.support.gate import on_episode
from bield.service.support.models import Entry, Episode
from bield.service.support.plan import plan
from bield.service.support.states import GIVEN

ACCOMPANY = Permission.CHILD_ACCOMPANY
FOR_A_GUARDIAN = (
    "need",
    "risk",
    "goal",
    "step",
    "appointment",
    "missing",
    "discussion",
    "interview",
    "accommodation",
    "visit",
)
"""The parts of support that a guardian may read. Workers' contacts and notes are not among them."""


class GuardianForm(forms.Form):
    """Who the guardian is, and since when."""

    guardian = forms.ModelChoiceField(
        label=gettext_lazy("Guardian"),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("Choose"),
        error_messages={"required": gettext_lazy("Choose the guardian")},
    )
    on = PastDayField(label=gettext_lazy("Since"), error_messages={"required": gettext_lazy("Enter the day")})

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"on": timezone.localdate()})
        set_queryset(self, "guardian", possible_guardians())


END = "end_%s"
"""The ids of the form that ends a guardian: two forms on the page ask for a day."""


class DayForm(forms.Form):
    """A day in the past, or today."""

    on = PastDayField(label=gettext_lazy("Day"), error_messages={"required": gettext_lazy("Enter the day")})

    def __init__(self, data: Any = None, *, auto_id: str = "id_%s") -> None:
        super().__init__(data, initial={"on": timezone.localdate()}, auto_id=auto_id)


def _steps(person: Person) -> tuple[law.Situation, list[Any]]:
    today = timezone.localdate()
    situation = actions.situation(person, today=today)
    return situation, what_next.steps_of(person, situation, today=today)


@require_safe
@on_episode(Kind.SUPPORT_READ)
def child(request: HttpRequest, episode: Episode) -> HttpResponse:
    """The child's pathway: steps with times and who does them, the tests for a guardian, and what changes at 18."""
    return _child_page(request, episode)


def _child_page(request: HttpRequest, episode: Episode, what: str = "", form: forms.Form | None = None) -> HttpResponse:
    """The child's page. form: a form about the guardian that was refused, as typed; what: which form it is."""
    today = timezone.localdate()
    situation, steps = _steps(episode.person)
    eighteen = phases.eighteen_of(episode)
    shown_parts = {"discussion", "interview", "prosecutor", "missing", "accommodation"}
    entries = list(Entry.objects.filter(episode=episode, part__in=shown_parts).select_related("by"))
    shown_entries = display.shown(entries, today=today)
    guardianship = guardians.guardian_of(episode.person)
    part_of = {step: part.id for part in parts().values() for step in part.closes}
    tests = guardian_tests(situation, on=today, place=settings.PLACE)
    return page(
        request,
        episode,
        "support/children/child",
        to_do=[(item, part_of.get(item.step.id, "")) for item in steps if not item.done],
        done=[item for item in steps if item.done],
        not_to_do=law.not_to_do(situation, on=today, place=settings.PLACE),
        parts=[
            (part, [row for row in shown_entries if row.part.id == part.id])
            for part in display.parts_for(episode)
            if part.id in shown_parts
        ],
        tests=tests,
        guardian=guardianship,
        contradicted=guardianship is not None and any(item.answer == "no" for item in tests),
        form=form,
        guardian_form=(form if what == "begin" else GuardianForm()) if guardianship is None else None,
        day_form=form if what == "agree" else DayForm(),
        end_form=form if what == "end" else DayForm(auto_id=END),
        ending=what == "end",
        up_to=_up_to(),
        eighteen=eighteen,
        eighteen_words=months_words(*eighteen) if eighteen else "",
        panel=phases.panel_until(eighteen[0], today=today) if eighteen else None,
        changes=support_of(settings.PLACE).turning_18,
        today=today,
    )


def _up_to() -> int | str | None:
    provision = law.on(timezone.localdate(), settings.PLACE).get(guardians.UP_TO)
    return provision.value if provision else None


@require_POST
@on_episode()
def step(request: HttpRequest, episode: Episode, step_id: str) -> HttpResponse:
    """Mark a step of the pathway as done, or as not done after all, if no record shows it."""
    _situation, steps = _steps(episode.person)
    if step_id not in {item.step.id for item in steps}:
        raise Http404
    done = request.POST.get("done") == "yes"
    mark_step(person=episode.person, step=step_id, done=done, by=user_of(request), at=timezone.now())
    messages.success(request, _("Marked as done.") if done else _("Marked as not done."))
    return redirect("support-child", episode_id=episode.pk)


@require_POST
@on_episode()
def guardian(request: HttpRequest, episode: Episode, what: str) -> HttpResponse:
    """Record that a guardian began, continues or ended."""
    user, now = user_of(request), timezone.now()
    try:
        guardians.check(episode.person, what)
    except NotNow as error:
        return refuse(request, episode, error)
    form: forms.Form = GuardianForm(request.POST)
    if what != "begin":
        form = DayForm(request.POST, auto_id=END if what == "end" else "id_%s")
    if not form.is_valid():
        return _child_page(request, episode, what, form)
    try:
        if what == "begin":
            guardians.begin(episode, place=settings.PLACE, by=user, at=now, **form.cleaned_data)
        elif what == "agree":
            guardians.agree(episode, by=user, at=now, **form.cleaned_data)
        else:
            guardians.end(episode, by=user, at=now, **form.cleaned_data)
    except NotNow as error:
        form.add_error("on", _("This was not done: %(why)s") % {"why": _(str(error))})
        return _child_page(request, episode, what, form)
    messages.success(request, _("Noted."))
    return redirect("support-child", episode_id=episode.pk)


# What a guardian may read


@require_safe
@requires(ACCOMPANY)
def children(request: HttpRequest) -> HttpResponse:
    """The children whose guardian the user is."""
    user = user_of(request)
    with transaction.atomic():
        guardianships = list(guarded_by(user).select_related("person").order_by("-began_on", "pk"))
        note_in_each(Kind.CHILDREN_LISTED, user, ACCOMPANY, count=len(guardianships))
    return render(
        request,
        "support/children/children.html",
        {"rows": [(item, label("age", item.person.age)) for item in guardianships]},
    )


@require_http_methods(GET_OR_POST)
@requires(ACCOMPANY)
@adds
def child_of(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """What a guardian may read about a child, grouped; and a note of a visit, or a message to the worker."""
    user, today = user_of(request), timezone.localdate()
    with transaction.atomic():
        guardianship = child_for(user, person_id)
        person = guardianship.person
        organisation = teams_with(user, ACCOMPANY).values_list("organisation_id", flat=True).first() or ""
        record(Kind.CHILD_READ, actor=user.pk, organisation=organisation, subject=person.pk)
        episodes = list(
            Episode.objects.filter(person=person, state__in=GIVEN).select_related(
                "team__organisation", "worker", "person__team"
            )
        )
        rows = _for_a_guardian(episodes, today=today)
        names = display.names_of(person)
        _situation, steps = _steps(person)
    dates = [row for row in rows if row.entry.open and row.part.id in DATED and not _is_past(row, today)]
    supported = next((episode for episode in episodes if episode.is_open), None)
    form = _message_form(request, supported) if supported else None
    if supported and form and request.method == "POST" and form.is_valid():
        actions.add_entry(supported, part=FROM_GUARDIAN, details=form.details(), by=user, at=timezone.now())
        messages.success(request, _("Sent. The worker sees it with the child’s support."))
        return redirect("guarded-child", person_id=person.pk)
    return render(
        request,
        "support/children/child_of.html",
        {
            "held": guardianship,
            "person": person,
            "names": names,
            "channels": [(label("channel", item.kind), item.safe, item.details) for item in person.channels.all()],
            "steps": [item for item in steps if not item.done],
            "done": [item for item in steps if item.done],
            "form": form,
            "workers": [(episode, _numbers_of(episode)) for episode in episodes if episode.is_open],
            "goals": [goal for item in episodes for goal in plan.goals_of(item)],
            "dates": dates,
            **{name: [row for row in rows if row.part.id in of and row not in dates] for name, of in GROUPS.items()},
        },
    )


FROM_GUARDIAN = "visit"
"""The part in which a guardian notes visits and writes to the worker."""

DATED = ("appointment", "interview")
"""The parts with days that a guardian must know beforehand."""

GROUPS = {
    "feared": ("risk",),
    "needed": ("need",),
    "lives": ("accommodation",),
    "written": (FROM_GUARDIAN,),
    "more": ("missing", "discussion", *DATED),
}
"""How a guardian's page groups the parts."""


def _for_a_guardian(episodes: list[Episode], *, today: date) -> list[display.Shown]:
    entries = Entry.objects.filter(episode__in=episodes, part__in=FOR_A_GUARDIAN).select_related("by")
    return display.shown(list(entries), today=today)


def _is_past(row: display.Shown, today: date) -> bool:
    return row.entry.due is not None and row.entry.due < today


def _message_form(request: HttpRequest, episode: Episode) -> EntryForm:
    """The form in which a guardian writes to the worker."""
    first = {"on": timezone.localdate().isoformat()}
    return EntryForm(typed(request), part=parts()[FROM_GUARDIAN], episode=episode, details=first)


def _numbers_of(episode: Episode) -> list[dict[str, str]]:
    """The telephone numbers of the service that supports a child, from the directory: only those of its own entry.

    An organisation may have entries for several services: a council’s number for women is not that of this worker.
    """
    name = episode.team.organisation.name
    found = Service.objects.filter(name=name, status="active").exclude(numbers=[]).first()
    return list(found.numbers) if found else []
