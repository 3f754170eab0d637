"""The figures of the box as JSON on stdout: `python -m tests.bench [NAME…] [--small]`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib import import_module
from typing import Any

from tests.bench import BENCHES
from tests.bench.idle_timer import IdleTimer
from tests.bench.machine import describe


def run(name: str, *, small: bool) -> dict[str, Any]:
    """One bench, with an idle timer beside it."""
    began = time.monotonic()
    with IdleTimer() as idle:
        report = import_module(f"tests.bench.{name}").measure(small)
    report.idle_timer = idle.late
    return {**report.as_json(), "took_s": round(time.monotonic() - began, 1)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}; all when none is named")
    parser.add_argument(
        "--small", action="store_true", help="a quick form: shows that it runs, its numbers mean little"
    )
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHES)
    if unknown:
        parser.error(f"no bench is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    benches: dict[str, Any] = {}
    status = 0
    for name in options.names or BENCHES:
        sys.stderr.write(f"bench {name}: {BENCHES[name]}\n")
        try:
            benches[name] = run(name, small=options.small)
        except Exception as error:  # noqa: BLE001 - the other figures are wanted all the same
            benches[name] = {"error": f"{type(error).__name__}: {error}"}
            sys.stderr.write(f"bench {name} failed: {error}\n")
            status = 1
    json.dump({"machine": describe(), "small": options.small, "benches": benches}, sys.stdout, indent=2)
    sys.stdout.write("\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
