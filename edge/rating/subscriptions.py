"""What a company subscribes to (SUBS.json): text → Subscriptions, or the fault in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from edge.rating.errors import TableError, UsageError
from edge.rating.instant import parse_day
from edge.rating.number_text import canonical_number
from edge.rating.usage import load_json, shown

_USERS = {"call_center": "call_center_users", "contact_center": "contact_center_users"}
_COUNTS = ("app_licences", "recording_storage_users", "data_storage_users", "sdk_sets")
_KEYS = frozenset({"hotlines", "users", "extensions", "rooms", *_COUNTS})
_ROOM_MONTHS = (1, 6, 12)
_MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class Held:
    """One hotline, user or extension, and the local days on which it was held (both inclusive; None: still)."""

    counted: str
    """What it counts as in the tariff: "hotlines", "call_center_users" …"""
    first: date
    last: date | None

    def in_month(self, first_day: date, last_day: date) -> bool:
        """A month begun is a month charged."""
        return self.first <= last_day and (self.last is None or self.last >= first_day)


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Everything that a company pays for by the month."""

    held: tuple[Held, ...] = ()
    counts: Mapping[str, int] | None = None
    room_count: int = 0
    room_months: int = 1


def parse_subscriptions(text: str, source: str) -> Subscriptions:
    """Read SUBS.json. Raises TableError naming file, entry and field."""
    try:
        data = load_json(text)
    except UsageError as error:
        raise TableError([f"{source}: {error.sentence}"]) from None
    if not isinstance(data, Mapping):
        raise TableError([f"{source}: must be a JSON object"])
    for key in data:
        if key not in _KEYS:
            raise TableError([f"{source}: {key}: unknown key"])
    held = [_hotline(row, place) for place, row in _rows(data, "hotlines", source)]
    held += [_user(row, place) for place, row in _rows(data, "users", source)]
    held += [_held("extensions", row, place) for place, row in _rows(data, "extensions", source)]
    rooms = {} if data.get("rooms") is None else data["rooms"]
    if not isinstance(rooms, Mapping):
        raise TableError([f"{source}: rooms: must be an object"])
    months = rooms.get("months", 1)
    if isinstance(months, bool) or not isinstance(months, int) or months not in _ROOM_MONTHS:
        raise TableError([f"{source}: rooms.months: must be 1, 6 or 12, not {shown(months)}"])
    counts = {key: _count(data.get(key, 0), f"{source}: {key}") for key in _COUNTS}
    return Subscriptions(tuple(held), counts, _count(rooms.get("count", 0), f"{source}: rooms.count"), months)


def _rows(data: Mapping[str, Any], key: str, source: str) -> list[tuple[str, Mapping[str, Any]]]:
    rows = [] if data.get(key) is None else data[key]
    if not isinstance(rows, list):
        raise TableError([f"{source}: {key}: must be a list"])
    placed = [(f"{source}: {key}, entry {number}", row) for number, row in enumerate(rows, start=1)]
    for place, row in placed:
        if not isinstance(row, Mapping):
            raise TableError([f"{place}: must be an object"])
    return placed


def _hotline(row: Mapping[str, Any], place: str) -> Held:
    number = row.get("number")
    if not isinstance(number, str) or canonical_number(number) is None:
        raise TableError([f"{place}: number: {number!r} is no number"])
    return _held("hotlines", row, place)


def _user(row: Mapping[str, Any], place: str) -> Held:
    kind = row.get("kind")
    if not isinstance(kind, str) or kind not in _USERS:
        raise TableError([f"{place}: kind: {kind!r} is none of {', '.join(_USERS)}"])
    return _held(_USERS[kind], row, place)


def _held(counted: str, row: Mapping[str, Any], place: str) -> Held:
    first, last = _day(row, "from", place), _day(row, "to", place)
    if first is None:
        raise TableError([f"{place}: from: is missing"])
    if last is not None and last < first:
        raise TableError([f"{place}: to: {last} lies before from {first}"])
    return Held(counted, first, last)


def _day(row: Mapping[str, Any], key: str, place: str) -> date | None:
    value = row.get(key)
    if value is None:
        return None
    try:
        return parse_day(value)
    except (TypeError, ValueError):
        raise TableError([f"{place}: {key}: {value!r} is no date such as 2026-11-02"]) from None


def _count(value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TableError([f"{place}: must be a whole number from 0 up, not {shown(value)}"])
    if value > _MOST:
        raise TableError([f"{place}: {shown(value)} is more than {_MOST}"])
    return value
