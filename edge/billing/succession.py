"""May a bundle be bought after another one of its hotline? Asked before settings hold, of all that is stored.

A bundle with `when_spent: renew` begins anew in the second in which its minutes are spent, so nobody knows in advance
when its last 31 days end. If the next bundle of the hotline stood in the settings already, such a renewal would run
into it, and calls would have no price (rating §9.16). Therefore the next bundle is sold only when the first one is over
for good by what is stored: its last period has ended, at an instant that has passed and that does not lie after the
beginning of the next one. A bundle with `when_spent: tiers` ends by the calendar; the contract judges it alone.

Only what changes is judged: two bundles that followed one another before, in months of the same plans, stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge.billing.contract import Contract, Succession
from edge.billing.usage import record_of
from edge.rating.errors import TableError, UsageError
from edge.rating.instant import Instant, to_local_text
from edge.rating.rater import rate_entries
from edge.rating.rows import Entry
from edge.store.ledger import Ledger
from edge.store.usage_rows import FOREVER
from edge.telephony import PhoneNumber


@dataclass(frozen=True, slots=True)
class Doubt:
    """A bundle whose beginning the one before it may still reach."""

    succession: Succession
    ends: Instant
    """When the present, or last, period of the first one is over."""
    is_over: bool
    """Whether that has passed, and nothing comes after it: only the second one begins too early."""
    renews: bool
    """Whether the first one then begins anew by itself."""
    stands: bool = False
    """Whether the two followed one another before: sold by an older version of the box, and warned of."""

    @property
    def place(self) -> str:
        """Where the second one is written: "billing.bundles[1]"."""
        return self.succession.second.place

    @property
    def refusal(self) -> str:
        """Why the second bundle is not sold, and from when on it is."""
        first, second, ends = self.succession.first, self.succession.second.number, to_local_text(self.ends)
        if self.is_over:
            had = f"{self.place}: activated_at: hotline {first.hotline} had bundle {first.number} until {ends}"
            return f"{had}; bundle {second} can begin then at the earliest"
        if self.renews:
            return (
                f"{self._begins_anew}, and by itself on {ends}: end that first ({first.place}.auto_renew_off_at); "
                f"bundle {second} can be entered when the period that runs then is over"
            )
        return (
            f"{self._begins_anew}, so its end is not certain before it has come; bundle {second} can be entered from "
            f"{ends} on, to begin then or later"
        )

    @property
    def warning(self) -> str:
        """What stands in the settings and may come to collide."""
        second = self.succession.second
        return (
            f"{self._begins_anew}: if that reaches bundle {second.number}, which begins on "
            f"{to_local_text(second.activated_at)}, calls will have no price; remove {self.place} and enter it when "
            "the other one is over"
        )

    @property
    def _begins_anew(self) -> str:
        first = self.succession.first
        return (
            f"{self.place}: activated_at: hotline {first.hotline} has bundle {first.number}, which begins anew as soon "
            f"as its minutes are spent ({first.place}.when_spent)"
        )


def doubts(contract: Contract, before: Contract, ledger: Ledger, now: Instant) -> Iterator[Doubt]:
    """Every bundle of `contract` that the one before it may reach; `before` is what holds.

    In the store's thread: the usage of the hotlines concerned is read and priced.
    """
    standing = {before.lineage(each) for each in before.successions()}
    for succession in contract.successions():
        stands = contract.lineage(succession) in standing
        asked = is_open(succession, now) if stands else succession.first.renew_when_spent
        doubt = _doubt(contract, succession, ledger, now, stands=stands) if asked else None
        if doubt is not None:
            yield doubt


def collisions(contract: Contract, ledger: Ledger) -> list[str]:
    """Bundles that run into one another by what is stored, one sentence for each hotline. In the store's thread.

    Other tables may make it so: a number that was ported elsewhere draws from another bundle than before.
    """
    found = []
    for plan, hotline in dict.fromkeys((each.plan, each.first.hotline) for each in contract.successions()):
        bought = [entry for entry in contract.bundles(plan) if entry.hotline == hotline]
        if any(entry.renew_when_spent for entry in bought):
            since = min(entry.activated_at for entry in bought).second
            try:
                rate_entries(entries_of(contract, plan, hotline, ledger, since), contract.finder(plan), bought)
            except TableError as error:
                found.append(error.problems[0])
    return found


def is_open(succession: Succession, now: Instant) -> bool:
    """Whether its second bundle is still to begin, after one that may begin anew at any time."""
    return succession.first.renew_when_spent and succession.second.activated_at > now


def _doubt(contract: Contract, succession: Succession, ledger: Ledger, now: Instant, *, stands: bool) -> Doubt | None:
    plan, first = succession.plan, succession.first
    entries = entries_of(contract, plan, first.hotline, ledger, first.activated_at.second)
    try:
        ends = rate_entries(entries, contract.finder(plan), [first], now).periods[-1].end
    except TableError:
        return None  # the plan does not sell it: a problem of the contract
    if ends <= min(now, succession.second.activated_at):
        return None
    is_over = ends <= now  # a period that has ended by now without another one after it was the last
    renews = first.auto_renew and (first.auto_renew_off_at is None or ends <= first.auto_renew_off_at)
    return Doubt(succession, ends, is_over, renews and not is_over, stands)


def entries_of(contract: Contract, plan: str, hotline: str, ledger: Ledger, since: float) -> list[Entry]:
    """What a hotline used under a plan from `since` (POSIX seconds) on, as far as a rater takes it."""
    finder = contract.finder(plan)
    entries = []
    for item, _ in ledger.usage(PhoneNumber(hotline), since, FOREVER):
        try:
            entry = finder.entry(record_of(item))
        except UsageError:
            continue
        if entry.month is not None and contract.plan_of(entry.month) == plan:
            entries.append(entry)
    return entries
