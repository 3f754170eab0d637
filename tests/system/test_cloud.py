"""Records reach a real broker in order, once, also when it was away and when sync was killed (architecture §2.3)."""

from __future__ import annotations

import getpass
import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.support.box import Box, eventually
from tests.system.conftest import CUSTOMER, HOTLINE

pytestmark = pytest.mark.system


class Broker:
    def __init__(self, place: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._config = place / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {place}/\n"
            f"user {getpass.getuser()}\n"
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["/usr/sbin/mosquitto", "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

        def answers() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0

        eventually(answers, 10, "mosquitto")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)


class Cloud:
    """Listens to everything a box says, also to what was said while the two had no connection: a durable session."""

    def __init__(self, port: int) -> None:
        self.records: list[dict[str, Any]] = []
        self.states: list[dict[str, Any]] = []
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5, client_id="cloud")
        self._client.on_message = self._heard
        self._client.on_connect = lambda client, *_: client.subscribe("tongdai/#", qos=1)
        lasting = Properties(PacketTypes.CONNECT)
        lasting.SessionExpiryInterval = 3600
        self._client.connect("127.0.0.1", port, clean_start=False, properties=lasting)
        self._client.loop_start()

    def _heard(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        target = self.states if message.topic.endswith("/state") else self.records
        target.append(json.loads(message.payload))

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    yield made
    made.stop()


def test_rows_reach_the_cloud_once_and_in_order(broker: Broker, tmp_path: Path) -> None:
    cloud = Cloud(broker.port)
    box = Box.start(tmp_path / "data", "--no-demo", "--no-traffic", "--mqtt", f"127.0.0.1:{broker.port}")
    try:
        call = ("sim", "call", "--from", CUSTOMER, "--to", HOTLINE, "--hang-up-after", "1")
        box.tongdai(*call)
        eventually(lambda: len(cloud.records) >= 1, 15, "the first record")
        assert cloud.states[-1]["online"]
        eventually(lambda: not box.tongdai("outbox"), 10, "an empty outbox")

        broker.stop()
        box.tongdai(*call)
        box.tongdai("sms", "send", "--to", CUSTOMER, "Xin chào")
        eventually(lambda: box.tongdai("messages")[-1]["charge_vnd"] is not None, 20, "a message that is charged")
        box.tongdai(*call)
        assert [row["key"] for row in box.tongdai("outbox")], "the rows wait"
        box.wait_restarted("sync", box.kill("sync"))
        broker.start()
        eventually(lambda: len({row["key"] for row in cloud.records}) >= 4, 60, "the records that waited")
        eventually(lambda: not box.tongdai("outbox"), 10, "an empty outbox")
        sequence = [row["seq"] for row in cloud.records]
        assert sequence == sorted(sequence)
        calls = [row["cdr"] for row in cloud.records if "cdr" in row]
        assert {row["call"] for row in calls} == {row["call"] for row in box.tongdai("cdrs")}
        assert all("recordings" not in row for row in calls)
        (told,) = (row["message"] for row in cloud.records if "message" in row)
        (sent,) = box.tongdai("messages")
        assert told == {name: value for name, value in sent.items() if name != "text"}
    finally:
        box.stop()
        cloud.close()
