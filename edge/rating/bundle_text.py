"""From the text of a bundles file (a JSON array) to BundleEntry values, or to the fault in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.rating.bundles import BundleEntry
from edge.rating.errors import TableError, UsageError
from edge.rating.instant import Instant, local_day, parse_instant
from edge.rating.number_text import canonical_number
from edge.rating.tariff import Plan
from edge.rating.usage import load_json, shown

_LAST_YEAR = 9998
"""What began in the calendar's last year might end in none."""
_KEYS = frozenset({"hotline", "bundle", "activated_at", "auto_renew", "auto_renew_off_at", "when_spent"})


def parse_bundles(text: str, source: str, plan: Plan) -> list[BundleEntry]:
    """Read the bundles that were bought. Raises TableError naming file, entry and field."""
    if not plan.has_bundles:
        raise TableError([f"{source}: plan {plan.name} has no bundles"])
    try:
        data = load_json(text)
    except UsageError as error:
        raise TableError([f"{source}: {error.sentence}"]) from None
    if not isinstance(data, list):
        raise TableError([f"{source}: must be a JSON array of bundles"])
    return [_parse_entry(row, f"{source}: entry {number}", plan) for number, row in enumerate(data, start=1)]


def _parse_entry(row: Any, place: str, plan: Plan) -> BundleEntry:
    if not isinstance(row, Mapping):
        raise TableError([f"{place}: must be an object"])
    for key in row:
        if key not in _KEYS:
            raise TableError([f"{place}: {key}: unknown key"])
    hotline = canonical_number(row["hotline"]) if isinstance(row.get("hotline"), str) else None
    if hotline is None:
        raise TableError([f"{place}: hotline: {shown(row.get('hotline'))} is no number"])
    number = row.get("bundle")
    known = {bundle for version in plan.versions for bundle in version.bundles}
    if not isinstance(number, int) or isinstance(number, bool) or number not in known:
        raise TableError([f"{place}: bundle: {shown(number)} is no bundle of plan {plan.name}"])
    if row.get("when_spent") not in ("renew", "tiers"):
        raise TableError([f"{place}: when_spent: must be renew or tiers, not {shown(row.get('when_spent'))}"])
    auto_renew = row.get("auto_renew", True)
    if not isinstance(auto_renew, bool):
        raise TableError([f"{place}: auto_renew: must be true or false, not {shown(auto_renew)}"])
    activated_at = _instant(row, "activated_at", place)
    if activated_at is None:
        raise TableError([f"{place}: activated_at: is missing"])
    if local_day(activated_at).year > _LAST_YEAR:
        raise TableError([f"{place}: activated_at: a bundle cannot begin after {_LAST_YEAR}"])
    off_at = _instant(row, "auto_renew_off_at", place)
    return BundleEntry(place, hotline, number, activated_at, auto_renew, off_at, row["when_spent"] == "renew")


def _instant(row: Mapping[str, Any], key: str, place: str) -> Instant | None:
    value = row.get(key)
    if value is None:
        return None
    try:
        return parse_instant(value if isinstance(value, str) else repr(value))
    except ValueError as error:
        raise TableError([f"{place}: {key}: {error}"]) from None
