"""What one usage record costs, with everything that is needed to check it by hand."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from msgspec import Struct

from edge.rating.tariff import NumberClass


class Status(StrEnum):
    """Whether there was a price."""

    RATED = "rated"
    UNRATED = "unrated"


# Structs, not dataclasses: a month has a million charges, and a frozen dataclass takes eight times as long to make.
class Part(Struct, frozen=True, gc=False):
    """A piece of the usage at one price: `amount` seconds (per minute) or pieces (per unit)."""

    amount: int
    price_vnd: int
    tier: str | None
    """The band's label in the tariff; None for a flat price and for bundle minutes."""
    bundle: int | None = None
    per_minute: bool = True

    def to_json(self) -> dict[str, Any]:
        """The object of the contract: seconds and vnd_per_min, or units and vnd_per_unit."""
        amount, price = ("seconds", "vnd_per_min") if self.per_minute else ("units", "vnd_per_unit")
        row = {amount: self.amount, price: self.price_vnd, "tier": self.tier}
        if self.bundle is not None:
            row["bundle"] = self.bundle
        return row

    def to_text(self) -> str:
        """json.dumps(to_json()), quicker."""
        amount, price = ("seconds", "vnd_per_min") if self.per_minute else ("units", "vnd_per_unit")
        tier = "null" if self.tier is None else quoted(self.tier)
        bundle = "" if self.bundle is None else f', "bundle": {self.bundle}'
        return f'{{"{amount}": {self.amount}, "{price}": {self.price_vnd}, "tier": {tier}{bundle}}}'


class Charge(Struct, frozen=True, gc=False):
    """The price of one record. `rule` is `<plan version>/<table>/<row>` and says, with `parts`, why (see explain)."""

    id: str
    status: Status
    amount_vnd: int | None
    """Whole VND, rounded half-up once; None while unrated."""
    billed_s: int
    number_class: NumberClass | None
    rule: str
    parts: tuple[Part, ...]

    def to_json(self, why: str) -> dict[str, Any]:
        """The object that `tongdai rate` prints, keys in the order of the contract."""
        return {
            "id": self.id,
            "status": self.status.value,
            "amount_vnd": self.amount_vnd,
            "billed_s": self.billed_s,
            "class": None if self.number_class is None else self.number_class.value,
            "rule": self.rule,
            "parts": [part.to_json() for part in self.parts],
            "why": why,
        }

    def to_text(self, why: str) -> str:
        """json.dumps(to_json(why)), several times as quick: `tongdai rate` prints one for every record."""
        amount = "null" if self.amount_vnd is None else self.amount_vnd
        parts = ", ".join([part.to_text() for part in self.parts])
        return (
            f'{{"id": {quoted(self.id)}, "status": {_WRITTEN[self.status]}, "amount_vnd": {amount}, '
            f'"billed_s": {self.billed_s}, "class": {_WRITTEN[self.number_class]}, "rule": {quoted(self.rule)}, '
            f'"parts": [{parts}], "why": {quoted(why)}}}'
        )


_WRITTEN = {None: "null"} | {member: quoted(member.value) for member in (*Status, *NumberClass)}


def charge_from_json(row: Mapping[str, Any]) -> Charge:
    """The charge that was printed or stored as `row`; `why` is rendered anew by explain()."""
    return Charge(
        id=row["id"],
        status=Status(row["status"]),
        amount_vnd=row["amount_vnd"],
        billed_s=row["billed_s"],
        number_class=None if row["class"] is None else NumberClass(row["class"]),
        rule=row["rule"],
        parts=tuple(_part_from_json(part) for part in row["parts"]),
    )


def _part_from_json(row: Mapping[str, Any]) -> Part:
    if "seconds" in row:
        return Part(row["seconds"], row["vnd_per_min"], row["tier"], row.get("bundle"))
    return Part(row["units"], row["vnd_per_unit"], row["tier"], per_minute=False)


def minutes_vnd(parts: tuple[Part, ...]) -> int:
    """The price of parts per minute: exact sixtieths, then half-up once."""
    sixtieths = sum(part.amount * part.price_vnd for part in parts)
    return (sixtieths + 30) // 60
