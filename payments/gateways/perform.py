"""Many charges at once, on threads, outside any transaction."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from payments.gateways.port import ChargeOrder, Gateway, Outcome, unknown

log = logging.getLogger(__name__)


def perform(orders: Sequence[ChargeOrder], gateway: Gateway, threads: int = 8) -> list[Outcome]:
    """The outcomes in the order of the orders. Should an adapter break over one of them, that one
    is unknown, because its charge may have been sent; the others are not touched by it."""
    if not orders:
        return []
    with ThreadPoolExecutor(min(threads, len(orders)), thread_name_prefix="gateway") as pool:
        calls = [pool.submit(gateway.charge, order) for order in orders]
    return [_outcome(order, call) for order, call in zip(orders, calls, strict=True)]


def _outcome(order: ChargeOrder, call: Future[Outcome]) -> Outcome:
    error = call.exception()
    if error is None:
        return call.result()
    if not isinstance(error, Exception):
        raise error
    log.error("The gateway adapter broke over charge %s.", order.key, exc_info=error)
    return unknown(order.key, "adapter_failed")
