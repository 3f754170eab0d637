"""Names of recordings say what they are, both ways, and nothing else becomes a path."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.media.errors import RecordingPathError
from edge.media.recording_path import parse_recording_path, recording_path
from edge.telephony import RecordingId

ROOT = Path("recordings")
INSTANTS = st.floats(0, 4_000_000_000)


def test_the_name_by_month_call_number_and_moment():
    path = recording_path(ROOT, RecordingId("c17.r2"), 1_795_322_576.9)
    assert path == Path("recordings/2026-11/c17-2.20261122T044256Z.flac")


@given(st.integers(1, 10**9), st.integers(1, 99), INSTANTS)
def test_back_and_forth(call, number, started_wall):
    recording = RecordingId(f"c{call}.r{number}")
    name = parse_recording_path(recording_path(ROOT, recording, started_wall))
    assert (name.recording, name.call, name.started_wall) == (recording, f"c{call}", int(started_wall))


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 3), st.integers(0, 10**9)), unique=True))
def test_a_counter_that_starts_again_never_meets_an_old_name(made):
    paths = {recording_path(ROOT, RecordingId(f"c{call}.r{number}"), wall) for call, number, wall in made}
    assert len(paths) == len(made)


@pytest.mark.parametrize("recording", ["c17", "c17.2", "../c17.r1", "c17.r1/x", "c17.r", ".r1", "c17.rx", ""])
def test_other_ids_are_refused(recording):
    with pytest.raises(RecordingPathError, match="recording id"):
        recording_path(ROOT, RecordingId(recording), 0.0)


@pytest.mark.parametrize("name", ["notes.txt", "c17-1.opus", "c17-1.20261322T044256Z.opus", "c17-1.20261122T044256Z"])
def test_other_files_are_no_recordings(name):
    with pytest.raises(RecordingPathError):
        parse_recording_path(ROOT / name)
