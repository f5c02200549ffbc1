"""Every kind of event, with the words to show for it."""

from __future__ import annotations

from enum import Flag, StrEnum, auto
from typing import Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Mark(Flag):
    """What the pages and tests must know about a kind of event."""

    NONE = 0
    READS = auto()
    """Somebody looked at a person's record."""
    COLLEAGUE = auto()
    """It happened to the account of somebody at work."""
    SUPPORT = auto()
    """It happened within support: the person is told about it, but other teams with a record of them are not."""


class Kind(StrEnum):
    """What happened: how it is stored, its words, its marks. A kind that was ever written is never removed."""

    label: str | Promise
    marks: Mark

    def __new__(cls, value: str, label: str | Promise = "", marks: Mark = Mark.NONE) -> Self:
        kind = str.__new__(cls, value)
        kind._value_, kind.label, kind.marks = value, label, marks
        return kind

    SIGNED_IN = "account.signed_in", _("Signed in"), Mark.COLLEAGUE
    SIGNED_OUT = "account.signed_out", _("Signed out"), Mark.COLLEAGUE
    SIGN_IN_FAILED = "account.sign_in_failed", _("Sign-in refused"), Mark.COLLEAGUE
    SECOND_FACTOR_CHANGED = "account.second_factor_changed", _("Changed a second factor"), Mark.COLLEAGUE
    INVITED = "account.invited", _("Invited a colleague"), Mark.COLLEAGUE
    INVITATION_WITHDRAWN = "account.invitation_withdrawn", _("Withdrew an invitation"), Mark.COLLEAGUE
    JOINED = "account.joined", _("Joined by invitation"), Mark.COLLEAGUE
    ROLE_GIVEN = "account.role_given", _("Gave a role"), Mark.COLLEAGUE
    ROLE_TAKEN = "account.role_taken", _("Removed a role"), Mark.COLLEAGUE
    ROLE_ASKED = "account.role_asked", _("Asked to let a colleague see people"), Mark.COLLEAGUE
    ROLE_REFUSED = "account.role_refused", _("Refused to let a colleague see people"), Mark.COLLEAGUE
    EVENTS_READ = "audit.read", _("Read the events")
    EVENTS_EXPORTED = "audit.exported", _("Exported the events")

    TODAY_READ = "today.read", _("Read what waits for them")
    LIST_READ = "people.list_read", _("Read the list of people")
    LIST_EXPORTED = "people.list_exported", _("Exported the list of people")
    SEARCHED = "people.searched", _("Searched")
    PERSON_ADDED = "person.added", _("Began the record")
    PERSON_READ = "person.read", _("Opened the record"), Mark.READS
    PERSON_CHANGED = "person.changed", _("Changed what decides the next steps")
    AGE_CHANGED = "person.age_changed", _("Changed the age")
    AGE_ASSESSED = "person.age_assessed", _("Recorded an age assessment")
    IDENTITY_READ = "identity.read", _("Opened the identity"), Mark.READS
    IDENTITY_CHANGED = "identity.changed", _("Changed the identity")
    FOUND_BY_NAME = "identity.found_by_name", _("Found the record by name"), Mark.READS
    WORDS_MATCHED = "identity.words_matched", _("Was warned that something typed may identify the person")
    ENCOUNTER_ADDED = "encounter.added", _("Recorded an encounter")
    ENCOUNTER_READ = "encounter.read", _("Read an encounter"), Mark.READS
    ENCOUNTER_CHANGED = "encounter.changed", _("Changed an encounter")
    ENCOUNTER_TAKEN_BACK = "encounter.taken_back", _("Took an encounter back")
    SIGNS_READ = "signs.read", _("Read the answers to the signs"), Mark.READS
    SIGNS_CHANGED = "signs.changed", _("Changed the answers to the signs")
    SIGNS_BROUGHT_IN = "signs.brought_in", _("Brought in a check of the signs")
    ASSESSMENT_SIGNED = "assessment.signed", _("Signed an assessment")
    ASSESSMENT_READ = "assessment.read", _("Read an assessment"), Mark.READS
    CONSENT_ASKED = "consent.recorded", _("Recorded an answer about consent")
    CONSENT_WITHDRAWN = "consent.withdrawn", _("Recorded that consent was withdrawn")
    CONSENT_RESET = "consent.reset", _("An answer about consent no longer holds")
    CONSENTS_READ = "consent.read", _("Read the consents"), Mark.READS
    STEP_DONE = "step.done", _("Marked a step as done")
    STEP_UNDONE = "step.undone", _("Marked a step as not done")
    SHARED = "person.shared", _("Noted that something was shared")
    HANDED_OVER = "person.handed_over", _("Handed the record over")
    REVIEW_ASKED = "review.asked", _("Asked for a review")
    REVIEW_DECIDED = "review.decided", _("Reviewed the record")
    REVIEW_LAPSED = "review.lapsed", _("A review no longer holds, because the record changed")
    CLOSED = "person.closed", _("Closed the record")
    REOPENED = "person.reopened", _("Opened the record again")
    DUPLICATE_CLOSED = "person.duplicate_closed", _("Closed another record as a duplicate of this one")
    CROSSED = "teams.same_names_found", _("Entered names that another team of the organisation has")
    SHARED_NAMES_SETTLED = (
        "teams.same_names_settled",
        _("Noted that two leads have spoken about records with the same names"),
    )
    TEAMS_COMPARED = (
        "organisation.teams_compared",
        _("Changed whether leads are told about the same names in two teams"),
    )
    MERGED = "person.merged", _("Merged two records of one person")
    TAKEN_APART = "person.taken_apart", _("Took merged records apart")
    DUPLICATE_REOPENED = (
        "person.duplicate_reopened",
        _("Opened again a record that was closed as a duplicate"),
    )
    TIMELINE_READ = "person.timeline_read", _("Read the timeline"), Mark.READS
    LOOKS_READ = "person.looks_read", _("Read who has looked"), Mark.READS
    SUBJECT_ACCESS = "person.subject_access", _("Made a copy of everything held"), Mark.READS
    DELETED = "person.deleted", _("Deleted the record for good")

    NOTIFIED = "notification.sent", _("Sent a notification")
    NOTIFICATION_READ = "notification.read", _("Read a notification"), Mark.READS
    NOTIFIED_IDENTITY_READ = "notification.identity_read", _("Read who a notification is about"), Mark.READS
    NOTIFICATION_RECEIPT = "notification.receipt", _("Downloaded the receipt of a notification"), Mark.READS
    NOTIFICATION_ACKNOWLEDGED = "notification.acknowledged", _("Acknowledged a notification")
    NOTIFICATION_ASKED = "notification.asked", _("Asked the sender of a notification")
    NOTIFICATION_ANSWERED = "notification.answered", _("Answered a question about a notification")
    NOTIFICATION_UNASKED = "notification.unasked", _("Took a question about a notification back")
    NOTIFICATION_KNOWN = "notification.known", _("Marked a notification as already known")
    NOTIFICATION_NOT_KNOWN = "notification.not_known", _("Took back that a notification was already known")
    NOTIFICATION_CLOSED = "notification.closed", _("Closed a notification")
    NOTIFICATION_REOPENED = "notification.reopened", _("Opened a notification again")
    NOTIFICATION_PASSED_ON = "notification.passed_on", _("Passed a notification on to another body")
    NOTIFICATIONS_LISTED = "notifications.list_read", _("Read a list of notifications")
    NOTIFICATIONS_EXPORTED = "notifications.list_exported", _("Exported a list of notifications")
    NOTIFICATIONS_REPORTED = "notifications.report_made", _("Made the report on notifications")
    KEY_MADE = "key.made", _("Made a key for a system")
    KEY_ENDED = "key.ended", _("Ended a key of a system")

    REFERRAL_BEGUN = "referral.begun", _("Began a referral")
    REFERRAL_CHANGED = "referral.changed", _("Changed a referral")
    REFERRAL_READ = "referral.read", _("Read a referral"), Mark.READS
    REFERRAL_DISCARDED = "referral.discarded", _("Deleted a draft of a referral")
    REFERRAL_CLOSED = "referral.closed", _("Closed a referral, ready to hand in")
    REFERRAL_REOPENED = "referral.reopened", _("Made a closed referral a draft again")
    REFERRAL_SENT = "referral.sent", _("Closed a referral, which was then noted as sent")
    REFERRAL_HANDED_IN = "referral.handed_in", _("Recorded that a referral was handed in")
    HAND_IN_NUMBERED = "referral.numbered", _("Recorded the reference that a referral was given")
    HAND_IN_TAKEN_BACK = "referral.hand_in_taken_back", _("Took back that a referral was handed in")
    REFERRAL_TAKEN = "referral.taken", _("Downloaded a referral as a file"), Mark.READS
    EVIDENCE_ADDED = "evidence.added", _("Added a file of evidence")
    EVIDENCE_REMOVED = "evidence.removed", _("Removed a file of evidence")
    EVIDENCE_READ = "evidence.read", _("Opened a file of evidence"), Mark.READS
    DECISION_RECORDED = "decision.recorded", _("Recorded a decision on a referral")
    DECISION_UNDONE = "decision.undone", _("Took back a decision on a referral")
    REFERRALS_LISTED = "referrals.list_read", _("Read the referrals and their clocks")
    SIGNS_ASKED = "referrals.signs_asked", _("Asked which signs came before a positive decision")
    REMINDED = "referrals.reminded", _("Reminded a team about a clock")

    SUPPORT_ASKED = "support.asked", _("Asked a provider for support")
    SUPPORT_ANSWERED = "support.answered", _("Answered a request for support")
    SUPPORT_TAKEN_BACK = "support.taken_back", _("Took back a request for support")
    SUPPORT_READ = "support.read", _("Read a record of support"), Mark.READS | Mark.SUPPORT
    SUPPORT_WHO_READ = "support.who_read", _("Opened who a record of support is about"), Mark.READS | Mark.SUPPORT
    SUPPORT_CHANGED = "support.changed", _("Changed a record of support"), Mark.SUPPORT
    SUPPORT_HANDED = "support.handed", _("Handed a record of support to a colleague"), Mark.SUPPORT
    SUPPORT_CLOSED = "support.closed", _("Ended support")
    SUPPORT_REOPENED = "support.reopened", _("Started support again"), Mark.SUPPORT
    SUPPORT_COUNTED = "support.counted", _("Gave the statistics a fact without identity"), Mark.SUPPORT
    ENTRY_ADDED = "support.entry_added", _("Added an entry to a record of support"), Mark.SUPPORT
    ENTRY_CHANGED = "support.entry_changed", _("Changed an entry in a record of support"), Mark.SUPPORT
    ENTRY_REMOVED = "support.entry_removed", _("Removed an entry from a record of support"), Mark.SUPPORT
    SUPPORT_WORDS_MATCHED = (
        "support.words_matched",
        _("Was warned that something typed for support may identify the person"),
        Mark.SUPPORT,
    )
    PLAN_READ = "plan.read", _("Read the plan"), Mark.READS | Mark.SUPPORT
    PLAN_TAKEN = "plan.taken", _("Downloaded the plan as a document"), Mark.READS | Mark.SUPPORT
    PLAN_TRANSLATED = "plan.translated", _("Recorded a translation of the plan"), Mark.SUPPORT
    PLAN_REVIEWED = "plan.reviewed", _("Noted that a translation of the plan was checked"), Mark.SUPPORT
    SUPPORT_LISTED = "support.list_read", _("Read the list of those supported"), Mark.SUPPORT
    SUPPORT_EXPORTED = "support.list_exported", _("Exported the list of those supported"), Mark.SUPPORT
    CALENDAR_MADE = "calendar.made", _("Made an address for the calendar")
    CALENDAR_ENDED = "calendar.ended", _("Ended an address for the calendar")
    CALENDAR_READ = "calendar.read", _("Read a calendar")
    ACCOUNT_READ = "account.read", _("Read the account"), Mark.READS | Mark.SUPPORT
    ACCOUNT_TAKEN = "account.taken", _("Wrote a version of the account"), Mark.SUPPORT
    ACCOUNT_CORRECTED = "account.corrected", _("Recorded a correction to the account"), Mark.SUPPORT
    ACCOUNT_GRANTED = "account.granted", _("Allowed an organisation to read the account"), Mark.SUPPORT
    ACCOUNT_GRANT_ENDED = "account.grant_ended", _("Stopped an organisation from reading the account"), Mark.SUPPORT
    GRANTED_READ = "account.granted_read", _("Read the account, with permission"), Mark.READS | Mark.SUPPORT
    GRANTED_TAKEN = (
        "account.granted_taken",
        _("Downloaded the account as a marked document, with permission"),
        Mark.READS | Mark.SUPPORT,
    )
    GRANTS_LISTED = "account.grants_listed", _("Read which accounts they may read"), Mark.SUPPORT
    GRANT_READINGS = "account.readings_made", _("Made the list of who read the account"), Mark.READS | Mark.SUPPORT
    INTERVIEW_THOUGHT = "interview.thought_of", _("Considered a new interview"), Mark.SUPPORT
    GUARDIAN_BEGAN = "guardian.began", _("Recorded a guardian"), Mark.SUPPORT
    GUARDIAN_AGREED = "guardian.agreed", _("Recorded consent to keeping the guardian"), Mark.SUPPORT
    GUARDIAN_ENDED = "guardian.ended", _("Recorded that the guardian ended"), Mark.SUPPORT
    CHILDREN_LISTED = "guardian.list_read", _("Read the list of children they are the guardian of"), Mark.SUPPORT
    CHILD_READ = "guardian.child_read", _("Read about a child as the guardian"), Mark.READS | Mark.SUPPORT
    SERVICE_CHANGED = "service.changed", _("Changed the directory of services")
    SERVICE_CHECKED = "service.checked", _("Checked an entry of the directory of services")
    SERVICES_BROUGHT_IN = "service.brought_in", _("Brought in services")
    MEASURES_READ = "measures.read", _("Read the yearly measures")


READING = frozenset(kind for kind in Kind if Mark.READS in kind.marks)
OF_COLLEAGUES = frozenset(kind for kind in Kind if Mark.COLLEAGUE in kind.marks)
OF_SUPPORT = frozenset(kind for kind in Kind if Mark.SUPPORT in kind.marks)


def in_words(kind: str) -> str:
    """The words for a stored kind; the kind itself if it was written by a later version."""
    try:
        return str(Kind(kind).label)
    except ValueError:
        return kind
