"""The addresses of support."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from bield.service.support.children import views as child_views
from bield.service.support.episodes import entry_views, list_views, matching_views, observation_views, views
from bield.service.support.plan import views as plan_views
from bield.service.support.testimony import views as account_views


class Answer(StringConverter):
    """The two answers to a request for support."""

    regex = "accept|decline"


class OfGuardian(StringConverter):
    """What can be recorded about a guardian."""

    regex = "begin|agree|end"


register_converter(Answer, "answer")
register_converter(OfGuardian, "guardian")

EPISODE = "<uuid:episode_id>/"

urlpatterns = [
    path("", list_views.team, name="support-team"),
    path("list/", list_views.episodes, name="support-list"),
    path("list/file/", list_views.episodes_file, name="support-list-file"),
    path("calendar/", list_views.calendar, name="support-calendar"),
    path("calendar/<str:token>.ics", list_views.calendar_feed, name="support-feed"),
    path("of/<uuid:person_id>/", views.of_person, name="person-support"),
    path("of/<uuid:person_id>/<uuid:episode_id>/take-back/", views.take_back, name="person-support-take-back"),
    path("children/", child_views.children, name="guarded"),
    path("children/<uuid:person_id>/", child_views.child_of, name="guarded-child"),
    path("left/", list_views.left, name="support-left"),
    path("hand-over/", list_views.hand_over_many, name="support-hand-over-many"),
    path("granted/", account_views.granted, name="granted-list"),
    path("granted/<uuid:grant_id>/", account_views.granted_one, name="granted"),
    path("granted/<uuid:grant_id>/document/", account_views.granted_document, name="granted-document"),
    path("granted/<uuid:grant_id>/interview/", account_views.granted_interview, name="granted-interview"),
    path(EPISODE, views.overview, name="support"),
    path(EPISODE + "answer/<answer:kind>/", views.answer, name="support-answer"),
    path(EPISODE + "who/", views.who, name="support-who"),
    path(EPISODE + "dates/", views.dates, name="support-dates"),
    path(EPISODE + "circumstances/", views.circumstances, name="support-circumstances"),
    path(EPISODE + "agreement/", views.agreement, name="support-agreement"),
    path(EPISODE + "hand-over/", views.hand_over, name="support-hand-over"),
    path(EPISODE + "close/", views.close, name="support-close"),
    path(EPISODE + "plan/", plan_views.read, name="support-plan"),
    path(EPISODE + "plan/<slug:language>/document/", plan_views.document, name="support-plan-document"),
    path(EPISODE + "plan/<slug:language>/alone/", plan_views.on_screen, name="support-plan-alone"),
    path(EPISODE + "plan/<slug:language>/", plan_views.translation, name="support-plan-translation"),
    path(EPISODE + "plan/<slug:language>/review/", plan_views.review, name="support-plan-review"),
    path(EPISODE + "outcomes/", plan_views.outcomes, name="support-outcomes"),
    path(EPISODE + "outcomes/new/", plan_views.outcomes_new, name="support-outcomes-new"),
    path(EPISODE + "services/", matching_views.fitting, name="support-services"),
    path(EPISODE + "noticed/", observation_views.noticed, name="support-noticed"),
    path(EPISODE + "child/", child_views.child, name="support-child"),
    path(EPISODE + "child/steps/<slug:step_id>/", child_views.step, name="support-step"),
    path(EPISODE + "child/guardian/<guardian:what>/", child_views.guardian, name="support-guardian"),
    path(EPISODE + "account/", account_views.account, name="support-account"),
    path(EPISODE + "account/write/", account_views.write, name="support-account-write"),
    path(EPISODE + "account/correct/", account_views.correct, name="support-account-correct"),
    path(EPISODE + "account/interview/", account_views.interview, name="support-account-interview"),
    path(EPISODE + "account/readings/", account_views.readings_document, name="support-account-readings"),
    path(EPISODE + "account/grants/new/", account_views.grant, name="support-grant-new"),
    path(EPISODE + "account/grants/<uuid:grant_id>/end/", account_views.grant_end, name="support-grant-end"),
    path(EPISODE + "account/<int:number>/", account_views.version, name="support-account-version"),
    path(EPISODE + "parts/<slug:name>/", entry_views.part, name="support-part"),
    path(EPISODE + "parts/<slug:name>/new/", entry_views.entry_new, name="support-entry-new"),
    path(EPISODE + "parts/<slug:name>/<uuid:entry_id>/", entry_views.entry, name="support-entry"),
    path(EPISODE + "parts/<slug:name>/<uuid:entry_id>/remove/", entry_views.entry_remove, name="support-entry-remove"),
]
