"""Records calls without ever holding up the loop: two workers behind a door of three verbs.

The loop fills half a second of both sides and hands it over. The *journal worker* appends it to the `.part` file and
syncs it: a killed core loses at most that half second, a power cut at most one second where the card is not stalling.
The *encoding worker* turns the same samples into the finished file as the call goes on, so that it is there well
within a second after the call. Each recording ends in exactly one report, `RecordingFinished` or `RecordingFailed`.

When the disk refuses in mid-call, what was written until then is finished as usual and the refusal is logged; only
when nothing can be made of it does the recording fail, and then its `.part` stays for `repair` at the next start.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from edge.calls.events import RecordingFailed, RecordingFinished
from edge.media.errors import RecordingPathError
from edge.media.recording_file import (
    CODEC,
    SIDES,
    Codec,
    EncodedFile,
    PartFile,
    RecordedFile,
    StereoSamples,
    encode_part,
)
from edge.media.recording_path import recording_path
from edge.telephony import CallId, Frame, RecordingId
from hal.interfaces import FRAME_SAMPLES, SAMPLE_RATE_HZ

_LOG = logging.getLogger(__name__)

_CHUNK_FRAMES = 25
"""Half a second in memory: with one more chunk on its way, a kill loses less than a second."""
_CHUNK_SAMPLES = _CHUNK_FRAMES * FRAME_SAMPLES

_FILE_ERRORS = (OSError, soundfile.LibsndfileError)


def _new_chunk() -> StereoSamples:
    return np.zeros((_CHUNK_SAMPLES, SIDES), np.int16)


@dataclass(slots=True, eq=False)
class _Recording:
    """`chunk`, `filled` and `reported` belong to the loop, the rest to the workers."""

    id: RecordingId
    call: CallId
    started_wall: float
    path: Path
    chunk: StereoSamples = field(default_factory=_new_chunk)
    filled: int = 0
    reported: bool = False
    part: PartFile | None = None
    part_broken: bool = False
    encoded: EncodedFile | None = None
    encoded_broken: bool = False
    samples: int = 0


class Recorder:
    """All recordings of the box below `root`. Methods are called on the loop only."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        root: Path,
        sink: Callable[[RecordingFinished | RecordingFailed], None],
        on_open: Callable[[RecordingId, CallId, Path], None],
        on_file: Callable[[RecordedFile], None],
        codec: Codec = CODEC,
    ) -> None:
        """`on_open` is told which file is about to be written, so that a crash finds it in the ledger; `on_file` that
        it is whole, just before `RecordingFinished` goes to `sink`. All three are called on the loop.
        """
        self._loop = loop
        self._root = root
        self._sink = sink
        self._on_open = on_open
        self._on_file = on_file
        self._codec = codec
        self._open: dict[RecordingId, _Recording] = {}
        self._journal = ThreadPoolExecutor(1, "recording-journal")
        self._encoder = ThreadPoolExecutor(1, "recording-encoder")

    def start(self, recording: RecordingId, call: CallId, started_wall: float) -> None:
        """Opens the files in the background; `RecordingFailed` follows where that is refused."""
        try:
            path = recording_path(self._root, recording, started_wall, self._codec.extension)
        except RecordingPathError as error:
            self._sink(RecordingFailed(recording, str(error)))
            return
        self._on_open(recording, call, path)
        opened = self._open[recording] = _Recording(recording, call, started_wall, path)
        self._journal.submit(self._guarded, self._begin, opened)

    def feed(self, recording: RecordingId, left: Frame | None, right: Frame | None) -> None:
        """20 ms of both sides; None is silence. Ignored when the recording is not open."""
        state = self._open.get(recording)
        if state is None:
            return
        piece = state.chunk[state.filled : state.filled + FRAME_SAMPLES]
        # Chunks are made of zeros: silence needs no writing.
        if left is not None:
            piece[:, 0] = left
        if right is not None:
            piece[:, 1] = right
        state.filled += FRAME_SAMPLES
        if state.filled == _CHUNK_SAMPLES:
            self._hand_over(state)

    def stop(self, recording: RecordingId) -> None:
        """No more samples; the report follows when the file is in its place."""
        state = self._open.pop(recording, None)
        if state is not None:
            self._hand_over(state)
            self._journal.submit(self._guarded, self._end, state)

    async def close(self) -> None:
        """Stops what is open and returns when every file is in its place and reported."""
        for recording in list(self._open):
            self.stop(recording)
        await self._loop.run_in_executor(None, self._drain)

    def _drain(self) -> None:
        self._journal.shutdown()
        self._encoder.shutdown()

    def _hand_over(self, state: _Recording) -> None:
        chunk = state.chunk[: state.filled]
        state.chunk, state.filled = _new_chunk(), 0
        if len(chunk):
            self._journal.submit(self._guarded, self._write, state, chunk)

    # --- on the journal worker ----------------------------------------------------------------------------------

    def _begin(self, state: _Recording) -> None:
        try:
            state.part = PartFile(state.path)
        except OSError as error:
            self._fail(state, error)

    def _write(self, state: _Recording, chunk: StereoSamples) -> None:
        if state.part is None or state.part_broken:
            return
        try:
            state.part.append(chunk)
        except OSError as error:
            state.part_broken = True
            _LOG.error("recording %s stops here: %s cannot be written (%s)", state.id, state.part.path, error)
            return
        state.samples += len(chunk)
        # Encoding does not wait for the card.
        self._encoder.submit(self._guarded, self._encode, state, chunk)
        try:
            state.part.sync()
        except OSError as error:
            _LOG.error("recording %s: %s is not safe from a power cut (%s)", state.id, state.part.path, error)

    def _end(self, state: _Recording) -> None:
        if state.part is not None:
            state.part.close()
            self._encoder.submit(self._guarded, self._finish, state, state.part)

    # --- on the encoding worker ---------------------------------------------------------------------------------

    def _encode(self, state: _Recording, chunk: StereoSamples) -> None:
        if state.encoded_broken:
            return
        try:
            if state.encoded is None:
                state.encoded = EncodedFile(state.path, self._codec)
            state.encoded.append(chunk)
        except _FILE_ERRORS as error:
            self._give_up_encoding(state)
            _LOG.warning("recording %s is encoded when the call is over (%s)", state.id, error)

    def _finish(self, state: _Recording, part: PartFile) -> None:
        try:
            if state.encoded is not None and not state.encoded_broken:
                state.encoded.finish()
            else:
                encode_part(part.path, state.path, self._codec)
            size_bytes = state.path.stat().st_size
        except _FILE_ERRORS as error:
            self._give_up_encoding(state)
            self._fail(state, error)
            return
        part.path.unlink(missing_ok=True)
        duration_s = state.samples / SAMPLE_RATE_HZ
        file = RecordedFile(state.id, state.call, state.path, state.started_wall, duration_s, size_bytes)
        self._hand_back(state, RecordingFinished(state.id), file)

    def _give_up_encoding(self, state: _Recording) -> None:
        """Closed and removed at once: its handle must not write into a second attempt under the same name."""
        state.encoded_broken = True
        if state.encoded is not None:
            state.encoded.discard()

    # --- back to the loop ---------------------------------------------------------------------------------------

    def _guarded(self, job: Callable[..., None], state: _Recording, *rest: object) -> None:
        """A fault of ours in a worker must not leave the switchboard waiting."""
        try:
            job(state, *rest)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is logged and reported
            _LOG.exception("recording %s", state.id)
            self._fail(state, error)

    def _fail(self, state: _Recording, error: Exception) -> None:
        self._hand_back(state, RecordingFailed(state.id, f"recording {state.path.name}: {error}"), None)

    def _hand_back(
        self, state: _Recording, event: RecordingFinished | RecordingFailed, file: RecordedFile | None
    ) -> None:
        """The one place where workers speak to the loop."""
        self._loop.call_soon_threadsafe(self._report, state, event, file)

    def _report(self, state: _Recording, event: RecordingFinished | RecordingFailed, file: RecordedFile | None) -> None:
        if state.reported:
            return
        state.reported = True
        if file is not None:
            self._on_file(file)
        self._sink(event)
