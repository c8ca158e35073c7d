"""The unprivileged user who runs PostgreSQL and Valkey when the front door is called by root."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Servant:
    name: str
    uid: int
    gid: int

    def reaches(self, path: Path) -> bool:
        """Whether this user may enter every folder above the path."""
        return all(self._enters(folder) for folder in path.resolve().parents)

    def _enters(self, folder: Path) -> bool:
        facts = folder.stat()
        own = facts.st_uid == self.uid and facts.st_mode & stat.S_IXUSR
        return bool(own or facts.st_mode & stat.S_IXOTH)


def servant() -> Servant | None:
    """None for a normal user, who runs the servers under their own name."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Servant(name, entry.pw_uid, entry.pw_gid)
    return Servant("nobody", 65534, 65534)


def make_private(folder: Path, owner: Servant | None) -> None:
    """Make a folder that only the servers' user can read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if owner:
        os.chown(folder, owner.uid, owner.gid)
