"""Boot finds what a crash left and makes files of it; nothing is left over, nothing is lost twice."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from edge.media import repair as repair_module
from edge.media.recording_file import FLAC, encode_part
from edge.media.recording_path import PART, UNFINISHED, recording_path
from edge.media.repair import repair_recordings
from edge.telephony import RecordingId

STARTED = 1_795_322_576.0


def leave_part(root, number: int, data: bytes):
    path = recording_path(root, RecordingId(f"c{number}.r1"), STARTED + number, PART)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def samples(count: int) -> np.ndarray:
    return np.arange(2 * count, dtype="<i2").reshape(-1, 2)


@pytest.mark.parametrize("torn", [0, 1, 2, 3], ids=lambda count: f"{count} bytes of a torn sample")
def test_every_whole_sample_is_saved(tmp_path, torn):
    part = leave_part(tmp_path, 1, samples(12_345).tobytes() + b"\x7f" * torn)
    (repaired,) = repair_recordings(tmp_path, FLAC)
    assert (repaired.recording, repaired.call, repaired.started_wall) == ("c1.r1", "c1", STARTED + 1)
    assert repaired.duration_s == 12_345 / 8000
    assert repaired.size_bytes == repaired.path.stat().st_size
    saved, _ = soundfile.read(repaired.path, dtype="int16")
    assert (saved == samples(12_345)).all()
    assert not part.exists()


def test_opus_by_default_with_two_sides(tmp_path):
    leave_part(tmp_path, 1, samples(16_000).tobytes())
    (repaired,) = repair_recordings(tmp_path)
    info = soundfile.info(repaired.path)
    assert (repaired.path.suffix, info.samplerate, info.channels, info.frames) == (".flac", 8000, 2, 16_000)


def test_all_of_them_oldest_name_first_and_again_changes_nothing(tmp_path):
    for number in (3, 1, 2):
        leave_part(tmp_path, number, samples(800).tobytes())
    assert [repaired.call for repaired in repair_recordings(tmp_path)] == ["c1", "c2", "c3"]
    assert repair_recordings(tmp_path) == []


def test_empty_parts_and_half_made_files_are_swept_away(tmp_path):
    part = leave_part(tmp_path, 1, b"")
    part.with_suffix(UNFINISHED).write_bytes(b"half an Ogg file")
    assert repair_recordings(tmp_path) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_killed_between_the_finished_file_and_the_end_of_its_part(tmp_path):
    part = leave_part(tmp_path, 1, samples(8000).tobytes())
    final_path = part.with_suffix(".flac")
    encode_part(part, final_path, FLAC)
    (repaired,) = repair_recordings(tmp_path, FLAC)
    assert repaired.path == final_path
    assert soundfile.info(final_path).frames == 8000
    assert not part.exists()


def test_one_that_cannot_be_encoded_now_stays_and_does_not_stop_the_others(tmp_path, monkeypatch, caplog):
    first, second = (leave_part(tmp_path, number, samples(800).tobytes()) for number in (1, 2))

    def short_of_space(part, *rest):
        if part == first:
            raise OSError(28, "No space left on device")
        return encode_part(part, *rest)

    monkeypatch.setattr(repair_module, "encode_part", short_of_space)
    assert [repaired.call for repaired in repair_recordings(tmp_path)] == ["c2"]
    assert first.exists()
    assert not second.exists()
    assert "No space left" in caplog.text


def test_strangers_and_a_missing_folder(tmp_path):
    assert repair_recordings(tmp_path / "recordings") == []
    stranger = tmp_path / "2026-11" / "what.part"
    stranger.parent.mkdir()
    stranger.write_bytes(b"1234")
    assert repair_recordings(tmp_path) == []
    assert stranger.exists()
