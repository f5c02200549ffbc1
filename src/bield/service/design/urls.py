"""The address of the page of components; in development only."""

from django.urls import path

from bield.service.design import views

urlpatterns = [path("", views.components, name="design")]
