"""The media shell: performs `MediaAction`s on the legs that have audio, once per 20 ms tick, all legs together.

One tick: read a frame of every open leg, listen for keys where wanted, take a frame of every player, mix, write a frame
to every open leg (silence included: modems want a steady stream), hand the speech to the recordings. Events leave only
after the tick is complete, so that whoever answers one by an action finds the room in order.

Invariants: the clock runs only while there are legs; a player is held back while its leg's audio is not open, and
reports once, when its last sample has been heard; an action on a leg that is gone does nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from edge.calls.actions import (
    MediaAction,
    PlayPrompts,
    PlayTone,
    SetHearing,
    StartRecording,
    StopPlaying,
    StopRecording,
)
from edge.calls.events import Event, KeyPressed, PromptFinished
from edge.media.dtmf import KeyDetector
from edge.media.errors import PromptMissingError
from edge.media.key_merger import KeyMerger, KeySource
from edge.media.mixer import Mixer
from edge.media.players import Player, PromptPlayer, TonePlayer
from edge.media.prompts import PromptLibrary
from edge.media.ticker import Ticker, TickStatistics
from edge.media.tones import silence
from edge.telephony import CallId, Clock, Frame, LegId, LineId, RecordingId
from hal.interfaces import AudioPort

_LOG = logging.getLogger(__name__)

_AFTER_PROMPTS_S = 0.08
"""What lies between our last sample and the ear: the port's queue and the modem's. A goodbye is heard to its end."""


class CallRecorder(Protocol):
    """Where recordings go; never blocks. `edge.media.recorder.Recorder` on a box."""

    def start(self, recording: RecordingId, call: CallId, started_wall: float) -> None: ...

    def feed(self, recording: RecordingId, left: Frame | None, right: Frame | None) -> None: ...

    def stop(self, recording: RecordingId) -> None: ...


@dataclass(slots=True)
class _Playing:
    player: Player
    number: int | None
    """Player number to report at its end; tones have none."""


@dataclass(slots=True)
class _Leg:
    line: LineId
    port: AudioPort | None
    detector: KeyDetector | None
    open: bool = False
    playing: _Playing | None = None


class MediaEngine:
    """Owns the mixer, the players and the clock. Everything happens on the loop; nothing blocks."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        prompts: PromptLibrary,
        recorder: CallRecorder,
        sink: Callable[[Event], None],
        ports: Callable[[LineId], AudioPort | None],
    ) -> None:
        self._clock = clock
        self._prompts = prompts
        self._recorder = recorder
        self._sink = sink
        self._ports = ports
        self._mixer = Mixer()
        self._ticker = Ticker(loop, self._tick)
        self._legs: dict[LegId, _Leg] = {}
        self._mergers: dict[LegId, KeyMerger] = {}
        self._recordings: dict[RecordingId, StartRecording] = {}
        self._outbox: list[Event] = []

    @property
    def statistics(self) -> TickStatistics:
        return self._ticker.statistics

    # --- legs ---------------------------------------------------------------------------------------------------

    def leg_added(
        self, leg: LegId, line: LineId, port: AudioPort | None = None, *, listen_for_keys: bool = False
    ) -> None:
        """A leg exists; its audio is closed. Without `port` the line's port is asked for when the audio opens.

        `listen_for_keys`: detect keys in the voice, for families without module detection or as a second source.
        """
        self._mixer.add_leg(leg)
        self._legs[leg] = _Leg(line, port, KeyDetector() if listen_for_keys else None)
        if listen_for_keys:
            self._mergers[leg] = KeyMerger()
        self._ticker.start()

    def leg_audio_open(self, leg: LegId) -> None:
        """From the next tick on the leg is read and written, and a player that waited begins."""
        state = self._legs.get(leg)
        if state is None:
            return
        if state.port is None:
            state.port = self._ports(state.line)
        state.open = state.port is not None
        if not state.open:
            _LOG.error("leg %s: line %s has no audio port; its voice stays silent", leg, state.line)

    def leg_audio_closed(self, leg: LegId) -> None:
        """Neither read nor written any more; a player of the leg waits."""
        if (state := self._legs.get(leg)) is not None:
            state.open = False

    def leg_removed(self, leg: LegId) -> None:
        """The leg has ended. Its player goes without a report; a recording of it goes on with silence."""
        if self._legs.pop(leg, None) is None:
            return
        self._mixer.remove_leg(leg)
        self._mergers.pop(leg, None)
        if not self._legs:
            self._ticker.stop()

    def module_key(self, leg: LegId, key: str) -> bool:
        """The modem reported a key. True: pass it on; False: it was heard in the voice and reported already."""
        merger = self._mergers.get(leg)
        return merger is None or merger.heard(KeySource.MODULE, key, self._clock.now().mono)

    def close(self) -> None:
        """Stops the clock and every recording (the recorder still has to be awaited). Idempotent."""
        self._ticker.stop()
        for recording in list(self._recordings):
            self._stop_recording(recording)
        for leg in list(self._legs):
            self.leg_removed(leg)

    # --- actions ------------------------------------------------------------------------------------------------

    def perform(self, action: MediaAction) -> None:
        """Takes effect with the next tick. Actions on legs that are gone are harmless."""
        match action:
            case PlayPrompts():
                self._play_prompts(action)
            case PlayTone(leg, tone):
                self._play(leg, _Playing(TonePlayer(tone), None))
            case StopPlaying(leg):
                self._play(leg, None)
            case SetHearing(listener, speaker, gain):
                if listener in self._legs and speaker in self._legs:
                    self._mixer.set_gain(listener, speaker, gain)
            case StartRecording():
                self._recordings[action.recording] = action
                self._recorder.start(action.recording, action.call, self._clock.now().wall)
            case StopRecording(recording):
                self._stop_recording(recording)

    def _play_prompts(self, action: PlayPrompts) -> None:
        try:
            pieces = self._prompts.pieces(action.prompts, action.language)
        except PromptMissingError as error:
            # The call must go on: an empty player reports its end at once.
            _LOG.error("leg %s: %s", action.leg, error)
            pieces = []
        self._play(action.leg, _Playing(PromptPlayer([*pieces, silence(_AFTER_PROMPTS_S)]), action.player))

    def _play(self, leg: LegId, playing: _Playing | None) -> None:
        if (state := self._legs.get(leg)) is not None:
            state.playing = playing

    def _stop_recording(self, recording: RecordingId) -> None:
        if self._recordings.pop(recording, None) is not None:
            self._recorder.stop(recording)

    # --- the tick -----------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        spoken: dict[LegId, Frame | None] = {}
        played: dict[LegId, Frame | None] = {}
        for leg, state in self._legs.items():
            if not state.open or state.port is None:
                continue
            frame = spoken[leg] = state.port.read_frame()
            if state.detector is not None:
                self._listen(leg, state.detector, frame)
            if state.playing is not None:
                played[leg] = self._next_played(leg, state, state.playing)
        heard = self._mixer.mix(spoken, played)
        for leg, state in self._legs.items():
            if state.open and state.port is not None:
                state.port.write_frame(heard[leg])
        for recording, action in self._recordings.items():
            self._recorder.feed(recording, spoken.get(action.left), spoken.get(action.right))
        self._report()

    def _listen(self, leg: LegId, detector: KeyDetector, frame: Frame | None) -> None:
        key = detector.hear(frame)
        if key is not None and self._mergers[leg].heard(KeySource.IN_BAND, key, self._clock.now().mono):
            self._outbox.append(KeyPressed(leg, key))

    def _next_played(self, leg: LegId, state: _Leg, playing: _Playing) -> Frame | None:
        frame = playing.player.next_frame()
        if frame is None:
            state.playing = None
            if playing.number is not None:
                self._outbox.append(PromptFinished(leg, playing.number))
        return frame

    def _report(self) -> None:
        if self._outbox:
            events, self._outbox = self._outbox, []
            for event in events:
                self._sink(event)
