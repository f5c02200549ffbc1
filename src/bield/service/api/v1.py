"""Version 1 of the API: send a notification once however often it is repeated, and see what became of it."""

from __future__ import annotations

from typing import Annotated, Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Header, NinjaAPI, Query, Schema, Status
from ninja.errors import ValidationError
from ninja.security import HttpBearer

from bield.disclosure import Finding
from bield.law import notification_version
from bield.service import reference
from bield.service.api.keys import key_for
from bield.service.audit.actions import record
from bield.service.audit.kinds import Kind
from bield.service.notifications import display, payload
from bield.service.notifications.dialogue import question_words
from bield.service.notifications.forms import version_today
from bield.service.notifications.intake import KeyUsed, Refused, Sender, TooRare
from bield.service.notifications.models import ApiKey, Notification
from bield.service.paging import page_of

LONGEST_KEY = 80


class Key(HttpBearer):
    """A key that an administrator of the body made: Authorization: Bearer bield_…"""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        key = key_for(token, at=timezone.now())
        today = timezone.localdate()
        if key is not None and key.last_used_on != today:
            ApiKey.objects.filter(pk=key.pk).update(last_used_on=today)
        return key


api = NinjaAPI(
    title="Bield",
    version="1",
    description=(
        "For the systems of bodies that notify. Nothing that says who an adult is may be sent unless they agreed; what "
        "is sent without agreement is dropped here and named in the receipt as withheld. Not an emergency channel."
    ),
    auth=Key(),
    docs_url=None,
    urls_namespace="api-1",
)


class NotificationIn(Schema):
    """One notification. Codes are those of the version of the form that GET /fields gives."""

    model_config = {"extra": "forbid"}

    reference: str = Field("", max_length=80, description="Your own reference of the person. Only a hash is kept.")
    age: str = Field(description="adult, child or not_sure")
    agreed: str = Field("not_asked", description="Whether they agreed to be identified: given, refused or not_asked")
    gender: str = ""
    country_of_origin: str = Field("", description="ISO 3166-1 alpha-2, or a continent")
    recovered_where: str = Field("", description=payload.place_codes(settings.PLACE))
    activity_where: str = ""
    trafficking: str = ""
    slavery: str = ""
    type: list[str] = Field([], max_length=10)
    referral: str = ""
    urgent: str = Field("no", description="yes or no. Not an emergency channel: telephone if anybody is in danger now")
    elsewhere: list[str] = Field([], max_length=10, description="Ids of bodies known to have notified or referred them")
    if_rare: str = Field("broaden", description="broaden, refuse, or the id of a reason to send it as it is")
    name: str = Field("", max_length=payload.LONGEST)
    date_of_birth: str = Field("", max_length=payload.LONGEST)
    nationality: str = Field("", max_length=payload.LONGEST)
    contact: str = Field("", max_length=payload.LONGEST)
    perpetrators: str = Field("", max_length=payload.LONGEST)
    other_victims: str = Field("", max_length=payload.LONGEST)


class Receipt(Schema):
    """What was sent, and what was withheld."""

    format: str
    reference: str
    sent_at: str
    from_: str = Field(alias="from")
    to: str
    basis: str
    version: str
    version_in_force: bool
    said: dict[str, list[str]]
    withheld: list[str]
    broadened: list[str]
    kept_because: str
    identity_sent: bool
    sha256_of_said: str


class QuestionOut(Schema):
    """A question of the police. Answers are given on the notification's page."""

    question: str
    answer: str


class StateOut(Schema):
    """Where a notification stands."""

    reference: str
    sent_at: str
    acknowledged: bool
    closed: bool
    outcome: str
    questions: list[QuestionOut]


class PageOut(Schema):
    """Some notifications, newest first. after: what to ask for the next page with; empty on the last."""

    notifications: list[StateOut]
    after: str


class MistakeOut(Schema):
    field: str
    words: str


class ProblemOut(Schema):
    """Why a notification was not taken."""

    detail: str
    mistakes: list[MistakeOut] = []
    rare: list[list[str]] = []
    options: list[dict[str, str]] = []


class FieldOut(Schema):
    id: str
    label: str
    identifies: bool
    choices: list[str]


class FieldsOut(Schema):
    """What a notification may hold today."""

    version: str
    title: str
    in_force: bool
    fields: list[FieldOut]


REFUSED: dict[int, type[Schema]] = {400: ProblemOut, 401: ProblemOut, 422: ProblemOut}
"""What every address may answer with: no JSON, no key, and values that need mending."""


@api.exception_handler(ValidationError)
def _values_need_mending(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What does not fit the description, in the form in which we say everything else that is wrong."""
    mistakes = [
        {"field": ".".join(str(part) for part in item["loc"][1:]) or "body", "words": str(item["msg"])[:200]}
        for item in error.errors
    ]
    problem = {"detail": "some values need mending", "mistakes": mistakes, "rare": [], "options": []}
    return api.create_response(request, problem, status=422)


def _key(request: HttpRequest) -> ApiKey:
    key = getattr(request, "auth", None)
    assert isinstance(key, ApiKey)  # noqa: S101  # what Key gives
    return key


@api.post(
    "/notifications",
    response={201: Receipt, 200: Receipt, 409: ProblemOut} | REFUSED,
    summary="Send a notification",
    by_alias=True,
)
def send(
    request: HttpRequest,
    body: NotificationIn,
    idempotency_key: Annotated[str, Header(min_length=1, max_length=LONGEST_KEY)],
) -> Status[Any]:
    """Send a notification. The same Idempotency-Key with the same content never makes a second: it answers 200 with
    the receipt of the first. The same key with another content is refused with 409. A combination that fewer than the
    threshold share is said more broadly, or refused, as if_rare says."""
    version = version_today()
    values = body.dict() | {"id": idempotency_key}
    try:
        sent = payload.read(values, version, on=timezone.localdate()).send(
            Sender(_key(request).team, key=_key(request)), version, way="api", at=timezone.now()
        )
    except payload.Mistakes as error:
        mistakes = [MistakeOut(field=item.field, words=item.words) for item in error.found]
        return Status(422, ProblemOut(detail="some values need mending", mistakes=mistakes))
    except TooRare as error:
        return Status(422, _too_rare(error.finding, str(error)))
    except KeyUsed as error:
        return Status(409, ProblemOut(detail=str(error)))
    except Refused as error:
        return Status(422, ProblemOut(detail=str(error)))
    return Status(201 if sent.made else 200, display.receipt(sent.notification, identity_sent=sent.identified))


def _note(kind: Kind, key: ApiKey, *, subject: object = "", **facts: int) -> None:
    """A system read something: noted like a person's reading, with the key in place of the account."""
    actor = Sender(key.team, key=key).actor
    record(kind, actor=actor, organisation=key.team.organisation_id, subject=subject, at=None, **facts)


def _too_rare(finding: Finding, words: str) -> ProblemOut:
    return ProblemOut(
        detail=words,
        rare=[list(names) for names in finding.rare],
        options=[option.values for option in finding.options],
    )


@api.get("/notifications", response={200: PageOut} | REFUSED, summary="What your team sent")
def sent_by_team(request: HttpRequest, after: Annotated[str, Query(max_length=200)] = "") -> PageOut:
    """What the team of the key sent, newest first."""
    key = _key(request)
    rows = Notification.objects.filter(team=key.team).prefetch_related("questions")
    with transaction.atomic():
        page = page_of(rows, key="sent_at", after=after, size=100)
        _note(Kind.NOTIFICATIONS_LISTED, key, count=len(page.rows))
    return PageOut(notifications=[_state(item) for item in page.rows], after=page.after)


@api.get("/notifications/{shown}", response={200: StateOut, 404: ProblemOut} | REFUSED, summary="One notification")
def one(request: HttpRequest, shown: str) -> Status[Any]:
    """What became of a notification of your team, by its reference."""
    key, code = _key(request), reference.read(shown)
    found = Notification.objects.filter(team=key.team, reference=code or "").first()
    if found is None:
        return Status(404, ProblemOut(detail="your team sent no notification with this reference"))
    with transaction.atomic():
        _note(Kind.NOTIFICATION_READ, key, subject=found.pk)
        return Status(200, _state(found))


@api.get("/fields", response={200: FieldsOut} | REFUSED, summary="What a notification may hold")
def fields(request: HttpRequest) -> FieldsOut:
    """The fields of today's version of the form, and its codes."""
    version = version_today()
    return FieldsOut(
        version=version.id,
        title=version.title,
        in_force=version.in_force,
        fields=[
            FieldOut(
                id=item.id,
                label=item.label,
                identifies=item.identifies,
                choices=[choice.key for choice in item.choices],
            )
            for item in version.fields
        ],
    )


def _state(found: Notification) -> StateOut:
    version = notification_version(found.version)
    return StateOut(
        reference=found.shown_reference,
        sent_at=found.sent_at.isoformat(),
        acknowledged=found.acknowledged_at is not None,
        closed=found.closed_at is not None,
        outcome=found.outcome,
        questions=[
            QuestionOut(question=question_words(version, item.ask), answer=item.answer)
            for item in found.questions.all()
        ],
    )
