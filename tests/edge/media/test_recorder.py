"""A recording from its first frame to the file on the disk, and what is left of it when the core dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edge.calls.events import RecordingFailed, RecordingFinished
from edge.media import recorder as recorder_module
from edge.media.prompts import PromptLibrary
from edge.media.recorder import Recorder
from edge.media.recording_file import FLAC, OPUS, EncodedFile, PartFile
from edge.media.recording_path import recording_path
from edge.media.repair import repair_recordings
from edge.telephony import CallId, RecordingId
from hal.interfaces import FRAME_SAMPLES

CALL, RECORDING = CallId("c1"), RecordingId("c1.r1")
STARTED = 1_795_322_576.0


def speech(seconds: float, prompt: str) -> np.ndarray:
    samples = np.resize(PromptLibrary().samples(prompt, "vi"), round(seconds * 8000))
    return samples.reshape(-1, FRAME_SAMPLES)


LEFT, RIGHT = speech(3.0, "greeting"), speech(3.0, "employee-greeting")


class Desk:
    """Everything a recorder reports, in order."""

    def __init__(self, root: Path, **options) -> None:
        self.reports = []
        self.opened = []
        self.done = asyncio.Event()
        self.recorder = Recorder(
            asyncio.get_running_loop(),
            root,
            self._event,
            lambda *opened: self.opened.append(opened),
            self.reports.append,
            **options,
        )

    def _event(self, event) -> None:
        self.reports.append(event)
        self.done.set()

    def record(self, left=LEFT, right=RIGHT) -> None:
        self.recorder.start(RECORDING, CALL, STARTED)
        for left_frame, right_frame in zip(left, right, strict=True):
            self.recorder.feed(RECORDING, left_frame, right_frame)

    async def reported(self) -> None:
        await asyncio.wait_for(self.done.wait(), 10)
        self.done.clear()


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.astype(float), other.astype(float))[0, 1])


def files_below(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize("codec", [FLAC, OPUS], ids=["flac", "opus"])
def test_both_sides_are_in_the_file_each_on_its_own(tmp_path, codec):
    path = recording_path(tmp_path, RECORDING, STARTED, codec.extension)

    async def story():
        desk = Desk(tmp_path, codec=codec)
        desk.record()
        assert desk.opened == [(RECORDING, CALL, path)]
        desk.recorder.stop(RECORDING)
        await desk.reported()
        file, event = desk.reports
        assert event == RecordingFinished(RECORDING)
        assert (file.recording, file.call, file.started_wall, file.duration_s) == (RECORDING, CALL, STARTED, 3.0)
        assert file.path == path
        assert file.size_bytes == file.path.stat().st_size < 80_000
        await desk.recorder.close()

    asyncio.run(story())
    assert files_below(tmp_path) == [path.name]
    samples, rate_hz = soundfile.read(path, dtype="int16")
    assert rate_hz == 8000
    assert samples.shape == (24_000, 2)
    left, right = LEFT.ravel(), RIGHT.ravel()
    assert correlation(samples[:, 0], left) > 0.9
    assert correlation(samples[:, 1], right) > 0.9
    assert abs(correlation(samples[:, 0], right)) < 0.2


def test_missing_frames_are_silence_and_keep_the_time(tmp_path):
    async def story():
        desk = Desk(tmp_path, codec=FLAC)
        desk.record([None, LEFT[0], None], [RIGHT[0], None, None])
        desk.recorder.stop(RECORDING)
        await desk.reported()
        await desk.recorder.close()

    asyncio.run(story())
    samples, _ = soundfile.read(recording_path(tmp_path, RECORDING, STARTED, ".flac"), dtype="int16")
    nothing = np.zeros(FRAME_SAMPLES, np.int16)
    assert (samples[:, 0] == np.concatenate((nothing, LEFT[0], nothing))).all()
    assert (samples[:, 1] == np.concatenate((RIGHT[0], nothing, nothing))).all()


def test_a_recording_of_nothing_is_closed_too(tmp_path):
    async def story():
        desk = Desk(tmp_path)
        desk.record([], [])
        desk.recorder.stop(RECORDING)
        await desk.reported()
        desk.recorder.stop(RECORDING)
        desk.recorder.feed(RECORDING, None, None)
        await desk.recorder.close()
        assert desk.reports[-1] == RecordingFinished(RECORDING)

    asyncio.run(story())


def test_closing_finishes_what_is_open_before_it_returns(tmp_path):
    async def story():
        desk = Desk(tmp_path)
        desk.record()
        await desk.recorder.close()
        assert desk.reports[-1] == RecordingFinished(RECORDING)

    asyncio.run(story())
    assert files_below(tmp_path) == [recording_path(tmp_path, RECORDING, STARTED).name]


def test_many_at_once_report_each_for_itself(tmp_path):
    async def story():
        desk = Desk(tmp_path)
        names = [RecordingId(f"c{number}.r1") for number in range(4)]
        for name in names:
            desk.recorder.start(name, CALL, STARTED)
        for left, right in zip(LEFT, RIGHT, strict=True):
            for name in names:
                desk.recorder.feed(name, left, right)
        for name in names:
            desk.recorder.stop(name)
        await desk.recorder.close()
        assert [event.recording for event in desk.reports if isinstance(event, RecordingFinished)] == names

    asyncio.run(story())
    assert len(files_below(tmp_path)) == 4


def test_a_folder_that_cannot_be_made_is_one_failure(tmp_path):
    root = tmp_path / "recordings"
    root.write_text("a file in the way")

    async def story():
        desk = Desk(root)
        desk.record()
        desk.recorder.stop(RECORDING)
        await desk.recorder.close()
        (event,) = desk.reports
        assert isinstance(event, RecordingFailed)
        assert "recordings" in event.reason

    asyncio.run(story())


def test_an_older_recording_is_never_written_over(tmp_path):
    path = recording_path(tmp_path, RECORDING, STARTED)
    path.parent.mkdir()
    path.write_bytes(b"precious")

    async def story():
        desk = Desk(tmp_path)
        desk.record()
        await desk.recorder.close()
        assert isinstance(desk.reports[-1], RecordingFailed)
        assert "exists already" in desk.reports[-1].reason

    asyncio.run(story())
    assert path.read_bytes() == b"precious"


def test_an_id_that_is_no_recording_is_refused_at_once(tmp_path):
    async def story():
        desk = Desk(tmp_path)
        desk.recorder.start(RecordingId("../x.r1"), CALL, STARTED)
        assert isinstance(desk.reports[-1], RecordingFailed)
        await desk.recorder.close()

    asyncio.run(story())
    assert files_below(tmp_path) == []


class FullDisk(PartFile):
    """Takes one second, then no more."""

    written = 0

    def append(self, samples):
        if self.written >= 8000:
            raise OSError(28, "No space left on device")
        self.written += len(samples)
        super().append(samples)


class BrokenEncoder(EncodedFile):
    """Gives up in the middle of the call."""

    written = 0

    def append(self, samples):
        self.written += len(samples)
        if self.written > 8000:
            raise OSError(5, "Input/output error")
        super().append(samples)


def test_a_full_disk_keeps_what_was_written_until_then(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(recorder_module, "PartFile", FullDisk)

    async def story():
        desk = Desk(tmp_path)
        desk.record()
        await desk.recorder.close()
        file, event = desk.reports
        assert event == RecordingFinished(RECORDING)
        assert file.duration_s == 1.0

    asyncio.run(story())
    assert "No space left" in caplog.text


def test_an_encoder_that_fails_is_made_up_for_when_the_call_is_over(tmp_path, monkeypatch):
    monkeypatch.setattr(recorder_module, "EncodedFile", BrokenEncoder)

    async def story():
        desk = Desk(tmp_path)
        desk.record()
        await desk.recorder.close()
        assert desk.reports[-1] == RecordingFinished(RECORDING)

    asyncio.run(story())
    path = recording_path(tmp_path, RECORDING, STARTED)
    assert files_below(tmp_path) == [path.name]
    assert soundfile.info(path).frames == 24_000


def test_when_nothing_can_be_encoded_the_samples_stay_for_the_next_start(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recorder_module, "EncodedFile", refuse)
    monkeypatch.setattr(recorder_module, "encode_part", refuse)

    async def story():
        desk = Desk(tmp_path)
        desk.record()
        await desk.recorder.close()
        (event,) = desk.reports
        assert isinstance(event, RecordingFailed)

    asyncio.run(story())
    (repaired,) = repair_recordings(tmp_path)
    assert (repaired.recording, repaired.duration_s) == (RECORDING, 3.0)


_DYING_CORE = """
import asyncio, sys
from pathlib import Path
import numpy as np
from edge.media.recorder import Recorder
from edge.media.ticker import Ticker

async def main(root):
    loop = asyncio.get_running_loop()
    recorder = Recorder(loop, root, print, lambda *_: None, print)
    recorder.start("c7.r1", "c7", 1795322576.0)
    fed = 0
    def tick():
        nonlocal fed
        recorder.feed("c7.r1", np.full(160, fed, np.int16), np.full(160, -fed, np.int16))
        fed += 1
        print(fed, flush=True)
    Ticker(loop, tick).start()
    await asyncio.Event().wait()

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.system
@pytest.mark.parametrize("frames_until_kill", [40, 117, 160])
def test_kill_9_in_mid_call_loses_less_than_a_second(tmp_path, frames_until_kill):
    with subprocess.Popen(
        [sys.executable, "-c", _DYING_CORE, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            fed = next(int(line) for line in process.stdout if int(line) >= frames_until_kill)
        finally:
            os.kill(process.pid, signal.SIGKILL)
        # What it said before it died and was not read yet.
        fed = max([fed, *(int(line) for line in process.stdout.read().split("\n")[:-1])])
    (repaired,) = repair_recordings(tmp_path, FLAC)
    assert (repaired.recording, repaired.call) == ("c7.r1", "c7")
    assert fed * 0.02 - 1.0 <= repaired.duration_s <= fed * 0.02
    assert files_below(tmp_path) == [repaired.path.name]
    samples, rate_hz = soundfile.read(repaired.path, dtype="int16")
    assert rate_hz == 8000
    # Every sample is the one that was said at its time.
    frame_numbers = np.arange(len(samples)) // FRAME_SAMPLES
    assert (samples[:, 0] == frame_numbers).all()
    assert (samples[:, 1] == -frame_numbers).all()
