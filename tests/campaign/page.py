"""Writes docs/figures.md from what the benches printed: `python -m tests.campaign.page BENCH.json…`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.campaign.state import PAGE, ROOT, State

Bench = dict[str, Any]
"""What one `python -m tests.bench` printed."""

HEAD = """\
# Figures

Written by `make campaign` (or `python -m tests.campaign.page BENCH.json…`); `make bench` prints the same as JSON. Each
timing stands beside how late an *idle* 20 ms timer was in the same run on the same machine: nothing here can be better
than that, and the load (1 min average at the end of the run) tells what else the machine did. All of it is measured on
emulated modems.
"""

NOT_ON_HARDWARE = """\
## Not proven on hardware

Everything above was measured on an ordinary machine with emulated modems on ptys. On a Raspberry-Pi-class box with real
modems these are open:

- processor, memory and start time on its slower cores; bytes that really reach its flash, and what its wear allows;
- the time between a modem's bytes and the core over USB, and the true jitter of its PCM port (assumed: ±10 ms, clocks
  within ±200 ppm);
- the delay inside modem and mobile network, which a person hears on top of the mouth-to-ear figure;
- how long a real module refuses AT+CPCMREG, and registration after power-up (the start figure has warm modems).
"""


def write(benches: Iterable[Bench], steps: dict[str, dict[str, Any]] | None = None) -> Path:
    """Returns the page's path."""
    target = ROOT / PAGE
    target.parent.mkdir(exist_ok=True)
    target.write_text(text(list(benches), steps or {}), encoding="utf-8")
    return target


def write_from(state: State) -> Path | None:
    """From the benches that a campaign has kept; None, and nothing written, before the first of them."""
    results = [step["result"] for name, step in state.steps.items() if name.startswith("bench ") and step["result"]]
    proofs = {name: step for name, step in state.steps.items() if not name.startswith("bench ")}
    return write(results, proofs) if results else None


def text(benches: Sequence[Bench], proofs: dict[str, dict[str, Any]]) -> str:
    machines = _machines(benches)
    parts = [HEAD, *_machine_lines(machines), "", *_table(benches, machines), ""]
    parts += [*_missed(benches), *_measured(benches), NOT_ON_HARDWARE.rstrip("\n"), *_proofs(proofs)]
    return "\n".join(parts) + "\n"


def _each(benches: Sequence[Bench]) -> Iterable[tuple[Bench, str, dict[str, Any]]]:
    for run in benches:
        for name, bench in run["benches"].items():
            yield run, name, bench


def _machine_of(run: Bench) -> str:
    machine = run["machine"]
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, Linux {machine['kernel']}, "
        f"Python {machine['python']}"
    )


def _machines(benches: Sequence[Bench]) -> dict[str, str]:
    """Description → letter."""
    found = dict.fromkeys(_machine_of(run) for run in benches)
    return {description: chr(ord("A") + index) for index, description in enumerate(found)}


def _machine_lines(machines: dict[str, str]) -> list[str]:
    return [f"Machine {letter}: {description}." for description, letter in machines.items()]


def _table(benches: Sequence[Bench], machines: dict[str, str]) -> list[str]:
    lines = [
        "| figure | value | aim | met | command | idle timer late p50 / p99 | machine (load) | code | date |",
        "| --- | ---: | ---: | --- | --- | --- | --- | --- | --- |",
    ]
    for run, name, bench in _each(benches):
        command = f"`python -m tests.bench {name}{' --small' if run['small'] else ''}`"
        where = f"{machines[_machine_of(run)]} ({run['machine']['load_1_min']})"
        date = f"`{run['machine']['code']}` | {run['machine']['date'][:10]}"
        if "error" in bench:
            lines.append(f"| {name} | failed: {bench['error']} | | no | {command} | | {where} | {date} |")
            continue
        idle = bench["idle_20_ms_timer_late"]
        late = f"{idle['p50_ms']:.2f} / {idle['p99_ms']:.2f} ms"
        for figure, row in bench["figures"].items():
            aim, met = ("", "") if "aim" not in row else (f"≤ {row['aim']:g}", "yes" if row["met"] else "**no**")
            lines.append(
                f"| {figure} | {_shown(row['value'])} | {aim} | {met} | {command} | {late} | {where} | {date} |"
            )
    return lines


def _shown(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 1000 else f"{value:g}"


def _missed(benches: Sequence[Bench]) -> list[str]:
    missed = [
        f"- `{figure}`: {_shown(row['value'])}, aim ≤ {row['aim']:g}."
        for _, _, bench in _each(benches)
        for figure, row in bench.get("figures", {}).items()
        if row.get("met") is False
    ]
    return ["## Aims missed", "", *(missed or ["None."]), ""]


def _measured(benches: Sequence[Bench]) -> list[str]:
    lines = ["## What was measured", ""]
    for _, name, bench in _each(benches):
        if "measured" in bench:
            notes = "; ".join(
                f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in bench.get("notes", {}).items()
            )
            lines += [f"**{name}.** {bench['measured'][:1].upper()}{bench['measured'][1:]}.", ""]
            lines += [f"Counted: {notes}.", ""] if notes else []
    return lines


def _proofs(proofs: dict[str, dict[str, Any]]) -> list[str]:
    if not proofs:
        return []
    lines = ["", "## Long proofs", "", "| step | passed | result | took |", "| --- | --- | --- | ---: |"]
    for name, step in proofs.items():
        lines.append(
            f"| {name} | {'yes' if step['passed'] else '**no**'} | {step['result']} | {step['took_s']:.0f} s |"
        )
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign.page", description=__doc__)
    parser.add_argument("benches", nargs="+", type=Path, metavar="BENCH.json", help="what tests.bench printed")
    given: list[Path] = parser.parse_args().benches
    path = write([json.loads(each.read_text(encoding="utf-8")) for each in given])
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
