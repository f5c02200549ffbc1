"""The addresses of the API."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, path

from bield.service.api import views
from bield.service.api.v1 import api


def _open(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The API has gates of its own, its keys; it is not for people who are signed in."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = login_not_required(pattern.callback)
    return patterns


_patterns, _app, _namespace = api.urls

urlpatterns = [
    path("", views.guide, name="api-guide"),
    path("v1/", (_open(_patterns), _app, _namespace)),
]
