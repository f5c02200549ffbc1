"""The addresses of what waits, finding and help."""

from django.urls import path

from bield.service.today import views

urlpatterns = [
    path("home/", views.home, name="home"),
    path("find/", views.find, name="find"),
    path("help/", views.help_page, name="help"),
]
