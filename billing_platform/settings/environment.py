"""Reading the environment, and saying what is missing from it."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured

# A type checker imports the settings to learn their types; it opens no connection.
ONLY_TYPES = "mypy" in sys.modules


def required(name: str) -> str:
    found = os.environ.get(name, "")
    if not found and not ONLY_TYPES:
        raise ImproperlyConfigured(
            f"{name} is not set. Start through the front door, which sets it: "
            "./kontor WORD instead of python manage.py WORD (./kontor help lists the words)."
        )
    return found


def text(name: str, default: str = "") -> str:
    return os.environ.get(name) or default


def flag(name: str) -> bool:
    return text(name).lower() in {"1", "true", "yes", "on"}


def names(name: str, default: str) -> list[str]:
    """A comma-separated list."""
    return [item.strip() for item in text(name, default).split(",") if item.strip()]
