"""From an accepted AT+CPCMREG to voice both ways: emulated modems on ptys, driver, engine and media in one process."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import uvloop

from edge.calls.checkpoint import Checkpoint
from edge.calls.events import Event
from edge.calls.switchboard import Switchboard
from edge.dialplan.settings import Extension, Settings
from edge.engine import Engine, Trunk
from edge.lines.line import Line
from edge.media.media_engine import MediaEngine
from edge.media.prompts import PromptLibrary
from edge.telephony import ClockSource, LineId, LineState, PhoneNumber
from hal.audio.pcm_port import PcmPort
from hal.clock import SystemClock
from hal.interfaces import AudioStatistics, Frame, Moment
from hal.modem.driver import ModemDriver
from hal.serial_port import SerialByteStream
from sim_hardware.emulated_line import LineSettings
from sim_hardware.modem import PROFILES, EmulatedModem, SimCard
from sim_hardware.numbering import LINE_NUMBERS, operator_of, require
from sim_hardware.people import Profile
from sim_hardware.person import Behaviour, Script, parse_keys
from sim_hardware.simulation import Simulation
from tests.bench.bridge import NoRecorder
from tests.bench.figures import Report
from tests.bench.four_calls import CALLERS, CUSTOMERS, EXTENSIONS, LINES, MOBILES
from tests.support.virtual_box import KeptRecords

AIM_MS = 60.0
ROUNDS = 15
HANG_UP_AFTER_S = 3.6
BETWEEN_S = 1.0
DRIFT_PPM = 100.0


class Watch:
    """A `PcmPort` that notes when a path was accepted, first heard and first written."""

    def __init__(self, port: PcmPort, clock: SystemClock, opened: list[dict[str, float]]) -> None:
        self._port = port
        self._clock = clock
        self._opened = opened
        self._marks: dict[str, float] = {}
        self._asked = False

    def on_wire(self, direction: str, data: bytes, now: Moment) -> None:
        """The OK that follows AT+CPCMREG=1 ends up in `set_open` within the same read."""
        if direction == ">":
            self._asked = b"CPCMREG=1" in data
        elif self._asked and b"OK" in data:
            self._marks = {"accepted": now.mono}
            self._asked = False

    def wrote(self) -> None:
        self._mark("written")

    def set_open(self, is_open: bool) -> None:
        self._port.set_open(is_open)
        if not is_open and {"accepted", "read", "written"} <= self._marks.keys():
            self._opened.append(self._marks)
            self._marks = {}

    def close(self) -> None:
        self._port.close()

    @property
    def byte_rate(self) -> float | None:
        return self._port.byte_rate

    def read_frame(self) -> Frame | None:
        frame = self._port.read_frame()
        if frame is not None:
            self._mark("read")
        return frame

    def write_frame(self, frame: Frame) -> None:
        self._port.write_frame(frame)

    @property
    def statistics(self) -> AudioStatistics:
        return self._port.statistics

    def _mark(self, what: str) -> None:
        if "accepted" in self._marks:
            self._marks.setdefault(what, self._clock.now().mono)


class _WatchedStream(SerialByteStream):
    """Tells when bytes were written to the PCM port."""

    wrote: Callable[[], None] = staticmethod(lambda: None)

    def write(self, data: bytes) -> int:
        taken = super().write(data)
        if taken:
            self.wrote()
        return taken


class _Box:
    """Box and world on this loop."""

    def __init__(self, folder: Path) -> None:
        loop = asyncio.get_running_loop()
        self._clock = SystemClock()
        self._voices: list[SerialByteStream] = []
        self.opened: list[dict[str, float]] = []
        self.numbers = [require(number, "line") for number in LINE_NUMBERS[:LINES]]
        self.simulation = Simulation(loop, self.numbers, lambda _words: None)
        extensions = tuple(
            Extension(number, number, PhoneNumber(require(mobile, "mobile")))
            for number, mobile in zip(EXTENSIONS, MOBILES, strict=True)
        )
        start = Checkpoint(settings=Settings(extensions=extensions), revision=1, clock=ClockSource.NTP)
        prompts = PromptLibrary()
        prompts.warm("vi")
        media = MediaEngine(loop, self._clock, prompts, NoRecorder(), self._post, lambda _: None)
        self.media = media
        self.engine = Engine(loop, self._clock, Switchboard.restore(start), media, KeptRecords())
        self.drivers = [self._add_line(index, folder) for index in range(LINES)]
        self.simulation.started()

    def _post(self, event: Event) -> None:
        self.engine.post(event)

    def _add_line(self, index: int, folder: Path) -> ModemDriver:
        number, name = self.numbers[index], LineId(f"gsm-{index + 1}")
        rng = Random(index)
        operator = operator_of(number)
        card = SimCard(number=LINE_NUMBERS[index], operator=operator.name, plmn=operator.plmn)
        settings = LineSettings(name, number, "sim7600", folder, rng.uniform(-DRIFT_PPM, DRIFT_PPM))
        modem = EmulatedModem(PROFILES["sim7600"], card, rng)
        line = self.simulation.add_line(settings, modem, rng)
        stream = _WatchedStream(line.audio.path)
        watch = Watch(PcmPort(name, stream, self._clock), self._clock, self.opened)
        stream.wrote = watch.wrote
        self._voices.append(stream)
        driver = ModemDriver(
            name,
            SerialByteStream(line.at.path),
            self._clock,
            lambda event: self.engine.modem_reported(name, event),
            voice_port=watch,
            on_wire=watch.on_wire,
        )
        self.engine.add_trunk(name, Trunk(Line(name, PhoneNumber(number)), driver, watch))
        return driver

    async def up(self) -> None:
        for driver in self.drivers:
            driver.start()
        async with asyncio.timeout(20):
            while any(trunk.line.state is not LineState.UP for trunk in self.engine.trunks.values()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def round_of_calls(self) -> None:
        """Four customers, each through to his employee."""
        for mobile in MOBILES:
            self.simulation.describe(require(mobile, "mobile"), Profile(Script(Behaviour.ANSWER, 0.3)), None)
        runs = []
        for index in range(CALLERS):
            keys = parse_keys(f"{0.8 + 0.1 * index:.1f}:{EXTENSIONS[index]}")
            script = Script(keys=keys, hang_up_after_s=HANG_UP_AFTER_S)
            customer = require(CUSTOMERS[index], "customer")
            runs.append(self.simulation.place_call(customer, LINE_NUMBERS[CALLERS + index], Profile(script)))
        await asyncio.gather(*(run.finished for run in runs))
        await asyncio.sleep(BETWEEN_S)

    async def close(self) -> None:
        for driver in self.drivers:
            await driver.close()
        self.engine.close()
        self.media.close()
        for stream in self._voices:
            stream.close()
        await self.simulation.stop()


def measure(small: bool) -> Report:
    folder = Path(tempfile.mkdtemp(prefix="tongdai-bench-"))
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_measure(folder, 1 if small else ROUNDS))
    finally:
        shutil.rmtree(folder)


async def _measure(folder: Path, rounds: int) -> Report:
    report = Report(
        "from the moment the core has read the OK to AT+CPCMREG=1 to the first frame that the mixer got from the port "
        "and the first bytes written to it, whichever is later; both legs of every call; four calls at a time; modems "
        "(±100 ppm, 10 ms jitter) and box run in this one process, so that the modems' work is in it"
    )
    box = _Box(folder)
    await box.up()
    for _ in range(rounds):
        await box.round_of_calls()
    await box.close()
    ways = {name: [1000 * (marks[name] - marks["accepted"]) for marks in box.opened] for name in ("read", "written")}
    both = [max(pair) for pair in zip(*ways.values(), strict=True)]
    report.add_spread("cpcmreg_to_audio_both_ways_{}_ms", both, AIM_MS)
    report.add_spread("cpcmreg_to_first_frame_read_{}_ms", ways["read"])
    report.add_spread("cpcmreg_to_first_frame_written_{}_ms", ways["written"])
    report.notes = {"voice_paths_opened": len(both), "calls": rounds * CALLERS}
    return report
