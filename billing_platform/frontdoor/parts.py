"""One part of the running whole: how it is started, found again, asked and stopped."""

import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from billing_platform.frontdoor import ports
from billing_platform.frontdoor.paths import Home
from billing_platform.frontdoor.processes import (
    POLL_SECONDS,
    Process,
    adopt_child,
    note,
    noted,
    tail,
)
from billing_platform.frontdoor.say import Trouble


def carry_on() -> None:
    """The question `shall we stop?`, answered with no."""


class Part(ABC):
    """A background process with a log and a note of its number in the state folder."""

    name: ClassVar[str]
    title: ClassVar[str]
    signals: ClassVar[tuple[signal.Signals, ...]] = (signal.SIGTERM,)
    # Seconds. A database that recovers from a crash may take long to answer.
    start_patience: ClassVar[float] = 120
    stop_patience: ClassVar[float] = 30

    def __init__(self, home: Home) -> None:
        self.home = home
        self.process: Process | None = None

    @abstractmethod
    def launch(self) -> subprocess.Popen[bytes]:
        """Start the process; need not wait until it answers."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether it answers now."""

    def start(self, *, check: Callable[[], None] = carry_on) -> None:
        """Find it running or start it, and return when it answers."""
        self.process = noted(self.home.pid(self.name))
        if self.process is None:
            self.spawn()
        self.await_ready(check=check)

    def spawn(self) -> None:
        self.process = adopt_child(self.launch())
        note(self.home.pid(self.name), self.process)

    def await_ready(self, *, check: Callable[[], None] = carry_on) -> None:
        log = self.home.log(self.name)
        until = time.monotonic() + self.start_patience
        while not self.ready():
            check()
            if not self.alive():
                raise Trouble(f"{self.title} ended while starting. The end of {log}:\n{tail(log)}")
            if time.monotonic() > until:
                raise Trouble(
                    f"{self.title} did not answer in {self.start_patience:.0f} s; see {log}"
                )
            time.sleep(POLL_SECONDS)

    def alive(self) -> bool:
        return self.process is not None and self.process.alive()

    def stop(self) -> None:
        """Stop it, whoever started it; nothing happens when it does not run."""
        process = self.process or noted(self.home.pid(self.name))
        self.process = None
        stop_process(type(self), process, self.home)


class Listener(Part):
    """A part that listens on a port of the loopback address, kept in the state folder."""

    def __init__(self, home: Home) -> None:
        super().__init__(home)
        self.port = ports.kept(home.ports, self.name)
        # Once others were told the port, a restart must come back on it.
        self._told = False

    def start(self, *, check: Callable[[], None] = carry_on) -> None:
        super().start(check=check)
        self._told = True

    def claim_port(self) -> None:
        """Before a launch: choose another port when somebody else took ours."""
        if not self._told and not ports.free(self.port):
            self.port = ports.renew(self.home.ports, self.name)


def stop_noted(kind: type[Part], home: Home) -> None:
    """Stop what an earlier call left running in this state folder, if anything."""
    stop_process(kind, noted(home.pid(kind.name)), home)


def stop_process(kind: type[Part], process: Process | None, home: Home) -> None:
    if process:
        process.stop(*kind.signals, patience=kind.stop_patience)
    home.pid(kind.name).unlink(missing_ok=True)
