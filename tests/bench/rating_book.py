"""The running account with a whole month in it: loading, one late record, the running cost of calls in progress."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from random import Random
from statistics import median
from typing import Any

from edge.billing.shipped import shipped_tariffs
from edge.rating.command import load_tables
from edge.rating.instant import Instant
from edge.rating.month import Book
from edge.rating.usage import End, Kind, Party, Service, UsageRecord
from tests.bench.child import in_child, rss_mb
from tests.bench.figures import Report, percentile
from tests.bench.rating_usage import CALLED, MONTH_START_S

HOTLINE = "+84901234567"
BUNDLES = """[
    {"hotline": "0901234567", "bundle": 8, "activated_at": "2026-11-01T00:00:00+07:00", "when_spent": "renew"}
]"""
LATE_AIM_MS = 200.0
PREVIEW_AIM_US = 100.0
DECISION_AIM_US = 500.0  # 2 000 decisions a second
DECISION_P99_AIM_MS = 5.0
PARALLEL = 8  # calls in progress on the hotline when one more is decided about
MONTH_S = 30 * 86_400
ABROAD = ("004915112345678", "0033612345678")


def measure(small: bool) -> Report:
    records = 20_000 if small else 1_000_000
    report = Report(
        "one process; one hotline, all its calls charged, durations of 90 s on average; `late`: a record answered on "
        "the month's first day, the worst of 20; `preview`: one call that was answered in the last ten minutes; "
        f"`decision`: {PARALLEL} calls in progress, answered in the last hour, priced together; `bundled`: plan 3c, "
        "bundle 8, renewed when spent"
    )
    for name, plan, bundles in (("book", "onecontact-2019", None), ("bundled_book", "3c", BUNDLES)):
        found = in_child(use_book, plan, bundles, records)
        report.add(f"{name}_load_us_per_record", found["load_us"])
        report.add(f"{name}_late_record_worst_ms", found["late_worst_ms"], LATE_AIM_MS)
        report.add(f"{name}_late_record_median_ms", found["late_median_ms"])
        report.add(f"{name}_add_at_the_end_median_us", found["add_us"])
        report.add(f"{name}_preview_p50_us", found["preview_p50_us"], PREVIEW_AIM_US)
        report.add(f"{name}_decision_mean_us", found["decision_mean_us"], DECISION_AIM_US)
        report.add(f"{name}_decision_p99_ms", found["decision_p99_ms"], DECISION_P99_AIM_MS)
        report.add(f"{name}_holds_mb", found["holds_mb"])
        report.add(f"{name}_peak_mb", found["peak_mb"])
        report.notes[name] = {
            "decisions_per_s": round(1e6 / found["decision_mean_us"]),
            "charges_changed_by_late_records": found["changed"],
            "bytes_per_record": round(found["holds_mb"] * 2**20 / records),
        }
    report.notes["records"] = records
    return report


def use_book(plan: str, bundles: str | None, records: int) -> dict[str, float]:
    tables = load_tables(plan, shipped_tariffs(), bundles=bundles)
    book = Book(tables.finder, tables.bundles)
    before_mb = rss_mb()
    began = time.perf_counter()
    book.load(calls(records))
    load_s = time.perf_counter() - began
    holds_mb = rss_mb() - before_mb
    gc.collect()
    gc.freeze()  # as the core does when it has loaded its month: what stays is not looked through for garbage
    rng = Random("late")
    late = [call(rng, f"late{number}", rng.randrange(86_400)) for number in range(20)]
    changed = 0

    def add(record: UsageRecord) -> None:
        nonlocal changed
        changed += len(book.add(record)) - 1

    late_s = [timed(add, record) for record in late]
    end = [call(rng, f"end{number}", MONTH_S - rng.randrange(300)) for number in range(200)]
    add_s = [timed(book.add, record) for record in end]
    alone = [call(rng, f"leg{number}", MONTH_S - rng.randrange(600)) for number in range(1_000)]
    preview_s = [timed(book.preview_one, record) for record in alone]
    groups = [
        [call(rng, f"group{number}.{leg}", MONTH_S - rng.randrange(3_600)) for leg in range(PARALLEL)]
        for number in range(500)
    ]
    decision_s = [timed(book.preview, group) for group in groups]
    return {
        "load_us": load_s / records * 1e6,
        "holds_mb": holds_mb,
        "late_worst_ms": max(late_s) * 1e3,
        "late_median_ms": median(late_s) * 1e3,
        "changed": changed,
        "add_us": median(add_s) * 1e6,
        "preview_p50_us": percentile(preview_s, 50) * 1e6,
        "decision_mean_us": sum(decision_s) / len(decision_s) * 1e6,
        "decision_p99_ms": percentile(decision_s, 99) * 1e3,
    }


def calls(records: int) -> Iterator[UsageRecord]:
    rng = Random("book")
    return (call(rng, f"c{number}.1", 86_400 + number * (MONTH_S - 86_400) // records) for number in range(records))


def call(rng: Random, record_id: str, second: int) -> UsageRecord:
    number = rng.choice(ABROAD if rng.random() < 0.02 else CALLED)
    return UsageRecord(
        record_id,
        Kind.VOICE,
        Instant(MONTH_START_S + second, ""),
        HOTLINE,
        Service.OUTBOUND,
        int(rng.expovariate(1 / 90)) + 1,
        End(Party.EXTENSION, is_ip=False, number="0903000111"),
        End(Party.CUSTOMER, is_ip=False, number=number),
    )


def timed(work: Callable[[Any], object], subject: object) -> float:
    began = time.perf_counter()
    work(subject)
    return time.perf_counter() - began
