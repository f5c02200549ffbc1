"""The pages of an account: for the team that keeps it, and for organisations that may read some of it."""

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
    is_in_force,
    kept_elsewhere,
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
    """Each part that was told: its id, its label, what they said, and the summary."""
    return [
        (item.id, _(item.label), said[item.id].get("words", ""), said[item.id].get("summary", ""))
        for item in account_parts()
        if item.id in said
    ]


def _labels(parts: Sequence[str]) -> str:
    return ", ".join(_(item.label) for item in account_parts() if item.id in parts)


@dataclass(frozen=True, slots=True)
class ShownReading:
    """A reading of the account under a grant, in words."""

    who: str
    at: str
    what: str


@dataclass(frozen=True, slots=True)
class ShownGrant:
    """A grant in words, with every reading under it. stands: whether it is in force."""

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
            is_in_force(item, today=today),
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


# For the team that keeps it


@require_safe
@on_episode(Kind.ACCOUNT_READ)
def account(request: HttpRequest, episode: Episode) -> HttpResponse:
    """The account as it is now: parts, corrections, grants with who has read it, and interviews considered."""
    kept_account, today = account_of(episode), timezone.localdate()
    last = kept_account.versions.select_related("by").first() if kept_account else None
    interviews = [
        (item, _labels(item.parts), _answer(item.answer))
        for item in episode.person.interviews.select_related("organisation", "by")
    ]
    if kept_account is None or last is None:
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
        versions=kept_account.versions.defer("parts", "present"),
        open_items=[item for item in checklist() if item.id not in last.checklist],
        language=label("language", last.language),
        interpreter=label("interpreter", last.interpreter),
        corrections=[
            (item, _labels([item.part]))
            for item in kept_account.corrections.select_related("version", "taken_up", "by")
        ],
        grants=_grants(kept_account, today),
        interviews=interviews,
    )


def _answer(answer: str) -> str:
    return _("The account answers it: no new interview") if answer == "answered" else label("new_interview", answer)


@require_http_methods(GET_OR_POST)
@on_episode(Kind.ACCOUNT_READ)
@adds
def write(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Write a version of the account. The form starts with the latest one."""
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
            messages.success(request, _("This version is saved, and nobody can change it."))
            return redirect("support-account", episode_id=episode.pk)
    return page(
        request, episode, "support/testimony/account_write", form=form, last=last, elsewhere=kept_elsewhere(episode)
    )


@require_safe
@on_episode(Kind.ACCOUNT_READ)
def version(request: HttpRequest, episode: Episode, number: int) -> HttpResponse:
    """An earlier version of the account."""
    kept_account = account_of(episode)
    earlier = version_of(kept_account, number) if kept_account else None
    if earlier is None:
        return refuse(request, episode, NotNow("there is no account yet"))
    return page(
        request,
        episode,
        "support/testimony/account_version",
        version=earlier,
        parts=_parts(earlier.parts),
        corrections=[(item, _labels([item.part])) for item in earlier.corrections.select_related("by")],
    )


def _last(episode: Episode) -> AccountVersion:
    """The latest version. Raises NotNow if there is no account yet."""
    last = testimony.latest(episode)
    if last is None:
        raise NotNow("there is no account yet")
    return last


@require_http_methods(GET_OR_POST)
@on_episode(Kind.ACCOUNT_READ)
@adds
def correct(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Record what the person wants to correct."""
    try:
        last = _last(episode)
    except NotNow as error:
        return refuse(request, episode, error)
    form = CorrectionForm(typed(request), version=last)
    if request.method == "POST" and form.is_valid():
        testimony.correct(episode, last, by=user_of(request), at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Saved. Write a new version to include it."))
        return redirect("support-account", episode_id=episode.pk)
    return page(request, episode, "support/testimony/account_correct", form=form, last=last)


@require_http_methods(GET_OR_POST)
@on_episode(Kind.ACCOUNT_READ)
@adds
def grant(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Allow an organisation to read some of the account."""
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
    """Take a grant back, and say how often the account was read under it."""
    kept_account = account_of(episode)
    if kept_account is None:
        return refuse(request, episode, NotNow("there is no account yet"))
    granted = grant_of(kept_account, grant_id)
    try:
        testimony.end(episode, granted, by=user_of(request), at=timezone.now())
    except NotNow as error:
        return refused(request, error, "support-account", episode_id=episode.pk)
    granted.version.account = kept_account
    count = len(testimony.readings([granted])[granted.pk])
    words = _("%(who)s can read nothing more from now on.") % {"who": granted.to.name}
    read = ngettext("It had been read once: see below.", "It had been read %(count)d times: see below.", count)
    messages.success(request, f"{words} {read % {'count': count} if count else _('Nobody had read it.')}")
    return redirect("support-account", episode_id=episode.pk)


@require_safe
@on_episode(Kind.GRANT_READINGS)
def readings_document(_request: HttpRequest, episode: Episode) -> HttpResponse:
    """Who was allowed to read the account and who did, as a document for the person."""
    kept_account = account_of(episode)
    grants = _grants(kept_account, timezone.localdate()) if kept_account else []
    blocks: list[Block] = [
        Lines((_("You can stop anybody reading it at any time. Your support continues as before."),))
    ]
    for granted in grants:
        blocks.append(Heading(granted.grant.to.name))
        state = _("They may read it until %(day)s.") % {"day": date_format(granted.grant.until)}
        if not granted.stands:
            state = _("They can no longer read it.")
        grant_facts = ((_("Parts"), granted.parts), (_("For"), granted.purpose), (_("Now"), state))
        blocks.append(Facts(grant_facts))
        if granted.readings:
            reading_rows = tuple((reading.at, reading.who, reading.what) for reading in granted.readings)
            blocks.append(Table((_("When"), _("Who"), _("What they did")), reading_rows))
        else:
            blocks.append(Lines((_("Nobody has read it."),)))
    if not grants:
        blocks.append(Lines((_("Nobody was allowed to read what you told."),)))
    pdf = as_pdf(_("Who has read what you told"), blocks)
    return as_file(pdf, "application/pdf", "who-has-read.pdf")


@require_http_methods(GET_OR_POST)
@on_episode(Kind.ACCOUNT_READ)
@adds
def interview(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Before a new interview is planned: does the account answer it?"""
    form = InterviewForm(typed(request))
    kept_account = account_of(episode)
    if request.method == "POST" and form.is_valid():
        try:
            testimony.consider_interview(
                episode.person,
                organisation=episode.team.organisation,
                readable=testimony.covered(kept_account, form.cleaned_data["parts"]),
                by=user_of(request),
                at=timezone.now(),
                **form.cleaned_data,
            )
        except NotNow as error:
            form.add_error("answer", capfirst(_(str(error))))
        else:
            messages.success(request, _("Recorded, with your answer."))
            return redirect("support-account", episode_id=episode.pk)
    return page(request, episode, "support/testimony/interview", form=form, covered=_covered(kept_account))


def _covered(account: Account | None) -> list[tuple[str, str, str]]:
    """Each part with whether it can be read, and the day of its version."""
    last = account.versions.first() if account else None
    return _may_read(list(last.parts) if last else [], last)


def _may_read(parts: Sequence[str], version: AccountVersion | None) -> list[tuple[str, str, str]]:
    day = date_format(version.taken_on) if version else ""
    return [(_(item.label), "yes" if item.id in parts else "", day) for item in account_parts()]


# For organisations that may read it


@require_safe
@requires(READ)
def granted(request: HttpRequest) -> HttpResponse:
    """The accounts that the user's organisations may read today."""
    user, today = user_of(request), timezone.localdate()
    with transaction.atomic():
        grants = page_of(grants_to(user, today=today), key="at", after=request.GET.get("after", ""))
        note_in_each(Kind.GRANTS_LISTED, user, READ, count=len(grants.rows))
        read = testimony.read_by({item.to_id for item in grants.rows}, grants.rows)
    return render(
        request,
        "support/testimony/granted.html",
        {
            "rows": [
                (item, _labels(item.parts), label("grant_purpose", item.purpose), str(item.pk) in read)
                for item in grants.rows
            ],
            "page": grants,
            "next": address_with(request.GET, after=grants.after) if grants.after else "",
            "first": address_with(request.GET, after=""),
        },
    )


def _says_grant_is_over(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Say that a grant is over, but not why, and nothing about the person."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NoLongerGranted as error:
            return render(request, "support/testimony/granted_no_longer.html", {"grant": error.grant}, status=410)

    return wrapped


@require_safe
@requires(READ)
@_says_grant_is_over
def granted_one(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """What a grant allows: its parts of its version, and nothing else. The reading is recorded for the person."""
    user, now = user_of(request), timezone.now()
    with transaction.atomic():
        grant = grant_for(user, grant_id, today=timezone.localdate())
        text = testimony.read_as_granted(grant, kind=Kind.GRANTED_READ, by=user, at=now)
    return render(request, "support/testimony/granted_one.html", _granted_values(grant, text))


def _labelled(text: dict[str, str]) -> list[tuple[str, str]]:
    """The text of each part with its label, in the order of an account."""
    return [(_(item.label), text[item.id]) for item in account_parts() if item.id in text]


def _granted_values(grant: Grant, text: dict[str, str]) -> dict[str, object]:
    return {
        "grant": grant,
        "person": grant.version.account.person,
        "purpose": label("grant_purpose", grant.purpose),
        "parts": _labelled(text),
        "corrections": [
            (item, _labels([item.part]))
            for item in grant.version.corrections.all()
            if item.part in grant.parts and not grant.summary_only
        ],
    }


@require_safe
@requires(READ)
@_says_grant_is_over
def granted_document(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """The same as a document. Every page says who took it, when, and what for."""
    user, now = user_of(request), timezone.now()
    with transaction.atomic():
        grant = grant_for(user, grant_id, today=timezone.localdate())
        text = testimony.read_as_granted(grant, kind=Kind.GRANTED_TAKEN, by=user, at=now)
    mark = _("Taken by %(who)s, %(body)s, %(when)s. For: %(what)s. Until %(until)s. Not to be passed on.") % {
        "who": user.name,
        "body": grant.to.name,
        "when": date_format(localtime(now), "j F Y, H:i"),
        "what": label("grant_purpose", grant.purpose),
        "until": date_format(grant.until),
    }
    blocks: list[Block] = [
        Facts(
            (
                (_("Reference"), grant.version.account.person.shown_reference),
                (_("Version"), f"{grant.version.number}, {date_format(grant.version.taken_on)}"),
            )
        )
    ]
    for name, words in _labelled(text):
        blocks += [Heading(name), Lines(tuple(words.split("\n")) if words else (_("Nothing."),))]
    pdf = as_pdf(_("A person’s account, as far as you may read it"), blocks, marking=mark, watermark=user.name)
    return as_file(pdf, "application/pdf", "account.pdf")


@require_http_methods(GET_OR_POST)
@requires(READ)
@adds
@_says_grant_is_over
def granted_interview(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """Before an agency asks the person again: can it read what it needs in the account?"""
    user = user_of(request)
    with transaction.atomic():
        grant = grant_for(user, grant_id, today=timezone.localdate())
        form = InterviewForm(typed(request))
        person = grant.version.account.person
        record(Kind.GRANTS_LISTED, actor=user.pk, organisation=grant.to_id, subject=person.pk)
        if request.method == "POST" and form.is_valid():
            try:
                testimony.consider_interview(
                    person,
                    organisation=grant.to,
                    readable=[part for part in form.cleaned_data["parts"] if part in grant.parts],
                    by=user,
                    at=timezone.now(),
                    **form.cleaned_data,
                )
            except NotNow as error:
                form.add_error("answer", capfirst(_(str(error))))
            else:
                messages.success(
                    request, _("Recorded. The person’s support team can see it: plan the interview with them.")
                )
                return redirect("granted", grant_id=grant.pk)
    return render(
        request,
        "support/testimony/granted_interview.html",
        {"grant": grant, "form": form, "covered": _may_read(grant.parts, grant.version), "agency": True},
    )
