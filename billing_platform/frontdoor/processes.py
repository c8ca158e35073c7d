"""Processes that outlive a call, and the notes by which a later call finds them again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, SIGTERM

from billing_platform.frontdoor.paths import CLONE
from billing_platform.frontdoor.servant import Servant

POLL_SECONDS = 0.05
LAST_PATIENCE_SECONDS = 10
LOG_LIMIT_BYTES = 20_000_000


def run(argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> int:
    """Run to the end in the foreground of the clone; returns the exit code as a shell tells it.

    Ctrl-C reaches the child by itself, and a request to end is handed on; either way the child
    is waited for, so that what stands around it is taken down after it.
    """
    heard: list[int] = []
    with subprocess.Popen(argv, env=env, cwd=CLONE) as child:

        def hear(number: int, _frame: object) -> None:
            heard.append(number)
            if number != signal.SIGINT:
                child.send_signal(number)

        before = {number: signal.signal(number, hear) for number in (SIGINT, SIGTERM)}
        try:
            code = child.wait()
        finally:
            for number, what in before.items():
                signal.signal(number, what)
    for received in heard:
        _tell_later(before[signal.Signals(received)], received)
    return code if code >= 0 else 128 - code


def _tell_later(handler: object, number: int) -> None:
    """Pass on, after the child's end, a wish that was also meant for us."""
    if callable(handler) and handler is not signal.default_int_handler:
        handler(number, None)


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    cwd: Path,
    user: Servant | None = None,
) -> subprocess.Popen[bytes]:
    """Start a background process in a session of its own, so that Ctrl-C does not reach it."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            argv,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )


def birth(pid: int) -> str | None:
    """When a process was born, in the system's own notation; None when it is gone.

    Together with the number it names one process for ever: numbers are used again.
    """
    if sys.platform == "linux":
        try:
            facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if facts[0] in "ZX" else facts[19]
    shown = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, check=False
    )
    state, _, born = shown.stdout.decode().strip().partition(" ")
    return None if not state or state.startswith("Z") else born.strip()


@dataclass(slots=True)
class Process:
    """A background process: a child of ours, or one that an earlier call left running."""

    pid: int
    born: str
    child: subprocess.Popen[bytes] | None = None

    def alive(self) -> bool:
        if self.child is not None:
            return self.child.poll() is None
        return birth(self.pid) == self.born

    def wait(self, seconds: float) -> bool:
        """True once it has ended."""
        until = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > until:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def stop(self, *signals: signal.Signals, patience: float) -> None:
        """Ask with one signal after the other, then kill what is left of it."""
        for number in signals:
            if not self.alive():
                break
            os.kill(self.pid, number)
            if self.wait(patience):
                break
        self.bury()

    def bury(self) -> None:
        """Kill its whole group: a process that died by force leaves children with its port."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait(LAST_PATIENCE_SECONDS)


def adopt_child(child: subprocess.Popen[bytes]) -> Process:
    born = birth(child.pid)
    return Process(pid=child.pid, born=born or "", child=child)


def note(path: Path, process: Process) -> None:
    """Write down which process this is, for the next call."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({"pid": process.pid, "born": process.born}) + "\n")
    draft.replace(path)


def noted(path: Path) -> Process | None:
    """The process that an earlier call wrote down, if it still runs."""
    try:
        known = json.loads(path.read_text())
        process = Process(pid=int(known["pid"]), born=str(known["born"]))
    except (OSError, ValueError, KeyError):
        return None
    return process if process.alive() else None


def free_to_end(number: int, _frame: object) -> None:
    """A signal handler that lets every `finally` run on the way out."""
    sys.exit(128 + number)


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, for a message about a process that died."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
