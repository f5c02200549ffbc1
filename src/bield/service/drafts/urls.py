"""The addresses of drafts."""

from __future__ import annotations

from django.urls import path

from bield.service.drafts import views

urlpatterns = [
    path("", views.kept, name="drafts"),
    path("keep/", views.keep, name="draft-keep"),
    path("stay/", views.stay, name="stay"),
    path("<uuid:draft_id>/throw-away/", views.throw_away, name="draft-throw-away"),
]
