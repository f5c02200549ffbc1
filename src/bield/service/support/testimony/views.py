"""The account that is told once: for those who keep it, and for those who were allowed to read some of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bield.service.accounts.access import requires, user_of
from bield.service.accounts.models import Organisation, User
from bield.service.accounts.noting import note_in_each
from bield.service.accounts.permissions import Permission, roles_with
from bield.service.audit.actions import record
from bield.service.audit.kinds import Kind
from bield.service.audit.models import Event
from bield.service.changes import NotNow
from bield.service.codelists import label
from bield.service.design.refusing import refused
from bield.service.documents import Block, Facts, Heading, Lines, Table, as_file, as_pdf
from bield.service.drafts.access import typed
from bield.service.drafts.middleware import adds, made
from bield.service.gates import GET_OR_POST
from bield.service.paging import address_with, page_of
from bield.service.support.access import (
    NoLongerGranted,
    account_of,
    grant_for,
    grant_of,
    grants_to,
    kept_elsewhere,
    stands,
    version_of,
)
from bield.service.support.entries.schema import account_parts, checklist
from bield.service.support.episodes.known import words_of
from bield.service.support.episodes.views import page, refuse
from bield.service.support.gate import on_episode
from bield.service.support.models import Account, AccountVersion, Episode, Grant
from bield.service.support.testimony import testimony
from bield.service.support.testimony.forms import AccountForm, CorrectionForm, GrantForm, InterviewForm

READ = Permission.ACCOUNT_READ


def _parts(said: dict[str, dict[str, str]]) -> list[tuple[str, str, str, str]]:
    """Each part that was told: its id, its words for people, what they said and the same in short."""
    return [
        (item.id, _(item.label), said[item.id].get("words", ""), said[item.id].get("summary", ""))
        for item in account_parts()
        if item.id in said
    ]


def _labels(parts: Sequence[str]) -> str:
    return ", ".join(_(item.label) for item in account_parts() if item.id in parts)


@dataclass(frozen=True, slots=True)
class ShownReading:
    """Somebody read the account by a grant."""

    who: str
    at: str
    what: str


@dataclass(frozen=True, slots=True)
class ShownGrant:
    """A grant in words, with every reading by it."""

    grant: Grant
    parts: str
    purpose: str
    stands: bool
    readings: tuple[ShownReading, ...]


def _grants(account: Account, today: date) -> list[ShownGrant]:
    grants = list(Grant.objects.filter(version__account=account).select_related("version__account", "to", "ended_by"))
    read = testimony.readings(grants)
    names = _names([event for events in read.values() for event in events])
    return [
        ShownGrant(
            item,
            _labels(item.parts),
            label("grant_purpose", item.purpose),
            stands(item, today=today),
            tuple(_reading(event, names) for event in read[item.pk]),
        )
        for item in grants
    ]


def _names(events: Sequence[Event]) -> dict[str, str]:
    users = User.objects.filter(pk__in={event.actor for event in events})
    return {str(user.pk): user.name for user in users}


def _reading(event: Event, names: dict[str, str]) -> ShownReading:
    taken = event.kind == Kind.GRANTED_TAKEN.value
    when = date_format(localtime(event.at), "j F Y, H:i")
    return ShownReading(names.get(event.actor, "–"), when, _("took a marked document") if taken else _("read it here"))


# For those who keep it


@require_safe
@on_episode(Kind.ACCOUNT_READ)
def account(request: HttpRequest, episode: Episode) -> HttpResponse:
    """The account as it stands: parts, corrections, grants with who has read, and interviews that were thought of."""
    held, today = account_of(episode), timezone.localdate()
    last = held.versions.select_related("by").first() if held else None
    interviews = [
        (item, _labels(item.parts), _answer(item.answer))
        for item in episode.person.interviews.select_related("organisation", "by")
    ]
    if held is None or last is None:
        elsewhere = kept_elsewhere(episode)
        return page(
            request, episode, "support/testimony/account", last=None, elsewhere=elsewhere, interviews=interviews
        )
    return page(
        request,
        episode,
        "support/testimony/account",
        last=last,
        parts=_parts(last.parts),
        versions=held.versions.defer("parts", "present"),
        open_items=[item for item in checklist() if item.id not in last.checklist],
        language=label("language", last.language),
        interpreter=label("interpreter", last.interpreter),
        corrections=[
            (item, _labels([item.part])) for item in held.corrections.select_related("version", "taken_up", "by")
        ],
        grants=_grants(held, today),
        interviews=interviews,
    )


def _answer(answer: str) -> str:
    return _("The account answers it: no new interview") if answer == "answered" else label("new_interview", answer)


@require_http_methods(GET_OR_POST)
@on_episode(Kind.ACCOUNT_READ)
@adds
def write(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Write a version of the account. The form begins with what stands there."""
    last = testimony.latest(episode)
    form = AccountForm(typed(request), last=last)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("taken_on", "language", "interpreter", "present")}
        try:
            testimony.write(
                episode,
                checklist=form.cleaned_data["checklist"],
                parts=form.parts(),
                by=user_of(request),
                at=timezone.now(),
                **values,
            )
        except NotNow as error:
            form.add_error(None, capfirst(_(str(error))))
        else:
            messages.success(request, _("This version is kept, and is never changed."))
            return redirect("support-account", episode_id=episode.pk)
    return page(
        request, episode, "support/testimony/account_write", form=form, last=last, elsewhere=kept_elsewhere(episode)
    )


@require_safe
@on_episode(Kind.ACCOUNT_READ)
def version(request: HttpRequest, episode: Episode, number: int) -> HttpResponse:
    """An earlier version, as it stood."""
    held = account_of(episode)
    found = version_of(held, number) if held else None
    if found is None:
        return refuse(request, episode, NotNow("there is no account yet"))
    return page(
        request,
        episode,
        "support/testimony/account_version",
        version=found,
        parts=_parts(found.parts),
        corrections=[(item, _labels([item.part])) for item in found.corrections.select_related("by")],
    )


def _last(episode: Episode) -> AccountVersion:
    """The latest version. Raises NotNow where nothing was told yet."""
    found = testimony.latest(episode)
    if found is None:
        raise NotNow("there is no account yet")
    return found


@require_http_methods(GET_OR_POST)
@on_episode(Kind.ACCOUNT_READ)
@adds
def correct(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Put down what the person wants said otherwise."""
    try:
        last = _last(episode)
    except NotNow as error:
        return refuse(request, episode, error)
    form = CorrectionForm(typed(request), version=last)
    if request.method == "POST" and form.is_valid():
        testimony.correct(episode, last, by=user_of(request), at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Kept. Write a new version to take it up."))
        return redirect("support-account", episode_id=episode.pk)
    return page(request, episode, "support/testimony/account_correct", form=form, last=last)


@require_http_methods(GET_OR_POST)
@on_episode(Kind.ACCOUNT_READ)
@adds
def grant(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Allow an organisation to read some of it."""
    try:
        last = _last(episode)
    except NotNow as error:
        return refuse(request, episode, error)
    child = not episode.person.is_adult
    organisations = Organisation.objects.exclude(pk=episode.team.organisation_id).filter(
        teams__memberships__role__in=roles_with(READ)
    )
    form = GrantForm(typed(request), version=last, organisations=organisations.distinct(), child=child)
    form.comparing(words_of(episode, user_of(request)))
    if request.method == "POST" and form.is_valid():
        granted = testimony.grant(episode, last, by=user_of(request), at=timezone.now(), **form.cleaned_data)
        made(request, f"grant:{granted.pk}")
        messages.success(request, _("They can read it from now on. Every reading is noted here."))
        return redirect("support-account", episode_id=episode.pk)
    return page(request, episode, "support/testimony/account_grant", form=form, last=last)


@require_POST
@on_episode()
def grant_end(request: HttpRequest, episode: Episode, grant_id: UUID) -> HttpResponse:
    """Take a grant back, and show what had been read by then."""
    held = account_of(episode)
    if held is None:
        return refuse(request, episode, NotNow("there is no account yet"))
    found = grant_of(held, grant_id)
    try:
        testimony.end(episode, found, by=user_of(request), at=timezone.now())
    except NotNow as error:
        return refused(request, error, "support-account", episode_id=episode.pk)
    found.version.account = held
    count = len(testimony.readings([found])[found.pk])
    words = _("%(who)s can read nothing more from now on.") % {"who": found.to.name}
    read = ngettext("It had been read once: see below.", "It had been read %(count)d times: see below.", count)
    messages.success(request, f"{words} {read % {'count': count} if count else _('Nobody had read it.')}")
    return redirect("support-account", episode_id=episode.pk)


@require_safe
@on_episode(Kind.GRANT_READINGS)
def readings_document(_request: HttpRequest, episode: Episode) -> HttpResponse:
    """Who was allowed to read the account and who did, as a document for the person."""
    held = account_of(episode)
    shown = _grants(held, timezone.localdate()) if held else []
    blocks: list[Block] = [
        Lines((_("You can take back at any time what somebody may read. Support goes on as before."),))
    ]
    for item in shown:
        blocks.append(Heading(item.grant.to.name))
        state = _("They may read it until %(day)s.") % {"day": date_format(item.grant.until)}
        if not item.stands:
            state = _("They can no longer read it.")
        facts = ((_("Parts"), item.parts), (_("For"), item.purpose), (_("Now"), state))
        blocks.append(Facts(facts))
        if item.readings:
            rows = tuple((reading.at, reading.who, reading.what) for reading in item.readings)
            blocks.append(Table((_("When"), _("Who"), _("What they did")), rows))
        else:
            blocks.append(Lines((_("Nobody has read it."),)))
    if not shown:
        blocks.append(Lines((_("Nobody was allowed to read what you told."),)))
    pdf = as_pdf(_("Who has read what you told"), blocks)
    return as_file(pdf, "application/pdf", "who-has-read.pdf")


@require_http_methods(GET_OR_POST)
@on_episode(Kind.ACCOUNT_READ)
@adds
def interview(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Before a new interview is planned: does the account answer it?"""
    form = InterviewForm(typed(request))
    held = account_of(episode)
    if request.method == "POST" and form.is_valid():
        try:
            testimony.think_of_interview(
                episode.person,
                organisation=episode.team.organisation,
                held=testimony.covered(held, form.cleaned_data["parts"]),
                by=user_of(request),
                at=timezone.now(),
                **form.cleaned_data,
            )
        except NotNow as error:
            form.add_error("answer", capfirst(_(str(error))))
        else:
            messages.success(request, _("Noted, with what was said about it."))
            return redirect("support-account", episode_id=episode.pk)
    return page(request, episode, "support/testimony/interview", form=form, covered=_covered(held))


def _covered(held: Account | None) -> list[tuple[str, str, str]]:
    """Each part with whether it can be read, and the day of its version."""
    last = held.versions.first() if held else None
    return _may_read(list(last.parts) if last else [], last)


def _may_read(parts: Sequence[str], version: AccountVersion | None) -> list[tuple[str, str, str]]:
    day = date_format(version.taken_on) if version else ""
    return [(_(item.label), "yes" if item.id in parts else "", day) for item in account_parts()]


# For those who were allowed to read


@require_safe
@requires(READ)
def granted(request: HttpRequest) -> HttpResponse:
    """What one's organisation may read today."""
    user, today = user_of(request), timezone.localdate()
    with transaction.atomic():
        found = page_of(grants_to(user, today=today), key="at", after=request.GET.get("after", ""))
        note_in_each(Kind.GRANTS_LISTED, user, READ, count=len(found.rows))
    return render(
        request,
        "support/testimony/granted.html",
        {
            "rows": [(item, _labels(item.parts), label("grant_purpose", item.purpose)) for item in found.rows],
            "page": found,
            "next": address_with(request.GET, after=found.after) if found.after else "",
            "first": address_with(request.GET, after=""),
        },
    )


def _says_it_is_over(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Where a grant is over, say so: not why, and nothing of the person."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NoLongerGranted as error:
            return render(request, "support/testimony/granted_no_longer.html", {"grant": error.grant}, status=410)

    return wrapped


@require_safe
@requires(READ)
@_says_it_is_over
def granted_one(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """What a grant lets be read: its parts of its version, and nothing else. The reading is noted for the person."""
    user, now = user_of(request), timezone.now()
    with transaction.atomic():
        found = grant_for(user, grant_id, today=timezone.localdate())
        said = testimony.read_as_granted(found, kind=Kind.GRANTED_READ, by=user, at=now)
    return render(request, "support/testimony/granted_one.html", _granted_values(found, said))


def _said(said: dict[str, str]) -> list[tuple[str, str]]:
    """What may be read, part by part, in the order of an account."""
    return [(_(item.label), said[item.id]) for item in account_parts() if item.id in said]


def _granted_values(found: Grant, said: dict[str, str]) -> dict[str, object]:
    return {
        "grant": found,
        "person": found.version.account.person,
        "purpose": label("grant_purpose", found.purpose),
        "parts": _said(said),
        "corrections": [
            (item, _labels([item.part]))
            for item in found.version.corrections.all()
            if item.part in found.parts and not found.summary_only
        ],
    }


@require_safe
@requires(READ)
@_says_it_is_over
def granted_document(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """The same as a document that says on every page who took it, when and what for."""
    user, now = user_of(request), timezone.now()
    with transaction.atomic():
        found = grant_for(user, grant_id, today=timezone.localdate())
        said = testimony.read_as_granted(found, kind=Kind.GRANTED_TAKEN, by=user, at=now)
    mark = _("Taken by %(who)s, %(body)s, %(when)s. For: %(what)s. Until %(until)s. Not to be passed on.") % {
        "who": user.name,
        "body": found.to.name,
        "when": date_format(localtime(now), "j F Y, H:i"),
        "what": label("grant_purpose", found.purpose),
        "until": date_format(found.until),
    }
    blocks: list[Block] = [
        Facts(
            (
                (_("Reference"), found.version.account.person.shown_reference),
                (_("Version"), f"{found.version.number}, {date_format(found.version.taken_on)}"),
            )
        )
    ]
    for name, text in _said(said):
        blocks += [Heading(name), Lines(tuple(text.split("\n")) if text else (_("Nothing."),))]
    pdf = as_pdf(_("What a person told, as far as you may read it"), blocks, marking=mark, watermark=user.name)
    return as_file(pdf, "application/pdf", "account.pdf")


@require_http_methods(GET_OR_POST)
@requires(READ)
@adds
@_says_it_is_over
def granted_interview(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """An agency that thinks of asking the person again is asked first whether it can read what it needs."""
    user = user_of(request)
    with transaction.atomic():
        found = grant_for(user, grant_id, today=timezone.localdate())
        form = InterviewForm(typed(request))
        person = found.version.account.person
        record(Kind.GRANTS_LISTED, actor=user.pk, organisation=found.to_id, subject=person.pk)
        if request.method == "POST" and form.is_valid():
            try:
                testimony.think_of_interview(
                    person,
                    organisation=found.to,
                    held=[part for part in form.cleaned_data["parts"] if part in found.parts],
                    by=user,
                    at=timezone.now(),
                    **form.cleaned_data,
                )
            except NotNow as error:
                form.add_error("answer", capfirst(_(str(error))))
            else:
                messages.success(request, _("Noted. Those who support the person see it; plan it with them."))
                return redirect("granted", grant_id=found.pk)
    return render(
        request,
        "support/testimony/granted_interview.html",
        {"grant": found, "form": form, "covered": _may_read(found.parts, found.version), "agency": True},
    )
