"""`python -m sim_hardware.modem` as others see it: READY, ports, control socket, and gammu as a foreign host."""

from __future__ import annotations

import json
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import serial

from sim_hardware.modem import PROFILES

pytestmark = pytest.mark.system
PATIENCE_S = 20.0


class LoneProcess:
    def __init__(self, directory: Path, *options: str) -> None:
        self.link, self.audio, self.control = directory / "at", directory / "audio", directory / "control"
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "sim_hardware.modem", "--link", str(self.link)),
                *("--audio-link", str(self.audio), "--control", str(self.control), *options),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE_S)
        assert ready, "no READY line"
        word, _, text = self.process.stdout.readline().partition(" ")
        assert word == "READY"
        self.ready = json.loads(text)

    def tell(self, **command) -> dict:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE_S)
            client.connect(str(self.control))
            client.sendall(json.dumps(command).encode() + b"\n")
            return json.loads(client.makefile().readline())

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(5.0)
        self.process.stdout.close()
        return status


@pytest.fixture
def lone(tmp_path):
    started = []

    def start(*options):
        started.append(LoneProcess(tmp_path, *options))
        return started[-1]

    yield start
    for process in started:
        process.stop()


class Host:
    """A program on the AT port."""

    def __init__(self, link: Path) -> None:
        self.port = serial.Serial(str(link), timeout=0.05)
        self.seen = ""

    def send(self, command: str) -> None:
        self.port.write(command.encode() + b"\r")

    def expect(self, pattern: str) -> str:
        """Reads until `pattern` matches; forgets everything up to its end."""
        give_up = time.monotonic() + PATIENCE_S
        while (found := re.search(pattern, self.seen)) is None:
            assert time.monotonic() < give_up, f"no {pattern!r} in {self.seen!r}"
            self.seen += self.port.read(4096).decode("latin-1")
        self.seen = self.seen[found.end() :]
        return found[0]


@pytest.fixture
def host():
    opened = []

    def connect(link):
        opened.append(Host(link))
        return opened[-1]

    yield connect
    for each in opened:
        each.port.close()


def test_ready_call_audio_and_a_clean_end(lone, host):
    modem = lone("--family", "sim7600", "--number", "0937654321")
    assert modem.ready == {
        "link": str(modem.link),
        "audio": str(modem.audio),
        "control": str(modem.control),
        "family": "sim7600",
        "number": "0937654321",
    }
    at = host(modem.link)
    at.send("ATE0")
    at.expect("OK")
    at.send("ATD0912000221;")
    at.expect("OK\r\n")
    at.expect("VOICE CALL: BEGIN")
    while True:
        at.send("AT+CPCMREG=1")
        if at.expect("OK|ERROR") == "OK":
            break
    with serial.Serial(str(modem.audio), timeout=PATIENCE_S) as audio:
        heard = audio.read(3200)
    assert len(heard) == 3200
    assert any(heard)
    at.send("AT+CHUP")
    at.expect("VOICE CALL: END: 0000")
    assert modem.stop() == 0
    assert not modem.link.is_symlink()
    assert not modem.control.exists()


def test_control_socket(lone, host):
    modem = lone("--family", "sim7600")
    at = host(modem.link)
    at.send("ATE0;+CLIP=1")
    at.expect("OK")
    assert modem.tell(ring="0912000222") == {"ok": True}
    at.expect(r'RING\r\n\r\n\+CLIP: "0912000222"')
    at.send("ATA")
    at.expect("VOICE CALL: BEGIN")
    assert modem.tell(hangup="0912000222") == {"ok": True}
    at.expect("VOICE CALL: END")
    assert modem.tell(sms={"from": "0912000222", "text": "Chào"}) == {"ok": True}
    at.expect(r'\+CMTI: "SM",0')
    assert modem.tell(fault="double-cr") == {"ok": True}
    at.send("AT")
    at.expect("\r\r\nOK")
    for wrong in ({"fault": "nix"}, {"hangup": "0912"}, {"dance": 1}):
        assert modem.tell(**wrong)["ok"] is False


def test_unplugged_and_back_under_another_name(lone, host):
    modem = lone("--family", "sim7600")
    assert modem.tell(fault="unplug") == {"ok": True}
    give_up = time.monotonic() + PATIENCE_S
    while modem.link.is_symlink():
        assert time.monotonic() < give_up
    assert modem.tell(fault="replug", new_name="ttyUSB9") == {"ok": True}
    new_link = modem.link.with_name("ttyUSB9")
    while not new_link.is_symlink():
        assert time.monotonic() < give_up
    host(new_link).expect("RDY")


@pytest.mark.parametrize("family", PROFILES)
def test_every_family_registers_after_its_pin(family, lone, host):
    modem = lone("--family", family, "--pin", "1234")
    at = host(modem.link)
    at.send("AT+CREG=1;+CPIN?")
    at.expect(r"\+CPIN: SIM PIN")
    at.send('AT+CPIN="1234"')
    at.expect(r"\+CREG: 1\r")


GAMMU_STORY = [
    (["identify"], [r"IMEI\s+: 861234050000019", r"SIM IMSI\s+: 452010901234567"]),
    (["networkinfo"], [r"Network state\s+: home network", "MobiFone", r"GPRS\s+: attached"]),
    (["getallsms"], ["Xin chào từ emulator", "2 SMS parts in 1 SMS sequences|1 SMS parts in 1 SMS sequences"]),
    (["geteachsms"], ["Xin chào từ emulator"]),
    (["sendsms", "TEXT", "+84912000221", "-unicode", "-text", "Tổng đài gọi lại sau ạ"], ["OK, message reference=1"]),
    (["getussd", "*101#"], ["TK chinh: 86.500d"]),
    (["monitor", "1"], [r"Enabling info about incoming SMS\s+: No error", r"Battery level\s+: 84 percent", "MobiFone"]),
]


@pytest.mark.skipif(shutil.which("gammu") is None, reason="gammu is not installed (Debian package gammu)")
def test_gammu_is_content(lone, tmp_path):
    modem = lone("--family", "sim7600")
    assert modem.tell(sms={"from": "+84912000222", "text": "Xin chào từ emulator"}) == {"ok": True}
    config = tmp_path / "gammurc"
    config.write_text(f"[gammu]\ndevice={modem.link}\nconnection=at115200\n")
    for command, patterns in GAMMU_STORY:
        done = subprocess.run(
            ["gammu", "-c", str(config), *command],
            capture_output=True,
            check=False,
            text=True,
            timeout=90,
            env={"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
        )
        for pattern in patterns:
            assert re.search(pattern, done.stdout), f"{command}: {done.stdout}\n{done.stderr}"
