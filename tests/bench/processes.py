"""What the kernel has counted for a process (proc(5)): processor time, memory, bytes written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Counted:
    processor_s: float
    """User and system time of all threads, to 10 ms."""
    rss_mb: float
    peak_rss_mb: float
    disk_bytes: int
    """Written towards a disk, less what was thrown away before it got there."""
    written_bytes: int
    """By write(2) and its like, voice to the modems' ports among it."""


def look(pid: int) -> Counted:
    folder = Path("/proc") / str(pid)
    fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    status = _numbers((folder / "status").read_text(encoding="utf-8"))
    io = _numbers((folder / "io").read_text(encoding="utf-8"))
    return Counted(
        processor_s=(int(fields[11]) + int(fields[12])) / _TICKS_PER_S,
        rss_mb=status["VmRSS"] / 1024,
        peak_rss_mb=status["VmHWM"] / 1024,
        disk_bytes=io["write_bytes"] - io["cancelled_write_bytes"],
        written_bytes=io["wchar"],
    )


def _numbers(text: str) -> dict[str, int]:
    """Lines `name: 12 kB` that carry a number."""
    found = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        first = value.split()[:1]
        if first and first[0].isdigit():
            found[name] = int(first[0])
    return found
