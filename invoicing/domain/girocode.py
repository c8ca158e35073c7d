"""The text of a Girocode: a SEPA credit transfer that a banking app reads from paper."""

from kernel.money import Money

LARGEST_MINOR = 99_999_999_999
NAME_MAX, REFERENCE_MAX = 70, 140


def can_be_coded(amount: Money) -> bool:
    """SEPA knows euros alone, from one cent to 999,999,999.99."""
    return amount.currency == "EUR" and 0 < amount.minor <= LARGEST_MINOR


def girocode(*, name: str, iban: str, bic: str, amount: Money, reference: str) -> str:
    """The lines of EPC069-12, version 002, UTF-8, with a free remittance text."""
    assert can_be_coded(amount), "the caller asks first"
    euros, cents = divmod(amount.minor, 100)
    lines = (
        "BCD",
        "002",
        "1",
        "SCT",
        bic,
        name[:NAME_MAX],
        iban,
        f"EUR{euros}.{cents:02d}",
        "",
        "",
        reference[:REFERENCE_MAX],
    )
    return "\n".join(lines)
