"""Words on paper, what a page must have, and the text of a Girocode."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from invoicing.domain.facts import DocumentFacts, FactLine, RateSum, Recipient, Sender
from invoicing.domain.girocode import can_be_coded, girocode
from invoicing.domain.problems import problems
from invoicing.domain.rendering import next_try
from invoicing.paper import words
from kernel.money import Money
from tests.factories import NOON
from tests.invoicing.papers import BUYER, MERCHANT

NONE = UUID(int=0)
BLANK_SENDER = dict.fromkeys(Sender.__dataclass_fields__, "")
BLANK_RECIPIENT = dict.fromkeys(Recipient.__dataclass_fields__, "")


def line(net, tax, rate="0.19", text="Ding"):
    return FactLine(
        position=1,
        origin="plan",
        text=text,
        quantity=1,
        unit_minor=net,
        incl_vat=False,
        vat_rate=Decimal(rate),
        net_minor=net,
        tax_minor=tax,
        gross_minor=net + tax,
        service_from=date(2026, 1, 1),
        service_to=date(2026, 1, 31),
    )


def facts(*lines, **rest):
    lines = lines or (line(100, 19),)
    known = {
        "id": NONE,
        "invoice_id": NONE,
        "invoice_handle": "inv-1",
        "customer_id": NONE,
        "customer_handle": "one",
        "kind": "invoice",
        "number": "INV-2026-000001",
        "issued_on": date(2026, 2, 1),
        "due_on": date(2026, 2, 15),
        "service_from": date(2026, 1, 1),
        "service_to": date(2026, 1, 31),
        "language": "de",
        "currency": "EUR",
        "net_minor": sum(each.net_minor for each in lines),
        "tax_minor": sum(each.tax_minor for each in lines),
        "gross_minor": sum(each.gross_minor for each in lines),
        "is_test": False,
        "sender": Sender(**BLANK_SENDER | MERCHANT),
        "recipient": Recipient(**BLANK_RECIPIENT | BUYER),
        "lines": lines,
    }
    return DocumentFacts(**known | rest)


def codes(given):
    return [each.code for each in problems(given)]


def test_a_document_in_order_has_no_problem():
    assert codes(facts()) == []


@pytest.mark.parametrize(
    ("without", "code"),
    [
        ({"name": ""}, "sender_name_missing"),
        ({"address": ""}, "sender_address_missing"),
        ({"postal_code": ""}, "sender_address_missing"),
        ({"city": ""}, "sender_address_missing"),
        ({"vat_id": "", "tax_number": ""}, "tax_number_missing"),
    ],
)
def test_what_the_merchant_has_not_said_is_named(without, code):
    given = facts()

    assert codes(replace(given, sender=replace(given.sender, **without))) == [code]


@pytest.mark.parametrize("enough", [{"vat_id": ""}, {"tax_number": ""}])
def test_one_of_tax_number_and_vat_id_is_enough(enough):
    given = facts()

    assert codes(replace(given, sender=replace(given.sender, **enough))) == []


@pytest.mark.parametrize(
    ("without", "code"),
    [
        ({"company": "", "first_name": "", "last_name": ""}, "recipient_name_missing"),
        ({"address": ""}, "recipient_address_missing"),
        ({"city": ""}, "recipient_address_missing"),
    ],
)
def test_what_is_not_known_of_the_customer_is_named(without, code):
    given = facts()

    assert codes(replace(given, recipient=replace(given.recipient, **without))) == [code]


def test_a_person_alone_is_a_name():
    given = facts()

    assert codes(replace(given, recipient=replace(given.recipient, company=""))) == []


def test_content_that_is_missing_or_does_not_add_up_is_named():
    assert codes(replace(facts(), number="")) == ["number_missing"]
    assert codes(replace(facts(), lines=(), gross_minor=0)) == ["lines_missing"]
    assert codes(facts(line(100, 19, text=" "))) == ["line_text_missing"]
    assert codes(replace(facts(), gross_minor=120)) == ["sums_differ"]


def test_each_rate_has_its_sums_and_all_of_them_are_the_document_s():
    given = facts(line(1000, 190), line(500, 35, "0.07"), line(-100, -19))

    assert given.rates == (
        RateSum(Decimal("0.07"), 500, 35, 535),
        RateSum(Decimal("0.19"), 900, 171, 1071),
    )
    assert sum(each.gross_minor for each in given.rates) == given.gross_minor == 1606


def test_the_code_of_a_transfer_is_that_of_the_standard():
    text = girocode(
        name="N" * 80,
        iban="DE89370400440532013000",
        bic="",
        amount=Money(5, "EUR"),
        reference="R" * 150,
    )

    assert text.split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "",
        "N" * 70,
        "DE89370400440532013000",
        "EUR0.05",
        "",
        "",
        "R" * 140,
    ]


@pytest.mark.parametrize(
    ("amount", "can"),
    [
        (Money(1, "EUR"), True),
        (Money(99_999_999_999, "EUR"), True),
        (Money(100_000_000_000, "EUR"), False),
        (Money(0, "EUR"), False),
        (Money(-1, "EUR"), False),
        (Money(100, "CHF"), False),
    ],
)
def test_only_amounts_that_sepa_knows_are_coded(amount, can):
    assert can_be_coded(amount) is can


@pytest.mark.parametrize(
    ("minor", "currency", "german", "english"),
    [
        (123_456_789, "EUR", "1.234.567,89 €", "€1,234,567.89"),
        (-5, "EUR", "\N{MINUS SIGN}0,05 €", "\N{MINUS SIGN}€0.05"),
        (0, "EUR", "0,00 €", "€0.00"),
        (1500, "JPY", "1.500 ¥", "JP¥1,500"),
        (1500, "BHD", "1,500 BHD", "BHD 1.500"),
        (9_223_372_036_854_775_807, "CHF", "92.233.720.368.547.758,07 CHF", None),
    ],
)
def test_amounts_read_as_people_write_them(minor, currency, german, english):
    found = words.money(minor, currency, "de")

    assert found.replace(words.NO_BREAK, " ") == german
    assert " " not in found
    if english:
        assert words.money(minor, currency, "en").replace(words.NO_BREAK, " ") == english


def test_rates_dates_and_periods_read_as_people_write_them():
    first, last = date(2026, 3, 1), date(2026, 3, 31)
    dash = "\N{EN DASH}"

    assert words.percent(Decimal("0.19"), "de") == f"19{words.NO_BREAK}%"
    assert words.percent(Decimal("0.077000"), "de") == f"7,7{words.NO_BREAK}%"
    assert words.percent(Decimal("0.025"), "en") == "2.5%"
    assert words.percent(Decimal(0), "en") == "0%"
    assert words.day(first, "de") == "01.03.2026"
    assert words.period(first, last, "de") == f"01.03.2026 {dash} 31.03.2026"
    assert words.period(first, first, "de") == "01.03.2026"
    assert words.day(first, "en").replace(words.NO_BREAK, " ") == "1 Mar 2026"
    assert words.in_fours("DE8937040") == words.NO_BREAK.join(["DE89", "3704", "0"])
    assert words.number(-1234567, "de") == "\N{MINUS SIGN}1.234.567"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("  a \n\t b ", "a b"),
        ("a\u202eb\u2066c\u200bd", "abcd"),
        ("a\x07b\x00c\x1b[31m", "abc[31m"),
        ("شركة", "شركة"),
        ("\ue000x\ufeff", "x"),
        ("", ""),
    ],
)
def test_text_that_would_steer_the_page_only_stands_on_it(text, seen):
    assert words.clean(text) == seen


def test_a_failing_document_is_tried_after_one_ten_and_a_hundred_minutes():
    waits = [(next_try(tries, NOON) - NOON).total_seconds() / 60 for tries in (1, 2, 3)]

    assert waits == [1, 10, 100]
