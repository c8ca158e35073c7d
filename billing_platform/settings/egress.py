"""Whom we call although it is not public: on a developer's machine alone."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def allowed(hosts: Sequence[str], public_url: str) -> frozenset[str]:
    """The hosts that may be private and be called on any port.

    Refused where we are reached by https: what strangers can have us call must be public.
    """
    if hosts and urlsplit(public_url).scheme == "https":
        raise ImproperlyConfigured(
            f"KONTOR_EGRESS_ALLOWED names {', '.join(hosts)}, which is for development alone, and "
            f"KONTOR_PUBLIC_URL is {public_url}. Unset one of them."
        )
    return frozenset(hosts)
