"""Real wires: the lines of each transcript, split anywhere, give the events listed beside the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hal.at import transcript_replay

TRANSCRIPTS = sorted(transcript_replay.FOLDER.glob("*.txt"))
NAMES = [path.stem for path in TRANSCRIPTS]


def expected(path: Path) -> list[str]:
    return path.with_suffix(".events").read_text(encoding="utf-8").splitlines()


def shown(events: list[str]) -> list[str]:
    return [event.replace("\n", "␤") for event in events]


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=NAMES)
def test_events_of_a_transcript(path):
    assert shown(transcript_replay.replay(transcript_replay.steps(path))) == expected(path)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=NAMES)
def test_one_byte_at_a_time(path):
    assert shown(transcript_replay.replay(transcript_replay.steps(path), list(range(2000)))) == expected(path)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TRANSCRIPTS), st.lists(st.integers(0, 5000), max_size=12))
def test_split_anywhere(path, cuts):
    assert shown(transcript_replay.replay(transcript_replay.steps(path), cuts)) == expected(path)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=NAMES)
def test_doubled_carriage_returns(path):
    script = transcript_replay.steps(path)
    for step in script:
        step.data = step.data.replace(b"\r\n", b"\r\r\n")
    assert shown(transcript_replay.replay(script)) == expected(path)
