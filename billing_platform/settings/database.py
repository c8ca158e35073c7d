"""The one database, reached as the application or, to migrate, as the owner."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from billing_platform.settings.environment import ONLY_TYPES, flag, required, text

URL_OF_ROLE = {"app": "KONTOR_APP_DATABASE_URL", "owner": "KONTOR_OWNER_DATABASE_URL"}
POOL = {"min_size": 1, "max_size": 8, "timeout": 10}


def chosen() -> dict[str, Any]:
    """The connection of the role that KONTOR_ROLE names: the application unless told otherwise."""
    role = text("KONTOR_ROLE", "app")
    if role not in URL_OF_ROLE:
        raise ImproperlyConfigured(f"KONTOR_ROLE is {role!r}; it must be app or owner.")
    pooled = flag("KONTOR_POOL")
    return parsed(required(URL_OF_ROLE[role])) | {
        "ENGINE": "django.db.backends.postgresql",
        # A pool keeps its connections itself.
        "CONN_MAX_AGE": 0 if pooled else 60,
        # Also in the pool: after a restart of the server its old connections are dead.
        "CONN_HEALTH_CHECKS": True,
    }


def app_role() -> str:
    """The role that gets the application's rights."""
    return str(parsed(required(URL_OF_ROLE["app"]))["USER"])


def parsed(url: str) -> dict[str, Any]:
    """A connection URL in Django's words; its query parameters become libpq's options."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} and not ONLY_TYPES:
        raise ImproperlyConfigured("the database's URL must begin with postgresql://")
    options: dict[str, Any] = {"application_name": _program(), "connect_timeout": 10}
    options |= dict(parse_qsl(parts.query))
    if flag("KONTOR_POOL"):
        options["pool"] = POOL
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def _program() -> str:
    """What pg_stat_activity shows: which of our programs holds the connection."""
    return "kontor " + " ".join([Path(sys.argv[0]).stem, *sys.argv[1:2]])[:50]
