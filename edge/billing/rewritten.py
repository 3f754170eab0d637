"""From which month on do other bundles, or another plan, rewrite what is stored? Told to whoever changes them.

A purchase that is changed, removed or entered afterwards prices calls that are stored already: they keep their charges
until `tongdai rerate`.
"""

from __future__ import annotations

from dataclasses import replace

from edge.billing.contract import Contract
from edge.billing.succession import entries_of
from edge.billing.usage import month_after, month_begins, month_of_instant
from edge.rating.bundles import BundleEntry
from edge.rating.charge import Charge
from edge.rating.errors import TableError
from edge.rating.instant import Instant, Month, local_month
from edge.rating.rater import rate_entries
from edge.rating.rows import Entry
from edge.store.ledger import Ledger

_OLDEST = month_begins(Month(2019, 1))
"""What has an earlier stamp was stored without a clock, and awaits the right one."""


def first_rewritten(before: Contract, after: Contract, ledger: Ledger, now: Instant) -> Month | None:
    """The first month with a stored call that costs otherwise under the bundles of `after`; None: no call does.

    In the store's thread: the usage of the hotlines whose bundles differ is read and priced twice.
    """
    months = [
        month
        for plan, hotline in sorted(_touched(before, after, now))
        if (month := _of_hotline(before, after, plan, hotline, ledger)) is not None
    ]
    return min(months, default=None)


def first_replanned(before: Contract, after: Contract, ledger: Ledger) -> Month | None:
    """The first month with stored calls that another plan charges under `after`; None: there is none.

    In the store's thread.
    """
    if before.billing.plans == after.billing.plans:
        return None
    found = ledger.first_used(_OLDEST)
    while found is not None:
        month = month_of_instant(found)
        if before.plan_of(month) != after.plan_of(month):
            return month
        found = ledger.first_used(month_begins(month_after(month)))
    return None


def _touched(before: Contract, after: Contract, now: Instant) -> set[tuple[str, str]]:
    """Plans and hotlines with a purchase, begun by now, that is not in both."""
    bought = [
        {(plan, replace(entry, place="")) for plan in each.tables.plans for entry in each.bundles(plan)}
        for each in (before, after)
    ]
    return {(plan, entry.hotline) for plan, entry in bought[0] ^ bought[1] if entry.activated_at <= now}


def _of_hotline(before: Contract, after: Contract, plan: str, hotline: str, ledger: Ledger) -> Month | None:
    old, new = ([entry for entry in each.bundles(plan) if entry.hotline == hotline] for each in (before, after))
    first = local_month(min(entry.activated_at for entry in (*old, *new)))
    entries = entries_of(after, plan, hotline, ledger, month_begins(first))
    charged = zip(entries, _charges(before, plan, entries, old), _charges(after, plan, entries, new), strict=True)
    changed = [entry.month for entry, was, will_be in charged if was != will_be and entry.month is not None]
    return min(changed, default=None)


def _charges(contract: Contract, plan: str, entries: list[Entry], bought: list[BundleEntry]) -> list[Charge | None]:
    """None throughout where bundles collide."""
    try:
        return [*rate_entries(entries, contract.finder(plan), bought).charges]
    except TableError:
        return [None] * len(entries)
