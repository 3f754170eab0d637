"""Can the company be charged by what it says that it has bought? Each problem as path, rule and sentence.

Whether a plan is known and sells a bundle is the tables' business, which a company imports: the desk asks them. Here
stands what is wrong whatever the tables are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise

from edge.dialplan.billing import Billing, BundlePurchase
from edge.dialplan.numbers import normalise

LONGEST_CUSTOMER = 300
WHEN_SPENT = ("renew", "tiers")
MOST_SUBSCRIBED = 1_000_000
_MONTH = re.compile(r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)

Found = tuple[str, str, str]
"""Path in the document, stable name of the rule, sentence."""


def billing_problems(billing: Billing) -> Iterator[Found]:
    """Every problem, in document order."""
    yield from _plans(billing)
    for index, bought in enumerate(billing.bundles):
        yield from _bundle(f"billing.bundles[{index}]", bought)
    for name, count in asdict(billing.subscribed).items():
        if not 0 <= count <= MOST_SUBSCRIBED:
            yield f"billing.subscribed.{name}", "range", f"{count} is outside 0 to {MOST_SUBSCRIBED}"
    if len(billing.customer) > LONGEST_CUSTOMER:
        text = f"name and address of the customer are at most {LONGEST_CUSTOMER} characters"
        yield "billing.customer", "name", text
    if billing.cancelled_at is not None:
        yield from _instant("billing.cancelled_at", billing.cancelled_at)


def _plans(billing: Billing) -> Iterator[Found]:
    if not billing.plans:
        yield "billing.plans", "plans", "a company needs a plan to be charged by"
        return
    for index, choice in enumerate(billing.plans):
        if not _MONTH.fullmatch(choice.first_month):
            yield f"billing.plans[{index}].first_month", "month", f'"{choice.first_month}" is no month such as 2026-11'
    for index, (earlier, later) in enumerate(pairwise(billing.plans), start=1):
        if later.first_month <= earlier.first_month:
            text = f"{later.first_month} does not follow {earlier.first_month}: a month is charged by one plan"
            yield f"billing.plans[{index}].first_month", "order", text


def _bundle(path: str, bought: BundlePurchase) -> Iterator[Found]:
    if normalise(bought.hotline) != bought.hotline:
        yield f"{path}.hotline", "number", f'"{bought.hotline}" is no number written like +84901234567'
    yield from _instant(f"{path}.activated_at", bought.activated_at)
    if bought.when_spent not in WHEN_SPENT:
        yield f"{path}.when_spent", "when-spent", f'"{bought.when_spent}" is neither renew nor tiers'
    if bought.auto_renew_off_at is not None:
        yield from _instant(f"{path}.auto_renew_off_at", bought.auto_renew_off_at)


def _instant(path: str, text: str) -> Iterator[Found]:
    try:
        zoned = datetime.fromisoformat(text).tzinfo is not None and "T" in text.upper()
    except ValueError:
        zoned = False
    if not zoned:
        yield path, "instant", f'"{text}" is no instant with zone such as 2026-11-01T00:00:00+07:00'
