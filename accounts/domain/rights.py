"""What each role may do in an account."""

from collections.abc import Mapping
from enum import StrEnum


class Right(StrEnum):
    """One thing a person may do; a page and an act name the right they need."""

    SEE = "see"
    SEE_BOOKS = "see_books"
    SEE_AUDIT = "see_audit"
    CHANGE_CUSTOMERS = "change_customers"
    CHANGE_CATALOG = "change_catalog"
    BILL = "bill"
    MOVE_MONEY = "move_money"
    RELEASE = "release"
    EXPORT = "export"
    CHANGE_SETTINGS = "change_settings"
    DEVELOP = "develop"
    MANAGE_PEOPLE = "manage_people"


_SEEN_BY_ALL = frozenset({Right.SEE, Right.EXPORT})

RIGHTS: Mapping[str, frozenset[Right]] = {
    "admin": frozenset(Right),
    "finance": _SEEN_BY_ALL
    | {Right.SEE_BOOKS, Right.SEE_AUDIT, Right.BILL, Right.MOVE_MONEY, Right.RELEASE},
    "operations": _SEEN_BY_ALL
    | {Right.CHANGE_CUSTOMERS, Right.CHANGE_CATALOG, Right.BILL, Right.RELEASE},
    "developer": _SEEN_BY_ALL | {Right.DEVELOP, Right.SEE_AUDIT},
    "read_only": _SEEN_BY_ALL,
}
"""The one table of roles; what is not in it is refused."""


def rights_of(role: str) -> frozenset[Right]:
    """All that a role may do; an unknown role may do nothing."""
    return RIGHTS.get(role, frozenset())


def may(role: str, right: Right) -> bool:
    """Whether the role holds the right."""
    return right in rights_of(role)
