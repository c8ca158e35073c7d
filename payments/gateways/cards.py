"""The token form that lets an integration be tested without a payment page.

    ct_test_<card number>_<MMYY>_<verification code>_<anything>

Only the test card numbers are taken: a real number must not travel in a token, and is refused here
before it gets any further. No refusal repeats any part of the token.
"""

import re
from dataclasses import dataclass, field

from kernel.errors import Invalid
from payments.acquirer.cards import BRANDS

TOKEN_MAX = 255
_FORM = re.compile(r"ct_test_([0-9]{12,19})_((?:0[1-9]|1[0-2])[0-9]{2})_([0-9]{3,4})_[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDetails:
    """Lives for the one call that stores the card; shows neither number nor code when printed.

    `expiry` is MMYY; whether it is past is for the acquirer to say.
    """

    pan: str = field(repr=False)
    expiry: str
    cvv: str = field(repr=False)


def is_test_token(token: str) -> bool:
    """Live accounts refuse these."""
    return token.startswith("ct_test_")


def card_of_test_token(token: str) -> CardDetails:
    """Raises Invalid: card_token_invalid for another form, card_not_allowed for another number."""
    form = _FORM.fullmatch(token) if len(token) <= TOKEN_MAX else None
    if form is None:
        raise Invalid(
            "card_token_invalid",
            "A test card token reads ct_test_<card number>_<MMYY>_<code>_<anything>.",
        )
    pan, expiry, cvv = form.groups()
    if pan not in BRANDS:
        raise Invalid(
            "card_not_allowed",
            "Only the documented test card numbers can be used in a test card token.",
        )
    return CardDetails(pan=pan, expiry=expiry, cvv=cvv)
