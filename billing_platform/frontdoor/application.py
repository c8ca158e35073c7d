"""The three processes of the application: web, worker and beat."""

import hashlib
import socket
import subprocess
import sys
import time
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

import psycopg
from celery import Celery
from kombu.exceptions import OperationalError

from billing_platform.frontdoor.acquirer import healthy
from billing_platform.frontdoor.parts import Part
from billing_platform.frontdoor.paths import CLONE, Home
from billing_platform.frontdoor.processes import spawn
from kernel.clock import wall_now

LOOPBACK = "127.0.0.1"
# A worker that is busy with what piled up shows no heartbeat of a new beat for a while.
BEAT_MAY_WAIT_SECONDS = 15


def web_argv(*, host: str, port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi"),
        *("--host", host, "--port", str(port)),
        *("--workers", "2", "--blocking-threads", "3", "--respawn-failed-workers"),
        *("--workers-kill-timeout", "10", "billing_platform.wsgi:application"),
    ]


def worker_argv(*, name: str) -> list[str]:
    return [
        *(sys.executable, "-m", "celery", "-A", "billing_platform.celery", "worker"),
        *("--pool", "prefork", "--concurrency", "2", "--prefetch-multiplier", "1"),
        *("-O", "fair", "--without-gossip", "--without-mingle", "--hostname", name),
    ]


def beat_argv(*, schedule: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "celery", "-A", "billing_platform.celery", "beat"),
        *("--schedule", str(schedule), "--pidfile="),
    ]


def worker_name(home: Home) -> str:
    """Ours alone, also where several installations share one broker."""
    return (
        f"kontor-{hashlib.sha256(str(home.root).encode()).hexdigest()[:8]}@{socket.gethostname()}"
    )


def beat_schedule(home: Home) -> Path:
    return home.root / "run" / "beat-schedule"


class ApplicationPart(Part):
    def __init__(self, home: Home, *, env: dict[str, str]) -> None:
        super().__init__(home)
        self.env = env

    @abstractmethod
    def argv(self) -> list[str]:
        """The process's command line."""

    def launch(self) -> subprocess.Popen[bytes]:
        return spawn(self.argv(), env=self.env, log=self.home.log(self.name), cwd=CLONE)


class Web(ApplicationPart):
    name: ClassVar[str] = "web"
    title: ClassVar[str] = "the web server"

    def __init__(self, home: Home, *, env: dict[str, str], port: int = 0) -> None:
        super().__init__(home, env=env | {"KONTOR_POOL": "1"})
        self.port = port

    def argv(self) -> list[str]:
        return web_argv(host=LOOPBACK, port=self.port)

    def ready(self) -> bool:
        return healthy(self.port, "/healthz")


class Worker(ApplicationPart):
    name: ClassVar[str] = "worker"
    title: ClassVar[str] = "the worker"
    # It ends what it is doing first; what is cut off after that is done again later.
    stop_patience: ClassVar[float] = 60

    def argv(self) -> list[str]:
        return worker_argv(name=worker_name(self.home))

    def ready(self) -> bool:
        asker = Celery("asker", broker=self.env["REDIS_URL"], set_as_current=False)
        try:
            return bool(asker.control.ping(destination=[worker_name(self.home)], timeout=0.5))
        except OperationalError:
            return False
        finally:
            asker.close()


class Beat(ApplicationPart):
    name: ClassVar[str] = "beat"
    title: ClassVar[str] = "beat"

    def __init__(self, home: Home, *, env: dict[str, str]) -> None:
        super().__init__(home, env=env)
        self.since = wall_now()
        self.waiting_until = 0.0

    def argv(self) -> list[str]:
        return beat_argv(schedule=beat_schedule(self.home))

    def launch(self) -> subprocess.Popen[bytes]:
        self.since = wall_now()
        self.waiting_until = time.monotonic() + BEAT_MAY_WAIT_SECONDS
        return super().launch()

    def ready(self) -> bool:
        return time.monotonic() > self.waiting_until or self._heard()

    def _heard(self) -> bool:
        """Whether a heartbeat of this beat went through broker and worker into the database."""
        with psycopg.connect(self.env["KONTOR_APP_DATABASE_URL"]) as connection:
            row = connection.execute(
                "SELECT max(beat_at) >= %s FROM foundation_heartbeat", [self.since]
            ).fetchone()
        return bool(row and row[0])


STOPPING_ORDER: tuple[type[Part], ...] = (Beat, Worker, Web)
