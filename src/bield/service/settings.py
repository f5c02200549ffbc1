"""Settings, from the environment. Nothing set: development on SQLite, answering this machine only."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from platformdirs import user_data_path

from bield.law.places import known_places
from bield.law.reading import look_in

CHECKOUT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).resolve().parent

ENV = os.environ.get("BIELD_ENV", "development")
if ENV not in ("development", "production"):
    raise ImproperlyConfigured(f"BIELD_ENV is {ENV!r}; use 'development' or 'production'")
PRODUCTION = ENV == "production"


def setting(name: str, *, development: str) -> str:
    """A value from the environment; the given default is used in development only.

    NAME_FILE, if set, is a path to read the value from instead (for mounted secrets).
    """
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    if value := os.environ.get(name):
        return value
    if PRODUCTION:
        raise ImproperlyConfigured(f"set {name} (see docs/how-to/deploy.md)")
    return development


def number(name: str, *, default: int) -> int:
    """A whole number from the environment. Anything else is refused."""
    value = os.environ.get(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}; use a whole number")
    return int(value)


def data_folder() -> Path:
    """Where files are kept: DATA_DIR, the folder var of the checkout we run in, or a folder of this user's.

    Never inside the package, nor in a checkout that is only installed from.
    """
    if path := os.environ.get("DATA_DIR"):
        return Path(path)
    if (CHECKOUT / "manage.py").is_file() and Path.cwd().is_relative_to(CHECKOUT):
        return CHECKOUT / "var"
    return user_data_path("bield", appauthor=False)


def providers() -> list[dict[str, Any]]:
    """The bodies' own identity providers, from JSON, as allauth wants them. Anything else is refused."""
    try:
        found = json.loads(os.environ.get("OIDC_PROVIDERS", "[]"))
    except ValueError as error:
        raise ImproperlyConfigured(f"OIDC_PROVIDERS is not JSON: {error}") from error
    expected = {"id", "name", "body", "server_url", "client_id", "secret"}
    for number, item in enumerate(found, start=1):
        if not isinstance(item, dict) or set(item) != expected:
            raise ImproperlyConfigured(f"OIDC_PROVIDERS: entry {number} needs exactly {', '.join(sorted(expected))}")
    return [
        {
            "provider_id": item["id"],
            "name": item["name"],
            "client_id": item["client_id"],
            "secret": item["secret"],
            "settings": {"server_url": item["server_url"], "body": item["body"]},
        }
        for item in found
    ]


def switch(name: str, *, default: bool) -> bool:
    """A yes or no from the environment. Anything else is refused."""
    value = os.environ.get(name, "yes" if default else "no").lower()
    if value not in ("yes", "no"):
        raise ImproperlyConfigured(f"{name} is {value!r}; use 'yes' or 'no'")
    return value == "yes"


DEBUG = switch("DEBUG", default=not PRODUCTION)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("production refuses DEBUG=yes: error pages would show what people typed")

SECRET_KEY = setting("SECRET_KEY", development="development-only-and-not-a-secret-because-everybody-can-read-it")
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]
# The development default answers to this machine only, so that a server whose environment was never set refuses
# every request from elsewhere.
ALLOWED_HOSTS = setting("ALLOWED_HOSTS", development="localhost,127.0.0.1,[::1]").split(",")

# A made-up country to play with: its cast signs in with one click, and no second factor is asked.
DEMO = switch("DEMO", default=not PRODUCTION)
DEMO_PLACE = "scotland"
if PRODUCTION and DEMO:
    raise ImproperlyConfigured("production refuses DEMO=yes: anybody could sign in with one click")

# What keeps identity unreadable in a copy of the database; see service/sealing.py. The first key is the current one.
IDENTITY_KEYS = setting("IDENTITY_KEYS", development="ZGV2ZWxvcG1lbnQtb25seS1hbmQtbm90LWEtc2VjcmU=").split(",")
INDEX_KEYS = setting("INDEX_KEYS", development="development-only-and-not-a-secret").split(",")
if not all(re.fullmatch(r"[A-Za-z0-9_-]{43}=", key) for key in IDENTITY_KEYS):
    raise ImproperlyConfigured("IDENTITY_KEYS: make each key with `bield keys new`")
if not all(len(key) >= 32 for key in INDEX_KEYS):
    raise ImproperlyConfigured("INDEX_KEYS: each needs 32 characters at least")

INSTALLED_APPS = [
    "bield.service.design",
    "bield.service.audit",
    "bield.service.nightly",
    "bield.service.accounts",
    "bield.service.drafts",
    "bield.service.directory",
    "bield.service.statistics",
    "bield.service.notifications",
    "bield.service.signs",
    "bield.service.cases",
    "bield.service.referrals",
    "bield.service.support",
    "bield.service.merging",
    "bield.service.today",
    "bield.service.api",
    "bield.service.demo",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django.forms",
    "django.contrib.humanize",  # the page of passkeys asks for it
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "bield.service.middleware.NotesRequests",  # after the static files, which nobody needs a line about
    "csp.middleware.CSPMiddleware",
    "bield.service.middleware.PrivatePages",
    "bield.service.middleware.SaysWhatIsNotRecorded",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bield.service.drafts.middleware.KeepsWords",
    "bield.service.accounts.middleware.ClosedUnlessOpen",
    "bield.service.accounts.middleware.SecondFactor",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "bield.service.drafts.middleware.CountsOnce",  # last: it answers in place of the view
]

ROOT_URLCONF = "bield.service.urls"
WSGI_APPLICATION = "bield.service.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bield.service.context.everywhere",
                "bield.service.drafts.context.drafts",
            ],
            "builtins": ["bield.service.drafts.templatetags.form_key"],
        },
    }
]
FORM_RENDERER = "bield.service.design.renderer.DesignRenderer"

DATA = data_folder()
DATABASES = {
    "default": dj_database_url.parse(
        setting("DATABASE_URL", development=f"sqlite:///{DATA / 'bield.sqlite3'}"),
        conn_max_age=number("CONN_MAX_AGE", default=60 if PRODUCTION else 0),
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    if PRODUCTION:
        raise ImproperlyConfigured("production needs PostgreSQL; DATABASE_URL names SQLite")
    # Fail at once rather than deadlock when a transaction that read then writes.
    DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE"}
# Where this machine must have room: the disk of the database file, or of whatever else is written here.
STORAGE = Path(os.environ.get("STORAGE_PATH", DATA))
LEAST_FREE_MIB = number("LEAST_FREE_MIB", default=200)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Signing in: by invitation, with a work e-mail address, and a second factor where a person can be seen.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "name")}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "bield.service.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation is sent to the address: who has its link can read its mail
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_REDIRECT_URL = "front"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = "strict"
# Failures are counted by address and by account. A browser that has signed in to an account before is counted by
# itself, so that strangers who guess at the account never lock its owner out.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,10/5m/key", "login_failed_at_a_known_browser": "10/5m/key"}
KNOWN_BROWSER_DAYS = 365
MFA_ADAPTER = "bield.service.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Bield"
MFA_TOTP_TOLERANCE = 1  # the code before and the one after are taken too: RFC 6238, section 5.2
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
SOCIALACCOUNT_ADAPTER = "bield.service.accounts.adapters.ProviderAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # a body's provider is trusted about addresses of that body: see its adapter
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": providers()}}
INVITATION_DAYS = 7
SESSION_COOKIE_AGE = number("IDLE_MINUTES", default=30) * 60
SESSION_SAVE_EVERY_REQUEST = True  # so that its age counts from the last request
SESSION_EXPIRE_AT_BROWSER_CLOSE = False
# What somebody typed and did not save is kept for so many days, sealed, for them alone.
DRAFT_DAYS = number("DRAFT_DAYS", default=7)
HELD_FILE_MINUTES = number("HELD_FILE_MINUTES", default=60)
# In how many records a worker may name somebody on one day and still hear that another team may know them.
NAMES_COMPARED_A_DAY = number("NAMES_COMPARED_A_DAY", default=5)
# Attempts are counted where every process of the server sees them.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "bield_cache"}}
EMAIL_BACKEND = "django.core.mail.backends." + ("smtp" if PRODUCTION else "console") + ".EmailBackend"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = number("EMAIL_PORT", default=25)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = setting("EMAIL_HOST_PASSWORD", development="") if EMAIL_HOST_USER else ""
EMAIL_USE_TLS = switch("EMAIL_USE_TLS", default=PRODUCTION)
EMAIL_TIMEOUT = 10
ADDRESS = os.environ.get("ADDRESS", f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else "http://127.0.0.1:8000").rstrip(
    "/"
)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("EMAIL_FROM", "bield@localhost")

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
LOCALE_PATHS = [HERE / "locale"]
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", DATA / "static"))
STATICFILES_DIRS = [HERE / "static"]
DOCUMENTATION = str(CHECKOUT / "var" / "docs")  # what `make docs` builds; shown in development only
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION

# Uploads stay in memory: nothing that somebody brings touches a disk. The largest is a file of evidence; every form
# has its own limit below this one.
FILE_UPLOAD_HANDLERS = ["bield.service.uploads.InMemory"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 26 << 20
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # the design system's arrows and ticks are data: images
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# Not "no-referrer": browsers then send "Origin: null" with a form, which the check of forged requests refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_AGE = None  # gone when the browser closes
CSRF_FAILURE_VIEW = "bield.service.views.form_expired"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
if PRODUCTION:
    SECURE_SSL_REDIRECT = switch("SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = int(setting("HSTS_SECONDS", development="0") or 0)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    if switch("BEHIND_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        # Without it everybody has the proxy's address, and whoever fails to sign in keeps the whole country out.
        ALLAUTH_TRUSTED_PROXY_COUNT = number("PROXY_COUNT", default=0)
        if not ALLAUTH_TRUSTED_PROXY_COUNT:
            raise ImproperlyConfigured("BEHIND_PROXY=yes needs PROXY_COUNT: how many proxies of yours a request passes")

# Where "Leave this page quickly" goes: somewhere anyone might look at.
LEAVE_TO = os.environ.get("LEAVE_TO", "https://www.bbc.co.uk/weather")
# Other countries are folders, each with the files of one place; docs/how-to/add-a-country.md.
if os.environ.get("PLACES"):
    look_in(Path(os.environ["PLACES"]))
PLACE = os.environ.get("PLACE", "scotland")
if PLACE not in known_places():
    raise ImproperlyConfigured(f"PLACE is {PLACE!r}; places with law data here: {', '.join(known_places())}")
# How old the counts may be that say whether a combination singles somebody out. Old counts warn too often.
REGISTER_SECONDS = number("REGISTER_SECONDS", default=60)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "bield.service.logs.JsonLines"},
    },
    "filters": {"tokens": {"()": "bield.service.logs.HidesTokens"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if PRODUCTION else "plain",
            "filters": ["tokens"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "bield.requests": {"level": "INFO" if PRODUCTION else "WARNING"},
        "_granian": {"level": "INFO"},
        # Django adds handlers of its own, which write addresses and mail error pages; ours alone is used.
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": [], "level": "INFO"},
    },
}
# Whoever reads metrics asks at this port of this machine; 0 is off. Counts are of requests and never of people.
METRICS_PORT = number("METRICS_PORT", default=0)
