"""Usage for the rating benches: a month of voice records on some hotlines, written in about the order calls end."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from edge.rating.instant import Instant, to_local_text

HOTLINES = ("0901234567", "0937654321", "0934567812", "0901765432")
SERVICES = ("inbound", "connect", "connect", "forward", "internal", "outbound")
CALLED = ("0903000511", "0912345678", "0983000515", "02838221234", "0561234567")
MONTH_START_S = 1_793_466_000  # 2026-11-01T00:00:00+07:00
_MONTH_S = 30 * 86_400
_APART_S = 600


def month(records: int, hotlines: tuple[str, ...] = HOTLINES, services: tuple[str, ...] = SERVICES) -> Iterator[Any]:
    """As many JSON objects, spread over November 2026; each is answered up to ten minutes off its place."""
    rng = Random(f"rating/{records}")
    for number in range(records):
        second = number * (_MONTH_S - _APART_S) // records + rng.randrange(_APART_S)
        yield record(rng, f"r{number}", second, rng.choice(hotlines), rng.choice(services))


def record(rng: Random, record_id: str, second: int, hotline: str, service: str) -> dict[str, Any]:
    """One that was answered `second` seconds into the month, or never."""
    outside = {"party": "customer", "number": rng.choice(CALLED)}
    employee = {"party": "extension", "number": rng.choice(CALLED[:3])}
    caller, called = (outside, {"party": "hotline", "number": hotline}) if service == "inbound" else (employee, outside)
    if service in ("connect", "internal"):
        called = employee
    return {
        "id": record_id,
        "kind": "voice",
        "hotline": hotline,
        "service": service,
        "answered_at": None if rng.random() < 0.2 else to_local_text(Instant(MONTH_START_S + second, "")),
        "duration_s": round(rng.expovariate(1 / 90), 3),
        "from": caller,
        "to": called,
    }
