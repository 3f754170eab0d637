"""A whole box for a test: `tongdai run --sim` in a directory of its own, driven through the command line alone."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

READY_TIMEOUT_S = 60.0
T = TypeVar("T")


def eventually(look: Callable[[], T], timeout_s: float, what: str) -> T:
    """Looks until the answer is true and returns it. Polls: what is waited for happens in other processes."""
    end = time.monotonic() + timeout_s
    pause = select.poll()
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {timeout_s:.0f} s; last seen: {found!r}")
        pause.poll(50)


@dataclass(slots=True)
class CommandFailed(Exception):
    status: int
    error: str


@dataclass(slots=True)
class Box:
    """A running box; `ready` is what READY said."""

    data: Path
    process: subprocess.Popen[str]
    ready: dict[str, Any]
    log: Path
    calls: list[subprocess.Popen[str]] = field(default_factory=list)

    @classmethod
    def start(cls, data: Path, *options: str, log: Path | None = None) -> Box:
        log = log or data.parent / f"{data.name}.log"
        with log.open("a") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "edge.cli", "run", "--sim", "--data", str(data), "--web-port", "0", *options],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], READY_TIMEOUT_S)
        line = process.stdout.readline() if readable else ""
        if not line.startswith("READY "):
            process.kill()
            process.communicate()
            raise AssertionError(f"no READY but {line!r}; log:\n{log.read_text()[-4000:]}")
        return cls(data, process, json.loads(line[6:]), log)

    def tongdai(self, *arguments: str, timeout_s: float = 120.0) -> Any:
        """Runs a verb to its end and returns its JSON. Raises `CommandFailed`."""
        done = subprocess.run(self._command(arguments), check=False, capture_output=True, text=True, timeout=timeout_s)
        if done.returncode != 0:
            raise CommandFailed(done.returncode, done.stderr.strip())
        return json.loads(done.stdout)

    def lines(self, *arguments: str, timeout_s: float = 120.0) -> list[Any]:
        """Runs a verb that answers with JSON Lines. Raises `CommandFailed`."""
        done = subprocess.run(self._command(arguments), check=False, capture_output=True, text=True, timeout=timeout_s)
        if done.returncode != 0:
            raise CommandFailed(done.returncode, done.stderr.strip())
        return [json.loads(line) for line in done.stdout.splitlines()]

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts a verb and goes on; `finish` waits for its answer."""
        begun = subprocess.Popen(self._command(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.calls.append(begun)
        return begun

    def finish(self, begun: subprocess.Popen[str], timeout_s: float = 120.0) -> Any:
        out, error = begun.communicate(timeout=timeout_s)
        self.calls.remove(begun)
        if begun.returncode != 0:
            raise CommandFailed(begun.returncode, error.strip())
        return json.loads(out)

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "edge.cli", *arguments, "--data", str(self.data)]

    def cdrs(self, count: int, timeout_s: float = 10.0) -> list[dict[str, Any]]:
        """Waits until there are so many rows, and returns them."""
        return eventually(
            lambda: rows if len(rows := self.tongdai("cdrs")) >= count else [], timeout_s, f"{count} CDR rows"
        )

    def kill(self, name: str) -> int:
        """kill -9 of one of the box's processes, by the pid of now."""
        pid = int(self.tongdai("status")["pids"][name])
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_restarted(self, name: str, old_pid: int, timeout_s: float = 30.0) -> None:
        eventually(lambda: self.tongdai("status")["pids"][name] not in (None, old_pid), timeout_s, f"{name} runs again")

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        for begun in self.calls:
            begun.kill()
            begun.communicate()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        return self.process.returncode
