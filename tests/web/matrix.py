"""Who gets what: every address and what it answers, by role, as tables that a reviewer can read.

A number is a status of HTTP: 200 a page, 302 leads on, 403 may not, 404 hides that there is anything, 405 is only sent
to, never opened. The tests beside the tables try each of them; a test fails for an address that is in none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from bield.service.accounts.permissions import Role

OUTSIDER: Final = "outsider"
"""The lead of another council."""

WORKERS: Final = (Role.FRONTLINE_WORKER, Role.FIRST_RESPONDER, Role.SUPPORT_WORKER, Role.POLICE_OFFICER)
TEAM: Final = (*WORKERS, Role.GUARDIAN, Role.LEAD)
"""Those who have access to the records of a team."""

Answers = Mapping[Role | str, int]


def gives(status: int, whom: Iterable[Role | str], *, otherwise: int) -> Answers:
    """What an address answers to some, and to everybody else who is signed in."""
    return dict.fromkeys((*Role, OUTSIDER), otherwise) | dict.fromkeys(whom, status)


# Pages of a room

FOR_WORKERS = gives(200, [*TEAM, OUTSIDER], otherwise=403)
LEADS_WORKERS_ON = gives(302, [*TEAM, OUTSIDER], otherwise=403)
FOR_LEADS = gives(200, [Role.LEAD, OUTSIDER], otherwise=403)
FOR_ADMINISTRATORS = gives(200, [Role.ADMINISTRATOR], otherwise=403)
FOR_AUDITORS = gives(200, [Role.AUDITOR], otherwise=403)
ONLY_SENT = gives(405, (), otherwise=405)

# Pages of one record: whoever has no access to it cannot tell that there is one

OF_THE_RECORD = gives(200, TEAM, otherwise=404)
LEADS_ON_IN_THE_RECORD = gives(302, TEAM, otherwise=404)
OF_THE_RECORD_BUT_GUARDIANS = {**OF_THE_RECORD, Role.GUARDIAN: 403}
FOR_NOBODY_OF_THE_RECORD = gives(403, TEAM, otherwise=404)
FOR_THE_LEAD_OF_THE_RECORD = {**FOR_NOBODY_OF_THE_RECORD, Role.LEAD: 200}

# People at work: what opening an address gives, to everybody of the council and to the lead of another one. A stranger
# is always sent to sign in. A police officer or analyst of a body that receives nothing is one of them; those of the
# body that does are in RECEIVING and RECEIVED.
STAFF_OPENED: dict[str, Answers] = {
    "accounts/colleagues/": FOR_ADMINISTRATORS,
    "accounts/colleagues/<int:membership_id>/": FOR_ADMINISTRATORS,
    "accounts/colleagues/invitations/<uuid:invitation_id>/withdraw/": ONLY_SENT,
    "accounts/events/": FOR_AUDITORS,
    "accounts/events/file/": FOR_AUDITORS,
    "accounts/teams/": FOR_ADMINISTRATORS,
    "accounts/news/": gives(200, (), otherwise=200),
    "accounts/waiting/": FOR_LEADS,
    "accounts/waiting/<int:request_id>/": ONLY_SENT,
    "people/": FOR_WORKERS,
    "find/": gives(200, [*TEAM, Role.POLICE_ANALYST, OUTSIDER], otherwise=403),
    "people/file/": FOR_WORKERS,
    "people/file/htcds/": FOR_WORKERS,
    "people/take-in/": FOR_WORKERS,
    "people/take-in/look/": LEADS_WORKERS_ON,
    "people/new/": FOR_WORKERS,
    "people/due/": FOR_LEADS,
    "people/other-teams/": FOR_LEADS,
    "people/left/": FOR_LEADS,
    "people/hand-over/": FOR_LEADS,
    "people/<uuid:person_id>/": OF_THE_RECORD,
    "people/<uuid:person_id>/about/": OF_THE_RECORD,
    "people/<uuid:person_id>/age/": OF_THE_RECORD,
    "people/<uuid:person_id>/identity/": OF_THE_RECORD,
    "people/<uuid:person_id>/identity/change/": OF_THE_RECORD,
    "people/<uuid:person_id>/alike/": OF_THE_RECORD,
    "people/<uuid:person_id>/merge/": OF_THE_RECORD,
    "people/<uuid:person_id>/merge/<uuid:other_id>/": OF_THE_RECORD,
    "people/<uuid:person_id>/apart/<int:merge_id>/": OF_THE_RECORD,
    "people/<uuid:person_id>/encounters/": OF_THE_RECORD,
    "people/<uuid:person_id>/encounters/new/": OF_THE_RECORD,
    "people/<uuid:person_id>/encounters/<int:encounter_id>/": OF_THE_RECORD,
    "people/<uuid:person_id>/encounters/<int:encounter_id>/take-back/": OF_THE_RECORD,
    "people/<uuid:person_id>/signs/<int:number>/": OF_THE_RECORD,
    "people/<uuid:person_id>/signs/bring-in/": OF_THE_RECORD,
    "people/<uuid:person_id>/signs/sign/": OF_THE_RECORD_BUT_GUARDIANS,
    "people/<uuid:person_id>/assessments/": OF_THE_RECORD,
    "people/<uuid:person_id>/assessments/<uuid:assessment_id>/": OF_THE_RECORD,
    "people/<uuid:person_id>/consents/": OF_THE_RECORD,
    "people/<uuid:person_id>/consents/<slug:kind>/": OF_THE_RECORD,
    "people/<uuid:person_id>/steps/<slug:step_id>/": ONLY_SENT,
    "people/<uuid:person_id>/shared/": OF_THE_RECORD,
    "people/<uuid:person_id>/notify/": OF_THE_RECORD,
    "people/<uuid:person_id>/hand-over/": OF_THE_RECORD,
    "people/<uuid:person_id>/review/": OF_THE_RECORD,
    "people/<uuid:person_id>/close/": OF_THE_RECORD,
    "people/<uuid:person_id>/timeline/": OF_THE_RECORD,
    "people/<uuid:person_id>/looks/": FOR_THE_LEAD_OF_THE_RECORD,
    "people/<uuid:person_id>/looks/document/": FOR_THE_LEAD_OF_THE_RECORD,
    "people/<uuid:person_id>/copy/document/": FOR_THE_LEAD_OF_THE_RECORD,
    "people/<uuid:person_id>/copy/file/": FOR_THE_LEAD_OF_THE_RECORD,
    "notifications/": FOR_WORKERS,
    "notifications/new/": FOR_WORKERS,
    "notifications/bring-in/": FOR_WORKERS,
    "notifications/bring-in/look/": LEADS_WORKERS_ON,
    "notifications/bring-in/example/": FOR_WORKERS,
    "notifications/inbox/acknowledge/": ONLY_SENT,
    "notifications/keys/": FOR_ADMINISTRATORS,
    "notifications/keys/<int:key_id>/end/": ONLY_SENT,
    "notifications/<uuid:notification_id>/": OF_THE_RECORD,
    "notifications/<uuid:notification_id>/identity/": FOR_NOBODY_OF_THE_RECORD,
    "notifications/<uuid:notification_id>/receipt/": OF_THE_RECORD,
    "notifications/<uuid:notification_id>/receipt/file/": OF_THE_RECORD,
    "notifications/<uuid:notification_id>/acknowledge/": ONLY_SENT,
    "notifications/<uuid:notification_id>/ask/": ONLY_SENT,
    "notifications/<uuid:notification_id>/answers/<int:question_id>/": ONLY_SENT,
    "notifications/<uuid:notification_id>/questions/<int:question_id>/take-back/": ONLY_SENT,
    "notifications/<uuid:notification_id>/take-back/": ONLY_SENT,
    "notifications/<uuid:notification_id>/known/": ONLY_SENT,
    "notifications/<uuid:notification_id>/close/": ONLY_SENT,
    "notifications/<uuid:notification_id>/onward/": ONLY_SENT,
}

# What sending nothing gives, where opening is not possible.
STAFF_SENT: dict[str, Answers] = {
    "accounts/colleagues/invitations/<uuid:invitation_id>/withdraw/": gives(404, [Role.ADMINISTRATOR], otherwise=403),
    "accounts/waiting/<int:request_id>/": gives(404, [Role.LEAD, OUTSIDER], otherwise=403),
    "people/<uuid:person_id>/steps/<slug:step_id>/": LEADS_ON_IN_THE_RECORD,
    "notifications/inbox/acknowledge/": gives(302, [Role.POLICE_OFFICER, Role.POLICE_ANALYST], otherwise=403),
    "notifications/keys/<int:key_id>/end/": gives(302, [Role.ADMINISTRATOR], otherwise=403),
    "notifications/<uuid:notification_id>/acknowledge/": FOR_NOBODY_OF_THE_RECORD,
    "notifications/<uuid:notification_id>/ask/": FOR_NOBODY_OF_THE_RECORD,
    "notifications/<uuid:notification_id>/answers/<int:question_id>/": OF_THE_RECORD,
    "notifications/<uuid:notification_id>/questions/<int:question_id>/take-back/": FOR_NOBODY_OF_THE_RECORD,
    "notifications/<uuid:notification_id>/take-back/": LEADS_ON_IN_THE_RECORD,
    "notifications/<uuid:notification_id>/known/": FOR_NOBODY_OF_THE_RECORD,
    "notifications/<uuid:notification_id>/close/": FOR_NOBODY_OF_THE_RECORD,
    "notifications/<uuid:notification_id>/onward/": FOR_NOBODY_OF_THE_RECORD,
}

# What those get who work with what is received: officers and analysts, of a body that receives and of one that does
# not, and everybody else of the sending council.
BODIES: Final = ("receiving officer", "receiving analyst", "other officer", "other analyst", "others")
RECEIVED_BY_BODY: Mapping[str, int] = {**dict.fromkeys(BODIES, 200), "others": 403}
RECEIVING: dict[str, Mapping[str, int]] = {
    "notifications/inbox/": RECEIVED_BY_BODY,
    "notifications/inbox/file/": RECEIVED_BY_BODY,
    "notifications/inbox/report/": RECEIVED_BY_BODY,
}

# On one notification, for the officer and the analyst of the body that receives it: opening, and sending nothing.
RECEIVED: dict[str, tuple[int, int]] = {
    "notifications/<uuid:notification_id>/": (200, 405),
    "notifications/<uuid:notification_id>/identity/": (200, 405),
    "notifications/<uuid:notification_id>/receipt/": (200, 405),
    "notifications/<uuid:notification_id>/receipt/file/": (200, 405),
    "notifications/<uuid:notification_id>/acknowledge/": (405, 302),
    "notifications/<uuid:notification_id>/ask/": (405, 200),
    "notifications/<uuid:notification_id>/answers/<int:question_id>/": (405, 403),
    "notifications/<uuid:notification_id>/questions/<int:question_id>/take-back/": (405, 302),
    "notifications/<uuid:notification_id>/take-back/": (405, 403),
    "notifications/<uuid:notification_id>/known/": (405, 302),
    "notifications/<uuid:notification_id>/close/": (405, 200),
    "notifications/<uuid:notification_id>/onward/": (405, 200),
}

# Open to strangers, or allauth's: what a stranger gets by opening, and by sending nothing.
STRANGERS: dict[str, tuple[int, int]] = {
    "": (200, 405),
    "home/": (302, 302),
    "help/": (200, 405),
    "demo/": (200, 405),
    "demo/sign-in/<slug:key>/": (405, 404),
    "api/": (200, 405),
    "api/v1/": (404, 404),
    "api/v1/fields": (401, 405),
    "api/v1/notifications": (401, 401),
    "api/v1/notifications/<shown>": (401, 405),
    "api/v1/openapi.json": (200, 200),
    "accounts/rules/": (200, 405),
    "accounts/rules/document/": (200, 405),
    "accounts/invitation/<str:token>/": (410, 410),
    "accounts/email/": (302, 302),
    "accounts/login/": (200, 200),
    "accounts/logout/": (302, 302),
    "accounts/inactive/": (200, 405),
    "accounts/signup/": (200, 200),
    "accounts/reauthenticate/": (302, 302),
    "accounts/confirm-email/": (200, 405),
    "accounts/^confirm-email/(?P<key>[-:\\w]+)/$": (200, 404),
    "accounts/password/change/": (302, 302),
    "accounts/password/set/": (302, 302),
    "accounts/password/reset/": (200, 200),
    "accounts/password/reset/done/": (200, 405),
    "accounts/password/reset/key/done/": (200, 405),
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": (200, 200),
    "accounts/login/code/confirm/": (302, 302),
    "accounts/2fa/": (302, 302),
    "accounts/2fa/authenticate/": (302, 302),
    "accounts/2fa/reauthenticate/": (302, 302),
    "accounts/2fa/totp/activate/": (302, 302),
    "accounts/2fa/totp/deactivate/": (302, 302),
    "accounts/2fa/recovery-codes/": (302, 302),
    "accounts/2fa/recovery-codes/generate/": (302, 302),
    "accounts/2fa/recovery-codes/download/": (302, 302),
    "accounts/2fa/webauthn/": (302, 302),
    "accounts/2fa/webauthn/add/": (302, 302),
    "accounts/2fa/webauthn/reauthenticate/": (302, 302),
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": (302, 302),
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": (302, 302),
    "accounts/2fa/webauthn/login/": (302, 302),
    "accounts/oidc/^(?P<provider_id>[^/]+)/login/": (404, 404),
    "accounts/oidc/^(?P<provider_id>[^/]+)/login/callback/": (404, 404),
    "accounts/provider/": (302, 302),
    "accounts/provider/login/cancelled/": (200, 405),
    "accounts/provider/login/error/": (401, 405),
    "accounts/provider/signup/": (302, 302),
    "signs/": (200, 302),
    "support/calendar/<str:token>.ics": (404, 405),
    "signs/about/": (200, 200),
    "signs/part/<int:number>/": (302, 302),
    "signs/result/": (302, 405),
    "signs/result/method/": (302, 405),
    "signs/result/otherwise/": (405, 302),
    "signs/result/file/": (302, 405),
    "signs/result/document/": (405, 302),
    "signs/open/": (200, 200),
    "signs/finish/": (200, 302),
    "signs/list/": (200, 405),
    "signs/reactions/": (200, 405),
    "drafts/": (302, 302),
    "drafts/keep/": (302, 302),
    "drafts/stay/": (302, 302),
    "drafts/<uuid:draft_id>/throw-away/": (302, 302),
    "leave/": (302, 405),
    "privacy/": (200, 405),
    "accessibility/": (200, 405),
    "health/": (200, 405),
    "design/": (200, 405),
    "docs/": (302, 405),
    "docs/<path:path>": (404, 405),
}

# Referrals: what opening and sending nothing give, to those who make them, to those who only work on the record, to
# everybody else of the council, and to the lead of another one.
MAKERS: Final = (Role.FIRST_RESPONDER, Role.LEAD, Role.SUPPORT_WORKER, Role.POLICE_OFFICER)
Both = tuple[int, int]


def of_referral(makers: Both, team: Both, others: Both, outsider: Both) -> Mapping[Role | str, Both]:
    """What an address of referrals answers, by who asks."""
    named = dict.fromkeys(MAKERS, makers) | dict.fromkeys((Role.FRONTLINE_WORKER, Role.GUARDIAN), team)
    return dict.fromkeys(Role, others) | named | {OUTSIDER: outsider}


REFERRALS = of_referral(makers=(200, 405), team=(403, 405), others=(403, 405), outsider=(200, 405))
READ_REFERRAL = of_referral(makers=(302, 405), team=(403, 405), others=(404, 405), outsider=(404, 405))
BEGIN_REFERRAL = of_referral(makers=(200, 302), team=(403, 403), others=(404, 404), outsider=(404, 404))
OPEN_REFERRAL = of_referral(makers=(200, 405), team=(403, 405), others=(404, 405), outsider=(404, 405))
SEND_REFERRAL = of_referral(makers=(405, 302), team=(405, 403), others=(405, 404), outsider=(405, 404))
CHANGE_REFERRAL = of_referral(makers=(200, 200), team=(403, 403), others=(404, 404), outsider=(404, 404))
LEADS_BACK = of_referral(makers=(302, 302), team=(403, 403), others=(404, 404), outsider=(404, 404))

REFERRING: dict[str, Mapping[Role | str, Both]] = {
    "referrals/": REFERRALS,
    "referrals/blank/": REFERRALS,
    "referrals/signs/": REFERRALS,
    "referrals/of/<uuid:person_id>/read/": READ_REFERRAL,
    "referrals/of/<uuid:person_id>/": BEGIN_REFERRAL,
    "referrals/<uuid:referral_id>/": OPEN_REFERRAL,
    "referrals/<uuid:referral_id>/check/": OPEN_REFERRAL,
    "referrals/<uuid:referral_id>/document/": OPEN_REFERRAL,
    "referrals/<uuid:referral_id>/package/": OPEN_REFERRAL,
    "referrals/<uuid:referral_id>/receipt/": OPEN_REFERRAL,
    "referrals/<uuid:referral_id>/close/": SEND_REFERRAL,
    "referrals/<uuid:referral_id>/reopen/": SEND_REFERRAL,
    "referrals/<uuid:referral_id>/hand-in/": CHANGE_REFERRAL,
    "referrals/<uuid:referral_id>/hand-in/number/": CHANGE_REFERRAL,
    "referrals/<uuid:referral_id>/hand-in/take-back/": CHANGE_REFERRAL,
    "referrals/<uuid:referral_id>/discard/": SEND_REFERRAL,
    "referrals/<uuid:referral_id>/decision/": CHANGE_REFERRAL,
    "referrals/<uuid:referral_id>/decision/<int:decision_id>/take-back/": CHANGE_REFERRAL,
    "referrals/<uuid:referral_id>/evidence/": CHANGE_REFERRAL,
    "referrals/<uuid:referral_id>/evidence/<uuid:evidence_id>/": OPEN_REFERRAL,
    "referrals/<uuid:referral_id>/evidence/<uuid:evidence_id>/remove/": SEND_REFERRAL,
    "referrals/<uuid:referral_id>/sections/<slug:name>/": LEADS_BACK,  # it is closed
}

# Support and the statistics: who supports somebody at TARA and the lead there; the frontline worker and the lead of the
# council that asked; the guardian of the child; the officer to whose body the account was granted; the statistician;
# everybody else who is signed in; and the lead of another council.
PROVIDER: Final = ("supports", "leads there")
ASKING: Final = ("asked", "leads the asking team")
PLACES: Final = (*PROVIDER, *ASKING, "guardian", "officer", "statistician", "others", OUTSIDER)
WITH_PEOPLE: Final = (*PROVIDER, *ASKING, "guardian", "officer", OUTSIDER)
KEEPERS: Final = (*PROVIDER, "leads the asking team", OUTSIDER)


def support_gives(status: int, whom: Iterable[str], *, otherwise: int) -> dict[str, int]:
    """What an address of support answers to some places, and to every other one."""
    return dict.fromkeys(PLACES, otherwise) | dict.fromkeys(whom, status)


SUPPORT = support_gives(200, [*KEEPERS, "guardian"], otherwise=403)
OF_THE_ASKING_TEAM = support_gives(200, ASKING, otherwise=404)
LEADS_THE_ASKING_TEAM_ON = support_gives(302, ASKING, otherwise=404)
ONLY_SENT_TO_SUPPORT = support_gives(405, (), otherwise=405)
FOR_GUARDIANS = support_gives(200, ["guardian"], otherwise=403)
GRANTED = {**support_gives(200, ["officer"], otherwise=404), "statistician": 403, "others": 403}
FOR_WORK_WITH_PEOPLE = support_gives(200, WITH_PEOPLE, otherwise=403)
KEEP_DIRECTORY = support_gives(200, KEEPERS, otherwise=403)
LEADS_KEEPERS_ON = support_gives(302, KEEPERS, otherwise=403)
FOR_STATISTICIANS = support_gives(200, ["statistician"], otherwise=403)
EPISODE_PAGE = support_gives(200, PROVIDER, otherwise=404)
LEADS_ON_IN_THE_EPISODE = support_gives(302, PROVIDER, otherwise=404)

SUPPORTING: dict[str, Mapping[str, int]] = {
    "support/": SUPPORT,
    "support/list/": SUPPORT,
    "support/list/file/": SUPPORT,
    "support/calendar/": SUPPORT,
    "support/left/": SUPPORT,
    "support/hand-over/": support_gives(200, ["leads there", "leads the asking team", OUTSIDER], otherwise=403),
    "support/of/<uuid:person_id>/": OF_THE_ASKING_TEAM,
    "support/of/<uuid:person_id>/<uuid:episode_id>/take-back/": ONLY_SENT_TO_SUPPORT,
    "support/children/": FOR_GUARDIANS,
    "support/children/<uuid:person_id>/": FOR_GUARDIANS,
    "support/granted/": FOR_WORK_WITH_PEOPLE,
    "support/granted/<uuid:grant_id>/": GRANTED,
    "support/granted/<uuid:grant_id>/document/": GRANTED,
    "support/granted/<uuid:grant_id>/interview/": GRANTED,
    "support/services/": FOR_WORK_WITH_PEOPLE,
    "support/services/new/": KEEP_DIRECTORY,
    "support/services/unverified/": FOR_WORK_WITH_PEOPLE,
    "support/services/file/": FOR_WORK_WITH_PEOPLE,
    "support/services/bring-in/": KEEP_DIRECTORY,
    "support/services/bring-in/look/": LEADS_KEEPERS_ON,
    "support/services/<uuid:service_id>/": FOR_WORK_WITH_PEOPLE,
    "support/services/<uuid:service_id>/change/": KEEP_DIRECTORY,
    "support/services/<uuid:service_id>/check/": ONLY_SENT_TO_SUPPORT,
    "statistics/support/": FOR_STATISTICIANS,
    "statistics/support/file/": FOR_STATISTICIANS,
}

# An episode: for those who support in its team, and for nobody else, who cannot tell that there is one.
EPISODE = "support/<uuid:episode_id>/"
PAGES = (
    "", "who/", "dates/", "circumstances/", "agreement/", "hand-over/", "close/", "plan/",
    "plan/<slug:language>/alone/", "plan/<slug:language>/document/", "outcomes/", "outcomes/new/", "services/",
    "noticed/", "child/", "account/", "account/write/", "account/correct/", "account/interview/", "account/readings/",
    "account/grants/new/", "account/<int:number>/", "parts/<slug:name>/", "parts/<slug:name>/new/",
    "parts/<slug:name>/<uuid:entry_id>/",
)  # fmt: skip
TRANSLATION = "plan/<slug:language>/"
POSTS = (
    "answer/<answer:kind>/", "plan/<slug:language>/review/", "child/guardian/<guardian:what>/",
    "child/steps/<slug:step_id>/",
    "account/grants/<uuid:grant_id>/end/", "parts/<slug:name>/<uuid:entry_id>/remove/",
)  # fmt: skip
SUPPORTING |= dict.fromkeys((EPISODE + page for page in (*PAGES, TRANSLATION)), EPISODE_PAGE)
SUPPORTING |= dict.fromkeys((EPISODE + page for page in POSTS), ONLY_SENT_TO_SUPPORT)

# What sending nothing gives, where opening is not possible.
SUPPORT_SENT: dict[str, Mapping[str, int]] = {
    "support/of/<uuid:person_id>/<uuid:episode_id>/take-back/": LEADS_THE_ASKING_TEAM_ON,
    "support/services/<uuid:service_id>/check/": LEADS_KEEPERS_ON,
    EPISODE + "answer/<answer:kind>/": EPISODE_PAGE,
    EPISODE + "plan/<slug:language>/review/": LEADS_ON_IN_THE_EPISODE,
    EPISODE + "child/steps/<slug:step_id>/": LEADS_ON_IN_THE_EPISODE,
    EPISODE + "child/guardian/<guardian:what>/": LEADS_ON_IN_THE_EPISODE,
    EPISODE + "account/grants/<uuid:grant_id>/end/": LEADS_ON_IN_THE_EPISODE,
    EPISODE + "parts/<slug:name>/<uuid:entry_id>/remove/": LEADS_ON_IN_THE_EPISODE,
}
