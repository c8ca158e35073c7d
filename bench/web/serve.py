"""A real web server for as long as it is measured, and a plain client that keeps its connection."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path

from billing_platform.frontdoor import ports
from billing_platform.frontdoor.application import LOOPBACK, web_argv
from billing_platform.frontdoor.paths import CLONE

READY_SECONDS = 60
OURS, BARE = "billing_platform.wsgi:application", "bench.web.bare:application"


@dataclass(frozen=True)
class Server:
    """Where it answers, and its processes."""

    port: int
    process: "subprocess.Popen[bytes]"

    def cpu_seconds(self) -> float:
        """Of all its processes so far."""
        return sum(_cpu(pid) for pid in _family(self.process.pid))


@contextmanager
def served(application: str, *, env: Mapping[str, str], port: int) -> Iterator[Server]:
    """granian as `./kontor up` starts it, with this WSGI application."""
    argv = [*web_argv(host=LOOPBACK, port=port)[:-1], application]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(argv, env=dict(env), cwd=CLONE, stdout=quiet, stderr=quiet) as process:
        try:
            _await(port, process)
            yield Server(port, process)
        finally:
            process.terminate()
            process.wait(30)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    found: list[int] = []
    candidate = os.getpid() % 10_000 + 30_000
    while len(found) < count:
        if ports.free(candidate):
            found.append(candidate)
        candidate += 1
    return found


def environment(database: str) -> dict[str, str]:
    """Of a web process on that database, with a pool of connections as in production."""
    return dict(os.environ) | {
        "KONTOR_APP_DATABASE_URL": database,
        "KONTOR_POOL": "1",
        "KONTOR_LOG_LEVEL": "CRITICAL",
        "PYTHONPATH": str(CLONE),
    }


@dataclass
class Answer:
    """What came back, and in how many milliseconds."""

    status: int
    body: bytes
    milliseconds: float
    location: str = ""


@dataclass
class Browser:
    """Keeps its connection and its cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request; redirects are not followed."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=60)
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        begun = time.perf_counter()
        self._connection.request(method, path, body=body, headers=sent)
        response = self._connection.getresponse()
        content = response.read()
        took = (time.perf_counter() - begun) * 1000
        for each in response.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: kept.value for name, kept in SimpleCookie(each).items()}
        return Answer(response.status, content, took, response.getheader("Location") or "")


def _await(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + READY_SECONDS
    while True:
        assert process.poll() is None, "the web server ended"
        assert time.monotonic() < until, "the web server does not answer"
        try:
            if Browser(port).ask("GET", "/healthz").status == 200:
                return
        except OSError:
            time.sleep(0.1)


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _family(int(child)))]


def _cpu(pid: int) -> float:
    """Of all its threads, to the nanosecond."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[0]) for each in tasks) / 1e9


def python(*arguments: str, env: Mapping[str, str]) -> None:
    """Run one of our words to its end; the bench ends with it should it fail."""
    subprocess.run([sys.executable, *arguments], cwd=CLONE, env=dict(env), check=True)
