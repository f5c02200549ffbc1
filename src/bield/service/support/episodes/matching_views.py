"""The page of services that fit a person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bield.service.audit.kinds import Kind
from bield.service.design.fields import heads
from bield.service.directory.models import Service
from bield.service.support.episodes import matching
from bield.service.support.episodes.views import page
from bield.service.support.gate import on_episode
from bield.service.support.models import Episode


@require_safe
@on_episode(Kind.SUPPORT_READ)
def fitting(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Which services fit the person, each with its reasons."""
    head = request.GET.get("head", "")
    services = list(Service.objects.exclude(status="defunct"))
    asked = matching.asked_of(episode.person, episode.circumstances)
    matches = matching.match(services, asked, head=head, today=timezone.localdate())
    return page(
        request,
        episode,
        "fitting",
        heads=heads(),
        head=head,
        fits=[item for item in matches if item.fits == "yes"],
        perhaps=[item for item in matches if item.fits == "not_known"],
        no=[item for item in matches if item.fits == "no"],
    )
