"""The client against a socket that behaves like the core's, and like none."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from edge.api.client import HEARTBEAT, BoxAbsent, BoxClient, BoxRefused, find_socket
from edge.api.messages import Answer, AnyRequest, GetLines, Notice, Refusal, StrikeOutbox, Subscribe

Handler = Callable[[AnyRequest, socket.socket], None]


class FakeCore:
    """Accepts connections one after the other, reads one request of each, and lets `handle` do the rest."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.requests: list[AnyRequest] = []
        self.handle: Handler = lambda _request, _connection: None
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection, connection.makefile("rb") as lines:
                line = lines.readline()
                if line == b"stop\n":
                    return
                request = msgspec.json.decode(line, type=AnyRequest)
                self.requests.append(request)
                self.handle(request, connection)

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(self.path))
            last.sendall(b"stop\n")
        self._thread.join()
        self._socket.close()


@pytest.fixture
def core(tmp_path: Path) -> Iterator[FakeCore]:
    fake = FakeCore(tmp_path / "api.sock")
    yield fake
    fake.close()


def say(*messages: object, pieces: int = 1) -> Handler:
    data = b"".join(msgspec.json.encode(message) + b"\n" for message in messages)
    step = max(1, len(data) // pieces)

    def handle(_: AnyRequest, connection: socket.socket) -> None:
        for start in range(0, len(data), step):
            connection.sendall(data[start : start + step])

    return handle


@pytest.mark.parametrize("pieces", [1, 7])
def test_an_answer_is_the_result(core: FakeCore, pieces: int) -> None:
    core.handle = say(Answer({"struck": 2}), pieces=pieces)
    with BoxClient(core.path) as box:
        assert box.ask(StrikeOutbox(keys=["a", "b"])) == {"struck": 2}
        assert box.ask(GetLines()) == {"struck": 2}
    assert core.requests == [StrikeOutbox(keys=["a", "b"]), GetLines()]


def test_a_refusal_says_whose_fault_it_is(core: FakeCore) -> None:
    core.handle = say(Refusal("extension 51: 3 to 5 digits"))
    with pytest.raises(BoxRefused, match="extension 51") as caught:
        BoxClient(core.path).ask(GetLines())
    assert caught.value.blame == "input"


@pytest.mark.parametrize(
    "handler",
    [
        say(),
        lambda _, connection: connection.sendall(b'{"type":"Ans'),
        lambda _, connection: connection.sendall(b"?\n"),
    ],
    ids=["closed", "half an answer", "another protocol"],
)
def test_a_core_that_goes_away_is_absent(core: FakeCore, handler: Handler) -> None:
    core.handle = handler
    with pytest.raises(BoxAbsent, match=r"api\.sock"):
        BoxClient(core.path).ask(GetLines())


def test_a_core_that_hangs_is_absent(core: FakeCore) -> None:
    gate = threading.Event()
    core.handle = lambda _request, _connection: gate.wait(5) and None
    with pytest.raises(BoxAbsent, match="did not answer"):
        BoxClient(core.path, timeout_s=0.05).ask(GetLines())
    gate.set()


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(BoxAbsent, match="no box answers"):
        BoxClient(tmp_path / "api.sock").ask(GetLines())


def test_notices_with_a_heartbeat_until_the_core_goes(core: FakeCore) -> None:
    gate = threading.Event()
    snapshot, later = Notice(kind="snapshot", at="t0"), Notice(kind="cdr", at="t1", detail={"call": "c1"})

    def handle(_: AnyRequest, connection: socket.socket) -> None:
        say(Answer({"subscribed": True}), snapshot)(Subscribe(), connection)
        gate.wait(5)
        say(later)(Subscribe(), connection)

    core.handle = handle
    notices = BoxClient(core.path).notices(heartbeat_s=0.02)
    assert next(notices) == snapshot
    assert next(notices).kind == HEARTBEAT
    gate.set()
    assert next(notice for notice in notices if notice.kind != HEARTBEAT) == later
    with pytest.raises(BoxAbsent):
        next(notices)


def test_the_socket_is_found_by_the_data_directory(tmp_path: Path) -> None:
    with pytest.raises(BoxAbsent, match="no box runs at"):
        find_socket(tmp_path)
    (tmp_path / "api.sock").touch()
    assert find_socket(tmp_path) == tmp_path / "api.sock"
    (tmp_path / "run.json").write_text(json.dumps({"api": "/run/x/api.sock"}))
    assert find_socket(tmp_path) == Path("/run/x/api.sock")
    (tmp_path / "run.json").write_text("torn")
    with pytest.raises(BoxAbsent):
        find_socket(tmp_path)
