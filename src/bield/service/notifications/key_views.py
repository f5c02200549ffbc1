"""The administrator's pages for the API keys of their organisation's systems."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bield.service.accounts.access import organisations_with, requires, user_of
from bield.service.accounts.models import Team
from bield.service.accounts.permissions import Permission
from bield.service.drafts.access import typed
from bield.service.gates import GET_OR_POST
from bield.service.notifications import actions
from bield.service.notifications.access import keys_of
from bield.service.notifications.forms import KeyForm


@require_http_methods(GET_OR_POST)
@requires(Permission.KEYS_MANAGE)
def keys(request: HttpRequest) -> HttpResponse:
    """The keys, and making a new one. Its text is shown once, on the next page."""
    user = user_of(request)
    teams = Team.objects.select_related("organisation").filter(
        organisation__in=organisations_with(user, Permission.KEYS_MANAGE)
    )
    form, made = KeyForm(typed(request), teams=teams), ""
    if request.method == "POST" and form.is_valid():
        _key, made = actions.make_key(by=user, at=timezone.now(), **form.cleaned_data)
        form = KeyForm(teams=teams)
    context = {"form": form, "keys": keys_of(user), "made": made, "now": timezone.now()}
    return render(request, "notifications/keys.html", context)


@require_POST
@requires(Permission.KEYS_MANAGE)
def end(request: HttpRequest, key_id: int) -> HttpResponse:
    """End a key at once."""
    user = user_of(request)
    key = keys_of(user).filter(pk=key_id).first()
    if key is None:
        raise Http404
    actions.end_key(key, by=user, at=timezone.now())
    messages.success(request, _("The key no longer works."))
    return redirect("api-keys")
