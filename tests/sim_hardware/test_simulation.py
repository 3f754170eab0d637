"""The whole world in virtual time: real modems, network and people, ports in memory."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import pytest

from sim_hardware.emulated_line import LineSettings
from sim_hardware.errors import RequestError
from sim_hardware.memory_port import MemoryPort
from sim_hardware.modem import SIM7600, EmulatedModem, SimCard
from sim_hardware.people import Profile
from sim_hardware.person import Behaviour, Script, parse_keys
from sim_hardware.simulation import Simulation
from tests.sim_hardware.virtual_loop import VirtualLoop

ONE, TWO = "+84901234567", "+84937654321"
ANN, BINH = "+84912000222", "+84983000111"


class Host:
    """A host that keeps what it reads."""

    def __init__(self, port):
        self.port, self.text = port, ""
        port.on_host_data = self._read

    def _read(self, data):
        self.text += data.decode("latin-1")

    def send(self, command):
        self.port.host_write(command.encode() + b"\r")


class Scene:
    def __init__(self, loop):
        self.loop = loop
        self.complaints = []
        self.simulation = Simulation(loop, [ONE, TWO], self.complaints.append, open_port=MemoryPort)
        self.hosts = {}
        for index, number in enumerate((ONE, TWO)):
            modem = EmulatedModem(SIM7600, SimCard(number=number), Random(index))
            settings = LineSettings(f"gsm-{index + 1}", number, "sim7600", Path("/nowhere"), drift_ppm=50.0)
            line = self.simulation.add_line(settings, modem, Random(index))
            self.hosts[number] = Host(line.at)
        self.simulation.started()
        for host in self.hosts.values():
            for command in ("ATE0", "AT+CLIP=1", "AT+DDET=1"):
                host.send(command)
        self.wait(0.1)

    def wait(self, seconds):
        self.loop.run_until_complete(asyncio.sleep(seconds))

    @property
    def quiet(self):
        return self.simulation.network.links == () and self.simulation.people.next_deadline is None


@pytest.fixture
def scene():
    loop = VirtualLoop()
    scene = Scene(loop)
    yield scene
    loop.run_until_complete(scene.simulation.stop())
    loop.close()
    assert scene.complaints == []


def test_a_day_of_calls_leaves_nothing_behind(scene):
    host = scene.hosts[ONE]
    for n in range(50):
        caller = f"+8491200{n:04d}"
        run = scene.simulation.place_call(
            caller, "0901234567", Profile(Script(keys=parse_keys("1:42"), hang_up_after_s=20))
        )
        scene.wait(4)
        assert host.text.count("RING") >= 1
        assert f"0{caller[3:]}" in host.text
        host.send("ATA")
        scene.wait(400)
        assert "+RXDTMF: 4" in host.text
        assert run.finished.result().connected_for_s == pytest.approx(20, abs=0.01)
        assert scene.quiet
        host.text = ""


def test_both_hang_up_at_the_same_instant(scene):
    host = scene.hosts[ONE]
    run = scene.simulation.place_call(ANN, "0901234567", Profile(Script()))
    scene.wait(1)
    host.send("ATA")
    scene.wait(1)
    scene.simulation.people.hang_up(run)
    host.send("AT+CHUP")
    scene.wait(1)
    assert run.finished.result().ended_by.value == "caller"
    assert scene.quiet


def test_a_second_caller_on_a_busy_line_hears_busy(scene):
    first = scene.simulation.place_call(ANN, "0901234567", Profile(Script(hang_up_after_s=30)))
    scene.wait(1)
    scene.hosts[ONE].send("ATA")
    scene.wait(1)
    second = scene.simulation.place_call(BINH, "0901234567", Profile(Script()))
    scene.wait(1)
    assert second.finished.result().cause == 17
    assert [e.event for e in second.finished.result().events] == ["dialled", "ended"]
    with pytest.raises(RequestError, match="in a call already"):
        scene.simulation.place_call(ANN, "0937654321", Profile(Script()))
    scene.wait(60)
    assert first.finished.result().cause == 16


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Behaviour.BUSY, "User busy"),
        (Behaviour.NO_ANSWER, "no answer"),
        (Behaviour.REJECT, "Call rejected"),
        (Behaviour.OFF, "Subscriber absent"),
    ],
)
def test_a_line_hears_why_nobody_answers(scene, behaviour, words):
    scene.simulation.describe(BINH, Profile(Script(behaviour)), None)
    host = scene.hosts[TWO]
    host.send("ATD0983000111;")
    scene.wait(70)
    host.send("AT+CEER")
    scene.wait(1)
    assert words in host.text
    assert scene.quiet


def test_an_unplugged_line_ends_its_calls_and_is_absent(scene):
    run = scene.simulation.place_call(ANN, "0901234567", Profile(Script()))
    scene.wait(1)
    scene.hosts[ONE].send("ATA")
    scene.wait(1)
    hung_up = []
    scene.simulation.lines[0].at.on_hang_up = lambda: hung_up.append(True)
    scene.simulation.inject("gsm-1", "unplug", {})
    scene.wait(1)
    assert hung_up == [True]
    assert run.finished.result().cause == 31
    again = scene.simulation.place_call(ANN, "0901234567", Profile(Script()))
    scene.wait(1)
    assert again.finished.result().cause == 20
    scene.simulation.inject("gsm-1", "replug", {"new_name": "gsm-5"})
    scene.wait(30)
    assert scene.simulation.lines[0].at.path.name == "gsm-5-at"
    assert scene.simulation.network.switched_on(ONE)
