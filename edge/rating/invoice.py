"""A month's invoice: fees, bundles and usage as lines; the total is the sum of the lines, nothing else.

Usage lines sum the rounded charges of the month, one line per hotline and class, so an invoice always equals the sum of
the calls under it. What has no price is listed as unrated and never counted as 0.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Protocol

from edge.rating.bundles import Period
from edge.rating.charge import Charge, Status, minutes_vnd
from edge.rating.explain import explain
from edge.rating.instant import Month, local_month
from edge.rating.subscriptions import Subscriptions
from edge.rating.tariff import International, Offer, Plan, Tariff, Vat

_UNITS = {
    "hotlines": "hotline",
    "call_center_users": "user",
    "contact_center_users": "user",
    "extensions": "extension",
    "app_licences": "licence",
    "recording_storage_users": "user",
    "data_storage_users": "user",
    "sdk_sets": "set",
}
_DISCOUNTED = f"international/{Offer.DISCOUNT.value}."


class Used(Protocol):
    """What an invoice needs to know of a usage record beside its charge; an `Entry` is one."""

    @property
    def month(self) -> Month | None: ...
    @property
    def group(self) -> str: ...
    @property
    def billed_s(self) -> int: ...
    @property
    def units(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an invoice."""

    code: str
    description: str
    quantity: int
    unit: str
    amount_vnd: int
    hotline: str | None = None
    """Whose usage, bundle or discount it is; None for fees, which are counted over all hotlines."""

    def to_json(self) -> dict[str, Any]:
        """The object of the contract."""
        return {
            "code": self.code,
            "description": self.description,
            "quantity": self.quantity,
            "unit": self.unit,
            "amount_vnd": self.amount_vnd,
        }


@dataclass(frozen=True, slots=True)
class Invoice:
    """The invoice of one plan and month."""

    plan: str
    period: Month
    lines: tuple[Line, ...]
    unrated: tuple[dict[str, Any], ...]
    vat: Vat

    @property
    def total_vnd(self) -> int:
        """The sum of the lines."""
        return sum(line.amount_vnd for line in self.lines)

    def to_json(self) -> dict[str, Any]:
        """The object that `tongdai invoice` prints."""
        return {
            "plan": self.plan,
            "period": str(self.period),
            "lines": [line.to_json() for line in self.lines],
            "unrated": list(self.unrated),
            "total_vnd": self.total_vnd,
            "vat": {"mode": self.vat.mode, "percent": self.vat.percent, "amount_vnd": self._vat_vnd()},
        }

    def _vat_vnd(self) -> int | None:
        """The VAT inside the total; None where the plan does not say whether there is any."""
        if self.vat.mode == "unspecified":
            return None
        if self.vat.percent is None:
            return 0
        return half_up(Fraction(self.total_vnd * self.vat.percent, 100 + self.vat.percent))


def half_up(amount: Fraction) -> int:
    """Whole VND, half-up by magnitude."""
    whole = int(abs(amount) + Fraction(1, 2))
    return whole if amount >= 0 else -whole


def make_invoice(
    plan: Plan,
    period: Month,
    subscriptions: Subscriptions,
    entries: Sequence[Used],
    charges: Sequence[Charge],
    periods: Iterable[Period],
) -> Invoice | None:
    """The invoice of `period`; `charges` are those of `entries`, of any months. None: no version is valid then."""
    first_day, last_day = month_days(period)
    version = plan.at(first_day) or plan.at(last_day)
    if version is None:
        return None
    fees, missing = _fees(version, subscriptions, first_day, last_day)
    of_month = [(entry, charge) for entry, charge in zip(entries, charges, strict=True) if entry.month == period]
    bought = [_bundle_line(bundle) for bundle in periods if local_month(bundle.start) == period]
    unrated = [charge.to_json(explain(charge)) for _, charge in of_month if charge.status is Status.UNRATED]
    lines = [*fees, *bought, *_usage_lines(of_month), *_discount_lines(of_month, plan)]
    return Invoice(plan.name, period, tuple(lines), (*missing, *unrated), version.vat)


def month_days(month: Month) -> tuple[date, date]:
    """The first and the last day."""
    last = monthrange(month.year, month.month)[1]
    return date(month.year, month.month, 1), date(month.year, month.month, last)


def _fees(
    version: Tariff, subscriptions: Subscriptions, first_day: date, last_day: date
) -> tuple[list[Line], list[dict[str, Any]]]:
    lines: list[Line] = []
    missing: list[dict[str, Any]] = []
    begun: dict[str, int] = {}
    counts: dict[str, int] = dict.fromkeys(_UNITS, 0)
    for held in subscriptions.held:
        counts[held.counted] += held.in_month(first_day, last_day)
        begun[held.counted] = begun.get(held.counted, 0) + (first_day <= held.first <= last_day)
    for counted, number in (subscriptions.counts or {}).items():
        counts[counted] += number
    for counted, number in begun.items():
        fee = version.setup_vnd.get(counted, 0)
        if number and fee:
            lines.append(Line(f"setup.{counted}", f"Set-up, {counted}", number, _UNITS[counted], number * fee))
    for counted, number in counts.items():
        if not number:
            continue
        table = version.monthly.get(counted)
        if table is None:
            missing.append(_no_fee(f"monthly.{counted}", number, version))
        else:
            amount = table.total_vnd(number)
            lines.append(Line(f"monthly.{counted}", f"Monthly fee, {counted}", number, _UNITS[counted], amount))
    _rooms(version, subscriptions, lines, missing)
    return lines, missing


def _rooms(version: Tariff, subscriptions: Subscriptions, lines: list[Line], missing: list[dict[str, Any]]) -> None:
    count, months = subscriptions.room_count, subscriptions.room_months
    if not count:
        return
    table = version.rooms.get(months)
    if table is None:
        missing.append(_no_fee(f"rooms.{months}", count, version))
    else:
        amount = table.total_vnd(count) * months
        lines.append(Line(f"rooms.{months}", f"Meeting rooms, {months} months in advance", count, "room", amount))


def _no_fee(code: str, quantity: int, version: Tariff) -> dict[str, Any]:
    why = f"Unrated: the plan has no price for it. [{version.version}]"
    return {"code": code, "status": Status.UNRATED.value, "quantity": quantity, "amount_vnd": None, "why": why}


def _bundle_line(period: Period) -> Line:
    bundle = period.bundle
    about = f"Bundle {bundle.number}, {bundle.minutes} minutes {bundle.direction}, hotline {period.hotline}"
    return Line(f"bundle.{bundle.number}", about, 1, "bundle", bundle.price_vnd, period.hotline)


def discount_of(rule: str, plan: Plan) -> International | None:
    """The section whose discount holds for charges of this rule; None: for them there is none."""
    label, _, row = rule.partition("/")
    if not row.startswith(_DISCOUNTED):
        return None
    return next((version.international for version in plan.versions if version.version == label), None)


def _usage_lines(of_month: Sequence[tuple[Used, Charge]]) -> list[Line]:
    """One line per hotline (or product) and class that cost something."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for entry, charge in of_month:
        if charge.amount_vnd:
            key = (entry.group, _usage_code(entry, charge))
            quantity, amount = sums.get(key, (0, 0))
            sums[key] = (quantity + (entry.units or entry.billed_s), amount + charge.amount_vnd)
    lines = []
    for (group, code), (quantity, amount) in sorted(sums.items()):
        kind = code.partition(".")[0]
        unit = {"voice": "second", "sms": "part"}.get(kind, "request")
        about, hotline = code.replace(".", ", ").replace("_", "-"), None if kind == "requests" else group
        about = about if hotline is None else f"{about}, hotline {hotline}"
        lines.append(Line(code, about, quantity, unit, amount, hotline))
    return lines


def _usage_code(entry: Used, charge: Charge) -> str:
    if entry.group.startswith("request:"):
        return f"requests.{entry.group.partition(':')[2]}"
    kind = "sms" if entry.units else "voice"
    return kind if charge.number_class is None else f"{kind}.{charge.number_class.value}"


def _discount_lines(of_month: Sequence[tuple[Used, Charge]], plan: Plan) -> list[Line]:
    """One negative line per hotline: the percentage of the sum of the rounded discountable charges."""
    discounts: dict[str, Fraction] = {}
    for entry, charge in of_month:
        section = discount_of(charge.rule, plan)
        if section is not None:
            within = tuple(part for part in charge.parts if part.tier == section.tier_within)
            share = Fraction(minutes_vnd(within) * section.discount_percent, 100)
            discounts[entry.group] = discounts.get(entry.group, Fraction(0)) + share
    return [
        Line(
            "international.discount",
            f"Discount, international calls, hotline {hotline}",
            1,
            "month",
            -half_up(sum_),
            hotline,
        )
        for hotline, sum_ in sorted(discounts.items())
        if half_up(sum_)
    ]
