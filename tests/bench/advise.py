"""`advise` over a million calls: from the text of the usage file to the answer, in a process of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from edge.billing.shipped import shipped_tariffs
from edge.rating.advice.question import Question, advise
from edge.rating.columns import read_columns
from edge.rating.command import NamedText
from tests.bench.child import in_child
from tests.bench.figures import Report
from tests.bench.rating_usage import HOTLINES, record

AIM_S = 30
IDD = "33,3607\n380,6001\n"
SERVICES = ("inbound", "connect", "connect", "callback", "forward", "internal", "outbound", "outbound", "conference")
MOBILE = ("090", "091", "098", "035", "077", "056")
ABROAD = ("004915112345678", "0033612345678", "00380501234567")
CUSTOMERS = 60_000
MONTH_S = 30 * 86_400


def measure(small: bool) -> Report:
    records = 5_000 if small else 1_000_000
    report = Report(
        "one process, one core: a month on four hotlines read from a text in memory, priced under both voice plans and "
        "every bundle, ranked; `read`: the text to columns alone; peak: what the child grew by, the text among it"
    )
    with TemporaryDirectory(prefix="tongdai-bench-") as folder:
        path = Path(folder) / "usage.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(each)}\n" for each in usage(records))
        read, answered = in_child(read_alone, path), in_child(answer, path)
    report.add("advise_s", answered["took_s"], AIM_S)
    report.add("advise_processor_s", answered["processor_s"])
    report.add("advise_read_s", read["took_s"])
    report.add("advise_peak_mb", answered["peak_mb"])
    report.notes = {
        "records": records,
        "answered_calls": answered["calls"],
        "choices": answered["choices"],
        "text_mb": answered["text_mb"],
    }
    return report


def usage(records: int) -> Iterator[dict[str, Any]]:
    """Calls of all services, some hundred messages in ten thousand; one call in a hundred goes abroad."""
    rng = Random(f"advise/{records}")
    customers = [f"{rng.choice(MOBILE)}{rng.randrange(10**7):07}" for _ in range(CUSTOMERS)]
    for number in range(records):
        second, hotline = rng.randrange(MONTH_S), rng.choice(HOTLINES)
        row = record(rng, f"c{number}.1", second, hotline, rng.choice(SERVICES))
        outside = {"party": "customer", "number": rng.choice(ABROAD if rng.random() < 0.01 else customers)}
        if row["service"] in ("forward", "outbound", "conference"):
            row["to"] = outside
        if row["service"] == "conference":
            row["conference"] = {"id": f"cf{number // 3}", "initiator": number % 3 == 0}
        if row["answered_at"] is not None and rng.random() < 0.02:
            at = {"at": row["answered_at"], "parts": 1, "to": {"party": "customer", "number": rng.choice(customers)}}
            row = {"id": f"m{number}", "kind": "sms", "hotline": hotline, **at}
        yield row


def answer(path: Path) -> dict[str, float]:
    text = path.read_text(encoding="utf-8")
    question = Question(NamedText("usage.jsonl", text), shipped_tariffs(), idd=NamedText("idd.csv", IDD))
    began, processor = time.perf_counter(), time.process_time()
    document = advise(question)
    took_s, processor_s = time.perf_counter() - began, time.process_time() - processor
    if document["choices"][0]["unrated"]:
        raise AssertionError(f"{document['choices'][0]['unrated']} records have no price in the best choice")
    return {
        "took_s": took_s,
        "processor_s": processor_s,
        "calls": document["calls"],
        "choices": len(document["choices"]),
        "text_mb": len(text) / 2**20,
    }


def read_alone(path: Path) -> dict[str, float]:
    text = path.read_text(encoding="utf-8")
    began = time.perf_counter()
    columns = read_columns(text, "usage.jsonl")
    took_s = time.perf_counter() - began
    return {"took_s": took_s, "rows": len(columns.ids)}
