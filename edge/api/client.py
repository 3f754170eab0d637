"""The socket of a running box, for threads: page, command line and sync process ask here.

    BoxError
    ├── BoxAbsent     the world's: nobody answers there; the box is down or going down
    └── BoxRefused    `blame` "input": the request was bad; "box": the box could not do it

Each request has a connection of its own, so that one client may be used by many threads and outlives a restarted core.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from edge.api.messages import Answer, AnyRequest, Notice, NoticeOrAnswer, Refusal, Subscribe

ANSWER_TIMEOUT_S = 10.0
"""Longer than anything the core does before it answers (a greeting is converted in about a second)."""
CONNECT_TIMEOUT_S = 2.0
"""The core accepts at once; a socket whose backlog is full belongs to a core that hangs."""
LINE_LIMIT_BYTES = 16 * 1024 * 1024
"""A line longer than this is no answer of ours."""
HEARTBEAT = "heartbeat"

_decoder: msgspec.json.Decoder[Answer | Refusal | Notice] = msgspec.json.Decoder(NoticeOrAnswer)
_encode = msgspec.json.Encoder().encode


class BoxError(Exception):
    """Base: the request was not done."""


class BoxAbsent(BoxError, ConnectionError):
    """No box answers at the socket."""


class BoxRefused(BoxError):
    """The box says no. `error` is one line naming what and where; `blame` is "input" or "box"."""

    def __init__(self, error: str, blame: str = "input") -> None:
        super().__init__(error)
        self.error = error
        self.blame = blame


def find_socket(data: Path) -> Path:
    """The socket of the box that runs in this data directory. Raises `BoxAbsent` when none does.

    `run.json` is written by `tongdai run`; under systemd there is only the socket itself.
    """
    beside = data / "api.sock"
    try:
        found = json.loads((data / "run.json").read_text(encoding="utf-8"))
        return Path(found["api"])
    except FileNotFoundError as error:
        if beside.exists():
            return beside
        raise BoxAbsent(f"no box runs at {data}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BoxAbsent(f"no box runs at {data}") from error


class BoxClient(AbstractContextManager["BoxClient"]):
    """`socket_path`: what `run.json` names as `api`. Opens nothing until something is asked."""

    def __init__(self, socket_path: Path, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self._path = socket_path
        self._timeout_s = timeout_s

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing stays open between requests."""

    def ask(self, request: AnyRequest) -> Any:
        """The request's result as plain JSON. Raises `BoxRefused`, or `BoxAbsent` when nobody answers in time."""
        with _Connection(self._path, self._timeout_s) as connection:
            connection.send(request)
            while True:
                match connection.receive(self._timeout_s):
                    case Answer(result):
                        return result
                    case Refusal(error, blame):
                        raise BoxRefused(error, blame)
                    case None:
                        raise BoxAbsent(f"the box at {self._path} did not answer within {self._timeout_s:.0f} s")
                    case Notice():
                        continue

    def notices(self, heartbeat_s: float | None = None) -> Iterator[Notice]:
        """What the box tells, from the first snapshot on, until the core goes away (`BoxAbsent`).

        With `heartbeat_s` a notice of kind `heartbeat` comes whenever the box was silent for so long, so that the
        thread that waits here can look whether anybody still listens. Closing the generator closes the connection.
        """
        with _Connection(self._path, self._timeout_s) as connection:
            connection.send(Subscribe())
            while True:
                match connection.receive(heartbeat_s):
                    case Notice() as notice:
                        yield notice
                    case Refusal(error, blame):
                        raise BoxRefused(error, blame)
                    case None:
                        yield Notice(kind=HEARTBEAT, at="")
                    case Answer():
                        continue


class _Connection(AbstractContextManager["_Connection"]):
    """One connected socket that carries JSON lines; every foreign error leaves as `BoxAbsent`."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        self._path = path
        self._buffer = bytearray()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(min(timeout_s, CONNECT_TIMEOUT_S))
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise BoxAbsent(f"no box answers at {path}") from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, request: AnyRequest) -> None:
        try:
            self._socket.sendall(_encode(request) + b"\n")
        except OSError as error:
            raise BoxAbsent(f"the box at {self._path} has gone") from error

    def receive(self, timeout_s: float | None) -> Answer | Refusal | Notice | None:
        """The next line; None when none was complete within the time."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while (end := self._buffer.find(b"\n")) < 0:
            remaining = None if deadline is None else deadline - time.monotonic()
            if (remaining is not None and remaining <= 0) or not self._fill(remaining):
                return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        try:
            return _decoder.decode(line)
        except msgspec.DecodeError as error:
            raise BoxAbsent(f"what answers at {self._path} does not speak our protocol: {error}") from error

    def _fill(self, timeout_s: float | None) -> bool:
        """False: time is over."""
        self._socket.settimeout(timeout_s)
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            return False
        except OSError as error:
            raise BoxAbsent(f"the box at {self._path} has gone") from error
        if not data or len(self._buffer) > LINE_LIMIT_BYTES:
            raise BoxAbsent(f"the box at {self._path} has gone")
        self._buffer += data
        return True
