"""The addresses of the directory of services."""

from __future__ import annotations

from django.urls import path

from bield.service.directory import file_views, views

urlpatterns = [
    path("", views.services, name="services"),
    path("new/", views.service_new, name="service-new"),
    path("unverified/", views.unverified, name="services-unverified"),
    path("file/", views.services_file, name="services-file"),
    path("bring-in/", file_views.bring_in, name="services-bring-in"),
    path("bring-in/look/", file_views.bring_in_look, name="services-bring-in-look"),
    path("<uuid:service_id>/", views.service, name="service"),
    path("<uuid:service_id>/change/", views.service_change, name="service-change"),
    path("<uuid:service_id>/check/", views.service_check, name="service-check"),
]
