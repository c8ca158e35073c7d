"""The adapter for the simulated acquirer (`python -m payments.acquirer`)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kernel.clock import wall_now
from kernel.errors import Refused, Upstream
from payments.acquirer.signing import CALLBACK_PURPOSE, Envelope, is_authentic, signed_headers
from payments.gateways.answers import (
    NotUnderstood,
    json_object,
    outcome_of,
    outcome_of_look_up,
    outcome_of_order,
    text_of,
)
from payments.gateways.cards import CardDetails
from payments.gateways.connections import Connections, HttpReply, HttpRequest, NoAnswer
from payments.gateways.port import (
    CHAIN_ERRORS,
    Callback,
    ChargeOrder,
    Outcome,
    RefundOrder,
    StoredCard,
    unknown,
)


class SimulatedGateway:
    """One for many threads. `callback_url`, where given, goes to the acquirer with each charge."""

    def __init__(
        self, *, url: str, secret: str, timeout: timedelta, callback_url: str | None = None
    ) -> None:
        self._secret = secret
        self._callback_url = callback_url
        self._connections = Connections(url, timeout=timeout)

    def charge(self, order: ChargeOrder) -> Outcome:
        body: dict[str, object] = {
            "key": str(order.key),
            "token": order.token,
            "amount_minor": order.amount.minor,
            "currency": order.amount.currency,
            "reference": order.reference,
        }
        if self._callback_url is not None:
            body["callback_url"] = self._callback_url
        try:
            reply = self._post("/charges", body)
        except NoAnswer as problem:
            return unknown(order.key, problem.reason)
        return outcome_of_order(order.key, order.amount, reply)

    def refund(self, order: RefundOrder) -> Outcome:
        body: dict[str, object] = {
            "key": str(order.key),
            "charge_key": str(order.charge_key),
            "amount_minor": order.amount.minor,
            "currency": order.amount.currency,
        }
        try:
            reply = self._post("/refunds", body)
        except NoAnswer as problem:
            return unknown(order.key, problem.reason)
        return outcome_of_order(order.key, order.amount, reply)

    def look_up(self, key: UUID) -> Outcome | None:
        try:
            return outcome_of_look_up(key, self._send("GET", f"/charges/{key}", b""))
        except (NoAnswer, NotUnderstood) as problem:
            raise Upstream(
                "gateway_look_up_failed",
                "The gateway could not be asked about charge {key}: {reason}. Ask again later.",
                key=key,
                reason=problem.reason,
            ) from None

    def store_card(self, card: CardDetails) -> StoredCard:
        body: dict[str, object] = {"pan": card.pan, "expiry": card.expiry, "cvv": card.cvv}
        try:
            return _stored(self._post("/tokens", body))
        except (NoAnswer, NotUnderstood) as problem:
            raise Upstream(
                "acquirer_communication_error",
                "The gateway gave no usable answer ({reason}); the card was not stored.",
                reason=problem.reason,
            ) from None

    def verify_callback(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Callback:
        seconds = (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
        envelope = Envelope(CALLBACK_PURPOSE, body)
        if not is_authentic(self._secret, envelope, headers, now=seconds):
            raise Refused(
                "callback_not_authentic",
                "The callback is not signed by the gateway, or more than five minutes off.",
            )
        try:
            return _callback(json_object(body))
        except NotUnderstood as problem:
            raise Upstream(
                "callback_not_understood",
                "The gateway's callback makes no sense: {reason}.",
                reason=problem.reason,
            ) from None

    def close(self) -> None:
        self._connections.close()

    def _post(self, path: str, body: Mapping[str, object]) -> HttpReply:
        return self._send("POST", path, json.dumps(body).encode())

    def _send(self, method: str, path: str, body: bytes) -> HttpReply:
        now = wall_now()
        envelope = Envelope(f"{method} {path}", body)
        headers = signed_headers(self._secret, envelope, at=int(now.timestamp()))
        headers["Content-Type"] = "application/json"
        return self._connections.send(HttpRequest(method, path, body, headers))


def _stored(reply: HttpReply) -> StoredCard:
    body = json_object(reply.body)
    if reply.status == 200:
        return StoredCard(
            token=text_of(body, "token"),
            brand=text_of(body, "brand"),
            masked_number=text_of(body, "masked_number"),
            expiry=text_of(body, "expiry"),
        )
    if reply.status != 422:
        raise NotUnderstood(f"http_{reply.status}")
    code = text_of(body, "error")
    if code in CHAIN_ERRORS:
        raise Upstream(code, "The card could not be stored now. Try again later.")
    raise Refused(code, "The card was refused: {reason}.", reason=code.replace("_", " "))


def _callback(body: Mapping[str, object]) -> Callback:
    try:
        occurred_at = datetime.fromisoformat(text_of(body, "occurred_at"))
    except ValueError:
        raise NotUnderstood("answer_incomplete") from None
    if occurred_at.tzinfo is None:
        raise NotUnderstood("answer_incomplete")
    return Callback(
        event_id=text_of(body, "event_id"),
        reference=text_of(body, "reference"),
        occurred_at=occurred_at,
        outcome=outcome_of(body),
    )
