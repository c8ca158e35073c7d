"""Every check of the torture sees what it is there to see: each fault is made, and told."""

from datetime import UTC, datetime

import psycopg
import pytest

from kernel.clock import wall_now
from tests.torture.blows import Disturbances
from tests.torture.chamber import Chamber
from tests.torture.checks import CHECKS, judge, lay_out

LONG_AGO = datetime(2021, 1, 1, tzinfo=UTC)
UNTRIGGERED = "SET LOCAL session_replication_role = replica"
FAULTS = {
    "every period of every subscription is billed, and once": """
        DELETE FROM subscriptions_billingperiod WHERE id IN (
            SELECT max(id) FROM subscriptions_billingperiod WHERE account_id = %(account)s)""",
    "periods follow one another without a gap": """
        UPDATE subscriptions_billingperiod SET starts_at = starts_at + interval '1 minute'
        WHERE account_id = %(account)s AND index = 1""",
    "every period has a claim of its own, and every claim one document": """
        UPDATE invoicing_document SET invoice_id = (
            SELECT id FROM invoicing_invoice WHERE account_id = %(account)s LIMIT 1)
        WHERE account_id = %(account)s AND sequence = 2""",
    "every claim, document and sum of lines is what was agreed, to the cent": """
        UPDATE invoicing_documentline
        SET gross_minor = gross_minor + 1, tax_minor = tax_minor + 1 WHERE id IN (
            SELECT max(id) FROM invoicing_documentline WHERE account_id = %(account)s)""",
    "numbers have no gap and no double": """
        UPDATE invoicing_document SET sequence = 1000
        WHERE account_id = %(account)s AND sequence = 2""",
    "every journal entry is balanced": """
        UPDATE ledger_journalposting SET amount_minor = amount_minor + 1 WHERE id IN (
            SELECT max(id) FROM ledger_journalposting WHERE account_id = %(account)s)""",
    "every document and every payment is booked once, with its amount": """
        UPDATE ledger_journalentry SET subject_id = id
        WHERE account_id = %(account)s AND reason = 'collected'""",
    "every claim was said to be issued once, and that was handled once": """
        UPDATE foundation_dispatch SET first = last WHERE account_id = %(account)s""",
    "nothing said waits for its hearer, or was given up": """
        UPDATE foundation_dispatch SET state = 'parked' WHERE account_id = %(account)s""",
    "every claim came to one end: paid, declined, or nothing to draw it from": """
        UPDATE invoicing_invoice SET settled_minor = settled_minor - 1
        WHERE account_id = %(account)s AND state = 'settled'""",
    "no attempt is still under way": """
        UPDATE payments_paymentattempt SET state = 'unknown' WHERE account_id = %(account)s""",
    "the acquirer captured nothing twice": """
        UPDATE book SET captures = 2 WHERE captures = 1""",
    "the acquirer's book and our attempts say the same of every payment": """
        UPDATE payments_paymentattempt SET state = 'hard_declined'
        WHERE account_id = %(account)s AND state = 'succeeded'""",
    "captured, succeeded, settled and booked are one sum": """
        UPDATE book SET captured = captured + 1 WHERE captures = 1""",
    "every run is closed with an even sheet over all it billed": """
        UPDATE subscriptions_billingrun SET sheet = sheet || '{"is_even": false}'
        WHERE account_id = %(account)s""",
    "every period belongs to a run": """
        UPDATE subscriptions_billingperiod SET run_id = NULL WHERE account_id = %(account)s""",
    "nothing is parked": """
        INSERT INTO foundation_parked
            (id, account_id, kind, subject_id, code, sentence, parked_at, released_by)
        SELECT id, account_id, 'renewal', id, '', '', now(), ''
        FROM subscriptions_subscription WHERE account_id = %(account)s""",
    "the due list has no line that nobody will clear": """
        INSERT INTO foundation_dueitem (account_id, kind, due_at, own_clock)
        VALUES (%(account)s, 'attempt', '2020-01-01', false)""",
    "the due list forgets no subscription": """
        DELETE FROM foundation_dueitem WHERE account_id = %(account)s AND kind = 'renewal'""",
}


@pytest.fixture(scope="module")
def chamber(database, tmp_path_factory):
    """Two periods of ten subscriptions, billed and collected by one runner whom nobody disturbs."""
    with Chamber(3, database, tmp_path_factory.mktemp("chamber")) as chamber:
        chamber.furnish(10)
        chamber.world.move_on(2)
        chamber.let_run([[]], Disturbances(flush_every=0), "calm")
        yield chamber


def at_fault(chamber, fault=None, *, swept=LONG_AGO):
    with psycopg.connect(chamber.superuser_url) as connection:
        lay_out(connection, chamber.world, chamber.acquirer.charges())
        if fault:
            connection.execute(UNTRIGGERED)
            connection.execute(fault, {"account": chamber.world.account_id})
        found = judge(connection, chamber.world.account_id, swept=swept, log=chamber.log)
        connection.rollback()
    return {each.title for each in found if each.faults}


def test_what_no_fault_was_made_in_passes_every_check(chamber):
    swept = wall_now()
    chamber.let_run([[]], Disturbances(flush_every=0), "sweep")

    assert at_fault(chamber, swept=swept) == set()


@pytest.mark.parametrize("title", CHECKS)
def test_a_fault_is_told_by_the_check_that_is_there_for_it(chamber, title):
    assert title in at_fault(chamber, FAULTS[title])


def test_work_that_failed_and_was_swallowed_is_told(chamber):
    line = '{"event": "work.failed", "code": "UniqueViolation", "level": "error"}\n'
    written = chamber.log.read_text() if chamber.log.exists() else ""
    chamber.log.write_text(written + line)

    found = at_fault(chamber)

    chamber.log.write_text(written)
    assert "no work failed on the way" in found
