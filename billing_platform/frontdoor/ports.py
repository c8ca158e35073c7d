"""Ports of the embedded servers: chosen once, kept, so that a restart finds them again."""

import json
import random
import socket
from pathlib import Path

from billing_platform.frontdoor.say import Trouble

# Below the ranges from which Linux and macOS take the ports of outgoing connections.
LOWEST, HIGHEST = 15_000, 30_000


def free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def answers(port: int) -> bool:
    """Whether something accepts connections on this port of the loopback address."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def kept(path: Path, name: str) -> int:
    """The port that this server used last, or a free one that is kept from now on."""
    chosen = known(path)
    return chosen[name] if name in chosen else renew(path, name)


def renew(path: Path, name: str) -> int:
    """Keep another, free port for this server: its old one was taken by somebody else."""
    chosen = known(path)
    chosen[name] = _choose(set(chosen.values()))
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(chosen, indent=1, sort_keys=True) + "\n")
    draft.replace(path)
    return chosen[name]


def known(path: Path) -> dict[str, int]:
    if not path.exists():
        return {}
    return {str(name): int(port) for name, port in json.loads(path.read_text()).items()}


def _choose(taken: set[int]) -> int:
    dice = random.SystemRandom()
    for _ in range(200):
        port = dice.randrange(LOWEST, HIGHEST)
        if port not in taken and free(port):
            return port
    raise Trouble(f"no free port between {LOWEST} and {HIGHEST} on 127.0.0.1: close some servers.")
