"""Ten minutes of a bridged call with modem clocks at +200 and -200 ppm, virtual time: what arrived must be played."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from random import Random

from hal.interfaces import FRAME_MS
from tests.bench.bridge import EVERY_FRAMES, Bridge
from tests.bench.figures import Report
from tests.bench.sounds import pair
from tests.support.virtual_time import LoopClock, run_virtually

DRIFTS_PPM = (200.0, -200.0)
JITTER_MS = 10.0
LENGTH_S = 600.0


def measure(small: bool) -> Report:
    return run_virtually(_measure(20.0 if small else LENGTH_S))


async def _measure(length_s: float) -> Report:
    report = Report(
        "counted by the ports themselves, and by bursts of sound, 160 ms apart, that must be heard at the other end; "
        "virtual time, so that the machine cannot be late; jitter of 10 ms"
    )
    bridge = Bridge(LoopClock(asyncio.get_running_loop()), DRIFTS_PPM, None, JITTER_MS)
    await bridge.start(Random(1))
    await asyncio.sleep(length_s)
    bridge.stop()
    every_s = EVERY_FRAMES * FRAME_MS / 1000
    for (speaker, listener), name in (
        (bridge.sides, "plus_200_ppm"),
        (bridge.sides[::-1], "minus_200_ppm"),
    ):
        delays, missing = pair(speaker.mouth.said, listener.ear.heard, every_s)
        counted = speaker.counted
        report.add(f"frames_lost_in_10_min_{name}", counted.frames_lost, 0)
        report.add(f"frames_late_in_10_min_{name}", counted.frames_late)
        report.add(f"bursts_not_heard_{name}", missing, 0)
        report.add_spread(f"mouth_to_ear_{name}_{{}}_ms", _ms(delays))
        smooth, _ = pair(speaker.mouth.said_smoothly, listener.smooth_ear.heard, every_s)
        report.add_spread(f"mouth_to_ear_on_modem_clocks_{name}_{{}}_ms", _ms(smooth))
        at_port, _ = pair(speaker.mouth.said, listener.at_port.heard, every_s)
        report.add_spread(f"port_to_port_{name}_{{}}_ms", _ms(at_port))
        report.notes[name] = {
            "port": asdict(counted),
            "bursts_heard": len(delays),
            "modem_underruns": speaker.pacer.underruns,
            "modem_overflow_bytes": speaker.pacer.overflow_bytes,
        }
    report.notes["minutes"] = length_s / 60
    return report


def _ms(seconds: list[float]) -> list[float]:
    return [1000 * each for each in seconds]
