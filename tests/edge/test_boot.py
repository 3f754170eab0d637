"""What a crash left between a finished recording and its row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from edge.billing import Biller
from edge.boot import open_stores, recover
from edge.places import Places
from edge.telephony import CallId, ClockSource, Moment, RecordingId


def test_a_file_that_was_whole_before_its_row_said_so_keeps_its_length(tmp_path: Path) -> None:
    places = Places.at(tmp_path)
    places.prepare()
    now = Moment(100.0, 1_795_000_000.0)
    whole, lost = places.recordings / "whole.flac", places.recordings / "lost.flac"
    soundfile.write(whole, np.zeros((12_000, 2), np.int16), 8000)
    stores = open_stores(places, "box")
    try:
        for number, path in enumerate((whole, lost), start=1):
            name = RecordingId(f"c1.r{number}")
            stores.ledger.recordings.add(name, CallId("c1"), path, now, ClockSource.NTP)
        recover(stores, Biller(), [], now, ClockSource.NTP)
        found = {row.recording: row for row in stores.ledger.recordings.all()}
    finally:
        stores.close()
    assert found[RecordingId("c1.r1")].state == "finished"
    assert found[RecordingId("c1.r1")].duration_s == pytest.approx(1.5)
    assert found[RecordingId("c1.r2")].state == "failed"
