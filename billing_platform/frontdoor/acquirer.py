"""The simulated acquirer: a process of its own, with a book of its own."""

import http.client
import subprocess
import sys
from typing import ClassVar

from billing_platform.frontdoor.parts import Listener
from billing_platform.frontdoor.paths import CLONE, Home
from billing_platform.frontdoor.processes import spawn


class Acquirer(Listener):
    name: ClassVar[str] = "acquirer"
    title: ClassVar[str] = "the simulated acquirer"
    start_patience: ClassVar[float] = 30

    def __init__(self, home: Home, *, env: dict[str, str]) -> None:
        super().__init__(home)
        self.env = env

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def launch(self) -> subprocess.Popen[bytes]:
        self.claim_port()
        return spawn(
            argv(),
            env=self.env | facts(port=self.port, home=self.home),
            log=self.home.log(self.name),
            cwd=CLONE,
        )

    def ready(self) -> bool:
        return healthy(self.port, "/healthz")


def argv() -> list[str]:
    return [sys.executable, "-m", "payments.acquirer"]


def facts(*, port: int, home: Home) -> dict[str, str]:
    return {"KONTOR_ACQUIRER_PORT": str(port), "KONTOR_ACQUIRER_BOOK": str(home.acquirer_book)}


def healthy(port: int, path: str) -> bool:
    """Whether a server on this port of the loopback address answers the path with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
