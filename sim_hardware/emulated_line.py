"""One line of the world: an emulated modem on its two ptys, with its own clock.

The shell of the sans-io modem: bytes and timers go in, its outputs come out. What concerns the ports is done here, at
once; then all outputs are handed on to `on_outputs`, in order, for the network's part.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Protocol

from sim_hardware.modem import events as m
from sim_hardware.pcm import ModemClock, PcmPacer
from sim_hardware.ptys import OpenPort, PtyPort


class ModemMachine(Protocol):
    """What `sim_hardware.modem.EmulatedModem` is to the world."""

    def handle(self, event: m.Event, now_s: float) -> list[m.Output]: ...

    @property
    def next_deadline(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class LineSettings:
    line: str
    """Name, such as gsm-1."""
    number: str
    """E.164."""
    family: str
    directory: Path
    """Where the links of the ports stand."""
    drift_ppm: float
    odd_chunks: bool = False

    def at_link(self, name: str) -> Path:
        return self.directory / f"{name}-at"

    def audio_link(self, name: str) -> Path:
        return self.directory / f"{name}-audio"

    @property
    def at_by_path(self) -> Path:
        """The name that stays: a device manager names a port by the socket it is plugged into (udev's by-path)."""
        return self.directory / "by-path" / f"{self.line}-at"

    @property
    def audio_by_path(self) -> Path:
        return self.directory / "by-path" / f"{self.line}-audio"


class EmulatedLine:
    """Owns the ports and timers of one modem; `exchange_frame(uplink) -> downlink` comes every 20 ms of its clock."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        settings: LineSettings,
        modem: ModemMachine,
        on_outputs: Callable[[EmulatedLine, list[m.Output]], None],
        exchange_frame: Callable[[bytes], bytes],
        rng: Random,
        *,
        open_port: OpenPort = PtyPort,
    ) -> None:
        self.settings = settings
        self.impaired = "none"
        self._loop = loop
        self._modem = modem
        self._on_outputs = on_outputs
        self._exchange_frame = exchange_frame
        self._clock = ModemClock(loop.time(), settings.drift_ppm)
        self._timer: asyncio.TimerHandle | None = None
        self._return_timer: asyncio.TimerHandle | None = None
        self._uplink = b""
        self.at = open_port(loop, settings.at_link(settings.line), self._host_wrote)
        self.audio = open_port(loop, settings.audio_link(settings.line), lambda _: None)
        self._name_by_path()
        self.pacer = PcmPacer(
            loop, self.audio, self._clock, self._next_frame, self._take_frame, rng, odd_chunks=settings.odd_chunks
        )

    @property
    def number(self) -> str:
        return self.settings.number

    @property
    def plugged_in(self) -> bool:
        return self.at.present

    def tell(self, event: m.Event) -> None:
        """Give the modem an event now and perform what it answers."""
        self._tell_at(event, self._clock.now_s(self._loop.time()))

    def _tell_at(self, event: m.Event, now_s: float) -> None:
        outputs = self._modem.handle(event, now_s)
        for output in outputs:
            self._perform(output)
        self._arm()
        if outputs:
            self._on_outputs(self, outputs)

    def close(self) -> None:
        """Stop timers and ports. Harmless twice."""
        for timer in (self._timer, self._return_timer):
            if timer is not None:
                timer.cancel()
        self.pacer.close()
        self._forget_by_path()
        self.at.close()
        self.audio.close()

    def _name_by_path(self) -> None:
        for port, name in ((self.at, self.settings.at_by_path), (self.audio, self.settings.audio_by_path)):
            if port.path.is_symlink():
                name.parent.mkdir(exist_ok=True)
                name.unlink(missing_ok=True)
                name.symlink_to(port.path)

    def _forget_by_path(self) -> None:
        for name in (self.settings.at_by_path, self.settings.audio_by_path):
            name.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # another line's names are there still, or nothing ever was
                name.parent.rmdir()

    def _host_wrote(self, data: bytes) -> None:
        self.tell(m.HostWrote(data))

    def _perform(self, output: m.Output) -> None:
        match output:
            case m.WriteHost(data):
                self.at.write(data)
            case m.AudioOpened(rate_hz):
                self.pacer.close()
                self.pacer.open(rate_hz)
            case m.AudioClosed():
                self.pacer.close()
            case m.AudioImpaired(direction):
                self.impaired = direction
            case m.PortVanished(returns_in_s, new_name):
                self._vanish(returns_in_s, new_name)

    def _vanish(self, returns_in_s: float | None, new_name: str | None) -> None:
        if self._return_timer is not None:
            self._return_timer.cancel()
            self._return_timer = None
        self.pacer.close()
        self._forget_by_path()
        self.at.vanish()
        self.audio.vanish()
        if returns_in_s is not None:
            self._return_timer = self._loop.call_later(max(0.0, returns_in_s), self._reappear, new_name)

    def _reappear(self, new_name: str | None) -> None:
        self._return_timer = None
        self.at.reappear(None if new_name is None else self.settings.at_link(new_name))
        self.audio.reappear(None if new_name is None else self.settings.audio_link(new_name))
        self._name_by_path()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_s = self._modem.next_deadline
        if due_s is not None:
            self._timer = self._loop.call_at(self._clock.monotonic_s(due_s), self._time_passed, due_s)

    def _time_passed(self, due_s: float) -> None:
        """Never before `due_s`, to the last bit: the modem would do nothing and ask for the same moment again."""
        self._timer = None
        self._tell_at(m.TimePassed(), max(due_s, self._clock.now_s(self._loop.time())))

    def _take_frame(self, frame: bytes) -> None:
        self._uplink = frame

    def _next_frame(self) -> bytes:
        return self._exchange_frame(self._uplink)
