"""What pip cannot give: Pango for PDF files, a browser for the tests in one.

Nothing here is needed to bill. The gate fetches it where it may (as root, on a system with
apt-get); elsewhere those tests are skipped and say so.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from ctypes.util import find_library
from dataclasses import dataclass

from billing_platform.frontdoor.say import step, tell

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
APT = "/usr/bin/apt-get"
PATIENCE_SECONDS = 400


@dataclass(frozen=True, slots=True)
class Wish:
    """System packages that give one thing, and how to see that it is there."""

    what: str
    packages: tuple[str, ...]
    is_there: Callable[[], bool]


def browser() -> str | None:
    """The path of a browser that the tests can drive."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


PANGO_PACKAGES = (
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "libharfbuzz-subset0",
    "fonts-dejavu-core",
    "fonts-liberation",
)
WISHES = (
    Wish("Pango", PANGO_PACKAGES, lambda: find_library("pangoft2-1.0") is not None),
    Wish("Chromium", ("chromium",), lambda: browser() is not None),
)


def fetch() -> None:
    """Install what is missing if we may; what cannot be had is named, and is no failure."""
    missing = [wish for wish in WISHES if not wish.is_there()]
    if not missing:
        return
    packages = [package for wish in missing for package in wish.packages]
    if os.geteuid() == 0 and shutil.which(APT):
        with step(f"installing {', '.join(wish.what for wish in missing)} for the tests"):
            _apt("update")
            _apt("install", "-y", "--no-install-recommends", *packages)
    for wish in missing:
        if not wish.is_there():
            command = f"sudo apt-get install {' '.join(wish.packages)}"
            tell(f"!! without {wish.what} its tests are skipped. To have it: {command}")


def _apt(*arguments: str) -> None:
    try:
        subprocess.run(
            [APT, "-qq", *arguments],
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        tell(f"apt-get did not finish: {error}")
