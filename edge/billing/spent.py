"""Stored charges as spending control wants them: what legs and messages of this month, and of the last two days, have
cost, in their newest revision. In the store's thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.json import Decoder

from edge.billing.usage import month_begins, month_of_instant
from edge.spending.spent import Spent, spent_of
from edge.store.ledger import Ledger
from edge.store.usage_rows import SentMessage, Used

Charge = Mapping[str, Any]
"""An object of rating.md §8."""


class _Cost(Struct):
    """What is looked at of a stored charge; a month of them is read at every start."""

    amount_vnd: int | None
    billed_s: int


_COST = Decoder(_Cost)
REACH_BACK_S = 2 * 86_400
"""So far the guard against fraud looks over the start of a month: to the last hour and to the whole of a night, with
calls that began long before."""


def month_spent(ledger: Ledger, at: float) -> list[Spent]:
    """Everything stored of the local month of `at` (POSIX seconds), and of the two days before `at`."""
    rows = ledger.used_since(min(month_begins(month_of_instant(at)), at - REACH_BACK_S))
    costs = ((item, _COST.decode(charge)) for item, charge in rows)
    return [spent for item, cost in costs if (spent := _spent(item, cost.amount_vnd, cost.billed_s)) is not None]


def charged(ledger: Ledger, charges: Sequence[Charge]) -> list[Spent]:
    """What these charges are about, as it stands now: of a call that ended, and of others that changed by it."""
    found = [(ledger.used(charge["id"]), charge["amount_vnd"], int(charge["billed_s"])) for charge in charges]
    return [spent for item, *cost in found if item is not None and (spent := _spent(item, *cost)) is not None]


def _spent(item: Used, amount_vnd: int | None, billed_s: int) -> Spent | None:
    if not isinstance(item, SentMessage):
        return spent_of(item, billed_s, amount_vnd)
    return Spent(
        item=item.message,
        hotline=item.hotline,
        calling_extension=None,
        called_extension=item.extension,
        answered_at=item.at,
        billed_s=0,
        amount_vnd=amount_vnd,
        outgoing=True,
    )
