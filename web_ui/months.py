"""Which months there are to speak of: from the first recorded call to now."""

from __future__ import annotations

from edge.api.queries import CdrFilter, StoreAbsent
from web_ui.parts import parts


def first_used_month() -> str | None:
    """The month of the oldest call that the box remembers; None without one."""
    try:
        rows = parts().history.cdrs(CdrFilter(), limit=1, offset=0, newest_first=False)
    except StoreAbsent:
        return None
    return str(rows[0]["started"])[:7] if rows else None


def months_between(first: str, last: str) -> list[str]:
    """`2026-11` … `2027-01`, both included; oldest first. Empty when `first` comes after `last`."""
    year, month = map(int, first.split("-"))
    found = []
    while f"{year:04}-{month:02}" <= last:
        found.append(f"{year:04}-{month:02}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found
