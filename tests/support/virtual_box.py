"""A whole box without audio in virtual time: emulated modems, drivers, lines, switchboard and engine in one loop.

    box = VirtualBox(lines=8, settings=COMPANY)
    await box.up()
    box.world.place_call("+84912000222", "0901234567", Script(keys=parse_keys("4:512"), hang_up_after_s=30))
    await box.quiet()
    box.records.cdrs, box.records.entries, box.replay()

Everything between the bytes of the AT ports and the records is the product's own; media and store are fakes that
behave: a prompt is over when it would have been heard, a recording is finished soon after it was stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from edge.calls import actions as do
from edge.calls import events as ev
from edge.calls.checkpoint import Checkpoint
from edge.calls.replay import Divergence, Entry, replay
from edge.calls.switchboard import Switchboard
from edge.dialplan.settings import Settings
from edge.engine import Cashier, Engine, OpenPurse, Trunk
from edge.lines.line import Line
from edge.media.prompts import PromptLibrary
from edge.telephony import CallId, Cdr, ClockSource, LegId, LineId, LineState, Moment, PhoneNumber
from hal.interfaces import SAMPLE_RATE_HZ, AudioPort, AudioStatistics, Frame
from hal.modem.driver import ModemDriver
from sim_hardware.numbering import LINE_NUMBERS, require
from tests.support.virtual_time import LoopClock, eventually
from tests.support.virtual_world import VirtualWorld

RECORDING_CLOSES_S = 0.2
"""From StopRecording to the finished file."""
AUDIO_TAIL_S = 0.08
Till = Callable[[Callable[[ev.Event], None]], Cashier]
"""Makes a cashier of the way by which it answers."""


class SilentPort:
    """An `AudioPort` that nobody speaks into."""

    statistics = AudioStatistics()

    def read_frame(self) -> Frame | None:
        return None

    def write_frame(self, frame: Frame) -> None:
        pass


class TimedMedia:
    """The engine's `Media`: performs by timers alone; prompts last as long as they do on a box."""

    def __init__(self, prompts: PromptLibrary, post: Callable[[ev.Event], None]) -> None:
        self._prompts = prompts
        self._post = post
        self._lengths: dict[tuple[tuple[str, ...], str], float] = {}
        self._loop = asyncio.get_running_loop()
        self._open: dict[LegId, bool] = {}
        self._playing: dict[LegId, do.PlayPrompts] = {}
        self._timers: dict[LegId, asyncio.TimerHandle] = {}
        self.hearing: dict[tuple[LegId, LegId], float] = {}
        """The matrix: only pairs that hear each other."""
        self.recording: set[str] = set()

    @property
    def quiet(self) -> bool:
        return not (self._open or self._playing or self._timers or self.hearing or self.recording)

    def leg_added(self, leg: LegId, line: LineId, port: AudioPort) -> None:
        self._open[leg] = False

    def leg_audio_open(self, leg: LegId) -> None:
        if leg in self._open:
            self._open[leg] = True
            self._begin(leg)

    def leg_audio_closed(self, leg: LegId) -> None:
        self._open[leg] = False

    def leg_removed(self, leg: LegId) -> None:
        self._open.pop(leg, None)
        self._stop(leg)
        self.hearing = {pair: gain for pair, gain in self.hearing.items() if leg not in pair}

    def perform(self, action: do.MediaAction) -> None:
        match action:
            case do.PlayPrompts(leg=leg) if leg in self._open:
                self._stop(leg)
                self._playing[leg] = action
                if self._open[leg]:
                    self._begin(leg)
            case do.PlayTone(leg=leg) | do.StopPlaying(leg=leg):
                self._stop(leg)
            case do.SetHearing(listener, speaker, gain):
                self._set_hearing(listener, speaker, gain)
            case do.StartRecording(recording=recording):
                self.recording.add(recording)
            case do.StopRecording(recording=recording) if recording in self.recording:
                self.recording.discard(recording)
                self._loop.call_later(RECORDING_CLOSES_S, self._post, ev.RecordingFinished(recording))
            case _:
                pass

    def _set_hearing(self, listener: LegId, speaker: LegId, gain: float) -> None:
        if gain and listener in self._open and speaker in self._open:
            self.hearing[listener, speaker] = gain
        else:
            self.hearing.pop((listener, speaker), None)

    def _begin(self, leg: LegId) -> None:
        action = self._playing.get(leg)
        if action is not None and leg not in self._timers:
            self._timers[leg] = self._loop.call_later(self._length_s(action), self._over, leg)

    def _length_s(self, action: do.PlayPrompts) -> float:
        key = (action.prompts, action.language)
        if key not in self._lengths:
            samples = sum(map(len, self._prompts.pieces(*key)))
            self._lengths[key] = samples / SAMPLE_RATE_HZ + AUDIO_TAIL_S
        return self._lengths[key]

    def _over(self, leg: LegId) -> None:
        del self._timers[leg]
        self._post(ev.PromptFinished(leg, self._playing.pop(leg).player))

    def _stop(self, leg: LegId) -> None:
        self._playing.pop(leg, None)
        timer = self._timers.pop(leg, None)
        if timer is not None:
            timer.cancel()


class KeptRecords:
    """The engine's `Records`: everything in memory, as the store would have it."""

    def __init__(self) -> None:
        self.cdrs: list[Cdr] = []
        self.entries: list[Entry] = []
        """The journal: every event with its moment and actions."""
        self.done: list[do.RecordAction | do.SendMessage] = []
        """Everything else that was to be recorded."""

    def perform(self, action: do.RecordAction | do.SendMessage, now: Moment) -> None:
        if isinstance(action, do.CloseCdr):
            self.cdrs.append(action.cdr)
        elif not isinstance(action, do.RefreshOpenCdr):
            self.done.append(action)

    def journal(self, now: Moment, event: ev.Event, actions: tuple[do.Action, ...], calls: tuple[CallId, ...]) -> None:
        self.entries.append((len(self.entries) + 1, now, event, actions))

    def checkpoint(self, board: Switchboard, now: Moment) -> None:
        pass

    def count(self, *kinds: type[ev.Event]) -> int:
        """How many events of these kinds there were."""
        return sum(isinstance(event, kinds) for _, _, event, _ in self.entries)


class VirtualBox:
    """Build it inside a virtual-time loop."""

    def __init__(self, lines: int, settings: Settings, seed: int = 1, cashier: Till = OpenPurse) -> None:
        loop = asyncio.get_running_loop()
        self._clock = LoopClock(loop)
        self.start = Checkpoint(settings=settings, revision=1, clock=ClockSource.NTP)
        self.records = KeptRecords()
        self.world = VirtualWorld(self._clock)
        self.media = TimedMedia(PromptLibrary(), self._post)
        self.cashier = cashier(self._post)
        board = Switchboard.restore(self.start)
        self.engine = Engine(loop, self._clock, board, self.media, self.records, cashier=self.cashier)
        self.hotlines = [PhoneNumber(require(number, "line")) for number in LINE_NUMBERS[:lines]]
        self.drivers = [self._add_line(index, number, seed) for index, number in enumerate(self.hotlines)]

    def _add_line(self, index: int, number: PhoneNumber, seed: int) -> ModemDriver:
        name = LineId(f"gsm-{index + 1}")
        modem = self.world.add_modem(number, 100 * seed + index)
        driver = ModemDriver(name, modem, self._clock, lambda event: self.engine.modem_reported(name, event))
        self.engine.add_trunk(name, Trunk(Line(name, number), driver, SilentPort()))
        return driver

    def _post(self, event: ev.Event) -> None:
        self.engine.post(event)

    async def up(self) -> None:
        """Every line registered and taking calls."""
        for driver in self.drivers:
            driver.start()
        await eventually(lambda: all(line.state is LineState.UP for line in self._lines()), 30)

    async def quiet(self, within_s: float = 900) -> None:
        """No call anywhere, nothing armed. Raises AssertionError."""
        await eventually(self.is_quiet, within_s, 0.5)

    def is_quiet(self) -> bool:
        board = self.engine.board
        lines_free = not any(line.busy for line in self._lines())
        silent = self.media.quiet and not self.world.busy
        return board.quiet and board.next_deadline is None and lines_free and silent

    def replay(self) -> Divergence | None:
        """The whole journal again; None when every action is as it was."""
        return replay(self.start, self.records.entries)

    async def close(self) -> None:
        for driver in self.drivers:
            await driver.close()
        self.engine.close()
        self.world.stop()

    def _lines(self) -> list[Line]:
        return [trunk.line for trunk in self.engine.trunks.values()]
