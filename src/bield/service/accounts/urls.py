"""The addresses of accounts: our pages, and allauth's for signing in."""

from django.urls import include, path

from bield.service.accounts import events, views

urlpatterns = [
    path("rules/", views.rules, name="rules"),
    path("rules/document/", views.rules_document, name="rules-document"),
    path("events/", events.read, name="events"),
    path("events/file/", events.download, name="events-file"),
    path("colleagues/", views.colleagues, name="colleagues"),
    path("colleagues/<int:membership_id>/", views.colleague, name="colleague"),
    path("colleagues/invitations/<uuid:invitation_id>/withdraw/", views.withdraw, name="withdraw-invitation"),
    path("news/", views.news, name="news"),
    path("teams/", views.teams, name="teams-compared"),
    path("waiting/", views.waiting, name="roles-waiting"),
    path("waiting/<int:request_id>/", views.confirm, name="role-confirm"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    # People are invited by their e-mail address: a new invitation changes it, not the user.
    path("email/", views.not_here, name="account_email"),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("provider/", include("allauth.socialaccount.urls")),
]
