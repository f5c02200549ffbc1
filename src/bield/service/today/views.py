"""The first page after signing in, the box that finds somebody, and the help."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from bield.service.accounts.access import may, user_of
from bield.service.accounts.actions import note_visit
from bield.service.accounts.noting import note_in_each
from bield.service.accounts.permissions import Permission
from bield.service.audit.kinds import Kind
from bield.service.codelists import label
from bield.service.support.phases import length
from bield.service.today import help as helping
from bield.service.today.day import day_for
from bield.service.today.find import find as find_words
from bield.service.today.forms import FindForm
from bield.service.today.navigation import by_permission, memberships_of
from bield.service.today.since import since


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the user, in order of time."""
    user, now = user_of(request), timezone.now()
    memberships = memberships_of(user)
    mine = by_permission(memberships)
    with transaction.atomic():
        day, organisations = day_for(user, mine, now=now)
        last = note_visit(user, at=now)
        told = since(user, mine, last=last, now=now)
        if organisations:
            note_in_each(Kind.TODAY_READ, user, organisations=organisations, count=day.people)
    return render(
        request,
        "today/home.html",
        {
            "day": day,
            "told": told,
            "last": last,
            "part_of_day": _part_of_day(timezone.localtime(now).hour),
            "memberships": memberships,
            "role_requests": user.role_requests.select_related("team"),
            "may": {permission.value: bool(rows) for permission, rows in mine.items()},
            "unseen_for": length("support_not_seen").days,
            "sees_people": bool(mine[Permission.PERSON_SEE]),
        },
    )


def _part_of_day(hour: int) -> str:
    return "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Find records, episodes and notifications. The words are posted and stay out of every address."""
    if not may(user_of(request), Permission.PERSON_SEE) and not may(user_of(request), Permission.NOTIFICATION_RECEIVE):
        raise PermissionDenied
    if request.method != "POST":
        return render(request, "today/found.html", {"find": FindForm()})
    form = FindForm(request.POST)
    if not form.is_valid():
        return render(request, "today/found.html", {"find": form})
    with transaction.atomic():
        found = find_words(user_of(request), form.cleaned_data["find"])
    if found.only:
        return redirect(found.only)
    people = [(person, label("age", person.age)) for person in found.people]
    return render(request, "today/found.html", {"find": form, "found": found, "people": people})


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """The help: about the page somebody came from first, then every topic, or those that match a search."""
    words, about = request.GET.get("q", "").strip()[:100], request.GET.get("about", "")
    topics = helping.search(words) if words else helping.topics()
    here = [topic for topic in helping.topics() if about in topic.pages] if about and not words else []
    others = [topic for topic in topics if topic not in here]
    return render(request, "today/help.html", {"here": here, "topics": others, "words": words})
