"""One MQTT 5 connection after the other, by paho-mqtt; what happens is posted to the owner's thread.

Each attempt has a client of its own, so that nothing of an earlier connection (paho keeps unacknowledged messages in
memory and would send them by itself) can pass what the outbox machine decides. Callbacks run in paho's thread and do
nothing but `post`, each with the number of its attempt; what an attempt given up still says is dropped.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.api.filters import VIETNAM
from edge.sync.outbox_machine import BrokerConnected, BrokerLost, OutboxRow, RowAcknowledged, RowRefused

log = logging.getLogger("tongdai.sync")

STATE_SCHEMA = 1
KEEPALIVE_S = 30
CONNECT_TIMEOUT_S = 5.0
GOODBYE_S = 1.0
"""The process promises to be gone within 2 s."""

BrokerEvent = BrokerConnected | BrokerLost | RowAcknowledged | RowRefused


@dataclass(frozen=True, slots=True)
class BrokerConfig:
    box: str
    host: str
    port: int
    tls_ca: Path | None = None
    """CA file: switches TLS on; the broker's name is checked against its certificate."""
    username: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class BrokerSaid:
    """What paho's thread posts: which attempt, which message (0: none), and what."""

    attempt: int
    kind: str
    """connected, lost or published."""
    mid: int = 0
    failed: bool = False
    reason: str = ""


class Broker:
    """`post` may be called from any thread; `translate` turns what it carried into events, in the owner's thread."""

    def __init__(self, config: BrokerConfig, post: Callable[[BrokerSaid], None]) -> None:
        self._config = config
        self._post = post
        self._attempt = 0
        self._client: Client | None = None
        self._on_its_way: dict[int, str] = {}

    @property
    def state_topic(self) -> str:
        return f"tongdai/{self._config.box}/state"

    # --- done in the owner's thread -------------------------------------------------------------------------------

    def connect(self) -> None:
        """Starts an attempt; its outcome is posted."""
        self.drop()
        self._attempt += 1
        self._client = self._new_client(self._attempt)
        self._client.loop_start()

    def publish(self, row: OutboxRow) -> None:
        """QoS 1; its PUBACK is posted. A connection that has just gone says so by itself."""
        assert self._client is not None
        info = self._client.publish(row.topic, row.payload.encode(), qos=1)
        self._on_its_way[info.mid] = row.key

    def drop(self) -> None:
        """Gives the connection up, without waiting for its thread."""
        if self._client is not None:
            self._attempt += 1
            self._client.disconnect()
            self._client = None
            self._on_its_way.clear()

    def say_goodbye(self) -> None:
        """Tells that the box is not online any more, and disconnects (a clean one keeps the last will back)."""
        if self._client is None:
            return
        if self._client.is_connected():
            info = self._client.publish(self.state_topic, self._state(online=False), qos=1, retain=True)
            if info.rc is MQTTErrorCode.MQTT_ERR_SUCCESS:
                info.wait_for_publish(GOODBYE_S)
        self.drop()

    def translate(self, said: BrokerSaid) -> BrokerEvent | None:
        """None: of an attempt given up, or not about a row."""
        if said.attempt != self._attempt or self._client is None:
            return None
        match said.kind:
            case "connected":
                self._client.publish(self.state_topic, self._state(online=True), qos=1, retain=True)
                return BrokerConnected()
            case "lost":
                self.drop()
                return BrokerLost(said.reason)
            case _:
                return self._published(said)

    def _published(self, said: BrokerSaid) -> BrokerEvent | None:
        key = self._on_its_way.pop(said.mid, None)
        if key is None:
            if said.failed:
                log.warning("the broker refuses %s: %s", self.state_topic, said.reason)
            return None
        return RowRefused(key, said.reason) if said.failed else RowAcknowledged(key)

    # --- the client -----------------------------------------------------------------------------------------------

    def _new_client(self, attempt: int) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"tongdai-{self._config.box}",
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        if self._config.username is not None:
            client.username_pw_set(self._config.username, self._config.password)
        if self._config.tls_ca is not None:
            client.tls_set(ca_certs=str(self._config.tls_ca))
        client.will_set(self.state_topic, self._state(online=False), qos=1, retain=True)
        self._set_callbacks(client, attempt)
        client.connect_async(self._config.host, self._config.port, keepalive=KEEPALIVE_S, clean_start=True)
        return client

    def _set_callbacks(self, client: Client, attempt: int) -> None:
        """Called by paho in its own thread: they post, and nothing else."""

        def on_connect(_: Client, __: Any, ___: ConnectFlags, code: ReasonCode, ____: Properties | None) -> None:
            kind = "lost" if code.is_failure else "connected"
            self._post(BrokerSaid(attempt, kind, reason=str(code)))

        def on_connect_fail(failed: Client, _: Any) -> None:
            failed.disconnect()  # or paho would try again by itself
            where = f"{self._config.host}:{self._config.port} does not answer"
            self._post(BrokerSaid(attempt, "lost", reason=where))

        def on_disconnect(_: Client, __: Any, ___: DisconnectFlags, code: ReasonCode, ____: Properties | None) -> None:
            self._post(BrokerSaid(attempt, "lost", reason=str(code)))

        def on_publish(_: Client, __: Any, mid: int, code: ReasonCode, ___: Properties) -> None:
            self._post(BrokerSaid(attempt, "published", mid, code.is_failure, f"{code} (0x{code.value:02x})"))

        client.on_connect = on_connect
        client.on_connect_fail = on_connect_fail
        client.on_disconnect = on_disconnect
        client.on_publish = on_publish

    def _state(self, *, online: bool) -> bytes:
        at = datetime.now(UTC).astimezone(VIETNAM).isoformat(timespec="milliseconds")
        return json.dumps({"schema": STATE_SCHEMA, "online": online, "at": at}).encode()
