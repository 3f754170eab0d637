"""Usage records per second: JSON Lines in, JSON Lines out, as `tongdai rate` does it; and over parsed records alone."""

from __future__ import annotations

import json
import time

from edge.billing.shipped import shipped_tariffs
from edge.rating.command import load_tables, read_usage, run_rate
from edge.rating.rater import rate_entries
from tests.bench.child import in_child
from tests.bench.figures import Report
from tests.bench.rating_usage import month

PLAN = "onecontact-2019"
PARSED_AIM_US = 20.0  # 50 000 records a second
TEXT_AIM_US = 67.0  # 15 000 records a second


def measure(small: bool) -> Report:
    records = 2_000 if small else 100_000
    report = Report(
        "one process; a month of voice records on four hotlines; `text`: JSON read, rated, explained, written; "
        "`parsed`: rated alone, number classes known; peaks: what the child grew by, its input and output among it"
    )
    text, parsed = in_child(rate_text, records), in_child(rate_parsed, records)
    report.add("rating_text_records_per_s", records / text["took_s"])
    report.add("rating_text_us_per_record", text["took_s"] / records * 1e6, TEXT_AIM_US)
    report.add("rating_text_peak_mb", text["peak_mb"])
    report.add("rating_parsed_records_per_s", records / parsed["took_s"])
    report.add("rating_parsed_us_per_record", parsed["took_s"] / records * 1e6, PARSED_AIM_US)
    report.add("rating_parsed_peak_mb", parsed["peak_mb"])
    report.notes = {"records": records, "unrated": text["unrated"]}
    return report


def usage_text(records: int) -> str:
    return "\n".join(map(json.dumps, month(records))) + "\n"


def rate_text(records: int) -> dict[str, float]:
    usage, tariffs = usage_text(records), shipped_tariffs()
    began = time.perf_counter()
    lines = run_rate(PLAN, usage, "usage.jsonl", tariffs)
    took_s = time.perf_counter() - began
    if len(lines) != records:
        raise AssertionError(f"{records} records, {len(lines)} lines")
    return {"took_s": took_s, "unrated": sum(json.loads(line)["amount_vnd"] is None for line in lines)}


def rate_parsed(records: int) -> dict[str, float]:
    tables = load_tables(PLAN, shipped_tariffs())
    entries = read_usage(usage_text(records), "usage.jsonl", tables.finder)
    began = time.perf_counter()
    charges = rate_entries(entries, tables.finder, tables.bundles).charges
    took_s = time.perf_counter() - began
    if len(charges) != records:
        raise AssertionError(f"{records} records, {len(charges)} charges")
    return {"took_s": took_s}
