"""The addresses of a check. None says anything about the person."""

from django.urls import path

from bield.service.signs import views

urlpatterns = [
    path("", views.start, name="signs-start"),
    path("about/", views.about, name="signs-about"),
    path("part/<int:number>/", views.part, name="signs-part"),
    path("result/", views.result, name="signs-result"),
    path("result/method/", views.method, name="signs-method"),
    path("result/otherwise/", views.otherwise, name="signs-otherwise"),
    path("result/file/", views.download, name="signs-download"),
    path("result/document/", views.document, name="signs-document"),
    path("open/", views.open_saved, name="signs-open"),
    path("finish/", views.finish, name="signs-finish"),
    path("list/", views.every_sign, name="signs-list"),
    path("reactions/", views.reactions, name="signs-reactions"),
]
