"""The addresses of the statistics."""

from __future__ import annotations

from django.urls import path

from bield.service.statistics import views

urlpatterns = [
    path("support/", views.measures, name="measures"),
    path("support/file/", views.measures_file, name="measures-file"),
]
