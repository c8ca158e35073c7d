"""What a browser is told; everything is on unless the address is plain http on this machine."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

YEAR_SECONDS = 31_536_000
WORKING_DAY_SECONDS = 43_200
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def chosen(public_url: str, *, debug: bool, behind_proxy: bool) -> dict[str, Any]:
    """Settings for the address under which people and callbacks reach us."""
    address = urlsplit(public_url)
    if address.scheme == "http" and address.hostname not in LOOPBACK and not debug:
        raise ImproperlyConfigured(
            f"KONTOR_PUBLIC_URL is {public_url}: outside this machine it must be https."
        )
    settings: dict[str, Any] = {
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_AGE": WORKING_DAY_SECONDS,
        "CSRF_COOKIE_HTTPONLY": True,
        "X_FRAME_OPTIONS": "DENY",
        "CSRF_TRUSTED_ORIGINS": [f"{address.scheme}://{address.netloc}"],
    }
    return settings | (_encrypted(behind_proxy=behind_proxy) if address.scheme == "https" else {})


def _encrypted(*, behind_proxy: bool) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "SECURE_SSL_REDIRECT": True,
        # A load balancer asks for health inside the encrypted edge, in plain http.
        "SECURE_REDIRECT_EXEMPT": [r"^healthz$"],
        "SECURE_HSTS_SECONDS": YEAR_SECONDS,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SECURE_HSTS_PRELOAD": True,
        "SESSION_COOKIE_SECURE": True,
        # A browser takes cookies of this name from this very host and over https alone.
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "CSRF_COOKIE_SECURE": True,
    }
    if behind_proxy:
        # Only a proxy that overwrites this header may stand in front.
        settings["SECURE_PROXY_SSL_HEADER"] = ("HTTP_X_FORWARDED_PROTO", "https")
    return settings
