"""Reading a provider's answer about money: all of it makes sense, or the outcome is unknown."""

import json
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from kernel.errors import Invalid
from kernel.money import Money
from payments.gateways.connections import HttpReply
from payments.gateways.port import Outcome, OutcomeState, unknown

_DEFINITE = frozenset(OutcomeState) - {OutcomeState.UNKNOWN}


class NotUnderstood(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def outcome_of_order(key: UUID, amount: Money, reply: HttpReply) -> Outcome:
    """What became of an order for `amount`; an answer about other money is no answer."""
    try:
        outcome = _outcome_in(reply)
    except NotUnderstood as problem:
        return unknown(key, problem.reason)
    if outcome.key != key:
        return unknown(key, "key_differs")
    if outcome.amount != amount:
        return unknown(key, "amount_differs")
    return outcome


def outcome_of_look_up(key: UUID, reply: HttpReply) -> Outcome | None:
    """None only for the provider's own words that it knows no such key. Raises NotUnderstood."""
    if reply.status == 404 and json_object(reply.body).get("error") == "not_found":
        return None
    outcome = _outcome_in(reply)
    if outcome.key != key:
        raise NotUnderstood("key_differs")
    return outcome


def _outcome_in(reply: HttpReply) -> Outcome:
    if reply.status != 200:
        raise NotUnderstood(f"http_{reply.status}")
    return outcome_of(json_object(reply.body))


def json_object(raw: bytes) -> Mapping[str, object]:
    """Raises NotUnderstood."""
    if not raw.strip():
        raise NotUnderstood("empty_answer")
    try:
        body = json.loads(raw, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise NotUnderstood("not_json") from None
    if not isinstance(body, dict):
        raise NotUnderstood("not_an_object")
    return body


def outcome_of(body: Mapping[str, object]) -> Outcome:
    """Raises NotUnderstood."""
    state = body.get("state")
    error, reference = body.get("error"), body.get("gateway_reference")
    if not isinstance(state, str) or state not in _DEFINITE:
        raise NotUnderstood("state_not_understood")
    if not isinstance(error, str | None) or not isinstance(reference, str) or not reference:
        raise NotUnderstood("answer_incomplete")
    return Outcome(
        key=_key_of(body),
        state=OutcomeState(state),
        error=error,
        gateway_reference=reference,
        amount=_amount_of(body),
    )


def _key_of(body: Mapping[str, object]) -> UUID:
    try:
        return UUID(text_of(body, "key"))
    except ValueError:
        raise NotUnderstood("answer_incomplete") from None


def _amount_of(body: Mapping[str, object]) -> Money:
    minor = body.get("amount_minor")
    if type(minor) is not int:
        raise NotUnderstood("amount_not_understood")
    try:
        return Money(minor, text_of(body, "currency"))
    except Invalid:
        raise NotUnderstood("amount_not_understood") from None


def text_of(body: Mapping[str, object], name: str) -> str:
    """Raises NotUnderstood."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise NotUnderstood("answer_incomplete")
    return value
