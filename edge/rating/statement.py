"""A month's statement: the invoice, summed up by hotline and by extension, with every leg and message under it.

Invariants
- The lines are those of `make_invoice`, and one adjustment per corrected month and hotline; the total is their sum.
- The hotlines' totals and the company's own fees add up to the total: each hotline bears its own fee (the one that its
  place in the graduated count costs), bundles, usage, discount and adjustments.
- The extensions' totals add up to the usage; nothing else of a call stands in the summary (A022).

The shape of the document is written down in `edge.api.statements`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from edge.rating.bundles import Period
from edge.rating.instant import Month
from edge.rating.invoice import Invoice, Line, make_invoice, month_days
from edge.rating.statement_adjust import Adjustment, Corrected
from edge.rating.statement_held import HeldMonth
from edge.rating.statement_items import Item, missing_text
from edge.rating.statement_sums import ExtensionSum, HotlineSum, Person
from edge.rating.statement_words import line_words, no_fee_words, vat_words
from edge.rating.tariff import Plan, Tariff, Vat

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a statement is made of."""

    month: Month
    plan: Plan
    held: HeldMonth
    items: Sequence[Item]
    """Of the month, in any order."""
    periods: Sequence[Period] = ()
    """Bundle periods of any month."""
    adjustments: Sequence[Adjustment] = ()
    corrected: Sequence[Corrected] = ()
    people: Mapping[str, Person] | None = None
    """Extensions as they are called."""


def make_statement(facts: Facts, head: Mapping[str, Any]) -> dict[str, Any]:
    """The document of `edge.api.statements`, with details; `head` holds what the month itself does not know."""
    invoice, version = _invoice(facts)
    lines = [*invoice.lines, *(adjustment.line() for adjustment in facts.adjustments)]
    whole = replace(invoice, lines=tuple(lines))
    items = sorted(facts.items, key=lambda item: item.key)
    hotlines = _hotlines(facts, version, lines)
    shared = sum(line.amount_vnd for line in lines) - sum(one.total_vnd for one in hotlines)
    return {
        "schema": SCHEMA,
        "statement": str(facts.month),
        **head,
        "period": _period(facts.month),
        "plan": _plan(facts, version),
        "lines": [_line(line) for line in lines],
        "total_vnd": whole.total_vnd,
        "vat": whole.to_json()["vat"] | {"text": vat_words(whole.vat)},
        "hotlines": [one.to_json() for one in hotlines],
        "company_fees_vnd": shared,
        "extensions": [one.to_json() for one in _extensions(facts)],
        "adjustments": [adjustment.to_json() for adjustment in facts.adjustments],
        "unrated": _unrated(items, invoice, version),
        "subscriptions": _subscriptions(facts.held),
        "items": [item.to_json() for item in items],
        "corrected": [corrected.to_json() for corrected in facts.corrected],
    }


def _invoice(facts: Facts) -> tuple[Invoice, Tariff | None]:
    """Without a valid version of the plan nothing has a price: no lines, and all usage is unrated."""
    rated = [item for item in facts.items if item.charge is not None]
    charges = [item.charge for item in rated if item.charge is not None]
    subscriptions = facts.held.subscriptions()
    made = make_invoice(facts.plan, facts.month, subscriptions, rated, charges, facts.periods)
    first_day, last_day = month_days(facts.month)
    version = facts.plan.at(first_day) or facts.plan.at(last_day)
    return made or Invoice(facts.plan.name, facts.month, (), (), Vat("unspecified", None)), version


def _line(line: Line) -> dict[str, Any]:
    return line.to_json() | {"text": line_words(line), "hotline": line.hotline}


def _period(month: Month) -> dict[str, str]:
    first_day, last_day = month_days(month)
    return {"month": str(month), "first_day": first_day.isoformat(), "last_day": last_day.isoformat()}


def _plan(facts: Facts, version: Tariff | None) -> dict[str, Any]:
    """`version` prices the fees; each of `versions` what was used from its first day in the month on."""
    name = facts.plan.name
    return {
        "name": name,
        "version": None if version is None else version.version,
        "title": {"vi": name, "en": name} if version is None else _title(version),
        "versions": [
            {"version": one.version, "title": _title(one), "first_day": since.isoformat()}
            for one, since in versions_in(facts.plan, facts.month)
        ],
    }


def _title(version: Tariff) -> dict[str, str]:
    return {"vi": version.name_vi, "en": version.name_en}


def versions_in(plan: Plan, month: Month) -> list[tuple[Tariff, date]]:
    """The versions that are valid on some day of the month, each with its first one there, in their order."""
    first_day, last_day = month_days(month)
    found: dict[str, tuple[Tariff, date]] = {}
    for number in range(first_day.day, last_day.day + 1):
        day = first_day.replace(day=number)
        version = plan.at(day)
        if version is not None:
            found.setdefault(version.version, (version, day))
    return list(found.values())


def _subscriptions(held: HeldMonth) -> dict[str, Any]:
    def rows(numbers: Iterable[tuple[str, date]]) -> list[dict[str, str]]:
        return [{"number": number, "from": first.isoformat()} for number, first in numbers]

    return {
        "hotlines": rows(held.hotlines),
        "extensions": rows(held.extensions),
        "counts": dict(held.counts or {}),
    }


# --- sums ---------------------------------------------------------------------------------------------------------


def _hotlines(facts: Facts, version: Tariff | None, lines: Iterable[Line]) -> list[HotlineSum]:
    """Of every hotline that is held, used or adjusted; held ones first, in the order in which they are counted."""
    sums: dict[str, HotlineSum] = {}
    for place, (number, first) in enumerate(facts.held.hotlines, start=1):
        sums[number] = HotlineSum(number, fees_vnd=_hotline_fee(facts.month, version, place, first))
    for item in facts.items:
        sums.setdefault(item.group, HotlineSum(item.group)).add(item)
    for line in lines:
        if line.hotline is not None:
            sums.setdefault(line.hotline, HotlineSum(line.hotline)).take(line)
    return list(sums.values())


def _hotline_fee(month: Month, version: Tariff | None, place: int, first: date) -> int:
    """What the hotline at this place of the count costs, and its set-up in its first month."""
    if version is None:
        return 0
    table = version.monthly.get("hotlines")
    monthly = 0 if table is None else table.total_vnd(place) - table.total_vnd(place - 1)
    begins = (first.year, first.month) == (month.year, month.month)
    return monthly + (version.setup_vnd.get("hotlines", 0) if begins else 0)


def _extensions(facts: Facts) -> list[ExtensionSum]:
    """By number; what no extension made or got comes last, if anything of it costs or lacks a price."""
    people = facts.people or {}
    sums = {number: ExtensionSum(number, people.get(number)) for number, _ in facts.held.extensions}
    nobody = ExtensionSum(None, None)
    for item in facts.items:
        if item.extension is None:
            nobody.add(item)
        else:
            known = people.get(item.extension)
            sums.setdefault(item.extension, ExtensionSum(item.extension, known)).add(item)
    found = [sums[number] for number in sorted(sums)]
    return [*found, nobody] if nobody.total_vnd or nobody.unrated else found


def _unrated(items: Iterable[Item], invoice: Invoice, version: Tariff | None) -> list[dict[str, Any]]:
    """What has no price: fees first, then usage by what is missing. No single call can be read out of it."""
    label = invoice.plan if version is None else version.version
    fees = [row for row in invoice.unrated if "code" in row]
    rows = [{"code": row["code"], "text": no_fee_words(row["code"], label), "items": row["quantity"]} for row in fees]
    found: dict[str, dict[str, Any]] = {}
    for item in items:
        if item.amount_vnd is None:
            text = missing_text(item)
            row = found.setdefault(text["en"], {"code": None, "text": text, "items": 0})
            row["items"] += 1
    return rows + [found[key] for key in sorted(found)]
