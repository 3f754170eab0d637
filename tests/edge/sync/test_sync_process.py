"""The real sync process, a real mosquitto: order, backlog, kills, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from edge.sync.acknowledged import AcknowledgedKeys
from tests.edge.sync.world import BOX, Cloud, FakeCore, Mosquitto, SyncProcess, eventually

pytestmark = pytest.mark.system

EVERYTHING = "topic readwrite #\n"
ONLY_THE_STATE = f"topic read #\ntopic write tongdai/{BOX}/state\n"


class World:
    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        self._stack = stack
        self.broker = Mosquitto(folder)
        stack.callback(self.broker.stop)
        self.core = FakeCore(self.data)
        stack.callback(self.core.close)
        self.cloud = Cloud(self.broker.port)
        stack.callback(self.cloud.close)

    def broker_up(self) -> None:
        self.broker.start()
        self.cloud.connect()

    def sync(self) -> SyncProcess:
        process = SyncProcess(self.data, "--broker", f"127.0.0.1:{self.broker.port}")
        self._stack.callback(process.stop)
        return process

    def recorded(self) -> list[str]:
        with AcknowledgedKeys(self.data) as keys:
            return keys.all()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(tmp_path, stack)


def keys(first: int, last: int) -> list[str]:
    return [f"{BOX}:c{number}:1" for number in range(first, last + 1)]


def test_rows_arrive_in_order_and_are_struck_off(world: World) -> None:
    world.core.end_calls(1, 120)
    world.core.listen()
    world.broker_up()
    sync = world.sync()
    assert sync.ready == {"sync": "ready", "box": BOX, "broker": f"127.0.0.1:{world.broker.port}"}
    eventually(lambda: not world.core.outbox, "the backlog is struck off")
    world.core.end_calls(121, 125)
    eventually(lambda: not world.core.outbox, "new rows are struck off")
    assert world.cloud.keys == keys(1, 125)
    topic, payload, _ = next(found for found in world.cloud.received if "/cdr/" in found[0])
    assert topic == f"tongdai/{BOX}/cdr/c1"
    assert (payload["schema"], payload["seq"], payload["cdr"]["call"]) == (1, 1, "c1")
    assert world.recorded() == []


def test_the_state_is_retained_and_told_at_the_end(world: World) -> None:
    world.core.end_calls(1, 1)
    world.broker_up()
    sync = world.sync()
    eventually(lambda: world.cloud.states == [True], "online")
    status, seconds, _ = sync.stop()
    assert status == 0
    assert seconds < 2
    eventually(lambda: world.cloud.states == [True, False], "offline by goodbye")
    killed = world.sync()
    eventually(lambda: world.cloud.states == [True, False, True], "online again")
    killed.kill()
    eventually(lambda: world.cloud.states == [True, False, True, False], "offline by last will")
    world.cloud.received.clear()
    world.cloud.connect()
    eventually(lambda: world.cloud.states == [False], "retained")
    assert world.cloud.received[0][2] is True


def test_a_broker_that_was_away_gets_the_backlog_in_order(world: World) -> None:
    world.core.listen()
    sync = world.sync()
    world.core.end_calls(1, 30)
    world.broker_up()
    eventually(lambda: not world.core.outbox, "first backlog")
    world.broker.stop()
    world.core.end_calls(31, 90)
    world.broker_up()
    eventually(lambda: not world.core.outbox, "second backlog")
    assert world.cloud.keys == keys(1, 90)
    _, seconds, said = sync.stop()
    assert seconds < 2
    assert said.count("no broker") == 2
    assert said.count("the broker is back") == 2


def test_killed_between_acknowledgement_and_strike_nothing_is_lost_or_doubled(world: World) -> None:
    """The core is away, so that everything acknowledged stays in `sync.db`; then the process is killed."""
    world.core.end_calls(1, 60)
    world.broker_up()
    sync = world.sync()
    eventually(lambda: len(world.recorded()) == 60, "all acknowledged and recorded")
    sync.kill()
    assert len(world.core.outbox) == 60
    world.core.listen()
    world.sync()
    eventually(lambda: not world.core.outbox, "struck off by the next life")
    world.core.end_calls(61, 61)
    eventually(lambda: not world.core.outbox, "and on")
    assert world.cloud.keys == keys(1, 61)
    eventually(lambda: world.recorded() == [], "forgotten")


def test_killed_again_and_again_on_the_way(world: World) -> None:
    """At any moment: at most the row on its way comes twice, with its own key."""
    world.core.end_calls(1, 400)
    world.core.listen()
    world.broker_up()
    for share in (20, 90, 200):
        sync = world.sync()
        eventually(lambda share=share: len(world.cloud.keys) >= share, "some have arrived")
        sync.kill()
    world.sync()
    eventually(lambda: not world.core.outbox, "all struck off")
    received = world.cloud.keys
    assert list(dict.fromkeys(received)) == keys(1, 400)
    assert len(received) <= 400 + 3


def test_charges_of_messages_come_once_and_in_order_among_calls_whatever_is_killed(world: World) -> None:
    """Two deaths on the way, a third between acknowledgement and strike; then a revision of every charge."""
    expected = []
    for n in range(1, 101):
        expected += world.core.end_calls(n, n) + world.core.send_messages(n, n)
    world.broker_up()
    for share in (20, 90):
        sync = world.sync()
        eventually(lambda share=share: len(world.cloud.keys) >= share, "some have arrived")
        sync.kill()
    sync = world.sync()
    eventually(lambda: len(world.recorded()) == len(expected), "all acknowledged; the core is away")
    sync.kill()
    world.core.listen()
    expected += world.core.rate_again(1, 50, 290)
    world.sync()
    eventually(lambda: not world.core.outbox, "all struck off")
    received = world.cloud.keys
    assert list(dict.fromkeys(received)) == expected
    assert len(received) <= len(expected) + 2, "at most the row on its way at each death comes twice"
    assert expected[-1] == f"{BOX}:m50:2"
    charges = {
        topic: payload["message"]["charge_vnd"] for topic, payload, _ in world.cloud.received if "/message/" in topic
    }
    assert charges[f"tongdai/{BOX}/message/m50"] == 290
    assert charges[f"tongdai/{BOX}/message/m51"] == 350


def test_a_core_that_hangs_or_is_gone_does_not_stop_the_sending(world: World) -> None:
    world.core.end_calls(1, 20)
    world.core.deaf.set()
    world.core.listen()
    world.broker_up()
    sync = world.sync()
    eventually(lambda: world.cloud.keys == keys(1, 20), "all sent")
    world.core.silence()
    world.core.deaf.clear()
    world.core.listen()
    eventually(lambda: not world.core.outbox, "told when it is back")
    assert world.cloud.keys == keys(1, 20)
    _, seconds, _ = sync.stop()
    assert seconds < 2


def test_sigterm_while_a_core_hangs(world: World) -> None:
    world.core.end_calls(1, 3)
    world.core.deaf.set()
    world.core.listen()
    world.broker_up()
    sync = world.sync()
    eventually(lambda: len(world.recorded()) == 3, "sent; the report hangs")
    status, seconds, _ = sync.stop()
    assert (status, seconds < 2) == (0, True)
    eventually(lambda: world.cloud.states[-1:] == [False], "goodbye was said")


def test_a_refusal_is_no_acknowledgement(world: World) -> None:
    """PUBACK 0x87 not authorized: the rows stay, in order, tried with pauses, until the broker takes them."""
    world.broker.allow(ONLY_THE_STATE)
    world.core.end_calls(1, 5)
    world.core.listen()
    world.broker_up()
    sync = world.sync()
    eventually(lambda: world.core.outbox[0]["tries"] >= 2, "refused twice, with a pause between")
    assert [row["key"] for row in world.core.outbox] == keys(1, 5)
    assert [row["tries"] for row in world.core.outbox[1:]] == [0, 0, 0, 0]
    assert world.recorded() == []
    world.broker.allow(EVERYTHING)
    world.broker.reload()
    eventually(lambda: not world.core.outbox, "taken at last")
    assert world.cloud.keys == keys(1, 5)
    _, _, said = sync.stop()
    assert said.count("refuses") == 1
    assert "0x87" in said
    assert said.count("takes rows again") == 1


def test_without_a_broker_it_idles_and_says_so(world: World) -> None:
    world.core.end_calls(1, 2)
    sync = SyncProcess(world.data)
    assert sync.ready["broker"] is None
    status, seconds, said = sync.stop()
    assert (status, seconds < 2) == (0, True)
    assert "no broker is configured" in said
    assert len(world.core.outbox) == 2


def test_a_sync_started_before_the_box_has_a_store(tmp_path: Path) -> None:
    with ExitStack() as stack:
        data = tmp_path / "data"
        data.mkdir()
        broker = Mosquitto(tmp_path)
        stack.callback(broker.stop)
        broker.start()
        cloud = Cloud(broker.port)
        stack.callback(cloud.close)
        cloud.connect()
        stack.callback(SyncProcess(data, "--broker", f"127.0.0.1:{broker.port}").stop)
        core = FakeCore(data)
        stack.callback(core.close)
        core.listen()
        core.end_calls(1, 2)
        eventually(lambda: not core.outbox, "found the store when it came")
        assert cloud.keys == keys(1, 2)


@pytest.mark.parametrize("broker", ["nowhere", "host:99999", ":1883"])
def test_bad_options_exit_2_naming_them(tmp_path: Path, broker: str, capsys: pytest.CaptureFixture[str]) -> None:
    from edge.sync.__main__ import main

    assert main(["--data", str(tmp_path), "--box", BOX, "--broker", broker]) == 2
    assert f"--broker {broker}" in capsys.readouterr().err
