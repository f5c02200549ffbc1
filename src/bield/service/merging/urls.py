"""The addresses of the pages that merge records. None holds a name."""

from django.urls import path

from bield.service.merging import views

urlpatterns = [
    path("<uuid:person_id>/merge/", views.which, name="person-merge"),
    path("<uuid:person_id>/merge/<uuid:other_id>/", views.merge, name="person-merge-with"),
    path("<uuid:person_id>/apart/<int:merge_id>/", views.apart, name="person-apart"),
]
