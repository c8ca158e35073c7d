"""The secrets of one installation: made once, kept in a file that only its owner can read."""

import os
import secrets
from pathlib import Path

from billing_platform.frontdoor.say import Trouble

NAMES = (
    "KONTOR_SECRET_KEY",
    "KONTOR_PG_SUPERUSER_PASSWORD",
    "KONTOR_PG_OWNER_PASSWORD",
    "KONTOR_PG_APP_PASSWORD",
    "KONTOR_VALKEY_PASSWORD",
    "KONTOR_ACQUIRER_SECRET",
)


def load(path: Path) -> dict[str, str]:
    """All secrets by name. The environment wins over the file; a missing file is made."""
    given = {name: os.environ[name] for name in NAMES if os.environ.get(name)}
    if len(given) == len(NAMES):
        return given
    if not path.exists():
        _make(path)
    return _read(path) | given


def _make(path: Path) -> None:
    lines = "".join(f"{name}={secrets.token_urlsafe(40)}\n" for name in NAMES)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside its place and linked into it: of two processes that start at once one wins,
    # and neither ever reads half a file.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _read(path: Path) -> dict[str, str]:
    pairs = (line.partition("=") for line in path.read_text().splitlines() if "=" in line)
    kept = {name.strip(): value.strip() for name, _, value in pairs}
    missing = [name for name in NAMES if not kept.get(name)]
    if missing:
        raise Trouble(f"{path} does not name {', '.join(missing)}: add a line NAME=value for each.")
    return {name: kept[name] for name in NAMES}
