"""Gateways by the name that settings and payment methods use."""

from datetime import timedelta

from kernel.errors import Invalid
from payments.gateways.port import Gateway
from payments.gateways.simulated import SimulatedGateway

SIMULATED = "simulated"
DEFAULT_TIMEOUT = timedelta(seconds=10)


def gateway(
    name: str,
    *,
    url: str,
    secret: str,
    timeout: timedelta = DEFAULT_TIMEOUT,
    callback_url: str | None = None,
) -> Gateway:
    """Raises Invalid for a name without an adapter. Opens no connection yet."""
    if name == SIMULATED:
        return SimulatedGateway(url=url, secret=secret, timeout=timeout, callback_url=callback_url)
    raise Invalid("unknown_gateway", 'There is no gateway "{name}".', name=name)
