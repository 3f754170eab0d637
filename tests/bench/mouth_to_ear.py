"""Mouth to ear through the box between two PCM ports, in real time on real ptys, both directions at once."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import uvloop

from hal.clock import SystemClock
from hal.interfaces import FRAME_MS, AudioStatistics
from tests.bench.bridge import EVERY_FRAMES, Bridge
from tests.bench.figures import Report, percentile
from tests.bench.sounds import pair

DRIFTS_PPM = (80.0, -60.0)
JITTER_MS = 10.0
STRETCHES = 8
"""How the clocks stand to each other decides much; each stretch begins with other phases."""
BURSTS = 80
"""Each way in a stretch."""
WARM_UP_S = 2.0


@dataclass(slots=True)
class _Delays:
    """Seconds, both directions of all stretches."""

    heard: list[float] = field(default_factory=list)
    on_modem_clocks: list[float] = field(default_factory=list)
    at_port: list[float] = field(default_factory=list)
    not_heard: int = 0
    medians_ms: list[float] = field(default_factory=list)
    late_ticks: int = 0
    skipped_ticks: int = 0
    worst_tick_lag_ms: float = 0.0
    ports: list[AudioStatistics] = field(default_factory=list)


def measure(small: bool) -> Report:
    folder = Path(tempfile.mkdtemp(prefix="tongdai-bench-"))
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_measure(folder, *((1, 15) if small else (STRETCHES, BURSTS))))
    finally:
        shutil.rmtree(folder)


async def _measure(folder: Path, stretches: int, bursts: int) -> Report:
    report = Report(
        "from the instant a modem hands a chunk to its port (the burst is the chunk's first sample) to the instant "
        "the other modem takes that sample out of its own buffer; modems of +80 and -60 ppm that jitter by 10 ms, on "
        "ptys; both modems and the box run in this one process. The 20 ms that the chunk lasts before the modem sends "
        "it are not in it. `on_modem_clocks`: the same without the jitter of the two transfers, as persons hear it; "
        "`port_to_port`: until the box has written it, without the modem's own buffer"
    )
    delays, rng = _Delays(), Random(4)
    for _ in range(stretches):
        await _stretch(delays, folder, bursts, rng)
    report.add_spread("mouth_to_ear_{}_ms", _ms(delays.heard), 60, 80)
    report.add_spread("mouth_to_ear_on_modem_clocks_{}_ms", _ms(delays.on_modem_clocks))
    report.add_spread("port_to_port_{}_ms", _ms(delays.at_port))
    report.notes = {
        "bursts_heard": len(delays.heard),
        "bursts_not_heard": delays.not_heard,
        "p50_ms_of_each_stretch_and_way": delays.medians_ms,
        "frames_lost": sum(each.frames_lost for each in delays.ports),
        "frames_late_through_the_machine": sum(each.frames_late for each in delays.ports),
        "frames_missing": sum(each.frames_missing for each in delays.ports),
        "late_ticks": delays.late_ticks,
        "skipped_ticks": delays.skipped_ticks,
        "worst_tick_lag_ms": round(delays.worst_tick_lag_ms, 1),
    }
    return report


async def _stretch(delays: _Delays, folder: Path, bursts: int, rng: Random) -> None:
    every_s = EVERY_FRAMES * FRAME_MS / 1000
    bridge = Bridge(SystemClock(), DRIFTS_PPM, folder, JITTER_MS)
    await bridge.start(rng)
    await asyncio.sleep(WARM_UP_S + bursts * every_s)
    bridge.stop()
    for speaker, listener in (bridge.sides, bridge.sides[::-1]):
        found, missing = pair(speaker.mouth.said, listener.ear.heard, every_s)
        delays.heard += found
        delays.not_heard += missing
        delays.medians_ms.append(round(1000 * percentile(found, 50), 1))
        delays.on_modem_clocks += pair(speaker.mouth.said_smoothly, listener.smooth_ear.heard, every_s)[0]
        delays.at_port += pair(speaker.mouth.said, listener.at_port.heard, every_s)[0]
        delays.ports.append(speaker.counted)
    ticks = bridge.media.statistics
    delays.late_ticks += ticks.late
    delays.skipped_ticks += ticks.skipped
    delays.worst_tick_lag_ms = max(delays.worst_tick_lag_ms, 1000 * ticks.worst_lag_s)


def _ms(seconds: list[float]) -> list[float]:
    return [1000 * each for each in seconds]
