"""The ledger and money: usage with its charge, messages that are charged, charges rated again, imported tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.api.queries import open_reader
from edge.store.cdr_row import instant
from edge.store.errors import BasisMoved, LedgerMisuse
from edge.store.ledger import Ledger
from edge.store.rate_tables import StoredTable
from edge.store.usage_rows import SentMessage, UsedLeg
from edge.telephony import ClockSource, LegId, MessageId, Moment, PhoneNumber
from tests.edge.store.strategies import HOTLINE, T0, add_message, cdr, charge, moment

FALSE_NOW = Moment(mono=100.0, wall=60.0)
TRUE_NOW = Moment(mono=160.0, wall=T0 + 120.0)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "box.db", "box-7", "boot-a") as opened:
        yield opened


def test_usage_is_what_has_a_charge(ledger: Ledger) -> None:
    ledger.close_cdr(cdr(2, at=T0 + 100), [charge("c2.1", 0), charge("c2.2", 450)], moment())
    ledger.close_cdr(cdr(1, at=T0), [charge("c1.1", 0), charge("c1.2", 450)], moment())
    ledger.save_open_cdr(cdr(3, at=T0 + 50), moment())
    add_message(ledger, "m1")
    add_message(ledger, "m2")
    found = ledger.usage(HOTLINE, T0 + 5, T0 + 1000)
    assert sorted(item.leg for item, _ in found if isinstance(item, UsedLeg)) == ["c1.2", "c2.1", "c2.2"]
    assert ledger.hotlines_since(T0) == [HOTLINE]
    assert ledger.first_instant() == T0


def sms_charge(amount_vnd: int) -> dict[str, object]:
    return charge("m1", amount_vnd)


def test_a_message_that_was_sent_is_charged_in_the_same_breath(ledger: Ledger, tmp_path: Path) -> None:
    add_message(ledger, "m1", extension="512")
    used: list[SentMessage] = []

    def charges(message: SentMessage) -> list[dict[str, object]]:
        used.append(message)
        return [sms_charge(350)]

    keys = ledger.note_message(MessageId("m1"), sent=True, reason=None, now=moment(), charges=charges)
    assert keys == ["box-7:m1:1"]
    assert used == [SentMessage(MessageId("m1"), HOTLINE, PhoneNumber("+84903000111"), 2, "512", moment().wall)]
    with open_reader(tmp_path) as reader:
        (row,) = reader.messages()
    assert (row["parts"], row["hotline"], row["charge_vnd"]) == (2, HOTLINE, 350)
    assert row["rating"] == sms_charge(350)
    assert ledger.messages_awaiting_rating() == []
    assert ledger.revise_charges([sms_charge(350)], moment()) == [], "nothing has changed"
    assert ledger.revise_charges([sms_charge(290)], moment()) == ["box-7:m1:2"]
    with open_reader(tmp_path) as reader:
        assert reader.messages()[0]["charge_vnd"] == 290


def outbox(ledger: Ledger) -> list[dict[str, Any]]:
    rows = ledger.database.conn.execute("SELECT topic, payload FROM outbox ORDER BY seq")
    return [{"topic": row["topic"], **json.loads(row["payload"])} for row in rows]


def test_the_cloud_is_told_of_a_message_as_people_are_but_not_what_it_says(ledger: Ledger, tmp_path: Path) -> None:
    add_message(ledger, "m1", extension="512")
    ledger.note_message(MessageId("m1"), sent=True, reason=None, now=moment(), charges=lambda _: [sms_charge(350)])
    with open_reader(tmp_path) as reader:
        (row,) = reader.messages()
    (told,) = outbox(ledger)
    assert told["topic"] == "tongdai/box-7/message/m1"
    assert (told["schema"], told["key"], told["seq"]) == (1, "box-7:m1:1", 1)
    text = row.pop("text")
    assert told["message"] == row
    assert text not in json.dumps(told)


def test_calls_and_messages_are_told_in_the_order_in_which_they_happened(ledger: Ledger) -> None:
    add_message(ledger, "m1")
    ledger.close_cdr(cdr(1), [charge("c1.2", 450)], moment())
    ledger.note_message(MessageId("m1"), sent=True, reason=None, now=moment(), charges=lambda _: [sms_charge(350)])
    ledger.close_cdr(cdr(2), [charge("c2.2", 450), charge("c1.2", 425), sms_charge(290)], moment())
    assert [(row["seq"], row["key"]) for row in outbox(ledger)] == [
        (1, "box-7:c1:1"),
        (2, "box-7:m1:1"),
        (3, "box-7:c2:1"),
        (4, "box-7:c1:2"),
        (5, "box-7:m1:2"),
    ]
    assert outbox(ledger)[-1]["message"]["charge_vnd"] == 290


def test_a_failure_leaves_neither_outcome_nor_charge_nor_row(ledger: Ledger) -> None:
    add_message(ledger, "m1")

    def broken(_: SentMessage) -> list[dict[str, object]]:
        raise RuntimeError("no price today")

    with pytest.raises(RuntimeError, match="no price today"):
        ledger.note_message(MessageId("m1"), sent=True, reason=None, now=moment(), charges=broken)
    assert outbox(ledger) == []
    assert ledger.messages.sent(MessageId("m1")) is None
    ledger.note_message(MessageId("m1"), sent=True, reason=None, now=moment(), charges=lambda _: [sms_charge(350)])
    assert [row["key"] for row in outbox(ledger)] == ["box-7:m1:1"]


def test_a_sentence_worded_anew_makes_no_revision(ledger: Ledger) -> None:
    """A release that writes 675.000 where the one before wrote 675000 changes no charge."""
    ledger.close_cdr(cdr(1), [charge("c1.2", 450) | {"why": "… = 675000 VND."}], moment())
    assert ledger.revise_charges([charge("c1.2", 450) | {"why": "… = 675,000 VND."}], moment()) == []
    own = charge("c1.2", None) | {"rule": "3c/none/none", "parts": []}
    assert ledger.revise_charges([own | {"why": "there is no plan 3c"}], moment()) == ["box-7:c1:2"]
    assert ledger.revise_charges([own | {"why": "the rater failed"}], moment()) == ["box-7:c1:3"], "all there is to it"


def test_a_message_that_failed_costs_nothing(ledger: Ledger) -> None:
    add_message(ledger, "m1")
    ledger.note_message(MessageId("m1"), sent=False, reason="no service", now=moment(), charges=never)
    assert ledger.current_charge(MessageId("m1")) is None
    with pytest.raises(LedgerMisuse, match="not sent"):
        ledger.revise_charges([sms_charge(350)], moment())


def never(_: SentMessage) -> list[dict[str, object]]:
    raise AssertionError("nobody asks what it costs")


def test_a_message_without_a_clock_waits_as_legs_do(ledger: Ledger) -> None:
    add_message(ledger, "m1", now=FALSE_NOW, clock=ClockSource.NONE)
    ledger.note_message(MessageId("m1"), sent=True, reason=None, now=FALSE_NOW, charges=never)
    assert ledger.messages_awaiting_rating() == []
    ledger.restamp_rows(TRUE_NOW, ClockSource.NTP)
    assert outbox(ledger) == [], "told when its time is known"
    (waiting,) = ledger.messages_awaiting_rating()
    assert ledger.revise_charges([sms_charge(350)], TRUE_NOW) == ["box-7:m1:1"]
    assert outbox(ledger)[0]["message"]["sent_at"] == instant(TRUE_NOW.wall - 60)
    assert waiting.at == pytest.approx(TRUE_NOW.wall - 60)


def test_charges_by_a_basis_that_has_moved_are_refused_whole(ledger: Ledger) -> None:
    ledger.close_cdr(cdr(1), [charge("c1.1", 0), charge("c1.2", 450)], moment())
    basis = ledger.basis()
    ledger.close_cdr(cdr(2), [charge("c2.1", 0), charge("c2.2", 450)], moment())
    with pytest.raises(BasisMoved, match="reckon them again"):
        ledger.revise_charges([charge("c1.2", 1)], moment(), basis)
    assert ledger.current_charge(LegId("c1.2")) == charge("c1.2", 450)
    assert ledger.revise_charges([charge("c1.2", 1)], moment(), ledger.basis()) == ["box-7:c1:2"]


def test_a_table_and_a_revision_of_the_settings_move_the_basis(ledger: Ledger) -> None:
    before = ledger.basis()
    ledger.rate_tables.add([StoredTable("idd", "idd", "81,900"), StoredTable("ported", "ported", "")])
    ledger.rate_tables.add([StoredTable("idd", "idd", "81,800", 1.0, "lan")])
    assert ledger.basis() != before
    assert [(table.name, table.text, table.by) for table in ledger.rate_tables.newest()] == [
        ("ported", "", ""),
        ("idd", "81,800", "lan"),
    ]
