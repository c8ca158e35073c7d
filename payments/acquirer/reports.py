"""What the book says of itself: the acquirer's own truth, for reconciling and for tests."""

from payments.acquirer.book import Book

PAGE = 1000


def summary(book: Book) -> dict[str, object]:
    """Amounts are whole minor units by currency; `doubled` lists keys captured more than once."""
    one = book.db.execute(
        "select (select count(*) from charges), (select count(*) from captures),"
        " (select count(*) from dropped), (select count(*) from tokens),"
        " (select count(*) from callbacks where delivered_at is not null),"
        " (select count(*) from callbacks where due_at is not null),"
        " (select count(*) from callbacks where due_at is null and delivered_at is null)"
    ).fetchone()
    names = ("charges", "captures", "dropped", "tokens")
    doubled = book.db.execute("select key from captures group by key having count(*) > 1")
    return {
        **dict(zip(names, one[:4], strict=True)),
        "callbacks": dict(zip(("delivered", "waiting", "given_up"), one[4:], strict=True)),
        "states": dict(book.db.execute("select state, count(*) from charges group by state")),
        "captured": _by_currency(book, CAPTURED),
        "refunded": _by_currency(book, REFUNDED),
        "doubled": [key for (key,) in doubled],
    }


# summed in two halves: SQLite's own sum stops at the 64th bit
CAPTURED = (
    "select currency, sum(amount_minor / 1000000), sum(amount_minor % 1000000)"
    " from captures group by currency"
)
REFUNDED = (
    "select currency, sum(amount_minor / 1000000), sum(amount_minor % 1000000)"
    " from refunds where state = 'succeeded' group by currency"
)


def _by_currency(book: Book, query: str) -> dict[str, int]:
    return {
        currency: millions * 1_000_000 + rest for currency, millions, rest in book.db.execute(query)
    }


def charges_after(book: Book, seq: int) -> dict[str, object]:
    """One page in booking order; ask again with `next` until it is null."""
    rows = book.db.execute(
        "select c.seq, c.key, c.reference, c.state, c.error, c.amount_minor, c.currency,"
        " c.gateway_reference, count(k.id), coalesce(sum(k.amount_minor), 0)"
        " from charges c left join captures k on k.key = c.key"
        " where c.seq in (select seq from charges where seq > ? order by seq limit ?)"
        " group by c.seq order by c.seq",
        (seq, PAGE),
    ).fetchall()
    names = (
        *("seq", "key", "reference", "state", "error", "amount_minor", "currency"),
        *("gateway_reference", "captures", "captured_minor"),
    )
    return {
        "charges": [dict(zip(names, row, strict=True)) for row in rows],
        "next": rows[-1][0] if len(rows) == PAGE else None,
    }
