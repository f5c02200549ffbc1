"""The pages of an episode of support. Each goes through the gate, and each reading records an event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bield import law
from bield.law import load_place
from bield.law.support import route, support_of
from bield.service.accounts.access import user_of
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.cases import actions as cases
from bield.service.cases.consents import consent_on
from bield.service.cases.forms import ConsentForm
from bield.service.cases.gate import on_record
from bield.service.cases.known import words_about
from bield.service.cases.models import Person
from bield.service.changes import Conflict, NotNow
from bield.service.codelists import label
from bield.service.design.meanwhile import differing_fields
from bield.service.design.refusing import refused
from bield.service.drafts.access import typed
from bield.service.drafts.middleware import adds, made
from bield.service.gates import GET_OR_POST
from bield.service.support import phases
from bield.service.support.access import (
    account_of,
    episodes_on,
    kept_elsewhere,
    providers,
    supporters,
    why_identity_closed,
)
from bield.service.support.children.guardians import guardian_of
from bield.service.support.episodes import actions, display, forms, glance
from bield.service.support.gate import on_episode
from bield.service.support.models import Entry, Episode

CONSENT = actions.CONSENT


def page(request: HttpRequest, episode: Episode, template: str, **values: Any) -> HttpResponse:
    """Render a page of an episode, with the values that the head of every page shows."""
    status = values.pop("status", 200)
    shared = {"episode": episode, "person": episode.person, "child": not episode.person.is_adult}
    name = template if "/" in template else f"support/{template}"
    return render(request, f"{name}.html", shared | values, status=status)


def refuse(request: HttpRequest, episode: Episode, why: Exception) -> HttpResponse:
    """Go back to the episode's page and say why something cannot be done now."""
    return refused(request, why, "support", episode_id=episode.pk)


# On the person's own record: asking for support, and the state of each request


@require_http_methods(GET_OR_POST)
@on_record(Permission.SUPPORT_ASK, Kind.PERSON_READ)
@adds
def of_person(request: HttpRequest, person: Person) -> HttpResponse:
    """The state of support for a person, and the form to ask for it. The content of episodes is not shown here."""
    if not support_of(settings.PLACE).recorded:
        return render(request, "support/not_recorded.html", {"person": person})
    today = timezone.localdate()
    rule = route(actions.situation(person, today=today), on=today, place=settings.PLACE)
    teams = providers()
    recommended = [team for team in teams if team.organisation.body == rule.provider]
    if rule.provider == "council":
        recommended = [
            team for team in teams if team.organisation.body == (person.council or person.team.organisation.body)
        ]
    form = forms.AskForm(typed(request), teams=teams, first=recommended[0] if recommended else None)
    form.comparing(words_about(person, user_of(request)))
    if request.method == "POST" and form.is_valid():
        try:
            asked = actions.ask(
                person, place=settings.PLACE, by=user_of(request), at=timezone.now(), **form.cleaned_data
            )
        except NotNow as error:
            form.add_error(None, capfirst(_(str(error))))
        else:
            made(request, f"support:{asked.pk}")
            messages.success(request, _("They have been asked. You see their answer on this page."))
            return redirect("person-support", person_id=person.pk)
    return render(
        request,
        "support/of_person.html",
        {
            "person": person,
            "rule": rule,
            "form": form,
            "agreed": actions.agreed(person, today=today),
            "child": not person.is_adult,
            "episodes": [
                (item, display.state_words(item), label("support_refusal", item.refusal) if item.refusal else "")
                for item in episodes_on(person)
            ],
        },
    )


@require_POST
@on_record(Permission.SUPPORT_ASK)
def take_back(request: HttpRequest, person: Person, episode_id: UUID) -> HttpResponse:
    """Take back a request that nobody has answered yet."""
    episode = get_object_or_404(episodes_on(person), pk=episode_id)
    episode.person = person
    try:
        actions.take_back(episode, by=user_of(request), at=timezone.now())
    except NotNow as error:
        return refused(request, error, "person-support", person_id=person.pk)
    messages.success(request, _("The request was taken back."))
    return redirect("person-support", person_id=person.pk)


# An episode


@require_safe
@on_episode(Kind.SUPPORT_READ)
def overview(request: HttpRequest, episode: Episode) -> HttpResponse:
    """The episode at a glance: its phases, what is open, what the person said. It shows no name."""
    today, user = timezone.localdate(), user_of(request)
    workers = supporters(episode.team)
    if episode.is_asked:
        return page(
            request,
            episode,
            "asked",
            about=_about(episode.person),
            accept=forms.AcceptForm(workers=workers, user=user, asked_at=episode.asked_at),
            decline=forms.DeclineForm(),
            choice=label("other_provider", episode.choice) if episode.choice else "",
        )
    entries = list(Entry.objects.filter(episode=episode).select_related("by"))
    rows = display.shown(entries, today=today)
    return page(
        request,
        episode,
        "overview",
        state=display.state_words(episode),
        ending=label("support_ending", episode.ending) if episode.ending else "",
        follow_up=label("follow_up", episode.follow_up) if episode.follow_up else "",
        refusal=label("support_refusal", episode.refusal) if episode.refusal else "",
        missing=[row for row in rows if row.part.id == "missing" and row.entry.state == "missing"],
        agreed=actions.agreed(episode.person, today=today),
        account=account_of(episode),
        elsewhere=kept_elsewhere(episode),
        today=today,
        **_head(episode, rows, today=today),
        **_time(episode, entries, rows, today=today),
        **_work(episode, entries, rows, today=today),
    )


MOST_DUE, MOST_CONTACTS, MOST_HISTORY = 5, 5, 6
"""How much of each an overview shows; the rest is folded, or a page away."""


def _head(episode: Episode, rows: Sequence[display.Shown], *, today: date) -> dict[str, Any]:
    """The strip of facts, and whether there is no safe way to reach them."""
    ways = _channels_of(episode.person)
    interpreter = next((row for row in rows if row.part.id == "interpreter"), None)
    period = phases.periods([episode], today=today).get(episode.pk)
    review = glance.review_fact(period)
    return {
        "strip": [*glance.strip_of(episode, ways, interpreter, today=today), *([review] if review else [])],
        "no_safe_way": episode.is_open and not any(safe == "yes" for _kind, safe in ways),
        "unsafe": [label("channel", kind).lower() for kind, safe in ways if safe != "yes"],
        "other_keeps": episode.person.team.organisation_id != episode.team.organisation_id,
        "emergency": load_place(settings.PLACE).emergency_number,
    }


def _time(episode: Episode, entries: Sequence[Entry], rows: Sequence[display.Shown], *, today: date) -> dict[str, Any]:
    """The time of support as a line, and its phases in words."""
    made = phases.decided([episode])[episode.pk]
    decisions = [item for item in entries if item.part == "decision"]
    shown_phases = phases.shown_phases(episode, made, decisions, today=today)
    return {"phases": shown_phases, "decided": made, "line": glance.line_of(episode, shown_phases, rows, today=today)}


def _work(episode: Episode, entries: Sequence[Entry], rows: Sequence[display.Shown], *, today: date) -> dict[str, Any]:
    """What is due, the plan, the people around somebody, and what happened last."""
    due = glance.due_rows(rows, today=today) if episode.is_open else []
    history = [item for item in glance.history_of(rows) if item.on <= today]
    guardian = guardian_of(episode.person)
    counts = display.counts(episode, entries)
    return {
        "due": due[:MOST_DUE],
        "due_later": due[MOST_DUE:],
        "next": glance.next_appointment(rows, today=today),
        "contacts": glance.contacts_of(rows, most=MOST_CONTACTS),
        "people": glance.people_around(episode, rows, guardian.guardian.name if guardian else ""),
        "history": history[:MOST_HISTORY],
        "all_of_history": len(history),
        "used": [item for item in counts if item.number],
        "empty": [item for item in counts if not item.number],
        **{f"{name}s": [row for row in rows if row.part.id == name and row.entry.open] for name in OF_THE_PLAN},
        "safety": next((row for row in rows if row.part.id == "safety"), None),
    }


OF_THE_PLAN = ("risk", "need", "goal")
"""The parts of which an overview shows every open entry."""


def _channels_of(person: Person) -> list[tuple[str, str]]:
    """The kinds of ways to reach somebody, and how safe each is."""
    return list(person.channels.values_list("kind", "safe"))


def _about(person: Person) -> list[tuple[str, str]]:
    """What a provider needs to answer a request, without anything that says who the person is."""
    kinds = [label("exploitation", item) for item in person.exploitation]
    return [
        (_("Reference"), person.shown_reference),
        (_("Age"), label("age", person.age)),
        (_("Gender"), label("gender", person.gender)),
        (_("Exploitation thought of"), ", ".join(kinds) or _("Not known")),
        (_("In danger now"), label("known", person.danger)),
        (_("Where"), law.body(person.council).name if person.council else _("Not known")),
    ]


@require_http_methods(["POST"])
@on_episode()
def answer(request: HttpRequest, episode: Episode, kind: str) -> HttpResponse:
    """Take somebody on, or decline the request."""
    user, now = user_of(request), timezone.now()
    workers, sent = supporters(episode.team), request.POST
    accept = forms.AcceptForm(sent if kind == "accept" else None, workers=workers, user=user, asked_at=episode.asked_at)
    decline = forms.DeclineForm(request.POST if kind == "decline" else None)
    chosen = accept if kind == "accept" else decline
    if not chosen.is_valid():
        return page(
            request,
            episode,
            "asked",
            about=_about(episode.person),
            accept=accept,
            decline=decline,
            form=chosen,
            choice=label("other_provider", episode.choice) if episode.choice else "",
        )
    try:
        if kind == "accept":
            actions.accept(episode, by=user, at=now, **accept.cleaned_data)
            messages.success(request, _("Support has begun."))
        else:
            actions.decline(episode, by=user, at=now, **decline.cleaned_data)
            messages.success(request, _("The person who asked will see that it is not possible with you."))
    except NotNow as error:
        return refuse(request, episode, error)
    return redirect("support", episode_id=episode.pk)


@require_safe
@on_episode(Kind.SUPPORT_WHO_READ, Permission.IDENTITY_OPEN)
def who(request: HttpRequest, episode: Episode) -> HttpResponse:
    """The person's name and how to reach them, for those who support them, while the person agrees to it."""
    reason = why_identity_closed(episode, on=timezone.localdate())
    closed_because = {
        "": "",
        "not_taken_on": _("You can see who this is once you take them on."),
        "not_agreed": _("They do not agree to support now, so you cannot see who they are."),
    }[reason]
    return page(
        request,
        episode,
        "who",
        hindrance=closed_because,
        names={} if closed_because else display.names_of(episode.person),
        channels=[]
        if closed_because
        else [(label("channel", item.kind), item.safe, item.details) for item in episode.person.channels.all()],
        address=[]
        if closed_because
        else display.shown(
            list(Entry.objects.filter(episode=episode, part="accommodation").select_related("by")[:1]),
            today=timezone.localdate(),
        ),
    )


@require_http_methods(GET_OR_POST)
@on_episode(Kind.SUPPORT_READ)
def dates(request: HttpRequest, episode: Episode) -> HttpResponse:
    """The dates of decisions, if the referral was made elsewhere."""
    decisions_made = phases.decided([episode])[episode.pk]
    stored = {name: getattr(episode, name) for name in ("grounds_on", "slavery_only", "conclusive_on", "conclusive")}
    form = forms.DatesForm(typed(request), initial=stored | {"version": episode.version})
    if request.method == "POST" and form.is_valid():
        return _change(request, episode, form, form.values(), "dates", decided=decisions_made)
    return page(request, episode, "dates", form=form, decided=decisions_made)


@require_http_methods(GET_OR_POST)
@on_episode(Kind.SUPPORT_READ)
def circumstances(request: HttpRequest, episode: Episode) -> HttpResponse:
    """What decides which services fit."""
    form = forms.CircumstancesForm(typed(request), initial=dict(episode.circumstances) | {"version": episode.version})
    if request.method == "POST" and form.is_valid():
        return _change(request, episode, form, {"circumstances": form.values()}, "circumstances")
    return page(request, episode, "circumstances", form=form)


def _change(
    request: HttpRequest, episode: Episode, form: Any, values: dict[str, Any], template: str, **context: Any
) -> HttpResponse:
    try:
        actions.change(
            episode, expected=form.cleaned_data["version"], values=values, by=user_of(request), at=timezone.now()
        )
    except Conflict as conflict:
        current = conflict.row(Episode)
        theirs = current.circumstances if template == "circumstances" else vars(current)
        differing = differing_fields(form, theirs, version=current.version)
        return page(request, episode, template, form=form, differing=differing, status=409, **context)
    messages.success(request, _("Saved."))
    return redirect("support", episode_id=episode.pk)


@require_http_methods(GET_OR_POST)
@on_episode(Kind.SUPPORT_READ)
def agreement(request: HttpRequest, episode: Episode) -> HttpResponse:
    """What the person says about support now. This is a separate consent: nothing here asks about the police."""
    person, today = episode.person, timezone.localdate()
    if not person.is_adult:
        return page(request, episode, "agreement", kind=law.consent(CONSENT, place=settings.PLACE, on=today))
    standing = consent_on(person, CONSENT, on=today)
    kind = law.consent(CONSENT, place=settings.PLACE, on=today)
    form = ConsentForm(typed(request), standing=standing, place=settings.PLACE, on=today)
    if request.method == "POST" and form.is_valid():
        try:
            cases.answer_consent(
                person=person, kind=CONSENT, by=user_of(request), at=timezone.now(), values=form.cleaned_data
            )
        except NotNow as error:
            return refuse(request, episode, error)
        messages.success(request, _("Noted."))
        return redirect("support", episode_id=episode.pk)
    return page(request, episode, "agreement", form=form, kind=kind, words=standing.state.label, held=standing.answer)


@require_http_methods(GET_OR_POST)
@on_episode(Kind.SUPPORT_READ)
def hand_over(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Pass the episode to a colleague."""
    form = forms.HandForm(typed(request), workers=supporters(episode.team).exclude(episodes=episode))
    if request.method == "POST" and form.is_valid():
        try:
            actions.hand_over(episode, by=user_of(request), at=timezone.now(), **form.cleaned_data)
        except NotNow as error:
            return refuse(request, episode, error)
        messages.success(request, _("They support this person from now on."))
        return redirect("support", episode_id=episode.pk)
    return page(request, episode, "hand_over", form=form)


@require_http_methods(GET_OR_POST)
@on_episode(Kind.SUPPORT_READ)
def close(request: HttpRequest, episode: Episode) -> HttpResponse:
    """End support, or start it again."""
    form = forms.EndForm(typed(request), began_on=episode.began_on)
    if request.method == "POST" and (episode.is_closed or form.is_valid()):
        try:
            if episode.is_closed:
                actions.reopen(episode, by=user_of(request), at=timezone.now())
                messages.success(request, _("Support has started again."))
            else:
                actions.close(episode, by=user_of(request), at=timezone.now(), **form.cleaned_data)
                messages.success(request, _("Support has ended. It can be started again."))
        except NotNow as error:
            return refuse(request, episode, error)
        return redirect("support", episode_id=episode.pk)
    still_open = Entry.objects.filter(episode=episode, open=True).count()
    return page(request, episode, "close", form=form if episode.is_open else None, still=still_open)
