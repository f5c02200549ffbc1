"""Every kind of event, and the words in which people read it."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Kind(StrEnum):
    """What happened. A kind that was ever written is never taken out."""

    SIGNED_IN = "account.signed_in"
    SIGNED_OUT = "account.signed_out"
    SIGN_IN_FAILED = "account.sign_in_failed"
    SECOND_FACTOR_CHANGED = "account.second_factor_changed"
    INVITED = "account.invited"
    INVITATION_WITHDRAWN = "account.invitation_withdrawn"
    JOINED = "account.joined"
    ROLE_GIVEN = "account.role_given"
    ROLE_TAKEN = "account.role_taken"
    ROLE_ASKED = "account.role_asked"
    ROLE_REFUSED = "account.role_refused"
    EVENTS_READ = "audit.read"
    EVENTS_EXPORTED = "audit.exported"

    LIST_READ = "people.list_read"
    LIST_EXPORTED = "people.list_exported"
    SEARCHED = "people.searched"
    PERSON_ADDED = "person.added"
    PERSON_READ = "person.read"
    PERSON_CHANGED = "person.changed"
    AGE_CHANGED = "person.age_changed"
    AGE_ASSESSED = "person.age_assessed"
    IDENTITY_READ = "identity.read"
    IDENTITY_CHANGED = "identity.changed"
    FOUND_BY_NAME = "identity.found_by_name"
    WORDS_MATCHED = "identity.words_matched"
    ENCOUNTER_ADDED = "encounter.added"
    ENCOUNTER_READ = "encounter.read"
    ENCOUNTER_CHANGED = "encounter.changed"
    ENCOUNTER_TAKEN_BACK = "encounter.taken_back"
    SIGNS_READ = "signs.read"
    SIGNS_CHANGED = "signs.changed"
    SIGNS_BROUGHT_IN = "signs.brought_in"
    ASSESSMENT_SIGNED = "assessment.signed"
    ASSESSMENT_READ = "assessment.read"
    CONSENT_ASKED = "consent.recorded"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    CONSENT_RESET = "consent.reset"
    CONSENTS_READ = "consent.read"
    STEP_DONE = "step.done"
    STEP_UNDONE = "step.undone"
    SHARED = "person.shared"
    HANDED_OVER = "person.handed_over"
    REVIEW_ASKED = "review.asked"
    REVIEW_DECIDED = "review.decided"
    REVIEW_LAPSED = "review.lapsed"
    CLOSED = "person.closed"
    REOPENED = "person.reopened"
    DUPLICATE_CLOSED = "person.duplicate_closed"
    CROSSED = "teams.same_names_found"
    CROSSING_SETTLED = "teams.same_names_settled"
    TEAMS_COMPARED = "organisation.teams_compared"
    MERGED = "person.merged"
    TAKEN_APART = "person.taken_apart"
    DUPLICATE_REOPENED = "person.duplicate_reopened"
    TIMELINE_READ = "person.timeline_read"
    LOOKS_READ = "person.looks_read"
    SUBJECT_ACCESS = "person.subject_access"
    DELETED = "person.deleted"

    NOTIFIED = "notification.sent"
    NOTIFICATION_READ = "notification.read"
    NOTIFIED_IDENTITY_READ = "notification.identity_read"
    NOTIFICATION_RECEIPT = "notification.receipt"
    NOTIFICATION_ACKNOWLEDGED = "notification.acknowledged"
    NOTIFICATION_ASKED = "notification.asked"
    NOTIFICATION_ANSWERED = "notification.answered"
    NOTIFICATION_UNASKED = "notification.unasked"
    NOTIFICATION_KNOWN = "notification.known"
    NOTIFICATION_NOT_KNOWN = "notification.not_known"
    NOTIFICATION_CLOSED = "notification.closed"
    NOTIFICATION_REOPENED = "notification.reopened"
    NOTIFICATION_PASSED_ON = "notification.passed_on"
    NOTIFICATIONS_LISTED = "notifications.list_read"
    NOTIFICATIONS_EXPORTED = "notifications.list_exported"
    NOTIFICATIONS_REPORTED = "notifications.report_made"
    KEY_MADE = "key.made"
    KEY_ENDED = "key.ended"

    REFERRAL_BEGUN = "referral.begun"
    REFERRAL_CHANGED = "referral.changed"
    REFERRAL_READ = "referral.read"
    REFERRAL_DISCARDED = "referral.discarded"
    REFERRAL_CLOSED = "referral.closed"
    REFERRAL_REOPENED = "referral.reopened"
    REFERRAL_SENT = "referral.sent"
    REFERRAL_HANDED_IN = "referral.handed_in"
    HAND_IN_NUMBERED = "referral.numbered"
    HAND_IN_TAKEN_BACK = "referral.hand_in_taken_back"
    REFERRAL_TAKEN = "referral.taken"
    EVIDENCE_ADDED = "evidence.added"
    EVIDENCE_REMOVED = "evidence.removed"
    EVIDENCE_READ = "evidence.read"
    DECISION_RECORDED = "decision.recorded"
    DECISION_UNDONE = "decision.undone"
    REFERRALS_LISTED = "referrals.list_read"
    SIGNS_ASKED = "referrals.signs_asked"
    REMINDED = "referrals.reminded"

    SUPPORT_ASKED = "support.asked"
    SUPPORT_ANSWERED = "support.answered"
    SUPPORT_TAKEN_BACK = "support.taken_back"
    SUPPORT_READ = "support.read"
    SUPPORT_WHO_READ = "support.who_read"
    SUPPORT_CHANGED = "support.changed"
    SUPPORT_HANDED = "support.handed"
    SUPPORT_CLOSED = "support.closed"
    SUPPORT_REOPENED = "support.reopened"
    SUPPORT_COUNTED = "support.counted"
    ENTRY_ADDED = "support.entry_added"
    ENTRY_CHANGED = "support.entry_changed"
    ENTRY_REMOVED = "support.entry_removed"
    SUPPORT_WORDS_MATCHED = "support.words_matched"
    PLAN_READ = "plan.read"
    PLAN_TAKEN = "plan.taken"
    PLAN_TRANSLATED = "plan.translated"
    PLAN_REVIEWED = "plan.reviewed"
    SUPPORT_LISTED = "support.list_read"
    SUPPORT_EXPORTED = "support.list_exported"
    CALENDAR_MADE = "calendar.made"
    CALENDAR_ENDED = "calendar.ended"
    CALENDAR_READ = "calendar.read"
    ACCOUNT_READ = "account.read"
    ACCOUNT_TAKEN = "account.taken"
    ACCOUNT_CORRECTED = "account.corrected"
    ACCOUNT_GRANTED = "account.granted"
    ACCOUNT_GRANT_ENDED = "account.grant_ended"
    GRANTED_READ = "account.granted_read"
    GRANTED_TAKEN = "account.granted_taken"
    GRANTS_LISTED = "account.grants_listed"
    GRANT_READINGS = "account.readings_made"
    INTERVIEW_THOUGHT = "interview.thought_of"
    GUARDIAN_BEGAN = "guardian.began"
    GUARDIAN_AGREED = "guardian.agreed"
    GUARDIAN_ENDED = "guardian.ended"
    CHILDREN_LISTED = "guardian.list_read"
    CHILD_READ = "guardian.child_read"
    SERVICE_CHANGED = "service.changed"
    SERVICE_CHECKED = "service.checked"
    SERVICES_BROUGHT_IN = "service.brought_in"
    MEASURES_READ = "measures.read"


WORDS = {
    Kind.SIGNED_IN: _("Signed in"),
    Kind.SIGNED_OUT: _("Signed out"),
    Kind.SIGN_IN_FAILED: _("Sign-in refused"),
    Kind.SECOND_FACTOR_CHANGED: _("Changed a second factor"),
    Kind.INVITED: _("Invited a colleague"),
    Kind.INVITATION_WITHDRAWN: _("Withdrew an invitation"),
    Kind.JOINED: _("Joined by invitation"),
    Kind.ROLE_GIVEN: _("Gave a role"),
    Kind.ROLE_TAKEN: _("Took a role away"),
    Kind.ROLE_ASKED: _("Asked that a colleague may see people"),
    Kind.ROLE_REFUSED: _("Refused that a colleague may see people"),
    Kind.EVENTS_READ: _("Read the events"),
    Kind.EVENTS_EXPORTED: _("Exported the events"),
    Kind.LIST_READ: _("Read the list of people"),
    Kind.LIST_EXPORTED: _("Exported the list of people"),
    Kind.SEARCHED: _("Searched"),
    Kind.PERSON_ADDED: _("Began the record"),
    Kind.PERSON_READ: _("Opened the record"),
    Kind.PERSON_CHANGED: _("Changed what decides the next steps"),
    Kind.AGE_CHANGED: _("Changed the age"),
    Kind.AGE_ASSESSED: _("Recorded an age assessment"),
    Kind.IDENTITY_READ: _("Opened the identity"),
    Kind.IDENTITY_CHANGED: _("Changed the identity"),
    Kind.FOUND_BY_NAME: _("Found the record by name"),
    Kind.WORDS_MATCHED: _("Was warned that something typed may identify the person"),
    Kind.ENCOUNTER_ADDED: _("Recorded an encounter"),
    Kind.ENCOUNTER_READ: _("Read an encounter"),
    Kind.ENCOUNTER_CHANGED: _("Changed an encounter"),
    Kind.ENCOUNTER_TAKEN_BACK: _("Took an encounter back"),
    Kind.SIGNS_READ: _("Read the answers to the signs"),
    Kind.SIGNS_CHANGED: _("Changed the answers to the signs"),
    Kind.SIGNS_BROUGHT_IN: _("Brought in a check of the signs"),
    Kind.ASSESSMENT_SIGNED: _("Signed an assessment"),
    Kind.ASSESSMENT_READ: _("Read an assessment"),
    Kind.CONSENT_ASKED: _("Recorded an answer about consent"),
    Kind.CONSENT_WITHDRAWN: _("Recorded that consent was withdrawn"),
    Kind.CONSENT_RESET: _("An answer about consent no longer holds"),
    Kind.CONSENTS_READ: _("Read the consents"),
    Kind.STEP_DONE: _("Marked a step as done"),
    Kind.STEP_UNDONE: _("Marked a step as not done"),
    Kind.SHARED: _("Noted that something was shared"),
    Kind.HANDED_OVER: _("Handed the record over"),
    Kind.REVIEW_ASKED: _("Asked for a review"),
    Kind.REVIEW_DECIDED: _("Reviewed the record"),
    Kind.REVIEW_LAPSED: _("A review no longer holds, because the record changed"),
    Kind.CLOSED: _("Closed the record"),
    Kind.REOPENED: _("Opened the record again"),
    Kind.DUPLICATE_CLOSED: _("Closed another record as one of the same person"),
    Kind.CROSSED: _("Put down names that another team of the organisation has"),
    Kind.CROSSING_SETTLED: _("Noted that two leads have spoken of records with the same names"),
    Kind.TEAMS_COMPARED: _("Changed whether leads are told of the same names in two teams"),
    Kind.MERGED: _("Brought two records of one person together"),
    Kind.TAKEN_APART: _("Took records apart that had been brought together"),
    Kind.DUPLICATE_REOPENED: _("Opened again a record that was closed as one of the same person"),
    Kind.TIMELINE_READ: _("Read the timeline"),
    Kind.LOOKS_READ: _("Read who has looked"),
    Kind.SUBJECT_ACCESS: _("Made a copy of everything held"),
    Kind.DELETED: _("Deleted the record for good"),
    Kind.NOTIFIED: _("Sent a notification"),
    Kind.NOTIFICATION_READ: _("Read a notification"),
    Kind.NOTIFIED_IDENTITY_READ: _("Read who a notification is about"),
    Kind.NOTIFICATION_RECEIPT: _("Took a receipt of a notification"),
    Kind.NOTIFICATION_ACKNOWLEDGED: _("Acknowledged a notification"),
    Kind.NOTIFICATION_ASKED: _("Asked the sender of a notification"),
    Kind.NOTIFICATION_ANSWERED: _("Answered a question about a notification"),
    Kind.NOTIFICATION_UNASKED: _("Took a question about a notification back"),
    Kind.NOTIFICATION_KNOWN: _("Marked a notification as already known"),
    Kind.NOTIFICATION_NOT_KNOWN: _("Took back that a notification was already known"),
    Kind.NOTIFICATION_CLOSED: _("Closed a notification"),
    Kind.NOTIFICATION_REOPENED: _("Opened a notification again"),
    Kind.NOTIFICATION_PASSED_ON: _("Passed a notification on to another body"),
    Kind.NOTIFICATIONS_LISTED: _("Read a list of notifications"),
    Kind.NOTIFICATIONS_EXPORTED: _("Exported a list of notifications"),
    Kind.NOTIFICATIONS_REPORTED: _("Made the report on notifications"),
    Kind.KEY_MADE: _("Made a key for a system"),
    Kind.KEY_ENDED: _("Ended a key of a system"),
    Kind.REFERRAL_BEGUN: _("Began a referral"),
    Kind.REFERRAL_CHANGED: _("Changed a referral"),
    Kind.REFERRAL_READ: _("Read a referral"),
    Kind.REFERRAL_DISCARDED: _("Threw a draft of a referral away"),
    Kind.REFERRAL_CLOSED: _("Closed a referral, ready to hand in"),
    Kind.REFERRAL_REOPENED: _("Made a closed referral a draft again"),
    Kind.REFERRAL_SENT: _("Closed a referral, at a time when that was noted as sent"),
    Kind.REFERRAL_HANDED_IN: _("Recorded that a referral was handed in"),
    Kind.HAND_IN_NUMBERED: _("Put down the reference that a referral was given"),
    Kind.HAND_IN_TAKEN_BACK: _("Took back that a referral was handed in"),
    Kind.REFERRAL_TAKEN: _("Took a referral as a file"),
    Kind.EVIDENCE_ADDED: _("Added a file of evidence"),
    Kind.EVIDENCE_REMOVED: _("Removed a file of evidence"),
    Kind.EVIDENCE_READ: _("Opened a file of evidence"),
    Kind.DECISION_RECORDED: _("Recorded a decision on a referral"),
    Kind.DECISION_UNDONE: _("Took back a decision on a referral"),
    Kind.REFERRALS_LISTED: _("Read the referrals and their clocks"),
    Kind.SIGNS_ASKED: _("Asked which signs came before a positive decision"),
    Kind.REMINDED: _("Reminded a team of a clock"),
    Kind.SUPPORT_ASKED: _("Asked a provider for support"),
    Kind.SUPPORT_ANSWERED: _("Answered a request for support"),
    Kind.SUPPORT_TAKEN_BACK: _("Took back a request for support"),
    Kind.SUPPORT_READ: _("Read a record of support"),
    Kind.SUPPORT_WHO_READ: _("Opened who a record of support is about"),
    Kind.SUPPORT_CHANGED: _("Changed a record of support"),
    Kind.SUPPORT_HANDED: _("Handed a record of support to a colleague"),
    Kind.SUPPORT_CLOSED: _("Ended support"),
    Kind.SUPPORT_REOPENED: _("Took up support again"),
    Kind.SUPPORT_COUNTED: _("Gave a fact without identity to the statistics"),
    Kind.ENTRY_ADDED: _("Wrote something down in a record of support"),
    Kind.ENTRY_CHANGED: _("Changed something in a record of support"),
    Kind.ENTRY_REMOVED: _("Took something out of a record of support"),
    Kind.SUPPORT_WORDS_MATCHED: _("Was warned that something typed for support may identify the person"),
    Kind.PLAN_READ: _("Read the plan"),
    Kind.PLAN_TAKEN: _("Took the plan as a document"),
    Kind.PLAN_TRANSLATED: _("Put down a translation of the plan"),
    Kind.PLAN_REVIEWED: _("Noted that a translation of the plan was checked"),
    Kind.SUPPORT_LISTED: _("Read the list of those supported"),
    Kind.SUPPORT_EXPORTED: _("Exported the list of those supported"),
    Kind.CALENDAR_MADE: _("Made an address for the calendar"),
    Kind.CALENDAR_ENDED: _("Ended an address for the calendar"),
    Kind.CALENDAR_READ: _("Read a calendar"),
    Kind.ACCOUNT_READ: _("Read the account"),
    Kind.ACCOUNT_TAKEN: _("Wrote a version of the account"),
    Kind.ACCOUNT_CORRECTED: _("Put down a correction to the account"),
    Kind.ACCOUNT_GRANTED: _("Allowed an organisation to read the account"),
    Kind.ACCOUNT_GRANT_ENDED: _("Ended what an organisation may read of the account"),
    Kind.GRANTED_READ: _("Read the account, as was allowed"),
    Kind.GRANTED_TAKEN: _("Took the account as a marked document, as was allowed"),
    Kind.GRANTS_LISTED: _("Read which accounts they may read"),
    Kind.GRANT_READINGS: _("Made the list of who read the account"),
    Kind.INTERVIEW_THOUGHT: _("Thought of a new interview"),
    Kind.GUARDIAN_BEGAN: _("Recorded a guardian"),
    Kind.GUARDIAN_AGREED: _("Recorded that the guardian goes on with consent"),
    Kind.GUARDIAN_ENDED: _("Recorded that the guardian ended"),
    Kind.CHILDREN_LISTED: _("Read the children whose guardian they are"),
    Kind.CHILD_READ: _("Read about a child as the guardian"),
    Kind.SERVICE_CHANGED: _("Changed the directory of services"),
    Kind.SERVICE_CHECKED: _("Checked an entry of the directory of services"),
    Kind.SERVICES_BROUGHT_IN: _("Brought in services"),
    Kind.MEASURES_READ: _("Read the yearly measures"),
}
assert WORDS.keys() == set(Kind)  # noqa: S101  # a kind without words would be shown as a code

READING = frozenset(
    {
        Kind.PERSON_READ,
        Kind.IDENTITY_READ,
        Kind.FOUND_BY_NAME,
        Kind.ENCOUNTER_READ,
        Kind.SIGNS_READ,
        Kind.ASSESSMENT_READ,
        Kind.CONSENTS_READ,
        Kind.TIMELINE_READ,
        Kind.LOOKS_READ,
        Kind.SUBJECT_ACCESS,
        Kind.NOTIFICATION_READ,
        Kind.NOTIFIED_IDENTITY_READ,
        Kind.NOTIFICATION_RECEIPT,
        Kind.REFERRAL_READ,
        Kind.REFERRAL_TAKEN,
        Kind.EVIDENCE_READ,
        Kind.SUPPORT_READ,
        Kind.SUPPORT_WHO_READ,
        Kind.PLAN_READ,
        Kind.PLAN_TAKEN,
        Kind.ACCOUNT_READ,
        Kind.GRANTED_READ,
        Kind.GRANTED_TAKEN,
        Kind.GRANT_READINGS,
        Kind.CHILD_READ,
    }
)
"""The kinds in which somebody looked at a person's record."""


OF_COLLEAGUES = frozenset(
    {
        Kind.SIGNED_IN,
        Kind.SIGNED_OUT,
        Kind.SIGN_IN_FAILED,
        Kind.SECOND_FACTOR_CHANGED,
        Kind.INVITED,
        Kind.INVITATION_WITHDRAWN,
        Kind.JOINED,
        Kind.ROLE_GIVEN,
        Kind.ROLE_TAKEN,
        Kind.ROLE_ASKED,
        Kind.ROLE_REFUSED,
    }
)
"""What happens to the accounts of people at work.

They share the first word of what happens to the account that a survivor told. Events are written once and never
renamed,
so the two are told apart here.
"""

OF_SUPPORT = frozenset(
    kind
    for kind in Kind
    if kind.value.startswith(("support.", "plan.", "account.", "interview.", "guardian."))
    and kind not in OF_COLLEAGUES
    and kind not in (Kind.SUPPORT_ASKED, Kind.SUPPORT_ANSWERED, Kind.SUPPORT_TAKEN_BACK, Kind.SUPPORT_CLOSED)
)
"""What happens within support: told to the person, and not to others who keep a record of them."""


def in_words(kind: str) -> str:
    """The words for a stored kind; the kind itself if it was written by a later version."""
    return str(WORDS[Kind(kind)]) if kind in WORDS else kind
