"""How the test cards behave: a pure table from card verification code to outcome.

Only the numbers below exist. Their behaviour is chosen by the verification code given when the
card is stored:

    001 002 003   storing fails: expired, declined, insufficient funds
    004 005       storing fails: acquirer error, communication error
    006           as 005, after a long wait
    100 101 102   the first later payment fails: expired, declined (hard), insufficient funds (soft)
    200 201 202   the second later payment fails, in the same three ways
    300 301 302   each later payment fails with a chance of one half, in the same three ways
    888           the amount decides, see BY_AMOUNT
    400           the charge is executed, but the connection hangs and no answer comes
    401           the first request hangs and nothing is executed; a later one is executed
    402           the answer is `processing`; the success comes later, by callback
    403           success, and its callback is sent twice at once
    404           success, and the callback arrives before the answer
    any other     success
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

BRANDS = {
    "4111111111111111": "visa",
    "4571994000062336": "visa_dk",
    "5019100000000006": "dankort",
    "4026111111111115": "visa_elec",
    "5500000000000004": "mc",
    "340000000000009": "amex",
    "3530111333300000": "jcb",
    "6759000000000000": "maestro",
    "30000000000004": "diners",
    "6011111111111117": "discover",
    "6240008631401148": "china_union_pay",
    "6007220000000004": "ffk",
}


class ChargeState(StrEnum):
    SUCCEEDED = "succeeded"
    SOFT_DECLINED = "soft_declined"
    HARD_DECLINED = "hard_declined"
    PROCESSING = "processing"


class Timing(StrEnum):
    """When, if at all, the one who asked gets the answer."""

    PROMPT = "prompt"
    LOST_AFTER_EXECUTING = "lost_after_executing"
    LOST_BEFORE_EXECUTING = "lost_before_executing"
    LATE = "late"
    CALLBACK_TWICE = "callback_twice"
    CALLBACK_FIRST = "callback_first"


@dataclass(frozen=True, slots=True)
class Verdict:
    state: ChargeState
    error: str | None = None


@dataclass(frozen=True, slots=True)
class StoringFailure:
    error: str
    waits: bool = False


SUCCESS = Verdict(ChargeState.SUCCEEDED)
EXPIRED = Verdict(ChargeState.HARD_DECLINED, "credit_card_expired")
DECLINED = Verdict(ChargeState.HARD_DECLINED, "declined_by_acquirer")
NO_FUNDS = Verdict(ChargeState.SOFT_DECLINED, "insufficient_funds")

STORING_FAILURES = {
    "001": StoringFailure("credit_card_expired"),
    "002": StoringFailure("declined_by_acquirer"),
    "003": StoringFailure("insufficient_funds"),
    "004": StoringFailure("acquirer_error"),
    "005": StoringFailure("acquirer_communication_error"),
    "006": StoringFailure("acquirer_communication_error", waits=True),
}

FAILS_AT_PAYMENT = {
    "100": (1, EXPIRED),
    "101": (1, DECLINED),
    "102": (1, NO_FUNDS),
    "200": (2, EXPIRED),
    "201": (2, DECLINED),
    "202": (2, NO_FUNDS),
}
FAILS_BY_CHANCE = {"300": EXPIRED, "301": DECLINED, "302": NO_FUNDS}

BY_AMOUNT_CODE = "888"
BY_AMOUNT = {
    # a fault in the chain, not of the card: trying again later is right, so these are soft
    1001: Verdict(ChargeState.SOFT_DECLINED, "acquirer_communication_error"),
    1002: Verdict(ChargeState.SOFT_DECLINED, "acquirer_error"),
    1003: Verdict(ChargeState.SOFT_DECLINED, "acquirer_integration_error"),
    1004: Verdict(ChargeState.SOFT_DECLINED, "acquirer_authentication_error"),
    1005: Verdict(ChargeState.SOFT_DECLINED, "acquirer_configuration_error"),
    1006: Verdict(ChargeState.SOFT_DECLINED, "acquirer_rejected_error"),
    1337: Verdict(ChargeState.HARD_DECLINED, "sca_required"),
    2001: NO_FUNDS,
    2002: Verdict(ChargeState.SOFT_DECLINED, "settle_blocked"),
    3001: EXPIRED,
    3002: DECLINED,
    3003: Verdict(ChargeState.HARD_DECLINED, "credit_card_lost_or_stolen"),
    3004: Verdict(ChargeState.HARD_DECLINED, "credit_card_suspected_fraud"),
    3005: Verdict(ChargeState.HARD_DECLINED, "authorization_expired"),
    3006: Verdict(ChargeState.HARD_DECLINED, "authorization_amount_exceeded"),
    3007: Verdict(ChargeState.HARD_DECLINED, "authorization_voided"),
}

TIMINGS = {
    "400": Timing.LOST_AFTER_EXECUTING,
    "401": Timing.LOST_BEFORE_EXECUTING,
    "402": Timing.LATE,
    "403": Timing.CALLBACK_TWICE,
    "404": Timing.CALLBACK_FIRST,
}

ALWAYS_SUCCEEDS = "success"
COUNTS_PAYMENTS = frozenset(FAILS_AT_PAYMENT)


@dataclass(frozen=True, slots=True)
class Chance:
    """Dice that fall the same way for the same seed and key, however often and whenever thrown."""

    seed: str
    unknown_percent: int = 0

    def percentile(self, purpose: str, key: str) -> int:
        digest = hashlib.sha256(f"{self.seed}\n{purpose}\n{key}".encode()).digest()
        return int.from_bytes(digest[:8]) % 100


def behaviour_of(cvv: str) -> str:
    """What may be kept of a verification code: which row of the table it is, never a real code."""
    known = cvv in FAILS_AT_PAYMENT or cvv in FAILS_BY_CHANCE or cvv in TIMINGS
    return cvv if known or cvv == BY_AMOUNT_CODE else ALWAYS_SUCCEEDS


def masked(pan: str) -> str:
    return f"{pan[:6]}{'X' * (len(pan) - 10)}{pan[-4:]}"


def judge(behaviour: str, *, key: str, amount_minor: int, nth: int, chance: Chance) -> Verdict:
    """The outcome of the card's `nth` payment (from 1), apart from when the answer is given."""
    if behaviour in FAILS_AT_PAYMENT:
        at, verdict = FAILS_AT_PAYMENT[behaviour]
        return verdict if nth == at else SUCCESS
    if behaviour in FAILS_BY_CHANCE:
        fails = chance.percentile("decline", key) < 50
        return FAILS_BY_CHANCE[behaviour] if fails else SUCCESS
    if behaviour == BY_AMOUNT_CODE:
        return BY_AMOUNT.get(amount_minor, SUCCESS)
    return SUCCESS


def timing_of(behaviour: str, *, key: str, chance: Chance) -> Timing:
    """The card's own timing, or else the configured share of lost answers, half executed."""
    own = TIMINGS.get(behaviour)
    if own is not None:
        return own
    if chance.percentile("unknown", key) >= chance.unknown_percent:
        return Timing.PROMPT
    executed = chance.percentile("executed", key) < 50
    return Timing.LOST_AFTER_EXECUTING if executed else Timing.LOST_BEFORE_EXECUTING
