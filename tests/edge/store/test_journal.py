from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.api.queries import open_reader
from edge.calls.actions import HangUpLeg, PlayTone, Tone
from edge.calls.events import KeyPressed, LegAnswered, SmsReceived
from edge.store.journal import Journal
from edge.store.journal_reader import Entry, JournalReader
from edge.store.ledger import Ledger
from edge.telephony import CallId, LegId, LineId, Moment

PRESSED = KeyPressed(LegId("c1.1"), "5")
ANSWERED = LegAnswered(LegId("c2.1"))
PLAY = (PlayTone(LegId("c1.1"), Tone.RING_BACK), HangUpLeg(LegId("c1.1"), LineId("gsm-1")))


def at(seq: int) -> Moment:
    return Moment(seq / 7, 1.8e9 + seq / 3)


def test_entries_and_checkpoints_come_back(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.db") as journal:
        journal.checkpoint(1, at(0), "1.0", 3, {"next_call": 1})
        journal.append(1, at(1), PRESSED, PLAY, (CallId("c1"), CallId("c1")))
        journal.append(2, at(2), ANSWERED, (), (CallId("c2"),))
        journal.checkpoint(3, at(3), "1.0", 4, {"next_call": 3})
        journal.append(3, at(3), PRESSED, (), (CallId("c1"),))
    with Journal(tmp_path / "journal.db") as journal:
        first, second, third = (
            Entry(1, at(1), PRESSED, PLAY),
            Entry(2, at(2), ANSWERED, ()),
            Entry(3, at(3), PRESSED, ()),
        )
        assert journal.reader.entries_for(CallId("c1")) == [first, third]
        assert list(journal.reader.entries_from_checkpoint_before(CallId("c1"))) == [first, second, third]
        assert list(journal.reader.entries_from_checkpoint_before(CallId("c2"))) == [first, second]
        checkpoint = journal.reader.checkpoint_before(CallId("c2"))
        assert checkpoint is not None
        assert (checkpoint.seq, checkpoint.code_version, checkpoint.settings_revision) == (1, "1.0", 3)
        assert checkpoint.state == {"next_call": 1}
        assert (journal.next_seq(), journal.next_call_number()) == (4, 3)


def test_it_can_be_read_while_it_is_written_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with pytest.raises(FileNotFoundError):
        JournalReader.open(path)
    with Journal(path) as journal:
        journal.checkpoint(1, at(0), "1.0", 1, {})
        with JournalReader.open(path) as reader:
            assert reader.entries_for(CallId("c1")) == []
            journal.append(1, at(1), PRESSED, PLAY, (CallId("c1"),))
            journal.flush()
            assert reader.entries_for(CallId("c1")) == [Entry(1, at(1), PRESSED, PLAY)]
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                reader._connection.execute("DELETE FROM entry")
    with JournalReader.open(path) as reader:
        assert len(list(reader.entries_from_checkpoint_before(CallId("c1")))) == 1


def test_an_unknown_call_has_nothing(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.db") as journal:
        assert journal.reader.entries_for(CallId("c1")) == []
        assert journal.reader.checkpoint_before(CallId("c1")) is None
        assert list(journal.reader.entries_from_checkpoint_before(CallId("c1"))) == []
        assert (journal.next_seq(), journal.next_call_number()) == (1, 1)


@given(
    calls=st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=60),
    limit=st.integers(1, 20),
)
@settings(max_examples=40)
def test_it_stays_bounded_and_what_is_listed_is_whole(
    calls: list[tuple[int, bool]], limit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.db"
    mine: dict[str, list[int]] = {}
    longest = stretch = 0
    with Journal(path, max_entries=limit) as journal:
        for seq, (number, checkpoint) in enumerate(calls, start=1):
            if checkpoint or seq == 1:
                journal.checkpoint(seq, at(seq), "1.0", 1, {})
                stretch = 0
            stretch += 1
            longest = max(longest, stretch)
            call = CallId(f"c{number}")
            journal.append(seq, at(seq), KeyPressed(LegId(f"{call}.1"), "5"), (), (call,))
            mine.setdefault(call, []).append(seq)
        journal.flush()
        for call, all_of_it in mine.items():
            kept = [entry.seq for entry in journal.reader.entries_for(CallId(call))]
            if not kept:
                continue
            # A call id that comes again after it was forgotten is a new one for the journal.
            assert kept == all_of_it[-len(kept) :]
            before = journal.reader.checkpoint_before(CallId(call))
            assert before is not None
            replayed = [entry.seq for entry in journal.reader.entries_from_checkpoint_before(CallId(call))]
            assert replayed == list(range(before.seq, kept[-1] + 1))
        count = journal._connection.execute("SELECT count(*) FROM entry").fetchone()[0]
        assert count <= limit + 2 * longest
        assert journal.next_seq() == len(calls) + 1


def test_it_stays_bounded_in_bytes(tmp_path: Path) -> None:
    """Long messages, few entries: the pages count, and freed ones are used again."""
    path, limit = tmp_path / "journal.db", 200_000
    long = SmsReceived(LineId("gsm-1"), None, "x", "y" * 10_000, 0.0)
    with Journal(path, max_bytes=limit) as journal:
        for seq in range(1, 101):
            if seq % 3 == 1:
                journal.checkpoint(seq, at(seq), "1.0", 1, {})
            journal.append(seq, at(seq), long, (), ())
        kept = journal._connection.execute("SELECT count(*) FROM entry").fetchone()[0]
        assert 5 <= kept <= 25
    assert path.stat().st_size < 2 * limit


def test_the_timeline_of_the_page(tmp_path: Path) -> None:
    Ledger(tmp_path / "box.db", "box", "boot").close()
    with open_reader(tmp_path) as reader:
        assert reader.timeline("c1") == []
        with Journal(tmp_path / "journal.db") as journal:
            journal.append(1, Moment(5.0, 1_795_300_000.25), PRESSED, PLAY[:1], (CallId("c1"),))
            journal.flush()
            assert reader.timeline("c1") == [
                {
                    "seq": 1,
                    "at": "2026-11-22T05:26:40.250+07:00",
                    "event": "KeyPressed",
                    "fields": {"leg": "c1.1", "key": "5"},
                    "actions": [{"type": "PlayTone", "leg": "c1.1", "tone": "ring-back"}],
                }
            ]
