"""The pages of what is recorded in an episode: the entries of each part, and everything in order of time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bield.service.accounts.access import user_of
from bield.service.audit.kinds import Kind
from bield.service.changes import Conflict, NotNow
from bield.service.design.meanwhile import differing_fields
from bield.service.directory.models import Service
from bield.service.drafts.access import typed
from bield.service.drafts.middleware import adds
from bield.service.gates import GET_OR_POST
from bield.service.support.access import (
    entry_of,
)
from bield.service.support.entries.schema import Part, parts
from bield.service.support.episodes import actions, display, forms, glance
from bield.service.support.episodes.known import words_of
from bield.service.support.episodes.views import page, refuse
from bield.service.support.gate import on_episode
from bield.service.support.models import Entry, Episode
from bield.service.support.testimony.testimony import may_plan


def _part(name: str) -> Part:
    if name not in parts() or name == "outcome":  # outcomes have pages of their own
        raise Http404
    return parts()[name]


EVERYTHING = "all"
"""Stands for every part in the address of a part: everything that was recorded, in order of time."""


def _history(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Everything that was recorded, the latest first. A part can be chosen."""
    rows = display.shown(list(Entry.objects.filter(episode=episode).select_related("by")), today=timezone.localdate())
    chosen = request.GET.get("part", "")
    used = dict.fromkeys(item.row.part.id for item in glance.history_of(rows))
    return page(
        request,
        episode,
        "history",
        history=glance.history_of(rows, part=chosen),
        kinds=[(name, _(parts()[name].title)) for name in used],
        chosen=chosen,
    )


@require_safe
@on_episode(Kind.SUPPORT_READ)
def part(request: HttpRequest, episode: Episode, name: str) -> HttpResponse:
    """The entries of a part, open ones first, newest first; or everything in order of time."""
    if name == EVERYTHING:
        return _history(request, episode)
    kind, today = _part(name), timezone.localdate()
    below = [item.id for item in parts().values() if item.under == name]
    entries = list(Entry.objects.filter(episode=episode, part__in=[name, *below]).select_related("by"))
    shown_entries = display.shown(entries, today=today)
    return page(
        request,
        episode,
        "part",
        part=kind,
        below=_part(below[0]) if below else None,
        rows=[row for row in shown_entries if row.entry.open] + [row for row in shown_entries if not row.entry.open],
        full=kind.single and bool(shown_entries),
    )


@require_http_methods(GET_OR_POST)
@on_episode(Kind.SUPPORT_READ)
@adds
def entry_new(request: HttpRequest, episode: Episode, name: str) -> HttpResponse:
    """Add an entry to a part."""
    kind = _part(name)
    if name == "interview" and not may_plan(episode.person):
        messages.warning(
            request, _("First check whether the account already answers your questions. If it does not, say why.")
        )
        return redirect("support-account-interview", episode_id=episode.pk)
    above = _above(episode, kind, request)
    details = _first_values(request, kind) | (offered := _offered(request, kind))
    form = forms.EntryForm(typed(request), part=kind, episode=episode, details=details)
    form.comparing(words_of(episode, user_of(request)))
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_entry(
                episode,
                part=name,
                details=form.details(),
                state=form.state(),
                under=above,
                by=user_of(request),
                at=timezone.now(),
            )
        except NotNow as error:
            return refuse(request, episode, error)
        messages.success(request, _("Added."))
        return redirect("support-part", episode_id=episode.pk, name=kind.under or name)
    return page(request, episode, "entry", form=form, part=kind, above=_words(above), offered=offered)


def _first_values(request: HttpRequest, kind: Part) -> dict[str, Any]:
    """The first values of a new entry: today for each required past day, and the phase that the address names."""
    days = [item.id for item in kind.fields if item.holds == "day" and item.required]
    first_values = dict.fromkeys(days, timezone.localdate().isoformat())
    if kind.id == "decision" and request.GET.get("phase"):
        first_values["phase"] = request.GET["phase"]
    return first_values


def _offered(request: HttpRequest, kind: Part) -> dict[str, Any]:
    """What the page before offers to fill in: a service for a need with the day of the referral, or a kind of support.

    Nothing is saved before the worker has seen it and saves the form.
    """
    if kind.id != "need" or request.method != "GET":
        return {}
    try:
        service = Service.objects.filter(pk=UUID(request.GET.get("service", "")), status="active").first()
    except ValueError:
        return {}
    if service is None:
        return {}
    offered = {"service": str(service.pk), "referred_on": timezone.localdate().isoformat(), "answer": "waits"}
    return offered | ({"head": request.GET["head"]} if request.GET.get("head") in service.heads else {})


def _state_asked(request: HttpRequest, kind: Part) -> str:
    """The state that the page before offers to choose, such as “reached” for a goal; empty for none."""
    asked = request.GET.get("state", "")
    return asked if request.method == "GET" and kind.state(asked) else ""


def _above(episode: Episode, kind: Part, request: HttpRequest) -> Entry | None:
    """The entry that a new one belongs to, if its part needs one. Raises Http404 if the address names none."""
    if not kind.under:
        return None
    try:
        return entry_of(episode, kind.under, UUID(request.GET.get("under", "")))
    except ValueError:
        raise Http404 from None


def _words(above: Entry | None) -> str:
    return str(above.details.get("words", "")) if above else ""


@require_http_methods(GET_OR_POST)
@on_episode(Kind.SUPPORT_READ)
def entry(request: HttpRequest, episode: Episode, name: str, entry_id: UUID) -> HttpResponse:
    """Read an entry, and change it while support is open."""
    kind, stored = _part(name), entry_of(episode, name, entry_id)
    offered = _offered(request, kind)
    form = forms.EntryForm(
        typed(request),
        part=kind,
        episode=episode,
        details=stored.details | offered,
        state=_state_asked(request, kind) or stored.state,
        version=stored.version,
    ).comparing(words_of(episode, user_of(request)))
    context = {
        "part": kind,
        "entry": stored,
        "offered": offered,
        "rows": display.shown([stored], today=timezone.localdate()),
    }
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_entry(
                stored,
                episode=episode,
                expected=form.cleaned_data["version"],
                details=form.details(),
                state=form.state(),
                by=user_of(request),
                at=timezone.now(),
            )
        except Conflict as conflict:
            current = conflict.row(Entry)
            theirs = dict(current.details) | {"state": current.state}
            differing = differing_fields(form, theirs, version=current.version)
            return page(request, episode, "entry", form=form, differing=differing, status=409, **context)
        except NotNow as error:
            return refuse(request, episode, error)
        messages.success(request, _("Saved."))
        return redirect("support-part", episode_id=episode.pk, name=kind.under or name)
    return page(request, episode, "entry", form=form if episode.is_open else None, **context)


@require_POST
@on_episode()
def entry_remove(request: HttpRequest, episode: Episode, name: str, entry_id: UUID) -> HttpResponse:
    """Delete an entry that was made by mistake."""
    stored, kind = entry_of(episode, name, entry_id), _part(name)
    try:
        actions.remove_entry(stored, episode=episode, by=user_of(request), at=timezone.now())
    except NotNow as error:
        return refuse(request, episode, error)
    messages.success(request, _("The entry was deleted."))
    return redirect("support-part", episode_id=episode.pk, name=kind.under or name)
