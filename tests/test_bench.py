"""Each bench runs in its small form, tells what it measured, and its figures carry unit and aim."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.bench import BENCHES
from tests.bench.figures import Figure, percentile
from tests.bench.sounds import Ear, Heard, Mouth, pair
from tests.bench.transcripts import key_to_dial, offer_to_answer, read

QUICK = ("frames_lost", "switchboard", "day", "rating")
"""Without processes, ports and real time, and done in seconds."""
LONG = ("watchdog", "core_load")
"""Most of a minute even when small; their stories are told by tests/system in every run."""
UNIT = re.compile(r"_(ms|s|mb|kb|us)(_\d+[km])?$|^calls_|_percent_of_one_core|_kb_per_|_us_per_|^frames_|^bursts_")


def _run(name: str, checkout: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench", name, "--small"]
    done = subprocess.run(command, cwd=checkout, check=False, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["small"]
    assert told["machine"]["cores"]
    bench: dict[str, Any] = told["benches"][name]
    return bench


def _check(bench: dict[str, Any]) -> None:
    assert bench["measured"]
    assert {"p50_ms", "p99_ms"} <= bench["idle_20_ms_timer_late"].keys()
    assert bench["figures"]
    for name, row in bench["figures"].items():
        assert UNIT.search(name), name
        assert row["value"] >= 0
        assert ("aim" in row) == ("met" in row)


@pytest.mark.parametrize("name", QUICK)
def test_a_pure_bench_runs(name: str, checkout: Path) -> None:
    _check(_run(name, checkout))


@pytest.mark.system
@pytest.mark.parametrize("name", [name for name in BENCHES if name not in QUICK + LONG])
def test_a_bench_of_processes_runs(name: str, checkout: Path) -> None:
    _check(_run(name, checkout))


@pytest.mark.system
@pytest.mark.campaign
@pytest.mark.parametrize("name", LONG)
def test_a_long_bench_runs(name: str, checkout: Path) -> None:
    _check(_run(name, checkout))


def test_an_unknown_bench_is_named(checkout: Path) -> None:
    command = [sys.executable, "-m", "tests.bench", "speed"]
    done = subprocess.run(command, cwd=checkout, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "speed" in done.stderr


@pytest.mark.parametrize(
    ("values", "percent", "found"),
    [([5.0], 50, 5.0), ([1, 2, 3, 4], 50, 2), ([1, 2, 3, 4], 99, 4), (list(range(1, 101)), 99, 99), ([3, 1, 2], 0, 1)],
)
def test_percentiles(values: list[float], percent: float, found: float) -> None:
    assert percentile(values, percent) == found


def test_a_figure_knows_its_aim() -> None:
    assert Figure(4.9, 5).met
    assert not Figure(5.1, 5).met
    assert Figure(7).met is None
    assert Figure(0, 0).as_json() == {"value": 0, "aim": 0, "met": True}


def test_times_of_a_transcript(tmp_path: Path) -> None:
    path = tmp_path / "gsm-1.txt"
    path.write_text(
        '10.000000 < ␍␤\n10.000000 < RING␍␤\n10.001000 < ␍␤\n10.001000 < +CLIP: "0912000222",129␍␤\n'
        "10.002500 > ATA␍\n11.000000 < +RXDTMF: 5␍␤\n11.240000 < +RXDTMF: 1␍␤\n11.480000 < +RXDTMF: 2␍␤\n"
        "11.481500 > ATD0903000512;␍\n",
        encoding="utf-8",
    )
    lines = list(read(path))
    assert offer_to_answer(lines) == [pytest.approx(0.0015)]
    assert key_to_dial(lines, lines, "0903000512") == [pytest.approx(0.0015)]
    assert key_to_dial(lines, lines, "0903000513") == []


@pytest.mark.parametrize("late", [0, 5, 159, 160, 401])
def test_a_burst_is_found_where_it_is(late: int) -> None:
    clock = [0.0]
    mouth, ear = Mouth(lambda: clock[0], lambda: clock[0], 8), Ear()
    stream = np.zeros(late, dtype=np.int16)
    for tick in range(80):
        clock[0] = tick * 0.02
        stream = np.concatenate([stream, np.frombuffer(mouth.frame(), dtype="<i2")])
        ear.hear(stream[:160].tobytes(), clock[0])
        stream = stream[160:]
    delays, missing = pair(mouth.said, ear.heard, 0.16)
    assert missing == 0
    assert delays == pytest.approx([late / 8000] * len(delays), abs=1e-9)


def test_a_burst_that_is_cut_out_is_missing() -> None:
    said = [0.16 * number for number in range(20)]
    heard = [Heard(number % 4, at + 0.05) for number, at in enumerate(said) if number != 7]
    delays, missing = pair(said, heard, 0.16)
    assert missing == 1
    assert delays == pytest.approx([0.05] * len(delays))
