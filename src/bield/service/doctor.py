"""Looks over an installation: each check says that something is right, or what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPException
from typing import Final, Literal

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core import checks
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone

from bield.law.places import load_place
from bield.service.cases.models import Identity
from bield.service.documents import can_print
from bield.service.health import can_write, free_mib, missing_migrations
from bield.service.nightly.models import Step, last_done
from bield.service.sealing import cipher

State = Literal["right", "look", "wrong"]
"""look: it works, and somebody should see to it."""

PATIENCE: Final = 5
"""Seconds to wait for the mail server."""

CLOCKS_APART: Final = timedelta(seconds=5)
LATE: Final = timedelta(hours=36)
"""A step of the night that last succeeded longer ago was missed."""

LETTERS: Final = "Zażółć gęślą jaźń, Nguyễn, Đurđević, Наташа"
"""Letters of names that a document must be able to print."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, what was found, and what to do where it is not right."""

    name: str
    state: State
    found: str
    to_do: str = ""


def examine() -> Iterator[Check]:
    """Every check, one after the other. A check that breaks is itself wrong, and the others go on."""
    for check in CHECKS:
        try:
            yield check()
        except Exception as error:  # whatever is broken is what this command is for
            yield Check(check.__name__.strip("_"), "wrong", f"could not be looked at: {type(error).__name__}")


def _settings() -> Check:
    found = [item for item in checks.run_checks(include_deployment_checks=settings.PRODUCTION) if item.level >= 30]
    mode = "production" if settings.PRODUCTION else "development, for this machine only"
    if not found:
        return Check("settings", "right", mode)
    return Check(
        "settings",
        "wrong",
        f"{mode}; {' '.join(item.msg for item in found)}",
        found[0].hint or "see docs/reference/settings.md",
    )


def _database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Check("database", "wrong", "cannot be reached", "check DATABASE_URL, and that the server runs")
    return Check("database", "right", f"{connection.display_name} {'.'.join(map(str, _version()))}")


def _version() -> tuple[int, ...]:
    return tuple(connection.get_database_version())


def _migrations() -> Check:
    if missing := missing_migrations():
        words = f"{len(missing)} not applied"
        return Check("migrations", "wrong", words, "make a backup, then run `bield migrate`")
    return Check("migrations", "right", "all applied")


def _keys() -> Check:
    """Whether the keys open what was sealed first and last. The result is discarded and nobody reads it."""
    tokens = Identity.objects.annotate(token=Cast("names", TextField())).order_by("changed_at").values_list("token")
    for row in (tokens.first(), tokens.last()):
        try:
            if row:
                cipher().decrypt(row[0].encode())
        except InvalidToken:
            to_do = "put back the key with which it was sealed: a name that no key opens is lost"
            return Check("keys", "wrong", "IDENTITY_KEYS do not open all that is sealed", to_do)
    return Check("keys", "right", f"{len(settings.IDENTITY_KEYS)} for identity, {len(settings.INDEX_KEYS)} for names")


def _typefaces() -> Check:
    if not can_print(LETTERS):
        return Check("typefaces", "wrong", "some letters of names cannot be printed", "install fonts-dejavu-core")
    return Check("typefaces", "right", "print accents, Vietnamese and Cyrillic letters")


def _mail() -> Check:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return Check("mail", "look" if settings.PRODUCTION else "right", "is not sent; it is shown on this terminal")
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    mail = get_connection(timeout=PATIENCE)
    try:
        mail.open()
        mail.close()
    except (OSError, SMTPException) as error:
        to_do = "check EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS and the password"
        return Check("mail", "wrong", f"{where} does not take mail ({type(error).__name__})", to_do)
    return Check("mail", "right", f"{where} takes mail")


def _clock() -> Check:
    """Whether this machine and the database agree on the time: clocks of the law and once-only keys rest on it."""
    if connection.vendor != "postgresql":
        return Check("clock", "right", f"{timezone.localtime():%H:%M}, and the database is on this machine")
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
    apart = abs(there - timezone.now())
    if apart > CLOCKS_APART:
        seconds = f"{apart.total_seconds():.0f} seconds"
        return Check("clock", "wrong", f"{seconds} apart from the database’s", "let both machines keep time by NTP")
    return Check("clock", "right", f"{timezone.localtime():%H:%M}, as the database has it")


def _proxy() -> Check:
    count = getattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", 0)
    if count:
        return Check("proxy", "right", f"{count} in front; people are told apart by the address that it saw")
    if settings.PRODUCTION and not settings.SECURE_SSL_REDIRECT:
        return Check("proxy", "look", "none, and pages are not moved to https", "set BEHIND_PROXY and PROXY_COUNT")
    return Check("proxy", "right", "none in front")


def _disk() -> Check:
    if not can_write():
        to_do = f"let the user of the service write in {settings.STORAGE} (DATA_DIR or STORAGE_PATH)"
        return Check("disk", "wrong", "the service cannot write to its folder", to_do)
    free = free_mib()
    if free < settings.LEAST_FREE_MIB:
        return Check("disk", "wrong", f"{free:,} MiB free", f"make room: {settings.LEAST_FREE_MIB:,} MiB are the least")
    return Check("disk", "right", f"{free:,} MiB free")


def _static() -> Check:
    if finders.find("vendor/design-system/css/design-system.min.css") is None:
        return Check(
            "static files",
            "wrong",
            "the design system is missing",
            "install a wheel, or run `make static` in the checkout",
        )
    if settings.PRODUCTION and not (settings.STATIC_ROOT / "staticfiles.json").is_file():
        return Check("static files", "wrong", "were not collected", "run `bield collectstatic`")
    return Check("static files", "right", "all there")


def _data() -> Check:
    """Whether numbers that people ring were published long ago."""
    place, today = load_place(settings.PLACE), timezone.localdate()
    stale = [item.name for item in place.services if place.is_stale(item, on=today)]
    if stale:
        words = f"{len(stale)} of {len(place.services)} services of {place.name} were last seen long ago: {stale[0]}"
        return Check("data", "look", words, "check their numbers, and record the day")
    return Check("data", "right", f"the services of {place.name} were checked lately")


def _nightly() -> Check:
    """Whether `bield nightly` ran last night, each step of it. In development nobody needs to."""
    done, now = last_done(), timezone.now()
    late = [step for step in Step.values if step not in done or now - done[step] > LATE]
    if not settings.PRODUCTION and not done:
        return Check("nightly", "right", "has not run, and need not in development")
    if late:
        to_do = "start bield-nightly.timer, with a folder for backups and one for checkpoints, and read what it says"
        return Check("nightly", "look", f"not done last night: {', '.join(late)}", to_do)
    return Check("nightly", "right", "every step was done last night")


CHECKS: Final[tuple[Callable[[], Check], ...]] = (
    _settings,
    _database,
    _migrations,
    _keys,
    _typefaces,
    _mail,
    _clock,
    _proxy,
    _disk,
    _static,
    _data,
    _nightly,
)
