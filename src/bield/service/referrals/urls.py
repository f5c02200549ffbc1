"""The addresses of referrals."""

from __future__ import annotations

from django.urls import path

from bield.service.referrals import hand_in_views, views

urlpatterns = [
    path("", views.clocks, name="referrals"),
    path("blank/", views.blank, name="referral-blank"),
    path("signs/", views.signs, name="referral-signs"),
    path("of/<uuid:person_id>/", views.of_person, name="person-referral"),
    path("of/<uuid:person_id>/read/", views.to_read, name="person-referral-read"),
    path("<uuid:referral_id>/", views.referral, name="referral"),
    path("<uuid:referral_id>/check/", views.check, name="referral-check"),
    path("<uuid:referral_id>/document/", views.document, name="referral-document"),
    path("<uuid:referral_id>/package/", views.whole, name="referral-package"),
    path("<uuid:referral_id>/receipt/", views.receipt, name="referral-receipt"),
    path("<uuid:referral_id>/close/", views.close, name="referral-close"),
    path("<uuid:referral_id>/reopen/", hand_in_views.reopen, name="referral-reopen"),
    path("<uuid:referral_id>/hand-in/", hand_in_views.hand_in, name="referral-hand-in"),
    path("<uuid:referral_id>/hand-in/number/", hand_in_views.number, name="referral-number"),
    path("<uuid:referral_id>/hand-in/take-back/", hand_in_views.take_back, name="referral-take-back"),
    path("<uuid:referral_id>/discard/", views.discard, name="referral-discard"),
    path("<uuid:referral_id>/decision/", views.decision, name="referral-decision"),
    path(
        "<uuid:referral_id>/decision/<int:decision_id>/take-back/",
        hand_in_views.decision_take_back,
        name="referral-decision-take-back",
    ),
    path("<uuid:referral_id>/evidence/", views.evidence, name="referral-evidence"),
    path("<uuid:referral_id>/evidence/<uuid:evidence_id>/", views.evidence_file, name="referral-evidence-file"),
    path(
        "<uuid:referral_id>/evidence/<uuid:evidence_id>/remove/", views.evidence_remove, name="referral-evidence-remove"
    ),
    path("<uuid:referral_id>/sections/<slug:name>/", views.section, name="referral-section"),
]
