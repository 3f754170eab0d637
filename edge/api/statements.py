"""Monthly statements as the page and the command line read them: one JSON document for both forms (A021).

A closed month is read from the store as it was drawn up; a month that is still open is reckoned by a process of its
own, so that neither the core nor the page's process does the work. Read-only.

The document (`"items"` and `"corrected"` stand only in the detailed form, see `summary`):

    schema        1
    statement     "2026-11": its name, the month
    kind          "month" | "cancellation" (drawn up 120 minutes after the cancellation, A076)
    closed        false: not closed, as it stands at `as_of`
    as_of         ISO 8601, local: what is in it was known then
    drawn, by     when and by whom it was closed; null while it is open
    company       name of the company · customer: name and address lines for the head of the statement
    period        {"month": "2026-11", "first_day": "2026-11-01", "last_day": "2026-11-30"}
    plan          {"name", "version", "title": {"vi", "en"}, "versions": [{"version", "title", "first_day"}]}: the
                  version that prices the fees, and all that were valid in the month, each with its first day there;
                  statements of release 0.1 lack the list (see `versions_of`)
    lines         [{"code", "description", "text": {"vi", "en"}, "hotline": number | null, "quantity", "unit",
                  "amount_vnd"}]: those of `tongdai invoice`, then one `adjustment.2026-10` per corrected month, hotline
    total_vnd     the sum of the lines; and of hotlines[].total_vnd + company_fees_vnd
    vat           {"mode": included|none|unspecified, "percent", "amount_vnd", "text": {"vi", "en"}}
    hotlines      [{"hotline": number | null (SIM without a known number), "fees_vnd", "bundles_vnd",
                  "voice": [{"class": on_net|off_net|international|ip|other (these cost something) |bundle|free (0 VND),
                  "calls", "seconds" (billed), "amount_vnd"}],
                  "voice_vnd", "sms": {"messages", "parts", "amount_vnd"}, "discount_vnd" (≤ 0), "adjustment_vnd",
                  "unrated": legs and messages without a price, "total_vnd"}]
    company_fees_vnd  monthly and set-up fees that belong to no single hotline (extensions, users, licences)
    extensions    [{"extension": number | null (nobody's), "name", "department", "voice": {"calls", "seconds",
                  "amount_vnd"}, "sms": {"messages", "parts", "amount_vnd"}, "unrated", "total_vnd"}]: no call (A022)
    adjustments   [{"month", "hotline", "amount_vnd", "items": how many were corrected}]
    unrated       [{"code": fee | null, "text": {"vi", "en"}, "items"}]: what has no price, by what is missing
    subscriptions {"hotlines": [{"number", "from"}], "extensions": [{"number", "from"}], "counts": {…}}
    items         [{"item": leg or message, "kind": voice|sms, "service", "at": ISO local, "hotline", "extension",
                  "number", "class" | null, "billed_s", "units", "bands": [parts of rating §8], "amount_vnd" | null,
                  "status": rated|unrated|waiting, "rule", "revision", "why": {"vi", "en"}}] by time
    corrected     [{"month", "item", "kind", "at", "hotline", "extension", "number", "late" (came after the closing),
                  "before_vnd" | null, "after_vnd" | null (no price), "difference_vnd", "revision", "why"}]
"""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from edge.api.filters import VIETNAM
from edge.api.queries import LEDGER_FILE, StoreAbsent

Language = Literal["vi", "en"]

SCHEMA = 1
DETAILS = ("items", "corrected")
"""The keys that only the detailed form has: every call and message."""
PACKED = "packed"
"""In the store the details stand under this key, deflated: 60 000 lines are 3 MB instead of 40."""
RECKONING_TIMEOUT_S = 120.0

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


class _Rows(msgspec.Struct):
    """The details, each row as it is written: who looks at a hundred of 60 000 need not make the others."""

    items: list[msgspec.Raw]
    corrected: list[msgspec.Raw]


class RowByRow:
    """Rows of the document, each made when it is its turn: all 60 000 at once are 300 MB."""

    def __init__(self, rows: list[msgspec.Raw]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(msgspec.json.decode, self._rows)

    def text(self) -> Iterator[bytes]:
        """The rows as a JSON array, in pieces."""
        yield b"["
        for number, row in enumerate(self._rows):
            yield (b", " if number else b"") + row
        yield b"]"


class Details:
    """The calls and messages of a statement, piece by piece, out of the JSON text of its detailed form."""

    def __init__(self, text: bytes) -> None:
        self._rows = msgspec.json.decode(text, type=_Rows)

    def __len__(self) -> int:
        """How many calls and messages."""
        return len(self._rows.items)

    def items(self, first: int, last: int) -> list[dict[str, Any]]:
        """From the first to the last, counted from 1."""
        return list(RowByRow(self._rows.items[first - 1 : last]))

    @property
    def corrected(self) -> list[dict[str, Any]]:
        return list(RowByRow(self._rows.corrected))

    def rows(self) -> dict[str, RowByRow]:
        """The keys that the detailed form adds to the summary, for who goes through them once."""
        return {"items": RowByRow(self._rows.items), "corrected": RowByRow(self._rows.corrected)}


class StatementFailed(Exception):
    """One line for people: why there is no such statement. `blame`: "input" (no such month) or "box"."""

    def __init__(self, message: str, blame: str = "input") -> None:
        super().__init__(message)
        self.blame = blame


def listed(data: Path) -> list[dict[str, Any]]:
    """Closed statements, oldest first: statement, period, kind, plan, drawn, total_vnd. Raises `StoreAbsent`."""
    with _store(data) as store:
        rows = store.execute("SELECT statement, period, kind, plan, drawn, total_vnd FROM statement ORDER BY id")
        return [dict(row) | {"drawn": _local(row["drawn"])} for row in rows]


def closed_month(data: Path, month: str, *, detailed: bool = True) -> dict[str, Any] | None:
    """The document as it was closed; None while the month is open. Raises `StoreAbsent`."""
    column = "document" if detailed else f"json_remove(document, '$.{PACKED}')"
    with _store(data) as store:
        found = store.execute(f"SELECT {column} FROM statement WHERE statement = ?", (month,)).fetchone()  # noqa: S608
    return None if found is None else unpack(found[0])


def closed_details(data: Path, month: str) -> bytes | None:
    """JSON text with the details of a closed month, for `Details`; None while it is open. Raises `StoreAbsent`."""
    with _store(data) as store:
        packed = f"json_extract(document, '$.{PACKED}')"
        found = store.execute(f"SELECT {packed} FROM statement WHERE statement = ?", (month,)).fetchone()  # noqa: S608
    return None if found is None else zlib.decompress(base64.b85decode(found[0]))


def open_month(data: Path, month: str) -> dict[str, Any]:
    """A month as it stands now, with its details. Raises `StatementFailed`."""
    found: dict[str, Any] = json.loads(open_text(data, month, detailed=True))
    return found


def open_text(data: Path, month: str, *, detailed: bool) -> bytes:
    """JSON of a month as it stands now, reckoned in a process of its own. Raises `StatementFailed`."""
    if _MONTH.fullmatch(month) is None:
        raise StatementFailed(f"{month!r} is no month such as 2026-11")
    show = [sys.executable, "-m", "edge.cli", "statement", "show", month, "--data", str(data)]
    if detailed:
        show.append("--detailed")
    try:
        shown = subprocess.run(show, check=False, capture_output=True, timeout=RECKONING_TIMEOUT_S)
    except subprocess.TimeoutExpired as error:
        raise StatementFailed(f"{month}: not reckoned within {RECKONING_TIMEOUT_S:.0f} s", "box") from error
    if shown.returncode != 0:
        why = shown.stderr.decode(errors="replace").strip().splitlines() or ["the reckoning failed"]
        raise StatementFailed(why[-1].removeprefix("tongdai: "), "input" if shown.returncode == 2 else "box")
    return shown.stdout


def month_document(data: Path, month: str, *, detailed: bool = False) -> dict[str, Any]:
    """The statement of a month, closed or as it stands. Raises `StatementFailed` and `StoreAbsent`."""
    found = closed_month(data, month, detailed=detailed) or open_month(data, month)
    return found if detailed else summary(found)


def summary(document: Mapping[str, Any]) -> dict[str, Any]:
    """The form for those who may not see individual calls (A022): the document without its details."""
    return {key: value for key, value in document.items() if key not in DETAILS}


def versions_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`plan.versions`; of a statement that was closed without the list, the one that it names."""
    plan = document["plan"]
    alone = {"version": plan["version"], "title": plan["title"], "first_day": document["period"]["first_day"]}
    found: list[dict[str, Any]] = plan.get("versions", [alone] if plan["version"] else [])
    return found


def as_text(document: Mapping[str, Any]) -> Iterator[bytes]:
    """The document as JSON on one line, in pieces; details that stand in it row by row are not made for it."""
    for number, (key, value) in enumerate(document.items()):
        yield b"".join([b", " if number else b"{", json.dumps(key).encode(), b": "])
        if isinstance(value, RowByRow):
            yield from value.text()
        else:
            yield json.dumps(value, ensure_ascii=False).encode()
    yield b"}"


def pack(document: Mapping[str, Any]) -> str:
    """The JSON text that the store keeps."""
    details = json.dumps({key: document.get(key, []) for key in DETAILS}, ensure_ascii=False).encode()
    packed = base64.b85encode(zlib.compress(details, 6)).decode("ascii")
    return json.dumps(summary(document) | {PACKED: packed}, ensure_ascii=False, separators=(",", ":"))


def unpack(text: str) -> dict[str, Any]:
    """The document of a stored text; without details when they were left out of it."""
    document: dict[str, Any] = json.loads(text)
    packed = document.pop(PACKED, None)
    if packed is not None:
        document |= json.loads(zlib.decompress(base64.b85decode(packed)))
    return document


@contextmanager
def _store(data: Path) -> Iterator[sqlite3.Connection]:
    path = data.absolute() / LEDGER_FILE
    if not path.exists():
        raise StoreAbsent(f"{data} holds no {LEDGER_FILE}: no box has run there")
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)) as store:
        store.row_factory = sqlite3.Row
        store.execute("PRAGMA busy_timeout = 5000")
        yield store


def _local(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(VIETNAM).isoformat(timespec="seconds")
