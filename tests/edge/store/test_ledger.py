"""The ledger's promises by example: one transaction, revisions, crash, rows without a clock."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from edge.api.queries import open_reader
from edge.store.cdr_row import cdr_row
from edge.store.cdr_table import load_cdrs
from edge.store.errors import LedgerMisuse
from edge.store.ledger import Ledger
from edge.telephony import (
    CallId,
    Cdr,
    ClockSource,
    Disposition,
    LegId,
    LineId,
    MessageId,
    Moment,
    PhoneNumber,
    RecordingId,
)
from tests.edge.store.strategies import T0, add_message, cdr, cdrs, charge, moment

BOX = "box-7"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "box.db", BOX, "boot-a") as opened:
        yield opened


def outbox(ledger: Ledger) -> list[dict]:
    return [dict(row) for row in ledger.database.conn.execute("SELECT * FROM outbox ORDER BY seq")]


def reopened(ledger: Ledger, boot: str = "boot-b") -> Ledger:
    path = Path(ledger.database.conn.execute("PRAGMA database_list").fetchone()["file"])
    ledger.close()
    return Ledger(path, BOX, boot)


@given(original=cdrs())
@settings(max_examples=40)
def test_what_is_saved_is_loaded_exactly(original: Cdr, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Ledger(tmp_path_factory.mktemp("ledger") / "box.db", BOX, "boot-a") as ledger:
        ledger.save_open_cdr(original, moment())
        assert load_cdrs(ledger.database.conn, "call = 'c1'") == [original]


def test_the_ledger_survives_a_power_cut_by_its_settings(ledger: Ledger) -> None:
    pragma = ledger.database.conn.execute
    assert pragma("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert pragma("PRAGMA synchronous").fetchone()[0] == 2  # FULL
    strict = {
        row["name"]: row["strict"] for row in pragma("PRAGMA table_list") if not row["name"].startswith(("_", "sq"))
    }
    assert set(strict.values()) == {1}


def test_closing_writes_row_charges_and_outbox_together(ledger: Ledger) -> None:
    call = cdr(17)
    charges = [charge("c17.1", 0), charge("c17.2", 450)]
    assert ledger.close_cdr(call, charges, moment()) == ["box-7:c17:1"]
    (row,) = outbox(ledger)
    assert (row["key"], row["topic"], row["tries"]) == ("box-7:c17:1", "tongdai/box-7/cdr/c17", 0)
    payload = json.loads(row["payload"])
    assert payload == {
        "schema": 1,
        "key": "box-7:c17:1",
        "seq": row["seq"],
        "cdr": cdr_row(call, {LegId("c17.1"): charges[0], LegId("c17.2"): charges[1]}),
    }
    assert payload["cdr"]["charge_vnd"] == 450
    assert "recordings" not in payload["cdr"]


@pytest.mark.parametrize("statement", range(1, 40))
def test_a_failure_at_any_statement_leaves_nothing_behind(ledger: Ledger, statement: int) -> None:
    """The database refuses the n-th write of a close; then nothing of it may stand."""
    ledger.close_cdr(cdr(1), [charge("c1.1", 0), charge("c1.2", 450)], moment())
    before = list(ledger.database.conn.iterdump())
    seen = 0

    def refuse(action: int, *_: object) -> int:
        nonlocal seen
        if action not in (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE):
            return sqlite3.SQLITE_OK
        seen += 1
        return sqlite3.SQLITE_DENY if seen == statement else sqlite3.SQLITE_OK

    ledger.database.conn.set_authorizer(refuse)
    failed = False
    try:
        ledger.close_cdr(cdr(2), [charge("c2.1", 0), charge("c2.2", 450), charge("c1.2", 460)], moment())
    except sqlite3.DatabaseError:
        failed = True
    finally:
        ledger.database.conn.set_authorizer(None)
    assert failed == (seen >= statement)
    if failed:
        assert list(ledger.database.conn.iterdump()) == before


def test_a_changed_charge_reports_the_other_call_again(ledger: Ledger) -> None:
    ledger.close_cdr(cdr(1), [charge("c1.1", 0), charge("c1.2", 450)], moment())
    keys = ledger.close_cdr(cdr(2), [charge("c2.1", 0), charge("c2.2", 430), charge("c1.2", 440)], moment())
    assert keys == ["box-7:c2:1", "box-7:c1:2"]
    assert [row["seq"] for row in outbox(ledger)] == [1, 2, 3]
    assert json.loads(outbox(ledger)[2]["payload"])["cdr"]["charge_vnd"] == 440
    assert ledger.current_charge(LegId("c1.2")) == charge("c1.2", 440)
    revisions = ledger.database.conn.execute("SELECT revision, amount_vnd FROM charge WHERE leg = 'c1.2'").fetchall()
    assert [tuple(row) for row in revisions] == [(1, 450), (2, 440)]


def test_an_unchanged_charge_makes_no_revision(ledger: Ledger) -> None:
    ledger.close_cdr(cdr(1), [charge("c1.1", 0), charge("c1.2", 450)], moment())
    assert ledger.revise_charges([charge("c1.2", 450)], moment()) == []
    assert ledger.revise_charges([charge("c1.2", None)], moment()) == ["box-7:c1:2"]
    assert json.loads(outbox(ledger)[-1]["payload"])["cdr"]["charge_vnd"] is None


def test_misuse_is_raised_and_writes_nothing(ledger: Ledger) -> None:
    ledger.save_open_cdr(cdr(1), moment())
    with pytest.raises(LedgerMisuse, match=r"leg c1\.2"):
        ledger.revise_charges([charge("c1.2")], moment())
    with pytest.raises(LedgerMisuse, match=r"leg c1\.2"):
        ledger.close_cdr(cdr(2), [charge("c1.2")], moment())
    ledger.close_cdr(cdr(1), [], moment())
    for again in (lambda: ledger.close_cdr(cdr(1), [], moment()), lambda: ledger.save_open_cdr(cdr(1), moment())):
        with pytest.raises(LedgerMisuse, match="c1"):
            again()
    assert [row["key"] for row in outbox(ledger)] == ["box-7:c1:1"]


def test_a_sum_is_null_while_a_leg_is_unrated(ledger: Ledger) -> None:
    ledger.close_cdr(cdr(1), [charge("c1.1", 0)], moment())
    ledger.close_cdr(cdr(2, legs=()), [], moment())
    sums = [json.loads(row["payload"])["cdr"]["charge_vnd"] for row in outbox(ledger)]
    assert sums == [None, 0]


def test_boot_closes_what_a_crash_left_open(ledger: Ledger) -> None:
    at_refresh = cdr(3, ended=T0 + 25, billable_s=14.75)
    ledger.save_open_cdr(replace(at_refresh, ended=T0 + 20), moment())
    ledger.save_open_cdr(at_refresh, moment())
    after = reopened(ledger)
    (interrupted,) = after.interrupt_open_cdrs()
    assert (interrupted.disposition, interrupted.ended) == (Disposition.INTERRUPTED, T0 + 25)
    assert after.interrupt_open_cdrs() == []
    assert after.awaiting_rating() == [interrupted]
    assert after.close_cdr(interrupted, [charge("c3.1", 0), charge("c3.2")], moment()) == ["box-7:c3:1"]
    assert after.awaiting_rating() == []
    after.close()


def test_strike_and_tries(ledger: Ledger) -> None:
    for number in (1, 2):
        ledger.close_cdr(cdr(number), [], moment())
    ledger.count_tries(["box-7:c1:1", "box-7:c1:1", "box-7:c9:1"])
    assert [row["tries"] for row in outbox(ledger)] == [2, 0]
    assert ledger.strike_outbox(["box-7:c1:1", "box-7:c9:1"]) == 1
    assert ledger.strike_outbox(["box-7:c1:1"]) == 0
    assert [row["key"] for row in outbox(ledger)] == ["box-7:c2:1"]
    ledger.close_cdr(cdr(3), [], moment())
    assert [row["seq"] for row in outbox(ledger)] == [2, 3]


def test_seq_never_goes_back_when_the_outbox_was_emptied(ledger: Ledger) -> None:
    ledger.strike_outbox(ledger.close_cdr(cdr(1), [], moment()))
    with reopened(ledger) as after:
        after.close_cdr(cdr(2), [], moment())
        assert [row["seq"] for row in outbox(after)] == [2]


def test_counters_go_on_after_a_restart(ledger: Ledger) -> None:
    assert (ledger.next_counters().call, ledger.next_counters().message) == (1, 1)
    ledger.save_open_cdr(cdr(41), moment())
    ledger.close_cdr(cdr(7), [], moment())
    add_message(ledger, "m5")
    with reopened(ledger) as after:
        assert (after.next_counters().call, after.next_counters().message) == (42, 6)


# --- without a clock ----------------------------------------------------------------------------------------------

FALSE_NOW = Moment(mono=100.0, wall=60.0)
TRUE_NOW = Moment(mono=160.0, wall=T0 + 120.0)


def test_rows_without_a_clock_are_neither_rated_nor_sent_until_restamped(ledger: Ledger) -> None:
    ledger.recordings.add(RecordingId("c1.r1"), CallId("c1"), Path("recordings/a"), FALSE_NOW, ClockSource.NONE)
    assert ledger.close_cdr(cdr(1, clock=ClockSource.NONE, at=10.0), [], FALSE_NOW) == []
    with pytest.raises(LedgerMisuse, match="without a clock"):
        ledger.close_cdr(cdr(2, clock=ClockSource.NONE, at=10.0), [charge("c2.2")], FALSE_NOW)
    assert ledger.awaiting_rating() == []
    assert ledger.restamp_rows(TRUE_NOW, ClockSource.NTP) == 1
    (right,) = ledger.awaiting_rating()
    # false instant 10 at false wall 60, mono 100 → mono 50 → 110 s before TRUE_NOW
    assert right.started == T0 + 120 - 110
    assert right.legs[1].answered == right.answered == right.started + 10.25
    assert (right.clock, right.duration_s) == (ClockSource.NTP, 40.25)
    assert ledger.recordings.all()[0].started == T0 + 120 - 60
    assert ledger.close_cdr(right, [charge("c1.1", 0), charge("c1.2")], TRUE_NOW) == ["box-7:c1:1"]
    assert ledger.restamp_rows(TRUE_NOW, ClockSource.NTP) == 0


def test_an_open_row_restamped_midway_is_closed_as_it_ended(ledger: Ledger) -> None:
    ledger.save_open_cdr(cdr(1, clock=ClockSource.NONE, at=10.0), FALSE_NOW)
    ledger.restamp_rows(TRUE_NOW, ClockSource.NTP)
    assert ledger.close_cdr(cdr(1, duration_s=99.0), [], moment()) == ["box-7:c1:1"]
    assert json.loads(outbox(ledger)[0]["payload"])["cdr"]["duration_s"] == 99.0


def test_rows_of_a_boot_that_never_had_a_clock_end_where_this_boot_began(ledger: Ledger) -> None:
    ledger.close_cdr(cdr(1, clock=ClockSource.NONE, at=10.0), [], FALSE_NOW)
    ledger.save_open_cdr(cdr(2, clock=ClockSource.NONE, at=5.0), FALSE_NOW)
    with reopened(ledger) as after:
        after.interrupt_open_cdrs()
        assert after.restamp_rows(TRUE_NOW, ClockSource.NTP) == 0
        assert after.restamp_lost_boots(boot_began=T0) == 2
        first, second = after.awaiting_rating()
        assert (first.ended, second.ended) == (T0, T0 - 5)
        assert first.clock is ClockSource.NONE
        assert after.close_cdr(first, [charge("c1.1", 0), charge("c1.2")], moment()) == ["box-7:c1:1"]
        assert json.loads(outbox(after)[0]["payload"])["cdr"]["clock"] == "none"


# --- recordings and messages --------------------------------------------------------------------------------------


def test_recordings_of_a_call(ledger: Ledger, tmp_path: Path) -> None:
    name, call = RecordingId("c1.r1"), CallId("c1")
    ledger.recordings.add(name, call, tmp_path / "recordings/c1.wav.part", moment(), ClockSource.NTP)
    assert [row.recording for row in ledger.recordings.unfinished()] == [name]
    ledger.recordings.finish(name, tmp_path / "recordings/c1.ogg", 30.5, 12_345)
    ledger.close_cdr(cdr(1), [], moment())
    with open_reader(tmp_path) as reader:
        row = reader.cdr("c1")
        assert row is not None
        assert row["recordings"] == [str(tmp_path / "recordings/c1.ogg")]
        assert reader.recording_path("c1.r1") == tmp_path / "recordings/c1.ogg"
        assert ledger.recordings.delete([name, RecordingId("c9.r1")]) == [tmp_path / "recordings/c1.ogg"]
        assert reader.recording_path("c1.r1") is None
        again = reader.cdr("c1")
        assert again is not None
        assert again["recordings"] == []


def test_a_recording_repaired_after_the_call_was_closed_is_found_by_the_filter(ledger: Ledger) -> None:
    ledger.recordings.add(RecordingId("c1.r1"), CallId("c1"), Path("recordings/x"), moment(), ClockSource.NTP)
    ledger.close_cdr(cdr(1), [], moment())
    flag = "SELECT has_recording FROM cdr"
    assert ledger.database.conn.execute(flag).fetchone()[0] == 0
    ledger.recordings.finish(RecordingId("c1.r1"), Path("recordings/x.ogg"), 3.0, 99)
    assert ledger.database.conn.execute(flag).fetchone()[0] == 1
    with pytest.raises(LedgerMisuse, match=r"c7\.r1"):
        ledger.recordings.finish(RecordingId("c7.r1"), Path("x"), 1.0, 1)


def test_messages_in_and_out(ledger: Ledger, tmp_path: Path) -> None:
    called = PhoneNumber("+84903000111")
    ledger.messages.add_received(LineId("gsm-1"), "MobiFone", "half \ud83d", T0, moment(), ClockSource.NTP)
    for message in ("m1", "m2", "m3"):
        add_message(ledger, message)
    ledger.messages.note_outcome(MessageId("m1"), sent=True, reason=None, now=moment())
    ledger.messages.note_outcome(MessageId("m2"), sent=False, reason="no service", now=moment())
    ledger.messages.add_rejected(MessageId("m4"), called, "x", "page", "no line", moment(), ClockSource.NTP)
    assert ledger.messages.fail_unsent("the box went down") == 1
    with open_reader(tmp_path) as reader:
        rows = reader.messages()
    assert [(row["message"], row["state"], row["reason"]) for row in rows] == [
        ("in-1", "received", None),
        ("m1", "sent", None),
        ("m2", "failed", "no service"),
        ("m3", "failed", "the box went down"),
        ("m4", "failed", "no line"),
    ]
    assert rows[0]["text"] == "half \ufffd"
    with pytest.raises(LedgerMisuse, match="m9"):
        ledger.messages.note_outcome(MessageId("m9"), sent=True, reason=None, now=moment())


def test_another_thread_is_refused(ledger: Ledger) -> None:
    import threading

    refused: list[Exception] = []

    def use() -> None:
        try:
            ledger.next_counters()
        except sqlite3.ProgrammingError as error:
            refused.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(refused) == 1


def test_a_copy_taken_while_open_boots_cleanly(ledger: Ledger, tmp_path: Path) -> None:
    """What a power cut leaves: the files as they lie, WAL included."""
    ledger.save_open_cdr(cdr(1), moment())
    ledger.close_cdr(cdr(2), [], moment())
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in tmp_path.glob("box.db*"):
        shutil.copy(file, copy / file.name)
    with Ledger(copy / "box.db", BOX, "boot-b") as after:
        assert [found.call for found in after.interrupt_open_cdrs()] == ["c1"]
        assert [row["key"] for row in outbox(after)] == ["box-7:c2:1"]
