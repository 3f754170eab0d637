"""One press heard twice is one; two presses are two, whoever hears them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.media.key_merger import KeyMerger, KeySource

M, V = KeySource.MODULE, KeySource.IN_BAND


@pytest.mark.parametrize(
    ("reports", "pressed"),
    [
        ([(M, "5", 0.0)], "5"),
        ([(V, "5", 0.0)], "5"),
        ([(V, "5", 0.0), (M, "5", 0.1)], "5"),
        ([(M, "5", 0.0), (V, "5", 0.1)], "5"),
        ([(M, "5", 0.0), (V, "6", 0.1)], "56"),
        ([(M, "5", 0.0), (V, "5", 0.3)], "55"),
        ([(M, "5", 0.0), (M, "5", 0.1)], "55"),
        ([(V, "5", 0.06), (M, "5", 0.14), (V, "5", 0.30), (M, "5", 0.38)], "55"),
        ([(V, "5", 0.06), (V, "5", 0.30), (M, "5", 0.24), (M, "5", 0.48)], "55"),
        ([(V, "5", 0.0), (V, "1", 0.1), (M, "5", 0.12), (V, "2", 0.2), (M, "1", 0.21), (M, "2", 0.3)], "512"),
        ([(V, "5", 0.0), (M, "5", 0.1), (M, "5", 0.15)], "55"),
    ],
    ids=[
        "module only",
        "voice only",
        "voice then module",
        "module then voice",
        "two keys",
        "too far apart",
        "one source twice",
        "two presses of both",
        "module late by a press",
        "three keys interleaved",
        "an echo echoes once",
    ],
)
def test_reports(reports, pressed):
    merger = KeyMerger()
    ordered = sorted(reports, key=lambda report: report[2])
    assert "".join(key for source, key, mono in ordered if merger.heard(source, key, mono)) == pressed


@given(
    keys=st.text("0123456789*#", min_size=1, max_size=20),
    lags_s=st.lists(st.floats(-0.1, 0.19), min_size=20, max_size=20),
)
def test_every_press_heard_by_both_counts_once(keys, lags_s):
    """Keys 240 ms apart, the module anywhere from 100 ms before to 190 ms after the voice."""
    reports = []
    for number, (key, lag_s) in enumerate(zip(keys, lags_s, strict=False)):
        reports += [(1 + 0.24 * number, V, key), (1 + 0.24 * number + lag_s, M, key)]
    merger = KeyMerger()
    reports.sort(key=lambda report: report[0])
    pressed = [key for mono, source, key in reports if merger.heard(source, key, mono)]
    assert sorted(pressed) == sorted(keys)
