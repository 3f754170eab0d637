"""What the running account must not get wrong and no other test would notice: found by putting mistakes into it."""

from edge.rating.month import Book
from edge.rating.rater import rate_entries
from edge.rating.usage import parse_usage

CAP_S = 1_200_000


def day(number: int) -> str:
    return f"2026-11-{number:02}T09:00:00+07:00"


def amounts(charges) -> dict:
    return {charge.id: charge.amount_vnd for charge in charges}


def test_a_call_that_ends_on_the_cap_counts_for_the_next_one(leg, finder):
    """Stepped over, not priced: the account must see that the call had a price up to its last second."""
    rows = finder()
    book = Book(rows)
    full = parse_usage(leg("full", to="004915112345678", s=CAP_S, answered_at=day(2)))
    late = parse_usage(leg("next", to="004915112345678", s=60, answered_at=day(3)))
    assert amounts(book.add(full)) == {"full": 18_000_000}
    assert amounts(book.add(late)) == {"next": None}
    assert list(book.charges().values()) == rate_entries([rows.entry(full), rows.entry(late)], rows).charges
