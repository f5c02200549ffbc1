"""The addresses of people's records. None holds a name."""

from django.urls import path

from bield.service.cases import review_views, views
from bield.service.cases.consenting import views as consent_views
from bield.service.cases.exchange import views as exchange_views
from bield.service.cases.listing import views as list_views
from bield.service.cases.notifying import views as notify_views
from bield.service.cases.rights import views as looks_views
from bield.service.cases.signs import views as sign_views

urlpatterns = [
    path("", list_views.people, name="people"),
    path("file/", list_views.export, name="people-file"),
    path("new/", list_views.new, name="person-new"),
    path("file/htcds/", exchange_views.as_htcds, name="people-htcds"),
    path("take-in/", exchange_views.take_in, name="people-take-in"),
    path("take-in/look/", exchange_views.take_in_look, name="people-take-in-look"),
    path("due/", list_views.due_for_deletion, name="people-due"),
    path("other-teams/", list_views.other_teams, name="people-other-teams"),
    path("left/", list_views.left, name="people-left"),
    path("hand-over/", list_views.hand_over_many, name="people-hand-over"),
    path("<uuid:person_id>/", views.overview, name="person"),
    path("<uuid:person_id>/about/", views.about, name="person-about"),
    path("<uuid:person_id>/age/", views.age, name="person-age"),
    path("<uuid:person_id>/identity/", views.identity, name="person-identity"),
    path("<uuid:person_id>/identity/change/", views.identity_edit, name="person-identity-edit"),
    path("<uuid:person_id>/alike/", list_views.alike_records, name="person-alike"),
    path("<uuid:person_id>/encounters/", views.encounters, name="encounters"),
    path("<uuid:person_id>/encounters/new/", views.encounter_new, name="encounter-new"),
    path("<uuid:person_id>/encounters/<int:encounter_id>/", views.encounter, name="encounter"),
    path(
        "<uuid:person_id>/encounters/<int:encounter_id>/take-back/",
        views.encounter_take_back,
        name="encounter-take-back",
    ),
    path("<uuid:person_id>/signs/<int:number>/", sign_views.part, name="person-signs"),
    path("<uuid:person_id>/signs/bring-in/", sign_views.bring_in, name="person-bring-in"),
    path("<uuid:person_id>/signs/sign/", sign_views.sign, name="person-sign"),
    path("<uuid:person_id>/assessments/", sign_views.assessments, name="person-assessments"),
    path("<uuid:person_id>/assessments/<uuid:assessment_id>/", sign_views.assessment, name="person-assessment"),
    path("<uuid:person_id>/consents/", consent_views.consents, name="consents"),
    path("<uuid:person_id>/consents/<slug:kind>/", consent_views.consent, name="consent"),
    path("<uuid:person_id>/steps/<slug:step_id>/", views.step, name="person-step"),
    path("<uuid:person_id>/shared/", views.share, name="person-share"),
    path("<uuid:person_id>/notify/", notify_views.notify, name="person-notify"),
    path("<uuid:person_id>/hand-over/", views.hand_over, name="person-hand-over"),
    path("<uuid:person_id>/review/", review_views.review, name="person-review"),
    path("<uuid:person_id>/close/", views.close, name="person-close"),
    path("<uuid:person_id>/timeline/", views.timeline, name="person-timeline"),
    path("<uuid:person_id>/looks/", looks_views.looks, name="person-looks"),
    path("<uuid:person_id>/looks/document/", looks_views.looks_document, name="person-looks-document"),
]
