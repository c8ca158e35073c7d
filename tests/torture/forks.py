"""Processes forked from one that has everything imported already, so that a life costs little."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from typing import Any


def begin(work: Callable[..., None], *arguments: Any) -> ForkServerProcess:
    """A process of its own for `work`; it opens its own connections and shares none."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.torture.preload"])
    process = context.Process(target=work, args=arguments, daemon=True)
    process.start()
    return process
