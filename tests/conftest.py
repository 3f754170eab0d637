"""Shared by all tests: where the checkout is, and hypothesis profiles (a plain run is deterministic and short)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "quick",
    derandomize=True,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "campaign", parent=settings.get_profile("quick"), derandomize=False, print_blob=True, max_examples=100
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def checkout() -> Path:
    return Path(__file__).parent.parent
