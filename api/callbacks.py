"""Where acquirers report what became of charges.

The sender is told as little as possible: whether it proved who it is, and that we have heard it.
What we do with its words is our affair, and the same report may come any number of times.
"""

import re
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from foundation.tenancy import tenant
from kernel.clock import wall_now
from kernel.errors import NotFound, Refused, Upstream
from payments import queries
from payments.commands.collect import gateway_of, record
from payments.gateways.port import Callback
from payments.gateways.registry import SIMULATED

BODY_BYTES_MAX = 64 * 1024
REFERENCE = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{32})")
log = structlog.get_logger()


@csrf_exempt
@require_POST
def simulated(request: HttpRequest) -> HttpResponse:
    """Reports of the simulated acquirer."""
    return _answer(request, SIMULATED)


def _answer(request: HttpRequest, gateway: str) -> HttpResponse:
    """401 for what is not the acquirer's own, 413 for more than it ever says, 503 when the
    database does not answer (it reports again), 200 for all else."""
    body = request.read(BODY_BYTES_MAX + 1)
    if len(body) > BODY_BYTES_MAX:
        return HttpResponse(status=413)
    try:
        callback = gateway_of(gateway).verify_callback(request.headers, body, now=wall_now())
        _hear(callback)
    except Refused:
        return HttpResponse(status=401)
    except Upstream as refusal:
        log.warning("callback.not_understood", reason=str(refusal))
    except (OperationalError, InterfaceError):
        log.exception("callback.not_recorded")
        return HttpResponse(status=503)
    return HttpResponse(status=200)


def _hear(callback: Callback) -> None:
    """Record the outcome on the attempt that our own reference names; strangers are logged."""
    found = REFERENCE.fullmatch(callback.reference)
    if found and found[2] == callback.outcome.key.hex and _is_known(UUID(found[1]), UUID(found[2])):
        record(UUID(found[1]), [callback.outcome])
    else:
        log.warning("callback.of_nothing_known", event_id=callback.event_id)


def _is_known(account_id: UUID, attempt_id: UUID) -> bool:
    try:
        with tenant(account_id) as account:
            return queries.is_attempt(account, attempt_id)
    except NotFound:
        return False
