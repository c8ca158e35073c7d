"""The embedded PostgreSQL: one cluster per state folder, on loopback, with passwords."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import psycopg

from billing_platform.frontdoor.binaries import postgres_bin
from billing_platform.frontdoor.parts import Listener
from billing_platform.frontdoor.paths import Home
from billing_platform.frontdoor.processes import spawn, tail
from billing_platform.frontdoor.say import Trouble
from billing_platform.frontdoor.servant import Servant, make_private, servant

SUPERUSER = "postgres"
# The programs need nothing of our environment, and messages are read by programs.
BARE = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}


@dataclass(frozen=True, slots=True)
class Tuning:
    shared_buffers: str = "256MB"
    max_connections: int = 100
    durable: bool = True
    more: dict[str, str] = field(default_factory=dict)

    def settings(self) -> dict[str, str]:
        chosen = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "shared_buffers": self.shared_buffers,
            "max_connections": str(self.max_connections),
            "max_wal_size": "2GB",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %u ",
        }
        if not self.durable:
            chosen |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        return chosen | self.more


class Postgres(Listener):
    name: ClassVar[str] = "postgres"
    title: ClassVar[str] = "PostgreSQL"
    # Fast, then immediate; both leave the data whole.
    signals: ClassVar[tuple[signal.Signals, ...]] = (signal.SIGINT, signal.SIGQUIT)
    stop_patience: ClassVar[float] = 60

    def __init__(self, home: Home, *, password: str, tuning: Tuning) -> None:
        super().__init__(home)
        self.password = password
        self.tuning = tuning
        self.user = servant()

    @property
    def data(self) -> Path:
        return self.home.postgres / "data"

    def launch(self) -> subprocess.Popen[bytes]:
        programs = postgres_bin(self.user)
        make_private(self.home.postgres, self.user)
        require_reach(self.user, self.data)
        if not (self.data / "PG_VERSION").exists():
            self._init(programs)
        self.claim_port()
        options = [f"--{name}={value}" for name, value in self.tuning.settings().items()]
        return spawn(
            [str(programs / "postgres"), "-D", str(self.data), f"--port={self.port}", *options],
            env=BARE,
            log=self.home.log(self.name),
            cwd=Path("/"),
            user=self.user,
        )

    def ready(self) -> bool:
        try:
            psycopg.connect(self.url(SUPERUSER, self.password), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, role: str, password: str, *, database: str = "postgres") -> str:
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def _init(self, programs: Path) -> None:
        """Make the cluster; one that was left half made is thrown away first."""
        draft = self.home.postgres / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        pwfile = self.home.postgres / "password"
        pwfile.unlink(missing_ok=True)
        # initdb cannot read a pipe once it has changed users, hence a file that is deleted.
        with os.fdopen(os.open(pwfile, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self.password + "\n")
        if self.user:
            os.chown(pwfile, self.user.uid, self.user.gid)
        try:
            self._run_initdb(programs, draft, pwfile)
        finally:
            pwfile.unlink(missing_ok=True)
        draft.rename(self.data)

    def _run_initdb(self, programs: Path, draft: Path, pwfile: Path) -> None:
        log = self.home.log("initdb")
        argv = [
            *(str(programs / "initdb"), "-D", str(draft), "-U", SUPERUSER, "-E", "UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            *("-A", "scram-sha-256", f"--pwfile={pwfile}", "--no-instructions"),
            *([] if self.tuning.durable else ["--no-sync"]),
        ]
        if spawn(argv, env=BARE, log=log, cwd=Path("/"), user=self.user).wait() != 0:
            raise Trouble(f"PostgreSQL's data folder could not be made:\n{tail(log)}")


def require_reach(user: Servant | None, data: Path) -> None:
    if user and not user.reaches(data):
        raise Trouble(
            f"the servers run as the user {user.name}, who cannot enter {data.parent}. "
            "Set KONTOR_HOME to a folder whose parents others may enter, or leave it unset."
        )
