"""How late an idle 20 ms timer is on this machine right now: no timing of a loaded machine can be better than that.

`python -m tests.bench.idle_timer` is a process that does nothing but wake up every 20 ms until its stdin closes; then
it prints how late it was. `IdleTimer` runs one beside a measurement.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from types import TracebackType
from typing import Self

from tests.bench.figures import percentile

INTERVAL_S = 0.020


class IdleTimer:
    """`with IdleTimer() as idle: …` and then `idle.late`."""

    def __init__(self) -> None:
        self.late: dict[str, float] = {}
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.bench.idle_timer"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        assert process is not None
        try:
            told, _ = process.communicate(timeout=10)
            self.late = json.loads(told)
        finally:
            process.kill()
            process.wait()


def main() -> int:
    stdin = select.poll()
    stdin.register(sys.stdin, select.POLLHUP | select.POLLIN)
    late_ms = []
    due = time.monotonic()
    stopped = False
    while not stopped:
        due += INTERVAL_S
        time.sleep(max(0.0, due - time.monotonic()))
        late_ms.append(1000 * (time.monotonic() - due))
        stopped = bool(stdin.poll(0))
    spread = {"p50_ms": percentile(late_ms, 50), "p99_ms": percentile(late_ms, 99), "worst_ms": max(late_ms)}
    sys.stdout.write(json.dumps({name: round(value, 3) for name, value in spread.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
