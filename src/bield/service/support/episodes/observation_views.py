"""The page for use during a conversation: what you notice, and what helps. It saves nothing unless you choose to."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bield.indicators.lists import reactions
from bield.service.accounts.access import user_of
from bield.service.audit.kinds import Kind
from bield.service.changes import NotNow
from bield.service.gates import GET_OR_POST
from bield.service.support.episodes import actions
from bield.service.support.episodes.views import page, refuse
from bield.service.support.gate import on_episode
from bield.service.support.models import Episode


@require_http_methods(GET_OR_POST)
@on_episode(Kind.SUPPORT_READ)
def noticed(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Pick what you notice, read what helps, and save it only if you choose to."""
    catalogue = reactions()
    picked = set(request.POST.getlist("seen")) & {item.id for item in catalogue.reactions}
    if request.method == "POST" and "keep" in request.POST and picked:
        details = {"on": timezone.localdate().isoformat(), "seen": sorted(picked)}
        try:
            actions.add_entry(episode, part="noticed", details=details, by=user_of(request), at=timezone.now())
        except NotNow as error:
            return refuse(request, episode, error)
        messages.success(request, _("Saved in the record."))
        return redirect("support-part", episode_id=episode.pk, name="noticed")
    return page(
        request,
        episode,
        "noticed",
        about=catalogue,
        reactions=[(item, item.id in picked) for item in catalogue.reactions],
        helps=[item for item in catalogue.reactions if item.id in picked],
    )
