"""Can the company be charged by what it says that it has bought? Each problem as path, rule and sentence.

Whether a plan is known and sells a bundle is the tables' business, which a company imports: the desk asks them. Here
stands what is wrong whatever the tables are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import pairwise

from edge.dialplan.billing import Billing, BundlePurchase
from edge.dialplan.numbers import normalise
from edge.rating.instant import parse_instant, to_local_text

LONGEST_CUSTOMER = 300
WHEN_SPENT = ("renew", "tiers")
MOST_SUBSCRIBED = 1_000_000
_PLAIN = re.compile(r"[^tz]*T\d\d:\d\d:[0-5][^tz]*", re.ASCII)
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


def plainly_dated(billing: Billing) -> Billing:
    """The same with every instant written as everybody reads it: RFC 3339 allows small letters and leap seconds."""
    bundles = tuple(
        replace(
            bought,
            activated_at=_plain(bought.activated_at),
            auto_renew_off_at=bought.auto_renew_off_at and _plain(bought.auto_renew_off_at),
        )
        for bought in billing.bundles
    )
    return replace(billing, bundles=bundles, cancelled_at=billing.cancelled_at and _plain(billing.cancelled_at))


def _plain(text: str) -> str:
    """What is no instant stays for `billing_problems`."""
    if _PLAIN.fullmatch(text):
        return text
    try:
        return to_local_text(parse_instant(text))
    except ValueError:
        return text


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
    """Exactly what the rater takes: RFC 3339."""
    try:
        parse_instant(text)
    except ValueError:
        yield path, "instant", f'"{text}" is no instant with zone such as 2026-11-01T00:00:00+07:00'
