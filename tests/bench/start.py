"""From `make run` on a set-up checkout to READY: modems warm, page answering, every line taking calls."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from edge.billing import Biller, RateTables
from edge.billing.usage import month_begins, month_of_instant
from edge.store.ledger import Ledger
from edge.telephony import Moment
from tests.bench.figures import Report
from tests.edge.billing.paper_calls import call, leg

SCRIPT = Path(__file__).parents[2] / "packaging" / "run-sim.sh"
AIM_S = 5.0
MONTH_CALLS = 60_000
FIRST_CALL = 1_000
READY_TIMEOUT_S = 60.0


def measure(small: bool) -> Report:
    report = Report("from starting what `make run` runs to the READY line; a data directory that exists; two lines")
    folder = Path(tempfile.mkdtemp(prefix="tongdai-bench-"))
    try:
        report.add("first_start_s", start_and_stop(folder))
        starts = [start_and_stop(folder) for _ in range(1 if small else 5)]
        calls = 600 if small else MONTH_CALLS
        fill_month(folder / "data", calls, time.time())
        full_month_s = start_and_stop(folder)
    finally:
        shutil.rmtree(folder)
    report.add("start_to_ready_median_s", median(starts), AIM_S)
    report.add("start_to_ready_worst_s", max(starts))
    report.add("start_in_a_full_month_s", full_month_s)
    report.notes["calls_of_the_full_month"] = calls
    return report


def fill_month(data: Path, calls: int, now: float) -> None:
    """Outside calls of a minute, from the first of this month until now, rated and stored as the box does it."""
    begin = month_begins(month_of_instant(now))
    biller = Biller()
    with Ledger(data / "box.db", "tongdai-sim", "boot") as ledger:
        ledger.database.conn.execute("PRAGMA synchronous = OFF")
        biller.use(ledger, now, RateTables())
        for number in range(calls):
            answered = begin + round((now - 60 - begin) * number / calls, 3)
            cdr = call(FIRST_CALL + number, leg(f"c{FIRST_CALL + number}.1", answered, 60))
            ledger.close_cdr(cdr, biller.charges_for(cdr, ledger), Moment(0.0, cdr.ended))


def start_and_stop(folder: Path) -> float:
    """Seconds to READY. Stops the box again and waits for it."""
    log = folder / "bench.log"
    with log.open("a") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            [SCRIPT, "--web-port", "0", "--no-traffic", "--data", folder / "data"],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], READY_TIMEOUT_S)
    line = process.stdout.readline() if readable else ""
    took_s = time.perf_counter() - began
    if not line.startswith("READY "):
        process.terminate()
        process.communicate(timeout=15)
        raise AssertionError(f"no READY but {line!r}: {log.read_text()[-2000:]}")
    os.kill(json.loads(line[6:])["pids"]["run"], signal.SIGTERM)
    process.communicate(timeout=30)
    return took_s
