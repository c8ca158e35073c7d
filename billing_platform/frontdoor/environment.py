"""The environment that the settings read: the contract between front door and application."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from billing_platform.frontdoor import secrets
from billing_platform.frontdoor.paths import CLONE

# What a test, a bench or a torture must not inherit: it would reach servers with real data.
FOREIGN = ("DATABASE_URL", "KONTOR_DATABASE_APP_URL", "REDIS_URL", "KONTOR_ACQUIRER_URL")

CHOICES = (
    "KONTOR_CALLBACK_URL",
    "KONTOR_DEBUG",
    "KONTOR_FILES",
    "KONTOR_HOSTS",
    "KONTOR_POOL",
    "KONTOR_PUBLIC_URL",
    "KONTOR_ROLE",
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers answer."""

    owner: str
    app: str
    valkey: str
    acquirer: str
    files: Path


def application(
    addresses: Addresses, *, keys: Mapping[str, str], public_url: str
) -> dict[str, str]:
    """The environment of every Django process. What the caller has set wins."""
    chosen = {
        "KONTOR_SECRET_KEY": keys["KONTOR_SECRET_KEY"],
        "KONTOR_ACQUIRER_SECRET": keys["KONTOR_ACQUIRER_SECRET"],
        "KONTOR_PUBLIC_URL": public_url,
        "KONTOR_HOSTS": "127.0.0.1,localhost",
        "KONTOR_FILES": str(addresses.files),
    }
    found = {
        "DJANGO_SETTINGS_MODULE": "billing_platform.settings",
        "KONTOR_OWNER_DATABASE_URL": addresses.owner,
        "KONTOR_APP_DATABASE_URL": addresses.app,
        "REDIS_URL": addresses.valkey,
        "KONTOR_ACQUIRER_URL": addresses.acquirer,
        "PYTHONPATH": str(CLONE),
        "PYTHONUNBUFFERED": "1",
    }
    return chosen | dict(os.environ) | found


def with_callbacks(env: Mapping[str, str], served_url: str) -> dict[str, str]:
    """Let acquirers report to the web server that answers there, unless the caller says where."""
    return {"KONTOR_CALLBACK_URL": f"{served_url}/callbacks/simulated"} | dict(env)


def bare() -> dict[str, str]:
    """Our own environment without secrets and servers, for a process that gets its own."""
    unwanted = {*FOREIGN, *secrets.NAMES}
    return {name: value for name, value in os.environ.items() if name not in unwanted}
