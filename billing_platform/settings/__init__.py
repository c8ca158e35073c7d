"""Django's settings, from the environment that the front door makes (`./kontor`).

Every name that the environment may carry is read in this package and nowhere else, but for
KONTOR_FAULTS, which only `foundation.faultpoint` reads, and the simulated acquirer's own two.
"""

from pathlib import Path

from billing_platform import schedule
from billing_platform.settings import api, database, egress, logs, security, worker
from billing_platform.settings.environment import flag, names, required, text

BASE = Path(__file__).resolve().parents[2]

SECRET_KEY = required("KONTOR_SECRET_KEY")
DEBUG = flag("KONTOR_DEBUG")
# Loopback always: health is asked from this machine.
ALLOWED_HOSTS = [*names("KONTOR_HOSTS", default="localhost"), "127.0.0.1"]
# The base of addresses that we give to others: callbacks, links in documents.
PUBLIC_URL = text("KONTOR_PUBLIC_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "foundation",
    "accounts",
    "ledger",
    "customers",
    "catalog",
    "invoicing",
    "payments",
    "subscriptions",
    "webhooks",
    "messaging",
    "operations",
    "api",
    "dashboard",
    "portal",
]
AUTH_USER_MODEL = "accounts.User"
TENANT_MODEL = "accounts.Account"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database.chosen()}

# The role that `manage.py grant_roles` gives its rights.
APP_ROLE = database.app_role()

REDIS_URL = required("REDIS_URL")
FILES = Path(text("KONTOR_FILES", str(BASE / "var" / "files")))
ACQUIRER_URL = required("KONTOR_ACQUIRER_URL")
ACQUIRER_SECRET = required("KONTOR_ACQUIRER_SECRET")
# Where the acquirer reports late outcomes; without it they are looked up.
CALLBACK_URL = text("KONTOR_CALLBACK_URL", "")
GATEWAY_TIMEOUT_SECONDS = int(text("KONTOR_GATEWAY_TIMEOUT_SECONDS", "10"))
# A worker that has sent payments and is silent for this long is taken for dead, and their outcome
# is looked up; at least twice the gateway's time-out.
ATTEMPT_LEASE_SECONDS = int(text("KONTOR_ATTEMPT_LEASE_SECONDS", "90"))
# A payment of unknown outcome is looked up after this long, and again as long as it stays so.
LOOK_UP_AFTER_SECONDS = int(text("KONTOR_LOOK_UP_AFTER_SECONDS", "300"))

# The mail server; without one every mail is kept here, and none is sent.
SMTP_URL = text("KONTOR_SMTP_URL", "")
# Whom mails come from by address; the name beside it is the merchant's.
MAIL_SENDER = text("KONTOR_MAIL_SENDER", "kontor@localhost")

# Hosts that may be called although they are private, on any port: for development alone.
EGRESS_ALLOWED = egress.allowed(names("KONTOR_EGRESS_ALLOWED", default=""), PUBLIC_URL)

# Who hears which fact, and which task works off which kind of the due list.
SUBSCRIBERS = "billing_platform.subscribers.SUBSCRIBERS"
DUE_TASKS = schedule.DUE_TASKS
# The Celery application whose broker is nudged.
CELERY_APP = "billing_platform.celery.app"
# Wake workers as soon as work is noted; what a lost message forgets, the sweep finds.
NUDGE = True

# How much one account may ask of the public API: a second, at a stroke, at once.
API_LIMITS = api.limits()

ROOT_URLCONF = "billing_platform.urls"
WSGI_APPLICATION = "billing_platform.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "dashboard.middleware.SecurityHeaders",
    "billing_platform.programs.StraightToTheApi",
    "billing_platform.forms.FormsInUtf8",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
FILE_UPLOAD_HANDLERS = ["billing_platform.forms.SmallUploads"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
            ]
        },
    }
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE / "static"]
WHITENOISE_USE_FINDERS = True

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("de", "Deutsch"), ("en", "English")]

LOGGING = logs.configure(text("KONTOR_LOG_LEVEL", "INFO"))
globals().update(security.chosen(PUBLIC_URL, debug=DEBUG, behind_proxy=flag("KONTOR_BEHIND_PROXY")))
globals().update(worker.chosen(REDIS_URL))
