"""Recording stops in time, resumes late, never flaps; the ledger's reserve is there when it is needed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.media.storage import LedgerReserve, Space, StorageGuard, space_at

MB = 1_000_000
PLENTY = Space(10_000 * MB, 30_000 * MB)
FULL = Space(1 * MB, 30_000 * MB)


@pytest.mark.parametrize(
    ("total_mb", "free_mb", "then"),
    [
        (2000, [201, 199, 299, 301], [True, False, False, True]),
        (30_000, [1501, 1499, 1799, 1801], [True, False, False, True]),
        (30_000, [5000, 0, 1600, 1400, 1900], [True, False, False, False, True]),
    ],
    ids=["a small card: MB", "a large card: percent", "hysteresis"],
)
def test_limits(total_mb, free_mb, then):
    guard, allowed = StorageGuard(), []
    for free in free_mb:
        before = guard.recording_allowed
        changed = guard.measured(Space(free * MB, total_mb * MB))
        assert changed == (before != guard.recording_allowed)
        allowed.append(guard.recording_allowed)
    assert allowed == then


@given(st.integers(100, 100_000), st.lists(st.floats(0, 1), max_size=50))
def test_between_two_changes_lies_a_real_change_of_space(total_mb, shares):
    guard, at_change = StorageGuard(), None
    for share in shares:
        space = Space(int(share * total_mb * MB), total_mb * MB)
        if guard.measured(space):
            if at_change is not None:
                assert abs(space.free_bytes - at_change) >= 0.009 * total_mb * MB
            at_change = space.free_bytes


def test_this_machine_has_space(tmp_path):
    space = space_at(tmp_path)
    assert 0 < space.free_bytes <= space.total_bytes


def test_the_reserve_is_taken_released_once_and_taken_again(tmp_path):
    path = tmp_path / "ledger.reserve"
    reserve = LedgerReserve(path, size_bytes=1_000_000)
    assert not reserve.measured(PLENTY)
    assert reserve.held
    assert path.stat().st_blocks * 512 >= 1_000_000, "real blocks, no hole"
    assert reserve.measured(FULL)
    assert not path.exists()
    assert not reserve.measured(FULL)
    assert not reserve.measured(Space(100 * MB, 30_000 * MB))
    assert not reserve.held, "not as long as space is short"
    reserve.measured(PLENTY)
    assert reserve.held


def test_a_reserve_that_cannot_be_taken_is_no_fault(tmp_path):
    reserve = LedgerReserve(tmp_path / "no such folder" / "ledger.reserve")
    assert not reserve.measured(PLENTY)
    assert not reserve.held
