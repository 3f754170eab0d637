"""A modem on the bench: a host that types commands, a hand on the network, and a clock moved by hand."""

from __future__ import annotations

from random import Random

import pytest

from sim_hardware.modem import PROFILES, EmulatedModem, SimCard
from sim_hardware.modem.events import Event, HostWrote, Output, TimePassed, WriteHost


class Bench:
    """Keeps everything the modem did; `lines` are what the host read since it was last asked."""

    def __init__(self, family="sim7600", sim=..., *, warm=True, boot_scale=1.0, echo=False, profile=None):
        self.sim = SimCard() if sim is ... else sim
        self.modem = EmulatedModem(profile or PROFILES[family], self.sim, Random(1), warm=warm, boot_scale=boot_scale)
        self.now_s = 0.0
        self.outputs: list[Output] = []
        self.read = b""
        if not echo and warm:
            self.at("ATE0")

    def tell(self, event: Event) -> list[Output]:
        outputs = self.modem.handle(event, self.now_s)
        self._keep(outputs)
        return outputs

    def wait(self, seconds: float) -> list[str]:
        """Let time pass; the lines that came meanwhile, and before."""
        self.pass_time(seconds)
        return self.lines()

    def pass_time(self, seconds: float) -> None:
        """Deadline by deadline, as a shell does."""
        end_s = self.now_s + seconds
        while (due_s := self.modem.next_deadline) is not None and due_s <= end_s:
            self.now_s = max(self.now_s, due_s)
            self._keep(self.modem.handle(TimePassed(), self.now_s))
        self.now_s = end_s

    def at(self, command: str, wait_s: float = 0.0) -> list[str]:
        """Type a command and read all lines that come (with `wait_s`, also later ones)."""
        self.lines()
        self.tell(HostWrote(command.encode() + b"\r"))
        return self.wait(wait_s)

    def type(self, data: bytes) -> list[str]:
        self.tell(HostWrote(data))
        return self.lines()

    def type_silently(self, data: bytes) -> None:
        """Type, and leave what comes for the next `lines`."""
        self.tell(HostWrote(data))

    def lines(self) -> list[str]:
        text, self.read = self.read.decode("latin-1"), b""
        return [line for line in text.replace("\r", "\n").split("\n") if line]

    def did(self, kind: type) -> list[Output]:
        """All outputs of one kind so far."""
        return [output for output in self.outputs if isinstance(output, kind)]

    def _keep(self, outputs: list[Output]) -> None:
        self.outputs += outputs
        self.read += b"".join(output.data for output in outputs if isinstance(output, WriteHost))


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture(scope="session")
def make_bench():
    return Bench
