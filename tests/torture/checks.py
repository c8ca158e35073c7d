"""What must hold after any torture: each check is a query for the rows at fault.

They are asked by a superuser past every wall, know nothing of the application's code, and hold
its tables against each other, against the agreed prices and against the acquirer's own book.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from tests.torture.world import World

Connection = psycopg.Connection[tuple[Any, ...]]
NAMED_MAX = 20
EXPECTED = re.compile(r'"event": "(callback\.not_recorded|Service Unavailable: /callbacks/)')
BOOK = ("key", "state", "amount_minor", "currency", "captures", "captured_minor")

SETTING_UP = """
CREATE TEMP TABLE agreed (handle text PRIMARY KEY, periods int NOT NULL, gross bigint NOT NULL);
CREATE TEMP TABLE book (
    key uuid PRIMARY KEY, state text NOT NULL, amount bigint NOT NULL, currency text NOT NULL,
    captures int NOT NULL, captured bigint NOT NULL);
"""

CHECKS: dict[str, str] = {
    "every period of every subscription is billed, and once": """
        SELECT a.handle, a.periods, s.period_count,
               array_agg(p.index ORDER BY p.index) FILTER (WHERE p.id IS NOT NULL) AS billed
        FROM agreed AS a
        LEFT JOIN subscriptions_subscription AS s
               ON s.account_id = %(account)s AND s.handle = a.handle
        LEFT JOIN subscriptions_billingperiod AS p
               ON p.account_id = s.account_id AND p.subscription_id = s.id
        GROUP BY a.handle, a.periods, s.period_count
        HAVING s.period_count IS DISTINCT FROM a.periods
            OR array_agg(p.index ORDER BY p.index) FILTER (WHERE p.id IS NOT NULL)
               IS DISTINCT FROM ARRAY(SELECT generate_series(0, a.periods - 1))""",
    "periods follow one another without a gap": """
        SELECT * FROM (
            SELECT subscription_id, index, starts_at,
                   lag(ends_at) OVER (PARTITION BY subscription_id ORDER BY index, id) AS ended_at
            FROM subscriptions_billingperiod WHERE account_id = %(account)s) AS period
        WHERE starts_at <> ended_at""",
    "every period has a claim of its own, and every claim one document": """
        SELECT coalesce(p.invoice_id, i.id) AS claim, count(DISTINCT p.id) AS periods,
               count(DISTINCT d.id) AS documents
        FROM (SELECT * FROM subscriptions_billingperiod WHERE account_id = %(account)s) AS p
        FULL JOIN (SELECT * FROM invoicing_invoice WHERE account_id = %(account)s) AS i
               ON i.id = p.invoice_id
        LEFT JOIN invoicing_document AS d ON d.account_id = %(account)s AND d.invoice_id = i.id
        GROUP BY coalesce(p.invoice_id, i.id), i.id
        HAVING i.id IS NULL OR count(DISTINCT p.id) <> 1 OR count(DISTINCT d.id) <> 1""",
    "every claim, document and sum of lines is what was agreed, to the cent": """
        SELECT i.handle, a.gross AS agreed, i.gross_minor AS claim, d.gross_minor AS document,
               sum(l.gross_minor) AS lines, sum(l.net_minor) AS net, sum(l.tax_minor) AS tax
        FROM invoicing_invoice AS i
        JOIN subscriptions_subscription AS s
          ON s.account_id = i.account_id AND s.id = i.subscription_id
        LEFT JOIN agreed AS a ON a.handle = s.handle
        LEFT JOIN invoicing_document AS d ON d.account_id = i.account_id AND d.invoice_id = i.id
        LEFT JOIN invoicing_documentline AS l
               ON l.account_id = d.account_id AND l.document_id = d.id
        WHERE i.account_id = %(account)s
        GROUP BY i.id, i.handle, i.gross_minor, a.gross, d.id, d.gross_minor, d.net_minor,
                 d.tax_minor
        HAVING (i.gross_minor, d.gross_minor, sum(l.gross_minor), sum(l.net_minor),
                sum(l.tax_minor))
               IS DISTINCT FROM (a.gross, a.gross, a.gross::numeric, d.net_minor::numeric,
                                 d.tax_minor::numeric)""",
    "numbers have no gap and no double": """
        SELECT d.series, d.year, count(*) AS documents, count(DISTINCT d.sequence) AS numbers,
               min(d.sequence) AS lowest, max(d.sequence) AS highest, c.next_number
        FROM invoicing_document AS d
        LEFT JOIN foundation_numbercounter AS c
               ON c.account_id = d.account_id AND c.series = d.series AND c.year = d.year
        WHERE d.account_id = %(account)s
        GROUP BY d.series, d.year, c.next_number
        HAVING min(d.sequence) <> 1 OR max(d.sequence) <> count(*)
            OR count(DISTINCT d.sequence) <> count(*) OR count(DISTINCT d.number) <> count(*)
            OR c.next_number IS DISTINCT FROM count(*) + 1""",
    "every journal entry is balanced": """
        SELECT entry_id, currency, sum(amount_minor) FROM ledger_journalposting
        WHERE account_id = %(account)s GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0""",
    "every document and every payment is booked once, with its amount": """
        SELECT coalesce(wanted.subject_id, entry.subject_id) AS subject, wanted.amount,
               entry.amount AS booked, entry.entries
        FROM (
            SELECT id AS subject_id, 'issued' AS reason, gross_minor AS amount
            FROM invoicing_document WHERE account_id = %(account)s AND gross_minor > 0
            UNION ALL
            SELECT id, 'collected', -amount_minor FROM payments_paymentattempt
            WHERE account_id = %(account)s AND state = 'succeeded') AS wanted
        FULL JOIN (
            SELECT e.subject_id, e.reason, count(DISTINCT e.id) AS entries,
                   sum(p.amount_minor) FILTER (WHERE p.ledger_account = 'receivable') AS amount
            FROM ledger_journalentry AS e
            LEFT JOIN ledger_journalposting AS p
                   ON p.account_id = e.account_id AND p.entry_id = e.id
            WHERE e.account_id = %(account)s GROUP BY e.subject_id, e.reason) AS entry
          ON entry.subject_id = wanted.subject_id AND entry.reason = wanted.reason
        WHERE entry.entries IS DISTINCT FROM 1
           OR entry.amount IS DISTINCT FROM wanted.amount::numeric""",
    "every claim was said to be issued once, and that was handled once": """
        SELECT i.handle, count(DISTINCT e.id) AS said, count(DISTINCT d.id) AS handled
        FROM invoicing_invoice AS i
        LEFT JOIN foundation_outboxevent AS e
               ON e.account_id = i.account_id AND e.kind = 'invoice.issued'
              AND (e.payload ->> 'invoice_id')::uuid = i.id
        LEFT JOIN foundation_dispatch AS d
               ON d.account_id = e.account_id AND d.batch_id = e.batch_id AND d.state = 'done'
              AND e.position BETWEEN d.first AND d.last
              AND d.handler = 'payments.handlers.on_invoices_issued'
        WHERE i.account_id = %(account)s
        GROUP BY i.id, i.handle
        HAVING count(DISTINCT e.id) <> 1 OR count(DISTINCT d.id) <> 1""",
    "nothing said waits for its hearer, or was given up": """
        SELECT id, handler, state, failures, reason FROM foundation_dispatch
        WHERE account_id = %(account)s AND (state <> 'done' OR failures > 0)""",
    "every claim came to one end: paid, declined, or nothing to draw it from": """
        SELECT i.handle, i.state, i.settled_minor, i.gross_minor, a.paid, a.declined, f.unpayable
        FROM invoicing_invoice AS i
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE state = 'succeeded') AS paid,
                   count(*) FILTER (WHERE state IN ('soft_declined', 'hard_declined')) AS declined,
                   count(*) FILTER (WHERE amount_minor <> i.gross_minor) AS odd
            FROM payments_paymentattempt
            WHERE account_id = i.account_id AND invoice_id = i.id) AS a
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE payload ->> 'attempt_id' IS NULL) AS unpayable
            FROM foundation_outboxevent
            WHERE account_id = i.account_id AND kind = 'collection.failed'
              AND (payload ->> 'invoice_id')::uuid = i.id) AS f
        WHERE i.account_id = %(account)s
          AND (a.paid + a.declined + f.unpayable <> 1 OR a.odd > 0
               OR (i.state, i.settled_minor) IS DISTINCT FROM
                  CASE a.paid WHEN 1 THEN ('settled'::varchar, i.gross_minor)
                  ELSE ('pending'::varchar, 0::bigint) END)""",
    "no attempt is still under way": """
        SELECT id, state, lease_until, next_look_at FROM payments_paymentattempt
        WHERE account_id = %(account)s
          AND (state IN ('requested', 'in_flight', 'unknown') OR lease_until IS NOT NULL
               OR next_look_at IS NOT NULL OR ended_at IS NULL)""",
    "the acquirer captured nothing twice": """
        SELECT key, captures, captured FROM book WHERE captures > 1""",
    "the acquirer's book and our attempts say the same of every payment": """
        SELECT coalesce(a.id, b.key) AS attempt, a.state, b.state AS in_book, a.amount_minor,
               b.amount, b.captured
        FROM (SELECT * FROM payments_paymentattempt WHERE account_id = %(account)s) AS a
        FULL JOIN book AS b ON b.key = a.id
        WHERE (a.state, a.amount_minor, a.currency) IS DISTINCT FROM (b.state, b.amount, b.currency)
           OR b.captured <> CASE a.state WHEN 'succeeded' THEN a.amount_minor ELSE 0 END""",
    "captured, succeeded, settled and booked are one sum": """
        SELECT * FROM (SELECT
            (SELECT coalesce(sum(captured), 0) FROM book) AS captured,
            (SELECT coalesce(sum(amount_minor), 0) FROM payments_paymentattempt
             WHERE account_id = %(account)s AND state = 'succeeded') AS succeeded,
            (SELECT coalesce(sum(settled_minor), 0) FROM invoicing_invoice
             WHERE account_id = %(account)s) AS settled,
            (SELECT coalesce(sum(amount_minor), 0) FROM ledger_journalposting
             WHERE account_id = %(account)s AND ledger_account = 'acquirer') AS booked) AS sums
        WHERE captured <> succeeded OR captured <> settled OR captured <> booked""",
    "every run is closed with an even sheet over all it billed": """
        SELECT r.id, r.state, r.pause_reason, r.sheet, count(p.id) AS periods
        FROM subscriptions_billingrun AS r
        LEFT JOIN subscriptions_billingperiod AS p ON p.account_id = r.account_id
             AND p.run_id = r.id
        WHERE r.account_id = %(account)s
        GROUP BY r.account_id, r.id, r.state, r.pause_reason, r.sheet
        HAVING r.state <> 'closed' OR (r.sheet ->> 'is_even') IS DISTINCT FROM 'true'
            OR (r.sheet #>> '{currencies,EUR,claims}')::int IS DISTINCT FROM count(p.id)""",
    "every period belongs to a run": """
        SELECT subscription_id, index FROM subscriptions_billingperiod
        WHERE account_id = %(account)s AND run_id IS NULL""",
    "nothing is parked": """
        SELECT kind, subject_id, code, sentence FROM foundation_parked
        WHERE account_id = %(account)s""",
    "the due list has no line that nobody will clear": """
        SELECT item.id, item.kind, item.due_at FROM foundation_dueitem AS item
        JOIN accounts_account AS a ON a.id = item.account_id
        WHERE item.account_id = %(account)s
          AND item.due_at <= CASE WHEN item.own_clock THEN a.clock_at ELSE %(swept)s END""",
    "the due list forgets no subscription": """
        SELECT s.handle, s.due_at FROM subscriptions_subscription AS s
        WHERE s.account_id = %(account)s AND s.due_at < (
            SELECT coalesce(min(due_at), 'infinity') FROM foundation_dueitem
            WHERE account_id = s.account_id AND kind = 'renewal')""",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check and the rows it found at fault; without any it holds."""

    title: str
    faults: Sequence[str]


def lay_out(connection: Connection, world: World, charges: Mapping[str, Mapping[str, Any]]) -> None:
    """What was agreed and what the acquirer's book says, as tables beside the application's."""
    connection.execute(SETTING_UP)
    with connection.cursor().copy("COPY agreed FROM STDIN") as copy:
        for handle, gross in world.gross.items():
            copy.write_row((handle, world.periods, gross))
    with connection.cursor().copy("COPY book FROM STDIN") as copy:
        for each in charges.values():
            copy.write_row([each[name] for name in BOOK])
    connection.execute("ANALYZE")


def judge(connection: Connection, account_id: UUID, *, swept: datetime, log: Path) -> list[Verdict]:
    """All verdicts. `swept` is the wall time at which the last calm sweep began."""
    asked = {"account": account_id, "swept": swept}
    verdicts = [_ask(connection, title, query, asked) for title, query in CHECKS.items()]
    return [*verdicts, Verdict("no work failed on the way", _failures(log))]


def _ask(
    connection: Connection,
    title: str,
    query: str,
    asked: Mapping[str, object],
) -> Verdict:
    cursor = connection.execute(query, asked)
    names = [column.name for column in cursor.description or ()]
    rows = cursor.fetchmany(NAMED_MAX)
    return Verdict(
        title,
        [
            ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))
            for row in rows
        ],
    )


def _failures(log: Path) -> list[str]:
    """What the processes logged as an error, but for a database that was not there when the
    acquirer reported: it is told so, and reports again."""
    if not log.exists():
        return []
    lines = log.read_text(errors="replace").splitlines()
    return [each for each in lines if _is_error(each) and not EXPECTED.search(each)][:NAMED_MAX]


def _is_error(line: str) -> bool:
    return '"level": "error"' in line or line.startswith("Traceback")
