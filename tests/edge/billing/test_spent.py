"""What spending control gets at start: this month, and over its start as far as the guard against fraud looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.billing import Biller
from edge.billing.spent import month_spent
from edge.store.ledger import Ledger
from edge.telephony import Moment
from tests.edge.billing.paper_calls import at, call, leg


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """A call on each of some days around the first of December."""
    biller = Biller()
    with Ledger(Path(":memory:"), "box", "boot") as made:
        for number, local in enumerate(
            ("2026-10-31T12:00", "2026-11-01T00:00", "2026-11-28T12:00", "2026-11-30T22:30", "2026-12-01T00:10"), 1
        ):
            cdr = call(number, leg(f"c{number}.1", at(local), 60))
            made.close_cdr(cdr, biller.charges_for(cdr, made), Moment(0.0, cdr.ended))
        yield made


@pytest.mark.parametrize(
    ("local", "items"),
    [
        ("2026-12-01T00:20", ["c4.1", "c5.1"]),
        ("2026-11-30T23:00", ["c2.1", "c3.1", "c4.1", "c5.1"]),
        ("2026-11-01T00:01", ["c1.1", "c2.1", "c3.1", "c4.1", "c5.1"]),
        ("2026-12-20T00:00", ["c5.1"]),
    ],
)
def test_the_month_and_the_two_days_before(ledger: Ledger, local: str, items: list[str]) -> None:
    spent = month_spent(ledger, at(local))
    assert [each.item for each in spent] == items
    assert {(each.calling_extension, each.amount_vnd, each.billed_s) for each in spent} == {("512", 900, 60)}
