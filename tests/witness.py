"""Witnesses of what did and did not happen: an account's rows, refusals, and work done at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pytest
from django.apps import apps
from django.db import connection, connections

from foundation.tenancy import TenantModel, tenant

ALL_ROWS = "SELECT count(*), md5(string_agg(each::text, '|' ORDER BY each.id)) FROM {} AS each"


def rows(account_id):
    """How many rows each table holds of the account, and a digest of all their content."""
    found = {}
    tables = [each._meta.db_table for each in apps.get_models() if issubclass(each, TenantModel)]
    with tenant(account_id), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(ALL_ROWS.format(table) + " WHERE each.account_id = %s", [account_id])
            found[table] = cursor.fetchone()
        cursor.execute(ALL_ROWS.format("accounts_account") + " WHERE each.id = %s", [account_id])
        found["accounts_account"] = cursor.fetchone()
    return found


PAPERS = """
SELECT i.handle, i.state, d.number, d.issued_on, d.due_on, d.service_from, d.service_to,
       d.net_minor, d.tax_minor, d.gross_minor, array(
           SELECT ROW(l.origin_handle, l.quantity, l.net_minor, l.tax_minor, l.gross_minor)::text
           FROM invoicing_documentline AS l WHERE l.document_id = d.id ORDER BY l.position)
FROM invoicing_invoice AS i JOIN invoicing_document AS d ON d.invoice_id = i.id
ORDER BY d.series, d.year, d.sequence
"""


@dataclass(frozen=True)
class Paper:
    """A claim with its document; each line as (origin, quantity, net, tax, gross)."""

    handle: str
    state: str
    number: str
    issued_on: date
    due_on: date
    service_from: date
    service_to: date
    net: int
    tax: int
    gross: int
    lines: list[str]


def papers(account_id):
    """The account's claims in the order of their numbers."""
    with tenant(account_id), connection.cursor() as cursor:
        cursor.execute(PAPERS)
        return [Paper(*row) for row in cursor.fetchall()]


@contextmanager
def nothing_changes(account_id):
    before = rows(account_id)
    yield
    assert rows(account_id) == before


@contextmanager
def refused(account_id, error, code):
    """The block is refused with this code and a whole sentence, and no row has changed."""
    with nothing_changes(account_id), pytest.raises(error) as caught:
        yield caught
    assert caught.value.code == code
    sentence = str(caught.value)
    assert sentence.endswith((".", "…"))
    assert "{" not in sentence


def at_once(*works):
    """Run all on threads with connections of their own, started together; what each returned, or
    the exception that it raised, in order."""
    start = threading.Barrier(len(works))

    def run(work):
        start.wait(10)
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(run, work) for work in works]
    return [each.exception() or each.result() for each in running]
