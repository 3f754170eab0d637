"""The details of a statement: legs and messages with their charges, and the bundles that they drew from.

A statement is made from the charges that are *stored*, not from rating anew: a customer is invoiced what he was shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from edge.rating.bundles import BundleChain, BundleEntry, Period
from edge.rating.charge import Charge, Status
from edge.rating.explain import explain
from edge.rating.instant import Instant, Month, to_local_text
from edge.rating.rows import Entry, Row
from edge.rating.tariff import Free, Plan

_OWN_REASONS: Mapping[str, str] = {
    "the number of the SIM is not known": "Chưa tính được: chưa biết số của SIM; hãy ghi số vào tongdai.toml.",
    "there is no plan": "Chưa tính được: không có gói cước đã chọn.",
    "billing.bundles": "Chưa tính được: hai gói thoại của một hotline chồng lên nhau; hãy xóa gói sau trong "
    "billing.bundles, nhập lại khi gói trước đã hết, rồi tính lại bằng tongdai rerate.",
    "the rater failed": "Chưa tính được: lỗi khi tính cước; xem nhật ký của hộp.",
}
"""What the box says of records that no rater takes, by how it begins."""
_BAD_RECORD: Mapping[str, str] = {
    "vi": "Chưa tính được: bản ghi có trường không hợp lệ.",
    "en": "Unrated: a field of the record is not valid.",
}
WAITING: Mapping[str, str] = {"vi": "Đang chờ tính cước.", "en": "Waiting to be rated."}


class Item(NamedTuple):
    """An answered leg or a sent message. Usage of an invoice, as `invoice.Used` wants it."""

    id: str
    kind: str
    """voice or sms."""
    service: str
    """Row of the tariff: inbound, connect …; "sms" of a message."""
    at: Instant
    month: Month
    group: str
    """The hotline, E.164; "" when the SIM's number is not known."""
    extension: str | None
    """For whom it was made, else to whom."""
    number: str | None
    """The far end; None when withheld."""
    billed_s: int
    units: int
    """Parts of a message; 0 for voice."""
    charge: Charge | None
    """None: not rated yet."""
    revision: int
    """Of the charge; 0: not rated yet."""
    stored_why: str = ""
    """What the charge says when it could not even be looked up in the plan."""

    @property
    def hotline(self) -> str | None:
        return self.group or None

    @property
    def amount_vnd(self) -> int | None:
        """None without a price."""
        return None if self.charge is None else self.charge.amount_vnd

    @property
    def key(self) -> tuple[int, str, str]:
        """The order within the month."""
        return (self.at.second, self.at.fraction, self.id)

    def bucket(self) -> str | None:
        """Under what it is summed up: its class where it costs something, else "bundle" or "free"; None: no price."""
        if self.charge is None or self.charge.amount_vnd is None:
            return None
        if self.charge.amount_vnd:
            return "other" if self.charge.number_class is None else self.charge.number_class.value
        return "bundle" if any(part.bundle is not None for part in self.charge.parts) else "free"

    def why(self) -> dict[str, str]:
        """The explanation in both languages."""
        if self.charge is None:
            return dict(WAITING)
        if self.is_own:
            vi = next((vi for en, vi in _OWN_REASONS.items() if self.stored_why.startswith(en)), _BAD_RECORD["vi"])
            return {"vi": vi, "en": f"Unrated: {self.stored_why}."}
        return {"vi": explain(self.charge, "vi"), "en": explain(self.charge, "en")}

    @property
    def is_own(self) -> bool:
        """Whether the charge is the box's own, because no rater would take the record."""
        return self.charge is not None and self.charge.rule.endswith("/none/none")

    def to_json(self) -> dict[str, Any]:
        """As it stands in the document."""
        charge = self.charge
        return {
            "item": self.id,
            "kind": self.kind,
            "service": self.service,
            "at": local_text(self.at),
            "hotline": self.hotline,
            "extension": self.extension,
            "number": self.number,
            "class": None if charge is None or charge.number_class is None else charge.number_class.value,
            "billed_s": self.billed_s,
            "units": self.units,
            "bands": [] if charge is None else [part.to_json() for part in charge.parts],
            "amount_vnd": self.amount_vnd,
            "status": "waiting" if charge is None else charge.status.value,
            "rule": None if charge is None else charge.rule,
            "revision": self.revision,
            "why": self.why(),
        }


def local_text(at: Instant) -> str:
    """Whole seconds, local: what people read."""
    return to_local_text(Instant(at.second, ""))


def missing_text(item: Item) -> dict[str, str]:
    """What is missing, without a word about the single call: for the summary."""
    if item.is_own and not item.stored_why.startswith(tuple(_OWN_REASONS)):
        return dict(_BAD_RECORD)
    if item.charge is not None and item.charge.status is Status.UNRATED:
        version, _, row = item.charge.rule.partition("/")
        if row.startswith("unrated/no_idd_price"):
            return {
                "vi": f"Chưa tính được: bảng giá IDD không có hướng đã gọi. [{version}]",
                "en": f"Unrated: the IDD price table has no price for the destination. [{version}]",
            }
    return item.why()


def bundle_periods(
    plan: Plan, bought: Sequence[BundleEntry], items: Iterable[Item], until: Instant
) -> tuple[Period, ...]:
    """The bundle periods that began up to `until`, as the stored charges drew from them.

    `items` hold every charge since the first activation; seconds that no bundle covered move nothing. Raises TableError
    for bundles of one hotline that overlap.
    """
    drawn: dict[str, list[Item]] = {}
    for item in items:
        if item.charge is not None and any(part.bundle is not None for part in item.charge.parts):
            drawn.setdefault(item.group, []).append(item)
    directions = {number: bundle.direction for version in plan.versions for number, bundle in version.bundles.items()}
    periods: list[Period] = []
    for hotline in sorted({entry.hotline for entry in bought}):
        chain = BundleChain(plan, [entry for entry in bought if entry.hotline == hotline])
        for item in sorted(drawn.get(hotline, ()), key=lambda item: item.key):
            _draw(chain, item, directions)
        chain.finish()
        chain.advance(until)
        periods += [period for period in chain.periods if period.start <= until]
    return tuple(periods)


def _draw(chain: BundleChain, item: Item, directions: Mapping[int, str]) -> None:
    assert item.charge is not None
    covered = [(part.bundle, part.amount) for part in item.charge.parts if part.bundle is not None]
    direction = directions.get(covered[0][0])
    if direction is not None:
        seconds = sum(amount for _, amount in covered)
        row = Row(item.charge.rule, item.charge.number_class, Free())
        chain.draw(Entry(item.id, item.at, item.month, item.group, seconds, 0, row), direction)
