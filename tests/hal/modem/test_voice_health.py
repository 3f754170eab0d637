"""When a slow voice path is a stuck one."""

from __future__ import annotations

import pytest

from hal.modem.profile import StuckVoice
from hal.modem.voice_health import VoiceHealth

RULE = StuckVoice(tries=10, calls_in_a_row=2, reset_every_s=600.0)


@pytest.mark.parametrize(
    ("refusals", "stuck"),
    [([2, 3, 2], False), ([10, 2, 10], False), ([9, 9, 9], False), ([10, 10], True), ([40, 12, 2], False)],
)
def test_only_late_openings_in_a_row_count(refusals, stuck):
    health = VoiceHealth()
    for each in refusals:
        health.opened_after(each, RULE)
    assert health.stuck is stuck
    assert health.opened == len(refusals)


def test_a_whole_window_of_refusals_is_enough():
    health = VoiceHealth()
    health.refused(RULE)
    assert health.stuck
    assert health.reset_due_at(RULE) == float("-inf")


def test_resets_keep_their_distance():
    health = VoiceHealth()
    health.refused(RULE)
    health.was_reset(1000.0)
    assert health.reset_due_at(RULE) is None
    health.refused(RULE)
    assert health.reset_due_at(RULE) == 1600.0
    assert health.resets == 1


def test_a_family_that_a_reset_does_not_help_is_never_stuck():
    health = VoiceHealth()
    health.refused(None)
    health.opened_after(100, None)
    health.opened_after(100, None)
    assert health.reset_due_at(None) is None
