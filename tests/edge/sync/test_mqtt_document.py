"""docs/mqtt.md names every field that is really sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge.store.ledger import Ledger
from edge.sync.broker import Broker, BrokerConfig
from edge.telephony import MessageId
from tests.edge.store.strategies import add_message, cdr, charge, moment


@pytest.fixture
def document(checkout: Path) -> str:
    return (checkout / "docs" / "mqtt.md").read_text(encoding="utf-8")


def test_every_field_of_a_cdr_message_is_documented(document: str, tmp_path: Path) -> None:
    with Ledger(tmp_path / "box.db", "<box>", "boot") as ledger:
        ledger.close_cdr(cdr(1), [charge("c1.1", 0), charge("c1.2")], moment())
        row = ledger.database.conn.execute("SELECT topic, payload FROM outbox").fetchone()
    payload = json.loads(row["payload"])
    fields = [*payload, *payload["cdr"], *payload["cdr"]["legs"][0]]
    assert [field for field in fields if f"`{field}`" not in document] == []
    assert row["topic"].replace("c1", "<call>") in document


def test_every_field_of_a_message_is_documented(document: str, tmp_path: Path) -> None:
    with Ledger(tmp_path / "box.db", "<box>", "boot") as ledger:
        add_message(ledger, "m1")
        ledger.note_message(
            MessageId("m1"), sent=True, reason=None, now=moment(), charges=lambda _: [charge("m1", 350)]
        )
        row = ledger.database.conn.execute("SELECT topic, payload FROM outbox").fetchone()
    payload = json.loads(row["payload"])
    fields = [*payload, *payload["message"]]
    assert [field for field in fields if f"`{field}`" not in document] == []
    assert row["topic"].replace("m1", "<message>") in document


def test_every_field_of_the_state_is_documented(document: str) -> None:
    broker = Broker(BrokerConfig("<box>", "127.0.0.1", 1883), lambda _: None)
    assert f"`{broker.state_topic}`" in document
    assert [field for field in json.loads(broker._state(online=True)) if f"`{field}`" not in document] == []
