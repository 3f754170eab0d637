"""Corrections of closed months: what a later statement owes for them, or gives back. Never silently, never twice.

A closed statement is not touched again. When charges of its month change (rated again) or are added (a record that came
late), the next statement has one line `adjustment.2026-10` per corrected month and hotline:

    amount = what the month's calls, messages, bundles and discount amount to now
             − what was invoiced for them: in the month's own statement and in adjustments since

so that the sum of all statements is always the sum of all current charges and fees. Fees are settled by the closing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.rating.bundles import Period
from edge.rating.instant import Month
from edge.rating.invoice import Line, make_invoice
from edge.rating.statement_items import Item, local_text
from edge.rating.subscriptions import Subscriptions
from edge.rating.tariff import Plan

ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class Corrected:
    """An item of a closed month whose charge is another one than was invoiced."""

    item: Item
    was_invoiced: bool
    """False: it came after the month was closed."""
    before_vnd: int | None
    """None: had no price, or was not invoiced."""

    def to_json(self) -> dict[str, Any]:
        """As it stands in the document."""
        item = self.item
        return {
            "month": str(item.month),
            "item": item.id,
            "kind": item.kind,
            "at": local_text(item.at),
            "hotline": item.hotline,
            "extension": item.extension,
            "number": item.number,
            "before_vnd": self.before_vnd,
            "late": not self.was_invoiced,
            "after_vnd": item.amount_vnd,
            "difference_vnd": (item.amount_vnd or 0) - (self.before_vnd or 0),
            "revision": item.revision,
            "why": item.why(),
        }


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What one corrected month means for one hotline."""

    month: Month
    hotline: str
    amount_vnd: int
    items: int
    """How many items were corrected."""

    def line(self) -> Line:
        """Its line of the statement. Never of 0 VND."""
        about = f"Adjustment of {self.month}, hotline {self.hotline}"
        return Line(f"{ADJUSTMENT}.{self.month}", about, self.items, "item", self.amount_vnd, self.hotline)

    def to_json(self) -> dict[str, Any]:
        return {
            "month": str(self.month),
            "hotline": self.hotline,
            "amount_vnd": self.amount_vnd,
            "items": self.items,
        }


def usage_by_hotline(plan: Plan, month: Month, items: Iterable[Item], periods: Sequence[Period]) -> dict[str, int]:
    """What calls, messages, bundles and discount of a month amount to now, by hotline."""
    rated = [item for item in items if item.charge is not None]
    charges = [item.charge for item in rated if item.charge is not None]
    made = make_invoice(plan, month, Subscriptions(), rated, charges, periods)
    return {} if made is None else _by_hotline(made.lines)


def _by_hotline(lines: Iterable[Line]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for line in lines:
        if line.hotline is not None:
            sums[line.hotline] = sums.get(line.hotline, 0) + line.amount_vnd
    return sums


def invoiced_by_hotline(month: Month, statements: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """What the closed statements (summaries will do) say of the month's usage, adjustments included."""
    sums: dict[str, int] = {}
    for document in statements:
        is_own = document["period"]["month"] == str(month)
        for line in document["lines"]:
            kind, _, about = line["code"].partition(".")
            counts = about == str(month) if kind == ADJUSTMENT else is_own
            if counts and line["hotline"] is not None:
                sums[line["hotline"]] = sums.get(line["hotline"], 0) + line["amount_vnd"]
    return sums


def adjustments(
    month: Month, now: Mapping[str, int], invoiced: Mapping[str, int], corrected: Sequence[Corrected]
) -> list[Adjustment]:
    """One per hotline whose amount is another one than was invoiced."""
    made = []
    for hotline in sorted({*now, *invoiced}):
        amount = now.get(hotline, 0) - invoiced.get(hotline, 0)
        if amount:
            items = sum(one.item.group == hotline and one.item.month == month for one in corrected)
            made.append(Adjustment(month, hotline, amount, items))
    return made
