"""Who may log in to the demo world, and with which password."""

import base64
import hashlib
import hmac
from typing import NamedTuple

BOTH = ("zettelfalke", "lyngkassen")
PASSWORD_GROUPS, GROUP = 4, 4


class Person(NamedTuple):
    """Somebody with a role, of `accounts.models.Membership`, in these organisations."""

    email: str
    name: str
    language: str
    role: str
    organisations: tuple[str, ...]


PEOPLE = (
    Person("alex@kontor.example", "Alex Morgenroth", "en", "admin", BOTH),
    Person("hanna@zettelfalke.example", "Hanna Reiherhorster", "de", "admin", ("zettelfalke",)),
    Person("ralf@zettelfalke.example", "Ralf Ottermutz", "de", "read_only", ("zettelfalke",)),
    Person("mette@lyngkassen.example", "Mette Lyngholm", "en", "admin", ("lyngkassen",)),
)


def password(secret_key: str) -> str:
    """The people's password in this installation: nobody elsewhere knows it, and it need not be
    kept, for whoever has the installation's secret works it out again."""
    mixed = hmac.new(secret_key.encode(), b"the people of the demo world", hashlib.sha256)
    text = base64.b32encode(mixed.digest()).decode().lower()
    groups = (text[at : at + GROUP] for at in range(0, PASSWORD_GROUPS * GROUP, GROUP))
    return "-".join(groups)
