"""`machine` as the firmware sees it on the simulated board: the RP2040 port's API, as far as `board.py` uses it.

Runs inside the virtual machine (MicroPython or CPython), never in the world's process. Two loopback connections to
`sim_hardware.board.board.Board`: one carries the pins as text lines, the other is the UART. An argument the real port
does not know is a TypeError here too.
"""

# ruff: noqa: ARG002, FBT003, INP001 - the real port's signatures, on MicroPython
import os
import socket
import sys
import time

PWRON_RESET = 1
WDT_RESET = 3

_CLOCK_ADDRESS = 0x68
_LINE_BYTES = 4096


def _connect(name: bytes) -> socket.socket:
    connection = socket.socket()
    connection.connect(socket.getaddrinfo("127.0.0.1", int(os.getenv("SIM_BOARD") or 0))[0][-1])
    connection.send(name + b"\n")
    return connection


class _Wire:
    """Lines to and from the board. Inputs are taken in whenever somebody looks."""

    def __init__(self) -> None:
        self.levels: dict[int, int] = {}
        self.analog: dict[int, int] = {}
        self.clock_offset_s: int | None = None
        """To be added to the machine's wall time; None: no clock chip."""
        self._socket = _connect(b"board")
        self._partial = b""
        self._looked_ms = 0
        self._begun = False
        while not self._begun:
            self._take(self._socket.recv(_LINE_BYTES))
        self._socket.setblocking(False)

    def tell(self, line: str) -> None:
        try:
            self._socket.send(line.encode() + b"\n")
        except OSError:
            sys.exit(1)  # the board is gone

    def look(self) -> None:
        """At most once a millisecond: a tick reads a dozen inputs."""
        now_ms = time.time_ns() // 1_000_000
        if now_ms == self._looked_ms:
            return
        self._looked_ms = now_ms
        try:
            self._take(self._socket.recv(_LINE_BYTES))
        except OSError:
            return

    def _take(self, data: bytes) -> None:
        if not data:
            sys.exit(1)
        lines = (self._partial + data).split(b"\n")
        self._partial = lines.pop()
        for line in lines:
            self._line(line.decode().split())

    def _line(self, words: list[str]) -> None:
        if words[0] == "pin":
            self.levels[int(words[1])] = int(words[2])
        elif words[0] == "adc":
            self.analog[int(words[1])] = int(words[2])
        elif words[0] == "clock":
            self.clock_offset_s = None if words[1] == "none" else int(words[1])
        elif words[0] == "begin":
            self._begun = True


_wire = _Wire()


class Pin:
    IN = 0
    OUT = 1
    PULL_UP = 1
    PULL_DOWN = 2

    def __init__(self, number: int, mode: int = IN, pull: "int | None" = None, value: "int | None" = None) -> None:
        self.number = number
        self._mode = mode
        self._level = 0
        if mode == Pin.OUT and value is not None:
            self.value(value)

    def value(self, level: "int | None" = None) -> "int | None":
        if level is None:
            if self._mode == Pin.OUT:
                return self._level
            _wire.look()
            return _wire.levels.get(self.number, 0)
        self._level = int(bool(level))
        _wire.tell(f"pin {self.number} {self._level}")
        return None


class ADC:
    def __init__(self, number: int) -> None:
        self._number = number

    def read_u16(self) -> int:
        _wire.look()
        return _wire.analog.get(self._number, 0)


class UART:
    """Bytes that come while nobody listens are lost, as on the wire."""

    def __init__(
        self,
        number: int,
        baudrate: int = 115200,
        tx: "Pin | None" = None,
        rx: "Pin | None" = None,
        rxbuf: int = 256,
        txbuf: int = 256,
    ) -> None:
        self._socket = _connect(b"uart")
        self._socket.setblocking(False)
        self._received = b""
        self._room = rxbuf

    def any(self) -> int:
        try:
            data = self._socket.recv(self._room)
        except OSError:
            data = b""
        self._received = (self._received + data)[: self._room]
        return len(self._received)

    def read(self, count: int) -> "bytes | None":
        data = self._received[:count]
        self._received = self._received[count:]
        return data or None

    def write(self, data: bytes) -> int:
        try:
            return self._socket.send(data)
        except OSError:
            return 0


class WDT:
    def __init__(self, timeout: int = 5000) -> None:
        if not 1 <= timeout <= 8388:
            raise ValueError("the RP2040's watchdog waits at most 8388 ms")
        _wire.tell(f"wdt {timeout}")

    def feed(self) -> None:
        _wire.tell("feed")


class I2C:
    """The bus with one clock chip on it, or with nothing."""

    def __init__(self, number: int, scl: "Pin | None" = None, sda: "Pin | None" = None, freq: int = 400000) -> None:
        self.number = number

    def scan(self) -> list[int]:
        _wire.look()
        return [] if _wire.clock_offset_s is None else [_CLOCK_ADDRESS]

    def readfrom_mem(self, address: int, register: int, count: int) -> bytes:
        _wire.look()
        if address != _CLOCK_ADDRESS or _wire.clock_offset_s is None:
            raise OSError(5)
        year, month, day, hour, minute, second = time.gmtime(int(time.time()) + _wire.clock_offset_s)[:6]
        registers = [second, minute, hour, 1, day, month, year % 100] + [0] * 9
        return bytes([value // 10 << 4 | value % 10 for value in registers[register : register + count]])

    def writeto_mem(self, address: int, register: int, data: bytes) -> None:
        if address != _CLOCK_ADDRESS or _wire.clock_offset_s is None:
            raise OSError(5)
        if register == 0 and len(data) == 7:
            _wire.tell("clock " + data.hex())


def reset_cause() -> int:
    return int(os.getenv("SIM_RESET_CAUSE") or PWRON_RESET)


def reset() -> None:
    _wire.tell("reset")
    time.sleep(10)  # the board ends this process
    sys.exit(1)


def tell_lights(colours: bytearray) -> None:
    """For `neopixel`: what the chain shows from now on."""
    _wire.tell("lights " + bytes(colours).hex())
