"""Named places in the code where a test can make the process die, fail or wait.

Armed by ``KONTOR_FAULTS="name:hit:action[,…]"``, hit counted from 1, action one of crash, raise,
sleep=SECONDS. Disarmed it costs one look at an empty dictionary.
"""

import os
import signal
import time
from dataclasses import dataclass


class InjectedFault(RuntimeError):
    """Raised by an armed fault point."""


@dataclass(slots=True)
class _Fault:
    hit: int
    action: str
    seen: int = 0


def _parse(text: str) -> dict[str, _Fault]:
    faults = {}
    for item in filter(None, text.split(",")):
        name, hit, action = item.split(":")
        faults[name] = _Fault(int(hit), action)
    return faults


_armed = _parse(os.environ.get("KONTOR_FAULTS", ""))


def arm(text: str) -> None:
    """Replace what is armed in this process; an empty text disarms."""
    _armed.clear()
    _armed.update(_parse(text))


def faultpoint(name: str) -> None:
    """Does nothing, unless a test has armed exactly this place for exactly this passage."""
    if not _armed:
        return
    fault = _armed.get(name)
    if fault is None:
        return
    fault.seen += 1
    if fault.seen != fault.hit:
        return
    _strike(name, fault.action)


def _strike(name: str, action: str) -> None:
    if action == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "raise":
        raise InjectedFault(name)
    elif action.startswith("sleep="):
        time.sleep(int(action.removeprefix("sleep=")))
    else:
        raise ValueError(f"fault point {name}: unknown action {action!r}")
