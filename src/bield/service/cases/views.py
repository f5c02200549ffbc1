"""The pages of a person's record. Every one goes through the gate, and every reading leaves an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bield import law
from bield.births import Birth
from bield.law import load_place
from bield.service.accounts.access import colleagues, user_of
from bield.service.accounts.permissions import Permission, allows, permits
from bield.service.audit.kinds import Kind
from bield.service.cases import actions, display, what_next
from bield.service.cases.access import alike, person_for, role_on
from bield.service.cases.consents import consents_on
from bield.service.cases.encounters import add_encounter, change_encounter, take_encounter_back
from bield.service.cases.forms import (
    AboutForm,
    AgeForm,
    ChannelFormSet,
    CloseForm,
    EncounterForm,
    HandOverForm,
    IdentityForm,
    ShareForm,
    WhyForm,
    known_person,
)
from bield.service.cases.gate import on_record
from bield.service.cases.known import words_about
from bield.service.cases.models import Encounter, Identity, Person
from bield.service.cases.overview import head, history
from bield.service.cases.same_person.merged import assessments_of
from bield.service.cases.same_person.shared_names import compare_with_other_teams
from bield.service.cases.situation import situation_of
from bield.service.cases.steps import mark_step
from bield.service.changes import Conflict, NotNow
from bield.service.codelists import label
from bield.service.days import day_of
from bield.service.design.births import birth_words
from bield.service.design.meanwhile import DifferingField, differing_fields
from bield.service.design.refusing import refused
from bield.service.drafts.access import typed
from bield.service.drafts.middleware import adds, made
from bield.service.gates import GET_OR_POST


def page(request: HttpRequest, person: Person, template: str, **values: Any) -> HttpResponse:
    """Render a page of a record, with what every page shows at the top."""
    values.setdefault("status", 200)
    status = values.pop("status")
    name = template if "/" in template else f"cases/{template}"
    context = {"person": person, "may": permits(role_on(person))}
    return render(request, f"{name}.html", context | values, status=status)


def refuse(request: HttpRequest, person: Person, error: NotNow) -> HttpResponse:
    """Go back to the record's page and say why something was not done."""
    return refused(request, error, "person", person_id=person.pk)


@require_safe
@on_record(Permission.PERSON_SEE, Kind.PERSON_READ)
def overview(request: HttpRequest, person: Person) -> HttpResponse:
    """What to do now, and what a worker needs to see at a glance. It shows no name."""
    today = timezone.localdate()
    last = assessments_of(person).first()
    consents = consents_on(person, on=today)
    situation = situation_of(person, last, consents, today=today)
    shown_consents = display.consents_of(consents, child=situation.treated_as_child, today=today)
    return page(
        request,
        person,
        "overview",
        situation=situation,
        strip=head.strip_of(person, today=today),
        stages=head.stages_of(person, last, [item.state for item in shown_consents]),
        consents=shown_consents,
        clocks=display.clocks_of(situation, today=today),
        doubt=display.doubt_words(person.age_doubt) if person.age_doubt else "",
        last=last,
        summary=display.summary_of(last) if last else [],
        latest=display.events_of(person, reading=False, most=LATEST),
        with_others=what_next.with_others(person, role_on(person)),
        may_edit=allows(role_on(person), Permission.PERSON_EDIT) and person.closed_at is None,
        who_can_refer=what_next.who_can(person, Permission.REFERRAL_MAKE) if person.to_hand_in_since else "",
        place=load_place(settings.PLACE),
        **_next_steps(person, situation, today=today),
        **_notes_on(person),
    )


LATEST = 5
"""How many of the latest events a record shows."""


def _next_steps(person: Person, situation: law.Situation, *, today: date) -> dict[str, Any]:
    """The next steps: the first ones open, the others folded, those that are done, and what not to do."""
    steps = what_next.steps_of(person, situation, today=today, role=role_on(person))
    to_do = what_next.in_order(steps)
    return {
        "to_do": to_do[: what_next.AT_ONCE],
        "later": to_do[what_next.AT_ONCE :],
        "done": [step for step in steps if step.done],
        "not_to_do": law.not_to_do(situation, on=today, place=settings.PLACE),
    }


def _notes_on(person: Person) -> dict[str, Any]:
    """What colleagues left on a record, and the records that were merged or are of the same person."""
    return {
        "handed": person.hand_overs.select_related("before", "by").first(),
        "review": person.reviews.select_related("asked_by", "decided_by").first(),
        "same_as": person.same_as,
        "duplicates": list(person.duplicates.filter(merged_at=None)),
        "merges": list(person.merges.filter(apart_at=None).select_related("other")),
    }


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_EDIT, Kind.PERSON_READ)
def about(request: HttpRequest, person: Person) -> HttpResponse:
    """Change what decides the next steps."""
    form = AboutForm(typed(request), initial=known_person(person))
    if request.method == "POST" and form.is_valid():
        try:
            reset = actions.change_about(
                person=person,
                expected=form.cleaned_data["version"],
                by=user_of(request),
                at=timezone.now(),
                values=form.values(),
            )
        except Conflict as conflict:
            return _conflict(request, person, form, known_person(conflict.row(Person)), "about")
        for words in _reset_words(reset):
            messages.warning(request, words)
        messages.success(request, _("Saved."))
        return redirect("person", person_id=person.pk)
    return page(request, person, "about", form=form)


def _conflict(
    request: HttpRequest,
    person: Person,
    form: Any,
    theirs: dict[str, Any],
    template: str,
    ways: tuple[str, str] = ("", ""),
    **values: Any,
) -> HttpResponse:
    """Show both versions after somebody else saved first. Nothing typed is lost, and saving again keeps this one.

    ways: theirs and mine, in words, if the page has ways to reach somebody.
    """
    differing = differing_fields(form, theirs, version=theirs["version"])
    if ways[0] != ways[1]:
        differing.append(DifferingField(_("Ways to reach them"), *ways))
    return page(request, person, template, form=form, differing=differing, status=409, **values)


def _reset_words(reset: tuple[str, ...]) -> list[str]:
    """What no longer holds after the age was changed, in words."""
    titles = {kind.id: kind.title for kind in law.consents(settings.PLACE, on=timezone.localdate())}
    words = []
    for name in reset:
        if name.startswith("consent:"):
            title = titles[name.removeprefix("consent:")]
            words.append(_("The age was changed: the answer about “%(kind)s” no longer holds.") % {"kind": _(title)})
        elif name == "steps":
            words.append(_("The age was changed: the steps are now different, and no step is marked as done."))
        else:
            words.append(_("The age was changed: the last assessment used another list of signs. Sign a new one."))
    return words


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_EDIT, Kind.PERSON_READ)
@adds
def age(request: HttpRequest, person: Person) -> HttpResponse:
    """Record a council's age assessment."""
    form = AgeForm(typed(request))
    if request.method == "POST" and form.is_valid():
        reset = actions.assess_age(person=person, by=user_of(request), at=timezone.now(), **form.cleaned_data)
        for words in _reset_words(reset):
            messages.warning(request, words)
        messages.success(request, _("The age assessment was recorded."))
        return redirect("person", person_id=person.pk)
    return page(request, person, "age", form=form, assessments=person.age_assessments.order_by("-on"))


@require_safe
@on_record(Permission.IDENTITY_OPEN, Kind.IDENTITY_READ)
def identity(request: HttpRequest, person: Person) -> HttpResponse:
    """Who somebody is. Opening this page is noted, and the person may ask who opened it."""
    recorded = Identity.objects.filter(person=person).first()
    channels = [
        (label("channel", channel.kind), channel.details, channel.safe, label("safe", channel.safe))
        for channel in person.channels.all()
    ]
    rows = _identity_rows(recorded) if recorded else []
    return page(request, person, "identity", rows=rows, channels=channels)


def _identity_rows(recorded: Identity) -> list[tuple[Any, str]]:
    """What is recorded, with the labels of the form."""
    names = dict(recorded.names)
    if names.get("born"):
        names["born"] = birth_words(Birth.read(names["born"]))
    fields = IdentityForm.base_fields
    return [(fields[name].label, names[name]) for name in fields if names.get(name)]


@require_http_methods(GET_OR_POST)
@on_record(Permission.IDENTITY_OPEN, Kind.IDENTITY_READ)
def identity_edit(request: HttpRequest, person: Person) -> HttpResponse:
    """Record who somebody is, and the ways to reach them."""
    person_for(user_of(request), person.pk, Permission.PERSON_EDIT)
    initial = _identity_initial(Identity.objects.filter(person=person).first())
    ways = [{"kind": channel.kind, "safe": channel.safe, **channel.details} for channel in person.channels.all()]
    data = typed(request)
    form, channels = IdentityForm(data, initial=initial), ChannelFormSet(data, initial=ways, prefix="way")
    if request.method == "POST" and form.is_valid() and channels.is_valid():
        ways_typed = [way for way in channels.cleaned_data if way.get("kind")]
        try:
            doubt = actions.change_identity(
                person=person,
                expected=form.cleaned_data["version"],
                by=user_of(request),
                at=timezone.now(),
                names=form.names(),
                channels=ways_typed,
            )
        except Conflict:
            both = _ways_words(ways), _ways_words(ways_typed)
            return _conflict(request, person, form, initial, "identity_edit", both, channels=channels)
        messages.success(request, _("Saved. Only people in this team can open it, and every opening is noted."))
        if doubt:
            messages.warning(request, display.doubt_words(doubt))
        if compare_with_other_teams(person, form.names(), by=user_of(request), at=timezone.now()):
            messages.warning(request, _("Another team of your organisation may know this person: ask your lead."))
        return redirect("person-alike" if alike(person, form.names()) else "person", person_id=person.pk)
    return page(request, person, "identity_edit", form=form, channels=channels)


def _ways_words(ways: Sequence[Mapping[str, Any]]) -> str:
    """Ways to reach somebody in words, one a line."""
    return "\n".join(
        f"{label('channel', way['kind'])}: {way['value']} ({label('safe', way['safe'])}) {way.get('note', '')}".strip()
        for way in ways
    )


def _identity_initial(recorded: Identity | None) -> dict[str, Any]:
    if recorded is None:
        return {"version": 0}
    return dict(recorded.names) | {"version": recorded.version}


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_EDIT, Kind.PERSON_READ)
@adds
def encounter_new(request: HttpRequest, person: Person) -> HttpResponse:
    """Record a time when somebody was met."""
    initial = {"on": timezone.localdate(), "council": person.council}
    form = EncounterForm(typed(request), opened_on=day_of(person.opened_at), initial=initial)
    if request.method == "POST" and form.is_valid():
        encounter = add_encounter(person=person, by=user_of(request), at=timezone.now(), values=form.values())
        made(request, f"encounter:{encounter.pk}")
        messages.success(request, _("The encounter was recorded."))
        return redirect("person", person_id=person.pk)
    return page(request, person, "encounter", form=form)


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_SEE, Kind.ENCOUNTER_READ)
def encounter(request: HttpRequest, person: Person, encounter_id: int) -> HttpResponse:
    """Read an encounter with its note, or correct it."""
    opened = person.encounters.select_related("by").filter(pk=encounter_id).first()
    if opened is None:
        raise Http404
    if not allows(role_on(person), Permission.PERSON_EDIT) or (opened.taken_back_at and request.method != "POST"):
        return page(request, person, "encounter", encounter=opened)
    form = EncounterForm(typed(request), opened_on=day_of(person.opened_at), initial=_encounter_initial(opened))
    if request.method == "POST" and form.is_valid():
        try:
            change_encounter(
                person=person,
                encounter=opened,
                expected=form.cleaned_data["version"],
                by=user_of(request),
                at=timezone.now(),
                values=form.values(),
            )
        except Conflict as conflict:
            current = conflict.row(Encounter)
            return _conflict(request, person, form, _encounter_initial(current), "encounter", encounter=opened)
        except NotNow as error:
            return refuse(request, person, error)
        messages.success(request, _("Saved."))
        return redirect("person", person_id=person.pk)
    return page(request, person, "encounter", form=form, encounter=opened)


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_EDIT, Kind.ENCOUNTER_READ)
def encounter_take_back(request: HttpRequest, person: Person, encounter_id: int) -> HttpResponse:
    """Take an encounter back. It can still be read, but no longer counts."""
    encounter = person.encounters.select_related("by").filter(pk=encounter_id).first()
    if encounter is None:
        raise Http404
    form = WhyForm(typed(request)).comparing(words_about(person, user_of(request)))
    if request.method == "POST" and form.is_valid():
        user, why = user_of(request), form.cleaned_data["why"]
        try:
            take_encounter_back(person=person, encounter=encounter, by=user, at=timezone.now(), why=why)
        except NotNow as error:
            return refuse(request, person, error)
        messages.success(request, _("The encounter was taken back."))
        return redirect("encounters", person_id=person.pk)
    return page(request, person, "encounter_take_back", form=form, encounter=encounter)


def _encounter_initial(encounter: Encounter) -> dict[str, Any]:
    return {name: getattr(encounter, name) for name in EncounterForm.base_fields}


@require_safe
@on_record(Permission.PERSON_SEE, Kind.ENCOUNTER_READ)
def encounters(request: HttpRequest, person: Person) -> HttpResponse:
    """Every encounter, newest first."""
    return page(request, person, "encounters", encounters=_encounters_in_words(person))


def _encounters_in_words(person: Person) -> list[tuple[Encounter, str, str, str]]:
    return [
        (met, label("place_kind", met.place_kind), label("attention", met.attention), _council(met.council))
        for met in person.encounters.select_related("by", "taken_back_by")
    ]


def _council(body_id: str) -> str:
    return law.body(body_id).name if body_id else _("Not known")


@require_POST
@on_record(Permission.PERSON_EDIT)
def step(request: HttpRequest, person: Person, step_id: str) -> HttpResponse:
    """Mark a step as done, or as not done after all."""
    today = timezone.localdate()
    situation = situation_of(person, assessments_of(person).first(), consents_on(person, on=today), today=today)
    step_ids = {step.id for step in what_next.known_steps(situation, today=today)}
    if step_id not in step_ids:
        raise Http404
    done = request.POST.get("done") == "yes"
    mark_step(person=person, step=step_id, done=done, by=user_of(request), at=timezone.now())
    messages.success(request, _("Marked as done.") if done else _("Marked as not done."))
    return redirect("person", person_id=person.pk)


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_EDIT, Kind.PERSON_READ)
@adds
def share(request: HttpRequest, person: Person) -> HttpResponse:
    """Record that something was shared with another body."""
    data = typed(request)
    form = ShareForm(data, place=settings.PLACE, on=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            actions.share(person=person, by=user_of(request), at=timezone.now(), values=form.cleaned_data)
        except NotNow as error:
            form.add_error("consent", _(str(error)).capitalize())
        else:
            messages.success(request, _("Noted."))
            return redirect("consents", person_id=person.pk)
    return page(request, person, "share", form=form)


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_EDIT, Kind.PERSON_READ)
def hand_over(request: HttpRequest, person: Person) -> HttpResponse:
    """Pass the record to a colleague."""
    people = colleagues(person.team).exclude(pk=person.worker_id)
    form = HandOverForm(typed(request), people=people).comparing(words_about(person, user_of(request)))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.hand_over(
                person=person, to=values["to"], by=user_of(request), at=timezone.now(), words=values["words"]
            )
        except NotNow as error:
            return refuse(request, person, error)
        messages.success(request, _("%(name)s has the record now.") % {"name": values["to"].name})
        return redirect("person", person_id=person.pk)
    return page(request, person, "hand_over", form=form, anybody=people.exists())


@require_http_methods(GET_OR_POST)
@on_record(Permission.PERSON_EDIT, Kind.PERSON_READ)
def close(request: HttpRequest, person: Person) -> HttpResponse:
    """Close the record, or open it again."""
    form = CloseForm(typed(request), person=person, initial={"other": request.GET.get("other", "")})
    if request.method == "POST" and (person.closed_at or form.is_valid()):
        user, now = user_of(request), timezone.now()
        try:
            if "reopen" in request.POST:
                actions.reopen(person=person, by=user, at=now)
                messages.success(request, _("The record is open again."))
            elif form.is_valid():
                actions.close(
                    person=person,
                    by=user,
                    at=now,
                    reason=form.cleaned_data["reason"],
                    same_as=form.cleaned_data["same_as"],
                )
                messages.success(request, _("The record is closed. You can open it again."))
        except NotNow as error:
            return refuse(request, person, error)
        return redirect("person", person_id=person.pk)
    return page(request, person, "close", form=form)


@require_safe
@on_record(Permission.PERSON_SEE, Kind.TIMELINE_READ)
def timeline(request: HttpRequest, person: Person) -> HttpResponse:
    """Everything that was done, newest first, and as a picture over time. A kind can be chosen."""
    events = display.events_of(person, reading=False)
    lane = request.GET.get("kind", "")
    rows = sorted(history.chosen(events, lane), key=lambda event: event.at, reverse=True)
    return page(
        request,
        person,
        "timeline",
        picture=history.picture_of(events, today=timezone.localdate()),
        lane=lane if lane in history.LANES else "",
        rows=Paginator(rows, history.MOST).get_page(request.GET.get("page")),
        number=len(events),
    )
