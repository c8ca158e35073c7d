"""Where the clone and the state folder lie."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]
SYSTEM_STATE = Path("/var/lib/kontor")


@dataclass(frozen=True, slots=True)
class Home:
    """The state folder: all that a clone keeps between two runs, none of it tracked by git."""

    root: Path

    @property
    def secrets(self) -> Path:
        return self.root / "secrets.env"

    @property
    def ports(self) -> Path:
        return self.root / "ports.json"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        return self.root / "valkey"

    @property
    def files(self) -> Path:
        return self.root / "files"

    @property
    def acquirer_book(self) -> Path:
        return self.root / "acquirer.sqlite3"

    @property
    def throwaways(self) -> Path:
        return self.root / "throwaway"

    @property
    def served_url(self) -> Path:
        """Where `up` serves, while it does."""
        return self.root / "run" / "served.url"

    def log(self, name: str) -> Path:
        return self.root / "logs" / f"{name}.log"

    def pid(self, name: str) -> Path:
        return self.root / "run" / f"{name}.pid"

    def lock(self, name: str) -> Path:
        return self.root / "run" / f"{name}.lock"

    def make(self) -> "Home":
        """Make the folders. The root may be crossed, not read, by the servers' own user."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for folder in (self.files, self.root / "logs", self.root / "run"):
            folder.mkdir(mode=0o700, exist_ok=True)
        return self


def home() -> Home:
    """The state folder of this clone.

    Root keeps it in the system's place: the servers run as another user there, who may not be
    able to enter the folder in which the clone lies.
    """
    named = os.environ.get("KONTOR_HOME")
    if named:
        return Home(Path(named).expanduser().resolve())
    if os.geteuid() == 0:
        return Home(SYSTEM_STATE / hashlib.sha256(str(CLONE).encode()).hexdigest()[:12])
    return Home(CLONE / "var")
