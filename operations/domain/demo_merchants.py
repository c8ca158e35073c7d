"""The two organisations of the demo world, invented from name to bank account."""

from datetime import time
from fractions import Fraction

from accounts.domain.details import Party, Terms
from catalog.domain.terms import NewAddOn, NewPlan, Trial
from customers.domain.details import Details
from kernel.money import Money
from kernel.periods import Schedule, ScheduleKind, Unit
from operations.domain.demo import Extra, Habits, Merchant, Offer, Slip
from operations.domain.demo_names import danish_person, german_company

MONTHLY = Schedule(ScheduleKind.MONTH_FIXEDDAY, 1, fixed_day=1)
YEARLY = Schedule(ScheduleKind.MONTH_FIXEDDAY, 12, fixed_day=1)
BOX_MONTHLY = Schedule(ScheduleKind.MONTH_STARTDATE, 1)
BOX_QUARTERLY = Schedule(ScheduleKind.MONTH_STARTDATE, 3)
BOX_YEARLY = Schedule(ScheduleKind.MONTH_STARTDATE, 12)
TWO_WEEKS = Trial(Unit.DAYS, 14, fixed_days=False)
ONE_MONTH = Trial(Unit.MONTHS, 1)

VISA, MASTERCARD, AMEX = "4111111111111111", "5500000000000004", "340000000000009"
MAESTRO = "6759000000000000"
VISA_DK, DANKORT = "4571994000062336", "5019100000000006"

SEATS_MAX, PRICE_SLIP_MINOR = 1_000_000, 9_200_000_000_000


def _seats(handle: str, name: str, cents: int, *, trial: Trial | None = None) -> NewPlan:
    yearly = handle.endswith("-jahr")
    return NewPlan(
        handle=handle,
        name=name,
        price=Money(cents, "EUR"),
        amount_incl_vat=False,
        schedule=YEARLY if yearly else MONTHLY,
        trial=trial,
    )


def _box(
    handle: str, name: str, kroner: int, schedule: Schedule, *, tried: bool = False
) -> NewPlan:
    trial = ONE_MONTH if tried else None
    price = Money(kroner * 100, "DKK")
    return NewPlan(handle=handle, name=name, price=price, schedule=schedule, trial=trial)


def _module(handle: str, name: str, cents: int) -> NewAddOn:
    return NewAddOn(handle=handle, name=name, price=Money(cents, "EUR"), amount_incl_vat=False)


def _treat(handle: str, name: str, kroner: int) -> NewAddOn:
    return NewAddOn(handle=handle, name=name, price=Money(kroner * 100, "DKK"))


ZETTELFALKE = Merchant(
    name="Zettelfalke",
    subdomain="zettelfalke",
    party=Party(
        name="Zettelfalke Software GmbH",
        address="Falkensteig 12",
        postal_code="20457",
        city="Hamburg",
        country="DE",
        vat_id="DE987654321",
        email="rechnung@zettelfalke.example",
        website="https://zettelfalke.example",
        tax_number="22/000/00000",
        register_entry="Amtsgericht Hamburg, HRB 000000",
        managing_directors="Hanna Reiherhorster",
        bank_name="Bank im Zwirnfeld",
        bank_iban="DE79000000001234567890",
        bank_bic="ZZFADE2H",
    ),
    terms=Terms(
        currency="EUR",
        language="de",
        timezone="Europe/Berlin",
        default_vat=Fraction(19, 100),
        invoice_prefix="ZF",
    ),
    offers=(
        Offer(_seats("start", "Start", 1900, trial=TWO_WEEKS), 24),
        Offer(
            _seats("team-2024", "Team (Tarif 2024), je Platz", 990, trial=TWO_WEEKS),
            40,
            (2, 3, 3, 4, 5, 6, 8, 12),
            sold=(0, 35),
        ),
        Offer(
            _seats("team", "Team, je Platz", 1290, trial=TWO_WEEKS),
            40,
            (2, 3, 3, 4, 5, 5, 7, 10, 15),
            sold=(35, 100),
        ),
        Offer(_seats("business", "Business, je Platz", 2490), 12, (5, 8, 10, 14, 20, 35, 60)),
        Offer(_seats("team-jahr", "Team jährlich, je Platz", 12900), 18, (2, 3, 4, 6, 9)),
        Offer(_seats("business-jahr", "Business jährlich, je Platz", 24900), 6, (8, 12, 25, 40)),
    ),
    extras=(
        Extra(_module("speicher", "Zusatzspeicher 100 GB", 1500), 18, (1, 1, 1, 2, 3)),
        Extra(_module("schnittstelle", "Schnittstelle zur Buchhaltung", 2900), 11),
        Extra(_module("support", "Unterstützung am Telefon", 4900), 7),
    ),
    habits=Habits(leaving=2, trying_only=38, without_card=9),
    opens=((1, time(9, 30)), (4, time(14, 15))),
    a_week=(3, 12),
    numbers=(VISA, VISA, MASTERCARD, MASTERCARD, AMEX, MAESTRO),
    handles="K",
    naming=german_company,
    slips=(
        Slip(
            "K-19990",
            Details(
                first_name="Jonas",
                last_name="Wieselkamp",
                company="Übungsfirma Wieselkamp",
                city="Hamburg",
                country="DE",
                email="uebung@zettelfalke.example",
                language="de",
            ),
            "business",
            SEATS_MAX,
            Money(PRICE_SLIP_MINOR, "EUR"),
            70,
        ),
    ),
)

LYNGKASSEN = Merchant(
    name="Lyngkassen",
    subdomain="lyngkassen",
    party=Party(
        name="Lyngkassen ApS",
        address="Hedelyngen 8",
        postal_code="8000",
        city="Aarhus C",
        country="DK",
        vat_id="DK98765432",
        email="hej@lyngkassen.example",
        website="https://lyngkassen.example",
        bank_name="Banken på Mosekonevej",
        bank_iban="DK6100001234567890",
        bank_bic="LYNGDK22",
    ),
    terms=Terms(
        currency="DKK",
        language="en",
        timezone="Europe/Copenhagen",
        default_vat=Fraction(25, 100),
        invoice_prefix="LK",
        payment_days=8,
    ),
    offers=(
        Offer(_box("lille", "Lille kasse", 149, BOX_MONTHLY, tried=True), 30),
        Offer(_box("stor", "Stor kasse", 249, BOX_MONTHLY), 26),
        Offer(_box("familie", "Familiekasse", 379, BOX_MONTHLY), 14),
        Offer(_box("kvartal", "Årstidskasse, hvert kvartal", 429, BOX_QUARTERLY), 22),
        Offer(_box("aar", "Stor kasse, et år forud", 2690, BOX_YEARLY), 8),
    ),
    extras=(
        Extra(_treat("kaffe", "Kaffe, 250 g", 59), 16, (1, 1, 2)),
        Extra(_treat("chokolade", "Chokolade", 45), 14, (1, 1, 1, 2, 4)),
        Extra(_treat("honning", "Lynghonning", 79), 6),
    ),
    habits=Habits(leaving=6, trying_only=30, without_card=3),
    opens=((0, time(10, 5)), (3, time(19, 40))),
    a_week=(5, 18),
    numbers=(VISA_DK, DANKORT, DANKORT, MASTERCARD, VISA),
    handles="LK",
    naming=danish_person,
    ships_on=(1, 15),
    slips=(
        Slip(
            "LK-19990",
            Details(
                first_name="Prøve",
                last_name="Tastefejl",
                city="Aarhus C",
                country="DK",
                email="proeve@lyngkassen.example",
            ),
            "stor",
            SEATS_MAX,
            Money(PRICE_SLIP_MINOR, "DKK"),
            40,
        ),
    ),
)

MERCHANTS = (ZETTELFALKE, LYNGKASSEN)
