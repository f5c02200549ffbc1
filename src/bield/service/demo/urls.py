"""The addresses of the made-up country."""

from django.urls import path

from bield.service.demo import views

urlpatterns = [
    path("", views.demo, name="demo"),
    path("sign-in/<slug:key>/", views.sign_in, name="demo-sign-in"),
]
