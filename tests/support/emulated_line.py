"""A modem of `sim_hardware` and a small network behind a `ByteStream`, in the same loop: no pty, virtual time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from random import Random

from hal.interfaces import Clock, ModemEvent
from sim_hardware.modem import events as e
from sim_hardware.modem.lone_network import LoneNetwork
from sim_hardware.modem.modem import EmulatedModem
from sim_hardware.modem.profiles import SIM7600, ModemProfile
from sim_hardware.modem.sim_card import SimCard

WIRE_S = 0.0005
"""From the modem to the host: a USB transfer."""


class EmulatedLine:
    """The AT side is this object itself (`hal.interfaces.ByteStream`)."""

    def __init__(
        self,
        clock: Clock,
        *,
        profile: ModemProfile = SIM7600,
        sim: SimCard | None = None,
        warm: bool = True,
        no_sim: bool = False,
        registered: bool = True,
    ) -> None:
        self._clock = clock
        self._base = clock.now().mono
        self.sim = None if no_sim else sim or SimCard()
        self.network = LoneNetwork("MobiFone", "45201")
        self.modem = EmulatedModem(profile, self.sim, Random(1), warm=warm)
        self.outputs: list[e.Output] = []
        self.written: list[str] = []
        """Commands of the host, as it wrote them."""
        self.present = True
        self._on_the_wire: deque[bytes] = deque()
        self._on_data: Callable[[bytes], None] | None = None
        self._on_lost: Callable[[str], None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._arm()

    # --- ByteStream

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        if not self.present:
            raise FileNotFoundError("no such port")
        self._on_data, self._on_lost = on_data, on_lost

    def write(self, data: bytes) -> int:
        self.written.append(data.decode("latin-1"))
        self.tell(e.HostWrote(data))
        return len(data)

    def close(self) -> None:
        self._on_data = self._on_lost = None

    # --- the world

    def tell(self, event: e.Event) -> None:
        self._take(self.modem.handle(event, self._now()))
        self._arm()

    def ring(self, number: str) -> None:
        self.network.ring(number, self._now())
        self._arm()

    def hang_up(self, number: str) -> None:
        self.network.hang_up(number)
        self._arm()

    def message(self, sender: str, text: str) -> None:
        self.network.message(sender, text, self._clock.now().wall)
        self._arm()

    def fault(self, name: str, number: float | None = None, text: str | None = None) -> None:
        self.tell(e.FaultInjected(name, number, text))

    def unplug(self) -> None:
        self.present = False
        if self._on_lost is not None:
            lost, self._on_lost, self._on_data = self._on_lost, None, None
            lost("the device is gone")

    def replug(self) -> None:
        self.present = True

    @property
    def commands(self) -> list[str]:
        return [text.strip("\r") for text in self.written]

    def _now(self) -> float:
        return self._clock.now().mono - self._base

    def _take(self, outputs: list[e.Output]) -> None:
        loop = asyncio.get_running_loop()
        for output in outputs:
            self.outputs.append(output)
            if isinstance(output, e.WriteHost):
                self._on_the_wire.append(output.data)
                loop.call_later(WIRE_S, self._deliver)
                continue
            if isinstance(output, e.PortVanished):
                self.unplug()
                if output.returns_in_s is not None:
                    loop.call_later(output.returns_in_s, self.replug)
            self.network.hear(output, self._now(), self._clock.now().wall)

    def _deliver(self) -> None:
        """Oldest first: timers of one instant come in no particular order."""
        data = self._on_the_wire.popleft()
        if self._on_data is not None:
            self._on_data(data)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        deadlines = [self.modem.next_deadline, self.network.next_deadline]
        if any(True for _ in self._pending_network()):
            deadlines.append(self._now())
        due = min((moment for moment in deadlines if moment is not None), default=None)
        self._timer = None
        if due is not None:
            loop = asyncio.get_running_loop()
            due = max(due, self._now())
            self._timer = loop.call_at(self._base + due, self._tick, due)

    def _pending_network(self) -> list[e.Event]:
        return self.network._said

    def _tick(self, due: float) -> None:
        self._timer = None
        now = max(self._now(), due)  # the sum of two floats may be a hair early
        for event in self.network.take_due(now):
            self._take(self.modem.handle(event, now))
        self._take(self.modem.handle(e.TimePassed(), now))
        self._arm()


class Heard:
    """A `ModemSink` that keeps what it gets, with the time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.events: list[ModemEvent] = []
        self.times: list[float] = []

    def __call__(self, event: ModemEvent) -> None:
        self.events.append(event)
        self.times.append(self._clock.now().mono)

    def of(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]

    def at(self, event: ModemEvent) -> float:
        return self.times[self.events.index(event)]

    def clear(self) -> None:
        self.events.clear()
        self.times.clear()
