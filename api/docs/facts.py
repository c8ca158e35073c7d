"""What the pages of the guide tell from the code: limits, codes, test cards, events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from api.docs.samples import BY_FORMAT, IDS
from api.v1.codes import TEXTS, status_of
from payments.acquirer.cards import BRANDS
from webhooks.domain.event_types import EVENT_TYPES

NOT_FOUND = 9


@dataclass(frozen=True)
class Limit:
    """How many calls: a second, at once in a burst, and at the same time."""

    rate: int
    burst: int
    at_once: int


@dataclass(frozen=True)
class Code:
    code: int
    text: str
    status: int


@dataclass(frozen=True)
class Magic:
    """What a security code does to a test card."""

    code: str
    when: Promise
    what: Promise


_STORING = _("when the card is stored")
_FIRST = _("at the first payment after that")
_SECOND = _("at the second payment after that")
_EACH = _("at each payment, every other time by chance")
_BY_AMOUNT = _("at each payment, by its amount")
_EXPIRED = _("refused: expired")
_DECLINED = _("refused: declined by the acquirer")
_FUNDS = _("refused: insufficient funds, may work later")
MAGIC: Sequence[Magic] = (
    Magic("001", _STORING, _EXPIRED),
    Magic("002", _STORING, _DECLINED),
    Magic("003", _STORING, _FUNDS),
    Magic("004", _STORING, _("fault of the acquirer")),
    Magic("005", _STORING, _("the acquirer does not answer")),
    Magic("006", _STORING, _("the same, after a minute")),
    Magic("100", _FIRST, _EXPIRED),
    Magic("101", _FIRST, _DECLINED),
    Magic("102", _FIRST, _FUNDS),
    Magic("200", _SECOND, _EXPIRED),
    Magic("201", _SECOND, _DECLINED),
    Magic("202", _SECOND, _FUNDS),
    Magic("300", _EACH, _EXPIRED),
    Magic("301", _EACH, _DECLINED),
    Magic("302", _EACH, _FUNDS),
    Magic("888", _BY_AMOUNT, _("1000 succeeds, 2001 has insufficient funds, 3001 is expired")),
)


def limits() -> Mapping[str, Limit]:
    return {name: Limit(*settings.API_LIMITS[name]) for name in ("read", "write")}


def codes() -> list[Code]:
    return [Code(number, text, status_of(number).value) for number, text in TEXTS.items()]


def cards() -> list[tuple[str, str]]:
    """Number and brand of every test card."""
    return list(BRANDS.items())


def magic_codes() -> Sequence[Magic]:
    return MAGIC


def events() -> Sequence[str]:
    return EVENT_TYPES


def event_sample() -> Mapping[str, str]:
    return {
        "id": IDS,
        "event_id": IDS[::-1],
        "event_type": "invoice_settled",
        "timestamp": BY_FORMAT["date-time"],
        "signature": "9f2c…",
        "customer": "ada",
        "subscription": "ada-gold",
        "invoice": "inv-1042",
    }


def error_sample() -> Mapping[str, object]:
    return {
        "code": NOT_FOUND,
        "error": TEXTS[NOT_FOUND],
        "path": "/v1/customer/ada",
        "timestamp": BY_FORMAT["date-time"],
        "http_status": status_of(NOT_FOUND).value,
        "http_reason": status_of(NOT_FOUND).phrase,
        "request_id": IDS,
    }
