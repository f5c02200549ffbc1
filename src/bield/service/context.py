"""Values that every template can use."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from bield.law import load_place
from bield.service.today.navigation import navigation_of


def everywhere(request: HttpRequest) -> dict[str, Any]:
    demo = settings.DEMO and settings.PLACE == settings.DEMO_PLACE
    return {
        "place": load_place(settings.PLACE),
        "development": settings.DEBUG,
        "demo": demo,
        "navigation": SimpleLazyObject(partial(navigation_of, request)),
    }
