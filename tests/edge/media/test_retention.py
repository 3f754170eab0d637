"""What goes and what stays: laws over any set of recordings, and the files themselves."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge.media.recording_path import recording_path
from edge.media.retention import StoredRecording, delete_recordings, expired, scan_recordings
from edge.telephony import RecordingId

DAY_S = 86_400
NOW = 1_795_300_000.0


def stored(number: int, age_days: float, megabytes: float = 1.0) -> StoredRecording:
    return StoredRecording(
        RecordingId(f"c{number}.r1"), Path(f"c{number}-1"), NOW - age_days * DAY_S, round(megabytes * 1_000_000)
    )


def ids(recordings) -> list[str]:
    return [recording.recording for recording in recordings]


def test_by_days():
    recordings = [stored(1, 89.9), stored(2, 90.1), stored(3, 400), stored(4, 0)]
    assert ids(expired(recordings, NOW, keep_days=90, keep_gb=8)) == ["c3.r1", "c2.r1"]


def test_by_size_the_oldest_go_and_no_more_than_needed():
    recordings = [stored(1, 1, 400), stored(2, 3, 400), stored(3, 2, 400)]
    assert ids(expired(recordings, NOW, keep_days=90, keep_gb=1.0)) == ["c2.r1"]
    assert ids(expired(recordings, NOW, keep_days=90, keep_gb=0.5)) == ["c2.r1", "c3.r1"]
    assert expired(recordings, NOW, keep_days=90, keep_gb=1.2) == []


def test_what_went_by_age_counts_for_the_size():
    recordings = [stored(1, 100, 900), stored(2, 1, 900)]
    assert ids(expired(recordings, NOW, keep_days=90, keep_gb=1.0)) == ["c1.r1"]


def test_a_box_that_does_not_know_the_time_deletes_nothing_by_age():
    made_in_1970 = StoredRecording(RecordingId("c1.r1"), Path("c1-1"), 500.0, 1000)
    assert expired([made_in_1970], NOW, keep_days=1, keep_gb=8) == []
    assert expired([stored(2, 5)], 900.0, keep_days=1, keep_gb=8) == []
    assert expired([made_in_1970, stored(2, 0, 2)], NOW, keep_days=1, keep_gb=0.002) == [made_in_1970]


RECORDINGS = st.lists(
    st.tuples(st.floats(0, 400), st.floats(0, 500)).map(lambda pair: pair),
    max_size=30,
).map(lambda pairs: [stored(number, age, size) for number, (age, size) in enumerate(pairs)])


@given(RECORDINGS, st.integers(1, 365), st.floats(0.01, 10))
def test_laws(recordings, keep_days, keep_gb):
    gone = expired(recordings, NOW, keep_days, keep_gb)
    kept = [recording for recording in recordings if recording not in gone]
    # What stays is within both limits.
    assert sum(recording.size_bytes for recording in kept) <= keep_gb * 1e9
    assert all(NOW - recording.started_wall <= keep_days * DAY_S for recording in kept)
    # Nothing younger than a kept one goes, and nothing goes without need.
    if gone and kept:
        assert max(recording.started_wall for recording in gone) <= min(recording.started_wall for recording in kept)
    if gone:
        youngest = gone[-1]
        too_old = NOW - youngest.started_wall > keep_days * DAY_S
        too_big = sum(recording.size_bytes for recording in [*kept, youngest]) > keep_gb * 1e9
        assert too_old or too_big
    # Once is enough.
    assert expired(kept, NOW, keep_days, keep_gb) == []


def test_files_are_found_and_removed_and_strangers_stay(tmp_path):
    paths = []
    for number, suffix in enumerate((".opus", ".flac", ".part", ".tmp")):
        path = recording_path(tmp_path, RecordingId(f"c{number}.r1"), NOW, suffix)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * 10)
        paths.append(path)
    stranger = paths[0].with_name("notes.txt")
    stranger.write_text("mine")
    found = scan_recordings(tmp_path)
    assert {(recording.recording, recording.size_bytes) for recording in found} == {("c0.r1", 10), ("c1.r1", 10)}
    assert all(recording.started_wall == NOW for recording in found)
    delete_recordings(found)
    delete_recordings(found)
    assert [path.exists() for path in paths] == [False, False, True, True]
    assert stranger.exists()
