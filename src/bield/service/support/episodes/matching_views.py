"""The page of services that fit a person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bield.service.audit.kinds import Kind
from bield.service.design.fields import heads
from bield.service.directory.models import Service
from bield.service.support.episodes import display, matching
from bield.service.support.episodes.views import page
from bield.service.support.gate import on_episode
from bield.service.support.models import Entry, Episode


@require_safe
@on_episode(Kind.SUPPORT_READ)
def fitting(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Which services fit the person, each with its reasons, and the button that uses one for a need."""
    needs = display.shown(
        list(Entry.objects.filter(episode=episode, part="need", open=True).select_related("by")),
        today=timezone.localdate(),
    )
    chosen = next((row for row in needs if str(row.entry.pk) == request.GET.get("need")), None)
    head = request.GET.get("head") or (chosen.entry.code if chosen else "")
    services = list(Service.objects.exclude(status="defunct"))
    asked = matching.asked_of(episode.person, episode.circumstances)
    matches = matching.match(services, asked, head=head, today=timezone.localdate())
    return page(
        request,
        episode,
        "fitting",
        heads=heads(),
        head=head,
        needs=needs,
        chosen=chosen,
        fits=[item for item in matches if item.fits == "yes"],
        perhaps=[item for item in matches if item.fits == "not_known"],
        no=[item for item in matches if item.fits == "no"],
    )
