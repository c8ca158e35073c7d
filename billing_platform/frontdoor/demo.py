"""The demo world in front of the door: whether it is to be built, and how to get into it."""

from collections.abc import Mapping

import psycopg

from billing_platform.frontdoor.manage import run_django
from billing_platform.frontdoor.say import Trouble, tell
from operations.domain.demo_people import BOTH, PEOPLE, password

WHOLE = (BOTH[0], "sandbox")
"""The account that is opened last: with it the world is whole."""


def build(env: Mapping[str, str], *, months: int) -> None:
    """Build it in an empty database, and go on with one that was interrupted."""
    accounts = _accounts(env)
    if WHOLE in accounts or (accounts and not {each for each, _ in accounts} & set(BOTH)):
        return
    if run_django(env, "demo", "--months", str(months)) != 0:
        raise Trouble(
            "the demo world could not be built; see the lines above. ./kontor up goes on with it, "
            "./kontor up --empty leaves it."
        )


def tell_how_to_log_in(env: Mapping[str, str], url: str) -> None:
    """Where there is a demo world, or a part of one, who may enter it."""
    if not {each for each, _ in _accounts(env)} & set(BOTH):
        return
    tell(f"\nThe demo world: {url}/login, password {password(env['KONTOR_SECRET_KEY'])}")
    for person in PEOPLE:
        tell(f"  {person.email:<28} {person.role} at {' and '.join(person.organisations)}")
    tell(f"Try the API in the empty account {'/'.join(WHOLE)}: {url}/docs/\n")


def _accounts(env: Mapping[str, str]) -> set[tuple[str, str]]:
    """Every account by its two names."""
    with psycopg.connect(env["KONTOR_APP_DATABASE_URL"]) as connection:
        rows = connection.execute("SELECT subdomain, handle FROM accounts_accountroute")
        return {(subdomain, handle) for subdomain, handle in rows}
