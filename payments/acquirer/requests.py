"""Request bodies read into frozen values. No refusal here ever repeats what was sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.errors import Invalid

AMOUNT_MAX = 2**63 - 1
TEXT_MAX = 255
URL_MAX = 2000

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CardRequest:
    pan: str = field(repr=False)
    expiry: str
    cvv: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    key: str
    token: str
    amount_minor: int
    currency: str
    reference: str
    callback_url: str | None


@dataclass(frozen=True, slots=True)
class RefundRequest:
    key: str
    charge_key: str
    amount_minor: int
    currency: str


def read_object(raw: bytes) -> Body:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Invalid("invalid_json", "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Invalid("invalid_json", "The body must be a JSON object.")
    return body


def card_request(body: Body) -> CardRequest:
    return CardRequest(
        pan=_text(body, "pan"), expiry=_digits(body, "expiry", 4, 4), cvv=_digits(body, "cvv", 3, 4)
    )


def charge_request(body: Body) -> ChargeRequest:
    return ChargeRequest(
        key=_text(body, "key"),
        token=_text(body, "token"),
        amount_minor=_amount(body),
        currency=_currency(body),
        reference=_text(body, "reference"),
        callback_url=_url(body),
    )


def refund_request(body: Body) -> RefundRequest:
    return RefundRequest(
        key=_text(body, "key"),
        charge_key=_text(body, "charge_key"),
        amount_minor=_amount(body),
        currency=_currency(body),
    )


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_MAX or not value.isprintable():
        sentence = f"{name} must be 1 to {TEXT_MAX} printable characters."
        raise Invalid("invalid_request", sentence, field=name)
    return value


def _digits(body: Body, name: str, least: int, most: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not (value.isascii() and value.isdigit()):
        raise Invalid("invalid_request", f"{name} must be a text of digits.", field=name)
    if not least <= len(value) <= most:
        raise Invalid("invalid_request", f"{name} has the wrong number of digits.", field=name)
    return value


def _amount(body: Body) -> int:
    value = body.get("amount_minor")
    if type(value) is not int or not 0 < value <= AMOUNT_MAX:
        sentence = "amount_minor must be a whole number of minor units, from 1 to 2^63 - 1."
        raise Invalid("invalid_request", sentence, field="amount_minor")
    return value


def _currency(body: Body) -> str:
    value = body.get("currency")
    letters = isinstance(value, str) and len(value) == 3 and value.isascii() and value.isalpha()
    if not isinstance(value, str) or not letters or not value.isupper():
        sentence = "currency must be three capital letters, such as EUR."
        raise Invalid("invalid_request", sentence, field="currency")
    return value


def _url(body: Body) -> str | None:
    value = body.get("callback_url")
    if value is None:
        return None
    fits = isinstance(value, str) and len(value) <= URL_MAX and value.isprintable()
    if not isinstance(value, str) or not fits or not value.startswith(("http://", "https://")):
        sentence = "callback_url must begin with http:// or https://."
        raise Invalid("invalid_request", sentence, field="callback_url")
    return value
