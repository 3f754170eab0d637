"""The sums of a statement: what one hotline, and what one extension, comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from edge.rating.invoice import Line
from edge.rating.statement_items import Item

_BUCKETS = ("on_net", "off_net", "international", "ip", "other", "bundle", "free")


@dataclass(frozen=True, slots=True)
class Person:
    """An extension as people know it."""

    name: str
    department: str = ""


@dataclass(slots=True)
class VoiceSum:
    calls: int = 0
    seconds: int = 0
    """Billed."""
    amount_vnd: int = 0

    def add(self, item: Item) -> None:
        self.calls += 1
        self.seconds += item.billed_s
        self.amount_vnd += item.amount_vnd or 0

    def to_json(self) -> dict[str, Any]:
        return {"calls": self.calls, "seconds": self.seconds, "amount_vnd": self.amount_vnd}


@dataclass(slots=True)
class SmsSum:
    messages: int = 0
    parts: int = 0
    amount_vnd: int = 0

    def add(self, item: Item) -> None:
        self.messages += 1
        self.parts += item.units
        self.amount_vnd += item.amount_vnd or 0

    def to_json(self) -> dict[str, Any]:
        return {"messages": self.messages, "parts": self.parts, "amount_vnd": self.amount_vnd}


@dataclass(slots=True)
class HotlineSum:
    """`add` takes the items, `take` the lines of the invoice that no item stands for."""

    group: str
    fees_vnd: int = 0
    bundles_vnd: int = 0
    discount_vnd: int = 0
    adjustment_vnd: int = 0
    unrated: int = 0
    voice: dict[str, VoiceSum] = field(default_factory=dict)
    sms: SmsSum = field(default_factory=SmsSum)

    def add(self, item: Item) -> None:
        bucket = item.bucket()
        if bucket is None:
            self.unrated += 1
        elif item.kind == "sms":
            self.sms.add(item)
        else:
            self.voice.setdefault(bucket, VoiceSum()).add(item)

    def take(self, line: Line) -> None:
        match line.code.partition(".")[0]:
            case "bundle":
                self.bundles_vnd += line.amount_vnd
            case "international":
                self.discount_vnd += line.amount_vnd
            case "adjustment":
                self.adjustment_vnd += line.amount_vnd

    @property
    def voice_vnd(self) -> int:
        return sum(one.amount_vnd for one in self.voice.values())

    @property
    def total_vnd(self) -> int:
        usage = self.voice_vnd + self.sms.amount_vnd + self.discount_vnd
        return self.fees_vnd + self.bundles_vnd + usage + self.adjustment_vnd

    def to_json(self) -> dict[str, Any]:
        return {
            "hotline": self.group or None,
            "fees_vnd": self.fees_vnd,
            "bundles_vnd": self.bundles_vnd,
            "voice": [{"class": name, **self.voice[name].to_json()} for name in _BUCKETS if name in self.voice],
            "voice_vnd": self.voice_vnd,
            "sms": self.sms.to_json(),
            "discount_vnd": self.discount_vnd,
            "adjustment_vnd": self.adjustment_vnd,
            "unrated": self.unrated,
            "total_vnd": self.total_vnd,
        }


@dataclass(slots=True)
class ExtensionSum:
    """What an employee's calls and messages come to; never which ones (A022)."""

    number: str | None
    person: Person | None
    voice: VoiceSum = field(default_factory=VoiceSum)
    sms: SmsSum = field(default_factory=SmsSum)
    unrated: int = 0

    def add(self, item: Item) -> None:
        if item.amount_vnd is None:
            self.unrated += 1
        elif item.kind == "sms":
            self.sms.add(item)
        else:
            self.voice.add(item)

    @property
    def total_vnd(self) -> int:
        return self.voice.amount_vnd + self.sms.amount_vnd

    def to_json(self) -> dict[str, Any]:
        return {
            "extension": self.number,
            "name": "" if self.person is None else self.person.name,
            "department": "" if self.person is None else self.person.department,
            "voice": self.voice.to_json(),
            "sms": self.sms.to_json(),
            "unrated": self.unrated,
            "total_vnd": self.total_vnd,
        }
