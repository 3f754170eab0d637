"""`tongdai run --config`: the driver on serial ports that nobody says are emulated, named in a tongdai.toml."""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.box import READY_TIMEOUT_S, Box, CommandFailed, eventually

pytestmark = pytest.mark.system

PIN = "4321"


class LoneModem:
    """`python -m sim_hardware.modem` with a PIN, cold: it boots while the box waits for it."""

    def __init__(self, place: Path) -> None:
        self.at, self.audio, self.control = place / "at", place / "audio", place / "control"
        ports = ["--link", str(self.at), "--audio-link", str(self.audio), "--control", str(self.control)]
        card = ["--pin", PIN, "--number", "0901234567"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sim_hardware.modem", "--family", "sim7600", *ports, *card],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline().startswith("READY ")

    def tell(self, **request: Any) -> None:
        with socket.socket(socket.AF_UNIX) as out:
            out.connect(str(self.control))
            out.sendall(json.dumps(request).encode() + b"\n")
            out.settimeout(5)
            out.recv(4096)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def modem(tmp_path: Path) -> Iterator[LoneModem]:
    made = LoneModem(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def lone_box(modem: LoneModem, tmp_path: Path) -> Iterator[Box]:
    pin = tmp_path / "pin"
    pin.write_text(PIN + "\n")
    config = tmp_path / "tongdai.toml"
    config.write_text(
        f'box = "lone"\ndata = "{tmp_path / "data"}"\n[web]\nhost = "127.0.0.1"\nport = 0\n'
        f'[[lines]]\nline = "gsm-1"\nat = "{modem.at}"\naudio = "{modem.audio}"\nnumber = "0901234567"\n'
        f'pin_file = "{pin}"\n'
    )
    log = tmp_path / "log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "edge.cli", "run", "--config", str(config)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], READY_TIMEOUT_S)
    line = process.stdout.readline() if readable else ""
    assert line.startswith("READY "), log.read_text()
    box = Box(tmp_path / "data", process, json.loads(line[6:]), log)
    yield box
    assert box.stop() == 0


def test_a_real_looking_port_rings_and_is_answered(lone_box: Box, modem: LoneModem) -> None:
    assert lone_box.ready["sim"] is None
    assert lone_box.ready["pids"]["sim"] is None
    eventually(lambda: lone_box.tongdai("lines")[0]["state"] == "up", 60, "the line is up")
    row = lone_box.tongdai("lines")[0]
    assert (row["family"], row["sim"]) == ("sim7600", "ready")
    modem.tell(ring="0912000222")
    eventually(lambda: lone_box.tongdai("calls"), 15, "the call")
    eventually(lambda: lone_box.tongdai("calls")[0]["legs"][0]["state"] == "active", 10, "the answer")
    modem.tell(hangup="0912000222")
    (cdr,) = lone_box.cdrs(1)
    assert cdr["caller"] == "+84912000222"
    assert cdr["legs"][0]["ended_by"] == "far-end"
    transcript = (lone_box.data / "transcripts" / "gsm-1.txt").read_text()
    assert "RING" in transcript
    assert PIN not in transcript, "a PIN is never written down"


def test_there_is_no_emulated_world_to_act_on(lone_box: Box) -> None:
    with pytest.raises(CommandFailed, match="real hardware") as refused:
        lone_box.tongdai("sim", "state")
    assert refused.value.status == 1
