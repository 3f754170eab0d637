"""Mouth to ear through the box between two PCM ports, in real time on real ptys, both directions at once."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

import uvloop

from hal.clock import SystemClock
from hal.interfaces import FRAME_MS
from tests.bench.bridge import EVERY_FRAMES, Bridge
from tests.bench.figures import Report
from tests.bench.sounds import pair

DRIFTS_PPM = (80.0, -60.0)
JITTER_MS = 10.0
BURSTS = 600


def measure(small: bool) -> Report:
    folder = Path(tempfile.mkdtemp(prefix="tongdai-bench-"))
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_measure(folder, 15 if small else BURSTS))
    finally:
        shutil.rmtree(folder)


async def _measure(folder: Path, bursts: int) -> Report:
    every_s = EVERY_FRAMES * FRAME_MS / 1000
    report = Report(
        "from the instant a modem hands a chunk to its port (the burst is the chunk's first sample) to the instant the "
        "other modem takes that sample out of its own buffer; modems of +80 and -60 ppm that jitter by 10 ms, on ptys; "
        "both modems and the box run in this one process. The 20 ms that the burst's chunk lasts before the modem sends "
        "it are not in it. `on_modem_clocks`: the same without the jitter of the two transfers, as the persons hear it; "
        "`port_to_port`: until the box has written it, without the modem's own buffer"
    )
    bridge = Bridge(SystemClock(), DRIFTS_PPM, folder, JITTER_MS)
    bridge.start()
    await asyncio.sleep(2.0 + bursts * every_s)
    bridge.stop()
    delays, smooth, at_port, missing = [], [], [], 0
    for speaker, listener in (bridge.sides, bridge.sides[::-1]):
        found, lost = pair(speaker.mouth.said, listener.ear.heard, every_s)
        delays += found
        missing += lost
        smooth += pair(speaker.mouth.said_smoothly, listener.smooth_ear.heard, every_s)[0]
        at_port += pair(speaker.mouth.said, listener.at_port.heard, every_s)[0]
    report.add_spread("mouth_to_ear_{}_ms", [1000 * each for each in delays], 60, 80)
    report.add_spread("mouth_to_ear_on_modem_clocks_{}_ms", [1000 * each for each in smooth])
    report.add_spread("port_to_port_{}_ms", [1000 * each for each in at_port])
    ticks = bridge.media.statistics
    report.notes = {
        "bursts_heard": len(delays),
        "bursts_not_heard": missing,
        "ports": [_counters(side.statistics) for side in bridge.sides],
        "modem_underruns": [side.pacer.underruns for side in bridge.sides],
        "box_ticks": {"late": ticks.late, "skipped": ticks.skipped, "worst_lag_ms": round(1000 * ticks.worst_lag_s, 1)},
    }
    return report


def _counters(statistics: object) -> dict[str, float]:
    names = ("frames_in", "frames_out", "frames_late", "frames_lost", "frames_missing", "frames_dropped_out", "drift_ppm")
    return {name: getattr(statistics, name) for name in names}
