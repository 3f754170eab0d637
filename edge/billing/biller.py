"""Ended calls and sent messages → charges: the stored usage in the rater's running books (architecture §2.5).

A book is filled from the ledger when it is first needed; from then on a record put into it gives its charge and every
other one that changes. There is one book for each plan, hotline and month, or for plan and hotline where bundles run
across months. What cannot be rated is a charge too: unrated, with the reason, never 0.

**When tables or settings change**, what is stored stays as it is until `tongdai rerate`. The books are made anew by the
tables of today; a stored charge that differs from its book is *pending*. A late record revises the others as ever, but
never a pending one: half a correction would be told as if it were the whole. So every stored charge is either by the
tables of today, among all that is stored, or exactly as it stood when they changed. Which is which follows from the
store alone, so that a restart changes nothing.

**Threads.** Records are put in by the store's thread; legs in progress are priced in the loop (running cost, spending
control). One lock guards every look into a book: that takes microseconds to a few milliseconds, so the loop may wait
for it. Reading the ledger and filling a new book takes up to seconds and is done outside it, on a book that nobody sees
yet. Only the store's thread changes what stands on the shelves.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from edge.billing.contract import Contract
from edge.billing.shelf import Key, Shelf, fill, key_of
from edge.billing.tables import RateTables
from edge.billing.usage import UNRATED_RULE, hotline_of, month_begins, month_of, month_of_instant, name_of, record_of
from edge.dialplan.billing import Billing
from edge.rating.charge import Charge, Status
from edge.rating.errors import RatingError, UsageError
from edge.rating.explain import explain
from edge.rating.instant import Instant, Month, local_month
from edge.rating.month import Book
from edge.rating.rater import rate_entries
from edge.rating.usage import UsageRecord
from edge.store.ledger import Ledger
from edge.store.usage_rows import SentMessage, Used, UsedLeg
from edge.telephony import Cdr, CdrLeg, Direction, PhoneNumber

log = logging.getLogger("tongdai.billing")

NO_SIM_NUMBER = "the number of the SIM is not known: set it in tongdai.toml"


@dataclass(frozen=True, slots=True)
class Pending:
    """Stored charges of a month that are as they were before tables or settings changed."""

    month: str
    charges: int


class Biller:
    """One per core. Methods that take a ledger belong to the store's thread; all others to any."""

    def __init__(self, tables: RateTables | None = None, billing: Billing | None = None) -> None:
        self._contract = Contract(tables or RateTables(), billing or Billing())
        self._shelves: dict[Key, Shelf] = {}
        self._empty: dict[str, Shelf] = {}
        """By plan: that of a hotline that has not been used yet."""
        self._lock = threading.Lock()
        self._pending: tuple[Pending, ...] = ()

    @property
    def contract(self) -> Contract:
        """What it rates by now."""
        return self._contract

    @property
    def pending(self) -> tuple[Pending, ...]:
        """What `tongdai rerate` would change, as far as the books in use know; months rising."""
        return self._pending

    # --- what it rates by -----------------------------------------------------------------------------------------

    def use(self, ledger: Ledger, at: float, tables: RateTables | None = None, billing: Billing | None = None) -> None:
        """Rates by these from the next record on; None: as before. `at`: POSIX seconds, now."""
        before = self._contract
        if tables is not None or (billing is not None and billing != before.billing):
            self._replace(Contract(tables or before.tables, billing or before.billing), ledger, at)

    def reload(self, ledger: Ledger, at: float) -> None:
        """Fills the books of the current month (and of bundles) from what is stored now; others follow when needed."""
        self._replace(self._contract, ledger, at)

    def _replace(self, contract: Contract, ledger: Ledger, at: float) -> None:
        for problem in (*contract.tables.problems.values(), *contract.problems):
            log.error("billing: %s", problem)
        month = local_month(Instant(int(at), ""))
        shelves: dict[Key, Shelf] = {}
        used = ledger.hotlines_since(month_begins(month))
        for hotline in {*used, *contract.bundled_hotlines(contract.plan_of(month))}:
            key = key_of(contract, hotline, month)
            try:
                shelves[key] = fill(contract, key, month, ledger)
            except (KeyError, RatingError) as error:
                log.error("the calls of %s in %s cannot be rated: %s", hotline, month, error)
        with self._lock:
            self._contract, self._shelves, self._empty = contract, shelves, {}
        self._count_pending()

    def _count_pending(self) -> None:
        found = Counter(str(month) for shelf in self._shelves.values() for month in shelf.pending.values())
        self._pending = tuple(Pending(month, charges) for month, charges in sorted(found.items()))

    # --- what has been used ---------------------------------------------------------------------------------------

    def charges_for(self, cdr: Cdr, ledger: Ledger) -> list[dict[str, Any]]:
        """Charges that the end of this call brings about: of its own legs, and of others answered after them."""
        changed: dict[str, dict[str, Any]] = {}
        for leg in cdr.legs:
            for charge in self._charges(UsedLeg.of(leg, cdr.caller), ledger):
                changed[charge["id"]] = charge
        return list(changed.values())

    def charges_for_message(self, message: SentMessage, ledger: Ledger) -> list[dict[str, Any]]:
        """The same of a message that was sent."""
        return self._charges(message, ledger)

    def _charges(self, item: Used, ledger: Ledger) -> list[dict[str, Any]]:
        plan = self._contract.plan_of(month_of(item))
        try:
            return [charge_row(charge) for charge in self._changed(item, plan, ledger)]
        except _Unratable as error:
            return [charge_row(own_charge(item, plan), str(error))]
        except UsageError as error:
            return [charge_row(own_charge(item, plan), f"{error.field}: {error.message}")]
        except RatingError as error:
            return [charge_row(own_charge(item, plan), str(error))]
        except Exception:
            # A fault of ours must not cost the row: the call is kept and reported, its price is owed and said to be.
            log.exception("%s could not be rated", name_of(item))
            return [charge_row(own_charge(item, plan), "the rater failed; the log of the box says where")]

    def _changed(self, item: Used, plan: str, ledger: Ledger) -> list[Charge]:
        """Raises RatingError, `_Unratable`."""
        if plan not in self._contract.tables.plans:
            raise _Unratable(f"there is no plan {plan}")
        if isinstance(item, UsedLeg) and item.answered is None:
            finder = self._contract.finder(plan)
            return rate_entries([finder.entry(record_of(item))], finder).charges
        hotline = hotline_of(item)
        if hotline is None:
            raise _Unratable(NO_SIM_NUMBER)
        record = record_of(item)
        shelf = self._shelf(hotline, month_of(item), ledger)
        with self._lock:
            changed = shelf.book.add(record)
        return [charge for charge in changed if charge.id not in shelf.pending]

    def _shelf(self, hotline: PhoneNumber, month: Month, ledger: Ledger) -> Shelf:
        key = key_of(self._contract, hotline, month)
        shelf = self._shelves.get(key)
        if shelf is None or month < shelf.first:
            shelf = fill(self._contract, key, month, ledger)
            with self._lock:
                self._shelves = _with_room(self._shelves, key) | {key: shelf}
            self._count_pending()
        return shelf

    # --- what is in progress --------------------------------------------------------------------------------------

    def preview(self, legs: Sequence[CdrLeg]) -> list[Charge | None]:
        """What legs in progress would cost if they ended now, in their order; None: not answered, or no price is known.

        `duration_s` is the connected time so far. They are priced together, so that no two of them count on the same
        minutes. A leg that is stored already is priced as it was stored, after what was answered before it; None if its
        charge is pending, since no other call revises that. An internal leg is priced by who called: the inbound leg of
        its call is looked for among `legs`. Of a month and hotline that nothing was stored of, it is the first usage;
        that is so, because the book of every hotline used in the current month is on its shelf.
        """
        charges: list[Charge | None] = [None] * len(legs)
        with self._lock:
            for shelf, members in self._by_shelf(legs):
                for index, charge in _previewed(shelf.book, members):
                    charges[index] = None if charge is None or charge.id in shelf.pending else charge
        return charges

    def dearest(self, legs: Sequence[CdrLeg]) -> list[int | None]:
        """VND of the same legs at the dearest price that each can come to have, whatever else its hotline carries."""
        amounts: list[int | None] = [None] * len(legs)
        with self._lock:
            for shelf, members in self._by_shelf(legs):
                for index, record in members:
                    with suppress(UsageError):
                        amounts[index] = shelf.book.dearest(record)
        return amounts

    def _by_shelf(self, legs: Sequence[CdrLeg]) -> Iterable[tuple[Shelf, _Members]]:
        """The answered legs, with their places among `legs`, by what prices them."""
        callers = {call_of(leg): leg.number for leg in legs if leg.direction is Direction.IN}
        groups: dict[int, tuple[Shelf, _Members]] = {}
        for index, leg in enumerate(legs):
            shelf = self._shelf_at_hand(leg)
            if shelf is not None:
                with suppress(UsageError):
                    record = record_of(UsedLeg.of(leg, callers.get(call_of(leg))))
                    groups.setdefault(id(shelf), (shelf, []))[1].append((index, record))
        return groups.values()

    def _shelf_at_hand(self, leg: CdrLeg) -> Shelf | None:
        """That of an answered leg, an empty one where nothing was stored; None: nothing can be priced there."""
        if leg.answered is None or leg.hotline is None:
            return None
        contract, month = self._contract, month_of_instant(leg.answered)
        key = key_of(contract, leg.hotline, month)
        if key.plan not in contract.tables.plans:
            return None
        shelf = self._shelves.get(key)
        if shelf is None and key.plan not in self._empty:
            self._empty[key.plan] = Shelf(contract.book(key.plan), month, {})
        return shelf or self._empty[key.plan]


_Members = list[tuple[int, UsageRecord]]
"""What one book prices: the place in the request, and the record."""


class _Unratable(Exception):
    """There is nothing to rate by; the message says what is missing."""


def _previewed(book: Book, members: _Members) -> Iterable[tuple[int, Charge | None]]:
    """One that cannot be rated (a number that is none) does not hide what the others cost together."""
    charges = _together(book, members)
    if charges is None:
        members = [(index, record) for index, record in members if _together(book, [(index, record)])]
        charges = _together(book, members) or [book.preview([record])[0] for _, record in members]
    return zip((index for index, _ in members), map(_priced, charges), strict=True)


def _together(book: Book, members: _Members) -> list[Charge] | None:
    try:
        return book.preview([record for _, record in members])
    except RatingError:
        return None


def _priced(charge: Charge) -> Charge | None:
    return None if charge.status is Status.UNRATED else charge


def _with_room(shelves: dict[Key, Shelf], key: Key) -> dict[Key, Shelf]:
    """Without old months of the same hotline: its newest one stays beside the one that is needed now."""
    if key.month is None:
        return shelves
    mine = [other.month for other in shelves if other.hotline == key.hotline and other.month is not None]
    newest = max(mine, default=None)
    return {
        other: shelf
        for other, shelf in shelves.items()
        if other.hotline != key.hotline or other.month is None or other.month == newest
    }


def call_of(leg: CdrLeg) -> str:
    """`c17.2` → `c17`."""
    return leg.leg.partition(".")[0]


def own_charge(item: Used, plan: str) -> Charge:
    """The charge of what no rater would take: unrated."""
    return Charge(name_of(item), Status.UNRATED, None, 0, None, f"{plan}/{UNRATED_RULE}", ())


def charge_row(charge: Charge, why: str | None = None) -> dict[str, Any]:
    """The object of rating.md §8, explained in English unless `why` says it."""
    return charge.to_json(explain(charge, "en") if why is None else why)
