"""Two processes that start together, and what they and their backends cost."""

import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
PROCESSES = 2
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Wall seconds from the common start to the last end; CPU seconds of both sides."""

    wall: float
    python: float
    postgres: float


def backend_seconds(pid: int) -> float:
    """CPU seconds of one server process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def together(shares: Sequence[T], prepare: Callable[[T], tuple[int, Callable[[], None]]]) -> Cost:
    """Run one process a share: `prepare` connects and gives its backend's pid and the work.

    Forked, so that the shares are there without being copied; the clock starts when all are
    ready.
    """
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(len(shares))
    children = []
    for share in shares:
        ours, theirs = context.Pipe()
        child = context.Process(target=_child, args=(share, prepare, barrier, theirs))
        child.start()
        theirs.close()
        children.append((child, ours))
    results = [ours.recv() for _, ours in children]
    for child, _ in children:
        child.join()
        assert child.exitcode == 0, "a measured process failed"
    starts, ends, python, postgres = zip(*results, strict=True)
    return Cost(max(ends) - min(starts), sum(python), sum(postgres))


def _child(
    share: T,
    prepare: Callable[[T], tuple[int, Callable[[], None]]],
    barrier: Barrier,
    report: Connection,
) -> None:
    pid, work = prepare(share)
    barrier.wait()
    before = resource.getrusage(resource.RUSAGE_SELF)
    server_before, start = backend_seconds(pid), time.perf_counter()
    work()
    end = time.perf_counter()
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    report.send((start, end, spent, backend_seconds(pid) - server_before))


def split(items: Sequence[T]) -> list[list[T]]:
    """One share for each process, dealt like cards."""
    return [list(items[start::PROCESSES]) for start in range(PROCESSES)]
