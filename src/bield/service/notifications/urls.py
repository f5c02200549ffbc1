"""The addresses of notifications."""

from __future__ import annotations

from django.urls import path

from bield.service.notifications import file_views, key_views, list_views, views

urlpatterns = [
    path("", list_views.sent, name="notifications-sent"),
    path("inbox/", list_views.inbox, name="notifications-inbox"),
    path("inbox/file/", list_views.export, name="notifications-file"),
    path("inbox/acknowledge/", list_views.acknowledge_many, name="notifications-acknowledge"),
    path("inbox/report/", file_views.report, name="notifications-report"),
    path("new/", views.new, name="notification-new"),
    path("bring-in/", file_views.bring_in, name="notifications-bring-in"),
    path("bring-in/look/", file_views.bring_in_look, name="notifications-bring-in-look"),
    path("bring-in/example/", file_views.example, name="notifications-example"),
    path("keys/", key_views.keys, name="api-keys"),
    path("keys/<int:key_id>/end/", key_views.end, name="api-key-end"),
    path("<uuid:notification_id>/", views.notification, name="notification"),
    path("<uuid:notification_id>/identity/", views.identity, name="notification-identity"),
    path("<uuid:notification_id>/receipt/", views.receipt, name="notification-receipt"),
    path("<uuid:notification_id>/receipt/file/", views.receipt_file, name="notification-receipt-file"),
    path("<uuid:notification_id>/acknowledge/", views.acknowledge, name="notification-acknowledge"),
    path("<uuid:notification_id>/ask/", views.ask, name="notification-ask"),
    path("<uuid:notification_id>/answers/<int:question_id>/", views.answer, name="notification-answer"),
    path("<uuid:notification_id>/questions/<int:question_id>/take-back/", views.unask, name="notification-unask"),
    path("<uuid:notification_id>/take-back/", views.take_back, name="notification-take-back"),
    path("<uuid:notification_id>/known/", views.known, name="notification-known"),
    path("<uuid:notification_id>/onward/", views.onward, name="notification-onward"),
    path("<uuid:notification_id>/close/", views.close, name="notification-close"),
]
