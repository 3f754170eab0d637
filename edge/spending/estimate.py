"""What every budget would hold if the legs that are not stored yet lasted a given time each.

An `Outlook` is a list of billed seconds, one for each held leg in the order of the plan. What people are told are its
prices; whatever is decided about budgets is decided on the most that it may come to cost, with the legs that others can
make dearer at their dearest price.
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

    def risks(self, legs: Sequence[HeldLeg], outlook: Outlook, amounts: Sequence[int | None], now: Moment) -> list[int]:
        """VND that each leg may come to cost beyond its price; only those that are exposed are asked about."""
        risks = [0] * len(legs)
        exposed = [at for at, leg in enumerate(legs) if leg.exposed_in]
        if exposed:
            dearest = self._price.dearest([legs[at].lasting(outlook[at], now) for at in exposed])
            for at, most in zip(exposed, dearest, strict=True):
                risks[at] = max(0, (most or 0) - (amounts[at] or 0))
        return risks

    def may_cost(self, leg: HeldLeg, now: Moment) -> bool:
        """False: what it is reserved for is free by its row of the tariff, not for a bundle."""
        return any(self._price.dearest([leg.lasting(leg.reserved_s, now)]))

    def totals(self, legs: Sequence[HeldLeg], outlook: Outlook, now: Moment) -> Totals:
        """What an outlook costs by what is known now."""
        return self.added_up(legs, outlook, self.amounts(legs, outlook, now))

    def most(self, legs: Sequence[HeldLeg], outlook: Outlook, now: Moment) -> Totals:
        """What an outlook may come to cost (`exposed_in` of every leg is up to date)."""
        amounts = self.amounts(legs, outlook, now)
        totals = self.added_up(legs, outlook, amounts)
        for leg, risk_vnd in zip(legs, self.risks(legs, outlook, amounts, now), strict=True):
            for budget in leg.exposed_in if risk_vnd else ():
                vnd, seconds = totals[budget]
                totals[budget] = vnd + risk_vnd, seconds
        return totals

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
        """What is stored and reserved of some budgets, and may come to cost, as was reckoned for the reservations."""
        totals = {budget: self._accounts.used(budget.accounts) for budget in budgets}
        for leg in legs:
            vnd, seconds = leg.reserved_vnd or 0, leg.reserved_s
            for budget in leg.budgets:
                held = totals.get(budget)
                if held is not None:
                    totals[budget] = held[0] + vnd, held[1] + seconds
            for budget in leg.exposed_in if leg.risk_vnd else ():
                held = totals.get(budget)
                if held is not None:
                    totals[budget] = held[0] + leg.risk_vnd, held[1]
        return totals

    def used(self, budget: Budget) -> tuple[int, int]:
        """What is stored of it."""
        return self._accounts.used(budget.accounts)
