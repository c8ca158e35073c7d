"""Refusals as this dialect says them: the one table from our codes to its numbers."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpResponse
from psycopg import errors as postgres
from rest_framework.exceptions import MethodNotAllowed

from api.v1.codes import (
    CONCURRENT_UPDATE,
    INTERNAL_ERROR,
    INVALID_REQUEST,
    NOT_FOUND,
    QUERY_TOO_SLOW,
    TEXTS,
    status_of,
)
from foundation.wire.bodies import dump
from foundation.wire.kinds import Instant, Integer, Text
from foundation.wire.refusals import UNREADABLE
from foundation.wire.shapes import Field, Shape, optional
from kernel.clock import wall_now
from kernel.errors import Invalid, KontorError, NotFound, Upstream

log = structlog.get_logger()

DECLINES = frozenset({77, 78})
"""The numbers that come with the acquirer's own word for why."""

Number = int | Callable[[KontorError], int]

NUMBERS: Mapping[str, Number] = {
    "account_busy": CONCURRENT_UPDATE,
    "account_not_found": 15,
    "add_on_not_found": 113,
    "add_on_twice": 114,
    "already_cancelled": 22,
    "api_key_not_found": 51,
    "card_not_allowed": 34,
    "card_token_invalid": 34,
    "concurrent_resource_update": CONCURRENT_UPDATE,
    "currency_locked": 72,
    "currency_mismatch": 154,
    "customer_has_open_invoices": 33,
    "customer_has_subscriptions": 32,
    "customer_not_found": 9,
    "debtor_number_fixed": 162,
    "debtor_number_taken": 161,
    "event_not_found": 47,
    "handle_taken": 11,
    "invoice_not_found": 31,
    "mail_not_found": 53,
    "payment_method_not_found": 40,
    "plan_currency_fixed": 72,
    "plan_not_found": 10,
    "start_too_early": 37,
    "subscription_not_found": 12,
    "test_card_refused": 20,
    "transaction_not_found": 70,
    "user_not_found": 17,
    "webhook_not_found": 46,
    "wrong_currency": 154,
}
"""Our refusals that have a number of their own; all others are 1, and 8 where a thing is missing.
An operation may say otherwise for itself (`Operation.codes`)."""

ERROR = Shape(
    "ErrorResponse",
    Field("code", Integer(min=0, max=999), doc="The number of the error, see the list of codes."),
    Field("error", Text(), doc="The text that belongs to the number."),
    Field("path", Text(max=8192), doc="What was asked for."),
    Field("timestamp", Instant(), doc="When it was refused."),
    Field("http_status", Integer(min=400, max=599), doc="The status of the answer."),
    Field("http_reason", Text(), doc="The words that belong to the status."),
    Field("request_id", Text(), doc="Name this when you ask for help."),
    optional("message", Text(max=8192), doc="What stands against this request, in a sentence."),
    optional("transaction_error", Text(), doc="Why a payment was declined."),
    doc="Every refusal of this interface.",
)


class Problem(Exception):
    """A refusal of the dialect itself: no key, too many requests, no such address."""

    def __init__(
        self,
        code: int,
        message: str,
        status: HTTPStatus | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        transaction_error: str = "",
    ) -> None:
        super().__init__(message)
        self.code, self.message = code, message
        self.transaction_error = transaction_error
        self.status = status or status_of(code)
        self.headers = headers or {}


def problem_of(error: Exception, codes: Mapping[str, Number]) -> Problem:
    """What the dialect says to this error; whatever was not expected is an internal error."""
    match error:
        case Problem():
            return error
        case KontorError():
            return _refused(error, codes)
        case MethodNotAllowed():
            return Problem(INVALID_REQUEST, str(error.detail), HTTPStatus.METHOD_NOT_ALLOWED)
        case DatabaseError() | InterfaceError():
            return _of_database(error)
    return _INTERNAL


def answer_of(problem: Problem, *, path: str, request_id: str) -> HttpResponse:
    """The body that every refusal has."""
    status = problem.status
    said: dict[str, Any] = {
        "code": problem.code,
        "error": TEXTS[problem.code],
        "path": path,
        "timestamp": Instant.write(wall_now()),
        "http_status": status.value,
        "http_reason": status.phrase,
        "request_id": request_id,
        "request-id": request_id,
        "message": problem.message,
    }
    if problem.transaction_error:
        said["transaction_error"] = problem.transaction_error
    return HttpResponse(
        dump(said),
        status=status.value,
        content_type="application/json",
        headers=dict(problem.headers),
    )


_INTERNAL = Problem(INTERNAL_ERROR, "Something went wrong on our side; it has been noted.")
_AWAY = Problem(
    INTERNAL_ERROR, "The service cannot answer now; try again.", HTTPStatus.SERVICE_UNAVAILABLE
)
_BUSY = Problem(CONCURRENT_UPDATE, "Somebody else is changing this; try again.")
_SLOW = Problem(QUERY_TOO_SLOW, "Ask for a shorter time.")


def _refused(error: KontorError, codes: Mapping[str, Number]) -> Problem:
    number = codes.get(error.code, NUMBERS.get(error.code))
    if number is None:
        number = NOT_FOUND if isinstance(error, NotFound) else INVALID_REQUEST
    code = number if isinstance(number, int) else number(error)
    if isinstance(error, Upstream) and code == INVALID_REQUEST:
        return Problem(INTERNAL_ERROR, error.sentence, HTTPStatus.BAD_GATEWAY)
    if code in DECLINES:
        return Problem(code, error.sentence, transaction_error=error.code)
    is_unreadable = isinstance(error, Invalid) and error.code in UNREADABLE
    return Problem(code, error.sentence, HTTPStatus.UNPROCESSABLE_ENTITY if is_unreadable else None)


def _of_database(error: Exception) -> Problem:
    cause = error.__cause__
    if isinstance(cause, postgres.QueryCanceled):
        return _SLOW
    if isinstance(
        cause,
        (postgres.LockNotAvailable, postgres.DeadlockDetected, postgres.SerializationFailure),
    ):
        return _BUSY
    return _AWAY if isinstance(error, (OperationalError, InterfaceError)) else _INTERNAL
