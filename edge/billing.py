"""Ended calls → charges: the ledger's legs as usage records in the rater's running book (rating §3, architecture §2.5).

Works in the store's thread. The book of a hotline is filled from the ledger when it is first needed and again at each
new month; from then on adding a leg gives its charge and every earlier one that changes. What cannot be rated is a
charge too: unrated, with the reason, never 0.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from edge.rating.charge import Charge
from edge.rating.command import load_tables
from edge.rating.errors import UsageError
from edge.rating.explain import explain
from edge.rating.instant import local_month, parse_instant
from edge.rating.leg import FinishedLeg, instant_text, usage_from_leg
from edge.rating.month import Book
from edge.rating.rows import RowFinder
from edge.rating.usage import UsageRecord, load_json, parse_usage
from edge.store.ledger import Ledger
from edge.telephony import Cdr, CdrLeg, Direction, PhoneNumber

log = logging.getLogger("tongdai.billing")

PLAN = "onecontact-2019"
"""The plan that a box rates by."""
_DAY_S = 86_400
_MONTH_AT_MOST_S = 32 * _DAY_S


def shipped_tariffs() -> dict[str, str]:
    """The tariff files of the product: file name → text."""
    folder = files("edge.rating") / "tariffs"
    return {
        item.name: item.read_text(encoding="utf-8")
        for item in folder.iterdir()
        if item.name.endswith((".toml", ".csv"))
    }


def usage_of(leg: CdrLeg) -> UsageRecord:
    """The usage record of a leg. Who an outgoing leg was made for stands in it as an extension, never as a number.

    Raises `UsageError` naming the field.
    """
    inbound = leg.direction is Direction.IN
    finished = FinishedLeg(
        leg=leg.leg,
        hotline=leg.hotline or "",
        service=leg.service.value,
        answered_at=leg.answered,
        duration_s=leg.duration_s,
        caller=leg.number if inbound else None,
        calling_extension=leg.calling_extension,
        called=leg.hotline if inbound else leg.number,
        called_extension=leg.called_extension,
    )
    # Through the text of a usage file on purpose: what the box rates is what an exported file would say.
    return parse_usage(load_json(json.dumps(usage_from_leg(finished))))


class Biller:
    """`tariffs`: file name → text. Raises `RatingInputError` for tariffs that cannot be used."""

    def __init__(self, tariffs: Mapping[str, str], plan: str = PLAN) -> None:
        self._finder: RowFinder = load_tables(plan, tariffs).finder
        self._books: dict[PhoneNumber, tuple[str, Book]] = {}

    def charges_for(self, cdr: Cdr, ledger: Ledger) -> list[dict[str, Any]]:
        """Charges that the end of this call brings about: of its own legs, and of others answered after them."""
        changed: dict[str, dict[str, Any]] = {}
        for leg in cdr.legs:
            for charge in self._add(leg, ledger):
                changed[charge["id"]] = charge
        return list(changed.values())

    def _add(self, leg: CdrLeg, ledger: Ledger) -> Sequence[dict[str, Any]]:
        if leg.hotline is None:
            return [_unrated(leg, "the number of the SIM is not known: set it in tongdai.toml")]
        try:
            return [_row(charge) for charge in self._book(leg.hotline, leg.answered, ledger).add(usage_of(leg))]
        except UsageError as error:
            return [_unrated(leg, f"{error.field}: {error.message}")]
        except Exception:
            # A fault of ours must not cost the row: the call is kept and reported, its price is owed and said to be.
            log.exception("leg %s could not be rated", leg.leg)
            return [_unrated(leg, "the rater failed; the log of the box says where")]

    def _book(self, hotline: PhoneNumber, answered: float | None, ledger: Ledger) -> Book:
        """The hotline's running book of the month; an older month (a row that got its time late) is loaded anew."""
        month = "" if answered is None else _month(answered)
        kept = self._books.get(hotline)
        if kept is not None and (not month or kept[0] == month):
            return kept[1]
        book = Book(self._finder)
        if answered is not None:
            book.load(_stored(ledger, hotline, answered, month))
        self._books[hotline] = (month, book)
        return book


def _stored(ledger: Ledger, hotline: PhoneNumber, answered: float, month: str) -> list[UsageRecord]:
    """Legs of the month that are rated already; those of calls that wait for it are added one by one."""
    waiting = {cdr.call for cdr in ledger.awaiting_rating()}
    return [
        usage_of(leg)
        for call, leg in ledger.billed_legs(hotline, answered - _MONTH_AT_MOST_S)
        if call not in waiting and leg.answered is not None and _month(leg.answered) == month
    ]


def _month(answered: float) -> str:
    return str(local_month(parse_instant(instant_text(answered))))


def _row(charge: Charge) -> dict[str, Any]:
    return charge.to_json(explain(charge, "en"))


def _unrated(leg: CdrLeg, why: str) -> dict[str, Any]:
    return {
        "id": leg.leg,
        "status": "unrated",
        "amount_vnd": None,
        "billed_s": 0,
        "class": None,
        "rule": f"{PLAN}/none/none",
        "parts": [],
        "why": why,
    }
