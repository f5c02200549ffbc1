"""Every address of the service."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from bield.service import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.front, name="front"),
    path("signs/", include("bield.service.signs.urls")),
    path("", include("bield.service.today.urls")),
    path("accounts/", include("bield.service.accounts.urls")),
    path("people/", include("bield.service.cases.urls")),
    path("people/", include("bield.service.subject_access")),
    path("people/", include("bield.service.merging.urls")),
    path("referrals/", include("bield.service.referrals.urls")),
    path("support/services/", include("bield.service.directory.urls")),
    path("support/", include("bield.service.support.urls")),
    path("statistics/", include("bield.service.statistics.urls")),
    path("notifications/", include("bield.service.notifications.urls")),
    path("api/", include("bield.service.api.urls")),
    path("demo/", include("bield.service.demo.urls")),
    path("drafts/", include("bield.service.drafts.urls")),
    path("leave/", views.leave, name="leave"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("health/", views.health, name="health"),
]
if not settings.PRODUCTION:
    urlpatterns.append(path("design/", include("bield.service.design.urls")))
    urlpatterns.append(path("docs/", views.documentation))
    urlpatterns.append(path("docs/<path:path>", views.documentation, name="documentation"))

handler400 = "bield.service.views.bad_request"
handler403 = "bield.service.views.forbidden"
handler404 = "bield.service.views.not_found"
handler500 = "bield.service.views.server_error"
