"""What every budget would hold if the legs that are not stored yet lasted a given time each.

An `Outlook` is a list of billed seconds, one for each held leg in the order of the plan. Whatever is decided about
budgets is decided on the totals of an outlook.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge.spending.accounts import Accounts
from edge.spending.budgets import Budget
from edge.spending.legs import HeldLeg, PriceOracle
from edge.telephony import Moment

Outlook = list[int]
Totals = dict[Budget, tuple[int, int]]
"""(VND, billed seconds), stored spending included."""


class Estimator:
    """Asks the oracle, and adds up. Prices are asked for, never remembered."""

    def __init__(self, price: PriceOracle, accounts: Accounts) -> None:
        self._price = price
        self._accounts = accounts

    def amounts(self, legs: Sequence[HeldLeg], outlook: Outlook, now: Moment) -> list[int | None]:
        """VND of each leg; where there is no price (any more), the last one that was known for it."""
        if not legs:
            return []
        priced = self._price([leg.lasting(billed_s, now) for leg, billed_s in zip(legs, outlook, strict=True)])
        return [leg.amount_vnd if amount is None else amount for leg, amount in zip(legs, priced, strict=True)]

    def totals(self, legs: Sequence[HeldLeg], outlook: Outlook, now: Moment) -> Totals:
        return self.added_up(legs, outlook, self.amounts(legs, outlook, now))

    def added_up(self, legs: Sequence[HeldLeg], outlook: Outlook, amounts: Sequence[int | None]) -> Totals:
        """Each budget's stored spending and that of the legs which count in it."""
        totals: Totals = {}
        for leg, billed_s, amount in zip(legs, outlook, amounts, strict=True):
            for budget in leg.budgets:
                held = totals.get(budget)
                vnd, seconds = self._accounts.used(budget.accounts) if held is None else held
                totals[budget] = vnd + (amount or 0), seconds + billed_s
        return totals

    def of_budgets(self, budgets: Sequence[Budget], legs: Sequence[HeldLeg]) -> Totals:
        """What is stored and reserved of some budgets, at the prices that were reckoned for the reservations."""
        totals = {budget: self._accounts.used(budget.accounts) for budget in budgets}
        for leg in legs:
            for budget in leg.budgets:
                held = totals.get(budget)
                if held is not None:
                    totals[budget] = held[0] + (leg.reserved_vnd or 0), held[1] + leg.reserved_s
        return totals

    def used(self, budget: Budget) -> tuple[int, int]:
        """What is stored of it."""
        return self._accounts.used(budget.accounts)
