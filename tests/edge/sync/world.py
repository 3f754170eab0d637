"""The world around a real sync process: a mosquitto, a core that strikes, and a cloud that listens."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.api.messages import Answer, AnyRequest, CountOutboxTry, StrikeOutbox
from edge.api.queries import open_reader
from edge.store.ledger import Ledger
from edge.telephony import MessageId
from tests.edge.store.strategies import add_message, cdr, charge, moment

BOX = "box-7"
MOSQUITTO = "/usr/sbin/mosquitto"
CHECKOUT = Path(__file__).parents[3]


def eventually(condition: Callable[[], bool], what: str, timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout_s:.0f} s: {what}"
        time.sleep(0.02)


class Mosquitto:
    """A broker on one port, started and stopped as often as the story wants."""

    def __init__(self, folder: Path, access: str | None = None) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None
        self.allow(access)

    def allow(self, access: str | None) -> None:
        """Writes the configuration; `access` is a mosquitto acl file."""
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous true"]
        lines += ["persistence true", f"persistence_location {self.folder}/", "max_queued_messages 0"]
        if os.getuid() == 0:
            lines.append("user root")
        if access is not None:
            (self.folder / "acl").write_text(access)
            (self.folder / "acl").chmod(0o600)
            lines.append(f"acl_file {self.folder / 'acl'}")
        (self.folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        self.process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self.folder / "mosquitto.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(self._answers, "mosquitto takes connections")

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def reload(self) -> None:
        """Reads the acl again, connections stay."""
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(5)
            self.process = None


class Cloud:
    """Subscribes to everything and remembers it in order; its subscription outlives a restart of the broker."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.received: list[tuple[str, dict[str, Any], bool]] = []
        self._client: Client | None = None

    def connect(self) -> None:
        """Once for each start of the broker."""
        self.close()
        subscribed = threading.Event()
        client = Client(
            CallbackAPIVersion.VERSION2,
            "cloud",
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        client.on_message = lambda _c, _u, message: self.received.append(
            (message.topic, json.loads(message.payload), message.retain)
        )
        client.on_connect = lambda connected, *_: connected.subscribe("tongdai/#", qos=1)
        client.on_subscribe = lambda *_: subscribed.set()
        lasting = Properties(PacketTypes.CONNECT)
        lasting.SessionExpiryInterval = 3600
        client.connect("127.0.0.1", self.port, clean_start=False, properties=lasting)
        client.loop_start()
        self._client = client
        assert subscribed.wait(10)

    def close(self) -> None:
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None

    @property
    def keys(self) -> list[str]:
        """Of everything but the state, in the order in which it came."""
        return [payload["key"] for topic, payload, _ in list(self.received) if not topic.endswith("/state")]

    @property
    def states(self) -> list[bool]:
        return [payload["online"] for topic, payload, _ in list(self.received) if topic == f"tongdai/{BOX}/state"]


class FakeCore:
    """Owns a real ledger and the socket; strikes and counts as the core does, unless it is told to hang."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.struck: list[str] = []
        self.deaf = threading.Event()
        self._path = data / "api.sock"
        self._work: queue.SimpleQueue[Callable[[Ledger], Any] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write)
        self._writer.start()
        self._socket: socket.socket | None = None
        self._server: threading.Thread | None = None

    def _write(self) -> None:
        with Ledger(self.data / "box.db", BOX, "boot") as ledger:
            while (work := self._work.get()) is not None:
                work(ledger)

    def _do(self, work: Callable[[Ledger], Any]) -> Any:
        result: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._work.put(lambda ledger: result.put(work(ledger)))
        return result.get(timeout=10)

    def end_calls(self, first: int, last: int) -> list[str]:
        """Closes calls c<first> … c<last>; returns their keys."""

        def work(ledger: Ledger) -> list[str]:
            return [key for n in range(first, last + 1) for key in ledger.close_cdr(cdr(n), [], moment())]

        keys = self._do(work)
        assert isinstance(keys, list)
        return keys

    def send_messages(self, first: int, last: int, amount_vnd: int = 350) -> list[str]:
        """The network has taken m<first> … m<last>, each of which is charged; returns their keys."""

        def work(ledger: Ledger) -> list[str]:
            keys = []
            for n in range(first, last + 1):
                add_message(ledger, f"m{n}")
                charges = [charge(f"m{n}", amount_vnd)]
                keys += ledger.note_message(
                    MessageId(f"m{n}"), sent=True, reason=None, now=moment(), charges=lambda _, charges=charges: charges
                )
            return keys

        return list(self._do(work))

    def rate_again(self, first: int, last: int, amount_vnd: int) -> list[str]:
        """Messages m<first> … m<last> get another price; returns the keys of what is to be told."""
        charges = [charge(f"m{n}", amount_vnd) for n in range(first, last + 1)]
        return list(self._do(lambda ledger: ledger.revise_charges(charges, moment())))

    def listen(self) -> None:
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(self._path))
        self._socket.listen()
        self._server = threading.Thread(target=self._serve, args=(self._socket,))
        self._server.start()

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    if self.deaf.is_set():
                        continue
                    answer = self._answer(msgspec.json.decode(line, type=AnyRequest))
                    connection.sendall(msgspec.json.encode(Answer(answer)) + b"\n")

    def _answer(self, request: AnyRequest) -> dict[str, Any]:
        match request:
            case StrikeOutbox(keys):
                self.struck += keys
                return {"struck": self._do(lambda ledger: ledger.strike_outbox(keys))}
            case CountOutboxTry(keys):
                self._do(lambda ledger: ledger.count_tries(keys))
                return {}
        raise AssertionError(request)

    def silence(self) -> None:
        """The socket goes away, as when the core is killed."""
        if self._socket is not None and self._server is not None:
            self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._server.join(10)
            self._socket = self._server = None

    def close(self) -> None:
        self.silence()
        self._work.put(None)
        self._writer.join(10)

    @property
    def outbox(self) -> list[dict[str, Any]]:
        with open_reader(self.data) as reader:
            return reader.outbox()


class SyncProcess:
    """`python -m edge.sync` as it runs on the box."""

    def __init__(self, data: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "edge.sync", "--data", str(data), "--box", BOX, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
        )
        assert self.process.stdout is not None
        word, _, rest = self.process.stdout.readline().partition(" ")
        assert word == "READY"
        self.ready = json.loads(rest)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=5)

    def stop(self) -> tuple[int, float, str]:
        """SIGTERM. -> exit status, seconds it took, what it said."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.terminate()
        _, said = self.process.communicate(timeout=10)
        return self.process.returncode, time.monotonic() - began, said
