"""Django's settings of a Tocsin node, all from the environment and TOCSIN_HOME.

TOCSIN_HOME: the node's folder. TOCSIN_DATABASE_URL: any PostgreSQL server, as the application's
role; empty means the embedded server. TOCSIN_OWNER_DATABASE_URL: the role that owns the tables, for
migrations. TOCSIN_ADDRESS: the node's public address, for links in alerts and feeds. TOCSIN_HOSTS:
host names the web answers to, comma-separated. TOCSIN_DEMO: "1" for the demonstration node.
TOCSIN_REPORTING_PERIOD: how long the periods of tables are. TOCSIN_SMALLEST_COUNT: the threshold
of counts that are published.
"""

import os
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from tocsin.errors import ConfigurationError
from tocsin.node.paths import get_secret_key, get_tocsin_home
from tocsin.node.postgres import resolve_database, resolve_owner_database

HOME = get_tocsin_home()
ADDRESS = os.environ.get("TOCSIN_ADDRESS", "http://127.0.0.1:8765").rstrip("/")
IS_DEMO = os.environ.get("TOCSIN_DEMO") == "1"
_HTTPS = ADDRESS.startswith("https://")

SECRET_KEY = get_secret_key(HOME)
DEBUG = False
ALLOWED_HOSTS = [
    *filter(None, map(str.strip, os.environ.get("TOCSIN_HOSTS", "").split(","))),
    urlsplit(ADDRESS).hostname or "127.0.0.1",
    "127.0.0.1",
    "localhost",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = [ADDRESS]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    # Before allauth: its pages wear the look of ours.
    "tocsin.web",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "csp",
    "rules",
    "tocsin.journal",
    "tocsin.organisations",
    "tocsin.substances",
    "tocsin.reports",
    "tocsin.signals",
    "tocsin.alerts",
    "tocsin.notifications",
    "tocsin.tables",
    "tocsin.quality",
    "tocsin.retention",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tocsin.web.middleware.RequireLoginMiddleware",
    "tocsin.web.middleware.HouseErrorsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tocsin.web.context.node",
            ],
        },
    },
]

ROOT_URLCONF = "tocsin.project.urls"
WSGI_APPLICATION = "tocsin.project.wsgi.application"

DATABASES = {
    "default": {
        **resolve_database(HOME, os.environ).for_django(),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    },
    # Only migrations use this role, which owns the tables; pages and commands never do.
    "owner": resolve_owner_database(HOME, os.environ).for_django(),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "organisations.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "overview"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "tocsin.web.accounts.ClosedAccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/300s/key"}
MFA_ADAPTER = "allauth.mfa.adapter.DefaultMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _HTTPS
MFA_TOTP_ISSUER = "Tocsin"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        # It holds the counts of failed log-ins: at Django's limit of 300 entries, attempts from a
        # few addresses would push out the counts that stop them.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SECURE = _HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
IMPORT_MAX_BYTES = 300 * 1024 * 1024
"""Largest file an import takes."""

REPORTING_PERIOD = os.environ.get("TOCSIN_REPORTING_PERIOD", "").strip() or "year"
"""How long the periods of tables are."""
if REPORTING_PERIOD not in ("month", "quarter", "half-year", "year"):
    raise ConfigurationError(
        f"TOCSIN_REPORTING_PERIOD: found {REPORTING_PERIOD[:20]!r}; "
        "expected month, quarter, half-year or year"
    )
_smallest = os.environ.get("TOCSIN_SMALLEST_COUNT", "").strip() or "5"
if not (_smallest.isascii() and _smallest.isdigit() and 2 <= int(_smallest) <= 1_000):
    raise ConfigurationError(
        f"TOCSIN_SMALLEST_COUNT: found {_smallest[:20]!r}; expected a number from 2 to 1000"
    )
SMALLEST_COUNT = int(_smallest)
"""No count from 1 to below it is published, and at least so many cases sent out are alike."""

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
