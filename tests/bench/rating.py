"""Usage records per second: JSON Lines in, JSON Lines out, as `tongdai rate` does it; and over parsed records alone."""

from __future__ import annotations

import json
import time
from random import Random
from typing import Any

from edge.billing import PLAN, shipped_tariffs
from edge.rating.command import load_tables, read_usage, run_rate
from edge.rating.rater import rate_entries
from tests.bench.figures import Report

HOTLINES = ("0901234567", "0937654321", "0934567812", "0901765432")
SERVICES = ("inbound", "connect", "connect", "forward", "internal", "outbound")
CALLED = ("0903000511", "0912345678", "0983000515", "02838221234", "0561234567")


def measure(small: bool) -> Report:
    records = 2_000 if small else 100_000
    report = Report(
        "one process; a month of voice records on four hotlines; `text`: JSON read, rated, explained, written"
    )
    usage = "\n".join(json.dumps(_record(Random(f"rating/{number}"), number)) for number in range(records)) + "\n"
    tariffs = shipped_tariffs()
    tables = load_tables(PLAN, tariffs)

    began = time.perf_counter()
    lines = run_rate(PLAN, usage, "usage.jsonl", tariffs)
    text_s = time.perf_counter() - began
    entries = read_usage(usage, "usage.jsonl", tables.finder)
    began = time.perf_counter()
    charges = rate_entries(entries, tables.finder, tables.bundles).charges
    parsed_s = time.perf_counter() - began
    if len(lines) != records or len(charges) != records:
        raise AssertionError(f"{records} records, {len(lines)} lines, {len(charges)} charges")
    report.add("rating_text_records_per_s", records / text_s)
    report.add("rating_parsed_records_per_s", records / parsed_s)
    unrated = sum(charge["amount_vnd"] is None for charge in map(json.loads, lines))
    report.notes = {"records": records, "unrated": unrated}
    return report


def _record(rng: Random, number: int) -> dict[str, Any]:
    service = rng.choice(SERVICES)
    hotline = rng.choice(HOTLINES)
    day, second = rng.randrange(30) + 1, rng.randrange(86_400)
    at = f"2026-11-{day:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}+07:00"
    outside = {"party": "customer", "number": rng.choice(CALLED)}
    employee = {"party": "extension", "number": rng.choice(CALLED[:3])}
    caller, called = (outside, {"party": "hotline", "number": hotline}) if service == "inbound" else (employee, outside)
    if service in ("connect", "internal"):
        called = employee
    return {
        "id": f"r{number}",
        "kind": "voice",
        "hotline": hotline,
        "service": service,
        "answered_at": None if rng.random() < 0.2 else at,
        "duration_s": round(rng.expovariate(1 / 90), 3),
        "from": caller,
        "to": called,
    }
