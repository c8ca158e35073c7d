"""Invented people, companies and addresses; the cities are real, nobody in them is."""

from collections.abc import Callable, Sequence
from hashlib import blake2s
from typing import TypeVar

from stdnum.iso7064 import mod_11_10

from customers.domain.details import Details

T = TypeVar("T")


class Dice:
    """Dice of one subject: they fall the same way for the same purpose, however often thrown."""

    def __init__(self, subject: str) -> None:
        self._subject = subject

    def below(self, purpose: str, limit: int) -> int:
        """A whole number from 0 to below `limit`."""
        thrown = blake2s(f"{self._subject} {purpose}".encode(), digest_size=8).digest()
        return int.from_bytes(thrown, "big") % limit

    def between(self, purpose: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        return low + self.below(purpose, high - low + 1)

    def pick(self, purpose: str, choices: Sequence[T]) -> T:
        """One of them, each as likely as the other."""
        return choices[self.below(purpose, len(choices))]

    def falls(self, purpose: str, percent: int) -> bool:
        """Whether it happens, with this chance."""
        return self.below(purpose, 100) < percent


Naming = Callable[[Dice], Details]
"""From a subject's dice to who they are."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


DE_FIRST = _words(
    """
    Anja Anton Birgit Carolin Christoph Clemens Dagmar Dirk Elif Emre Eva Fabian Franziska
    Friederike Gerd Greta Hanna Hendrik Ines Jannik Jasmin Jonas Jürgen Karin Katharina
    Kerstin Lars Leonie Lukas Magda Manfred Marie Matthias Merle Mina Nadine Nils Olga Paul
    Petra Ralf Renate Sabine Sebastian Selin Silke Simon Sophie Stefan Theresa Thorsten Ulrike
    Uwe Vera Werner Yasemin
    """
)
DE_NAME_STARTS = _words(
    """
    Ahorn Amsel Birken Buchen Distel Dohlen Eichen Erlen Eschen Falken Fichten Ginster Hasel
    Heide Holunder Kiebitz Kiefern Klee Lerchen Linden Lupinen Moos Otter Pappel Reiher Roggen
    Schlehen Sperber Tannen Ulmen Wacholder Weiden Wiesel Zeisig
    """
)
DE_NAME_ENDS = _words(
    """
    bühl brook fleth grund hagener horster kamp loher mutz rieder steg winkler
    """
)
DE_TRADES = _words(
    """
    Tischlerei Dachdeckerei Malerbetrieb Elektrotechnik Gartenbau Steuerberatung Druckerei
    Ingenieurbüro Architekturbüro Metallbau Fahrradwerkstatt Zahntechnik Physiotherapie
    Buchhandlung Kaffeerösterei Brauerei Gebäudereinigung Spedition Feinmechanik Fotostudio
    Sanitärtechnik Bäckerei Landmaschinen Werbeagentur Sprachschule Pflegedienst Optik
    Laborbedarf Bootsbau Orgelbau
    """
)
DE_FORMS = (
    "GmbH",
    "GmbH",
    "GmbH",
    "GmbH & Co. KG",
    "KG",
    "OHG",
    "e. K.",
    "UG (haftungsbeschränkt)",
)
DE_STREETS = (
    "Am Amboss",
    "Am Dreschplatz",
    "An der Alten Ziegelei",
    "Beim Mühlrad",
    "Drechslerweg",
    "Falkensteig",
    "Färbergang",
    "Hinter der Schmiede",
    "Hopfenspeicher",
    "Im Zwirnfeld",
    "Kiebitzstieg",
    "Kornspeicherstraße",
    "Lupinenallee",
    "Seilerwinkel",
    "Webstuhlgasse",
    "Zunftstraße",
)
DE_CITIES = (
    ("10115", "Berlin"),
    ("20457", "Hamburg"),
    ("80331", "München"),
    ("50667", "Köln"),
    ("60311", "Frankfurt am Main"),
    ("70173", "Stuttgart"),
    ("40213", "Düsseldorf"),
    ("04109", "Leipzig"),
    ("44135", "Dortmund"),
    ("28195", "Bremen"),
    ("01067", "Dresden"),
    ("30159", "Hannover"),
    ("90402", "Nürnberg"),
    ("48143", "Münster"),
    ("79098", "Freiburg im Breisgau"),
    ("99084", "Erfurt"),
    ("18055", "Rostock"),
    ("34117", "Kassel"),
    ("24103", "Kiel"),
    ("93047", "Regensburg"),
    ("06108", "Halle (Saale)"),
    ("66111", "Saarbrücken"),
)

DA_FIRST = _words(
    """
    Aksel Alma Anders Anne Asger Astrid Bente Birgitte Bjarke Camilla Carl Clara Ditte Ejnar
    Ella Emil Freja Frida Gustav Hanne Helle Henrik Ida Inger Jakob Jeppe Johanne Josefine
    Karen Karl Kasper Kirsten Lærke Laura Lene Line Lone Mads Magnus Maja Malthe Marie
    Mathilde Mette Mikkel Morten Nanna Niels Oskar Pernille Rasmus Rikke Sara Signe Silje
    Simon Sofie Søren Thea Thomas Tobias Tove Troels Ulla Victor Vibeke William
    """
)
DA_NAME_STARTS = _words(
    """
    Ager Asp Birke Bøge Dam Eg El Enge Fyrre Gran Grøn Hede Hel Kilde Klit Krage Lilje Lyng
    Lærke Mose Nørre Pile Ravn Rosen Sande Skov Sol Sten Sønder Thor Vester Øster
    """
)
DA_NAME_ENDS = _words(
    """
    bæk dahl feldt gaard holm høj kær lund mark skov toft vang
    """
)
DA_STREETS = (
    "Bogfinkevej",
    "Brombærstien",
    "Fyrrekrogen",
    "Hedelyngen",
    "Humlebakken",
    "Hyldeblomstvej",
    "Kaprifolievej",
    "Klokkeblomsten",
    "Kornblomstvej",
    "Mosekonevej",
    "Ravnsnæsset",
    "Rugmarken",
    "Røllikevej",
    "Strandsvinglen",
    "Tranebærvænget",
    "Vibehøjen",
)
DA_CITIES = (
    ("1620", "København V"),
    ("2200", "København N"),
    ("2300", "København S"),
    ("2800", "Kongens Lyngby"),
    ("3000", "Helsingør"),
    ("3700", "Rønne"),
    ("4000", "Roskilde"),
    ("4700", "Næstved"),
    ("5000", "Odense C"),
    ("5700", "Svendborg"),
    ("6000", "Kolding"),
    ("6700", "Esbjerg"),
    ("7100", "Vejle"),
    ("7400", "Herning"),
    ("8000", "Aarhus C"),
    ("8600", "Silkeborg"),
    ("8900", "Randers C"),
    ("9000", "Aalborg"),
)
PLAIN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", " ": "-"}
)


def plain(name: str) -> str:
    """The name as part of an address in the net: small letters, digits and hyphens."""
    return "".join(each for each in name.lower().translate(PLAIN) if each.isalnum() or each == "-")


def german_company(dice: Dice) -> Details:
    """A craftsman's or professional's firm with a person to write to."""
    first = dice.pick("first name", DE_FIRST)
    last = dice.pick("name starts", DE_NAME_STARTS) + dice.pick("name ends", DE_NAME_ENDS)
    trade = dice.pick("trade", DE_TRADES)
    postal_code, city = dice.pick("city", DE_CITIES)
    return Details(
        first_name=first,
        last_name=last,
        company=f"{trade} {last} {dice.pick('form', DE_FORMS)}",
        address=f"{dice.pick('street', DE_STREETS)} {dice.between('number', 1, 118)}",
        postal_code=postal_code,
        city=city,
        country="DE",
        vat_id=_nobodys_vat_id(dice) if dice.falls("vat id", 80) else "",
        email=f"{plain(first)}@{plain(trade)}-{plain(last)}.example",
        language="de",
    )


def danish_person(dice: Dice) -> Details:
    """A person at home."""
    first = dice.pick("first name", DA_FIRST)
    last = dice.pick("name starts", DA_NAME_STARTS) + dice.pick("name ends", DA_NAME_ENDS)
    postal_code, city = dice.pick("city", DA_CITIES)
    floor = dice.pick("floor", ("", "", "", "st. tv.", "1. th.", "2. tv.", "3. th."))
    return Details(
        first_name=first,
        last_name=last,
        address=f"{dice.pick('street', DA_STREETS)} {dice.between('number', 1, 96)}",
        address2=floor,
        postal_code=postal_code,
        city=city,
        country="DK",
        email=f"{plain(first)}.{plain(last)}@post.example",
    )


def _nobodys_vat_id(dice: Dice) -> str:
    """In Germany's pattern and with a wrong check digit, so that it is given out to nobody."""
    digits = str(dice.between("vat digits", 10_000_000, 99_999_999))
    right = int(mod_11_10.calc_check_digit(digits))
    return f"DE{digits}{(right + 1) % 10}"
