"""Saves a form only once, and keeps drafts of what was typed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from bield.service.accounts.access import teams_seeing_people
from bield.service.accounts.models import User
from bield.service.drafts.keys import NOT_TYPED, digest_of
from bield.service.drafts.models import Draft, Sent
from bield.service.gates import moves_on

ALIKE = timedelta(minutes=10)
"""If the same user sends the same form again within this time, they are asked before it adds another."""

KEPT_SENT = timedelta(days=1)
LONGEST = 300
"""How many characters of an address are stored."""
MOST_DRAFTS = 30
"""How many drafts are kept for one user; the oldest are deleted first."""

Answer = Callable[[], HttpResponse]


def answer_once(request: HttpRequest, user: User, key: str, answer: Answer, *, at: datetime) -> HttpResponse:
    """Answer a form, unless the same one was sent before: then give the same answer again and change nothing.

    The changes and the note that the form was sent are in one transaction, so that the second of two clicks at the same
    moment waits for the first.
    """
    with transaction.atomic():
        Sent.objects.filter(user=user, at__lt=at - KEPT_SENT).delete()
        key_hash = hashlib.sha256(key.encode()).hexdigest()
        sent, new = Sent.objects.get_or_create(user=user, key=key_hash, digest=digest_of(request), defaults={"at": at})
        if not new:
            return redirect(sent.answer)
        response = answer()
        if moves_on(response):
            made = getattr(request, "made", "")
            Sent.objects.filter(pk=sent.pk).update(answer=response.headers["Location"][:LONGEST], made=made)
            Draft.objects.filter(user=user, path=request.path).delete()
        else:
            sent.delete()
        return response


def saved_alike(request: HttpRequest, user: User, key: str, *, at: datetime) -> Sent | None:
    """The same content sent to the same form from another page a moment ago, if any."""
    key_hash = hashlib.sha256(key.encode()).hexdigest()
    alike = Sent.objects.filter(user=user, digest=digest_of(request), at__gte=at - ALIKE).exclude(answer="")
    return alike.exclude(key=key_hash).order_by("-at").first()


def forget(made: str) -> None:
    """Forget the form that made an entry which is now taken back, so that sending the same again asks no question.

    made: as given to `middleware.made`. Call it in the transaction that takes the entry back.
    """
    Sent.objects.filter(made=made).delete()


@transaction.atomic
def keep(user: User, *, path: str, page: str, data: QueryDict, why: str, at: datetime) -> Draft | None:
    """Keep what somebody typed as a draft, replacing the earlier draft of that form. None if nothing was typed."""
    words = [(name, data.getlist(name)) for name in data if name not in NOT_TYPED and not _secret(name)]
    if not any(value.strip() for _name, values in words for value in values):
        return None
    remove_old(at=at)
    path, page = path[:LONGEST], page[:LONGEST]
    Draft.objects.filter(user=user, path=path, page=page).delete()
    draft = Draft.objects.create(
        user=user, path=path, page=page, words=words, why=why, at=at, teams=teams_seeing_people(user)
    )
    surplus = Draft.objects.filter(user=user).order_by("-at").values_list("pk", flat=True)[MOST_DRAFTS:]
    Draft.objects.filter(pk__in=list(surplus)).delete()
    return draft


@transaction.atomic
def move(user: User, *, old: str, new: str) -> None:
    """Move a user's drafts from the pages of one record to the same pages of another. old, new: ids in addresses."""
    for draft in Draft.objects.filter(Q(path__contains=old) | Q(page__contains=old), user=user):
        draft.path, draft.page = draft.path.replace(old, new), draft.page.replace(old, new)
        draft.save(update_fields=["path", "page"])


def forget_pages(ids: Iterable[str]) -> int:
    """Delete everybody's drafts for pages with one of these ids in their address. Returns how many."""
    on_pages = Q()
    for pk in ids:
        on_pages |= Q(path__contains=pk) | Q(page__contains=pk)
    return Draft.objects.filter(on_pages).delete()[0] if on_pages else 0


def remove_old(*, at: datetime) -> int:
    """Delete drafts older than DRAFT_DAYS. Returns how many."""
    return Draft.objects.filter(at__lt=at - timedelta(days=settings.DRAFT_DAYS)).delete()[0]


def delete_drafts(drafts: Iterable[Draft]) -> None:
    """Delete drafts for good."""
    Draft.objects.filter(pk__in=[draft.pk for draft in drafts]).delete()


def _secret(name: str) -> bool:
    return "password" in name or name == "code"
