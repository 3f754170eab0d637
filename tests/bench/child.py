"""A measurement in a process of its own, so that its memory is its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from tests.bench.processes import look


def in_child(measured: Callable[..., dict[str, float]], *arguments: Any) -> dict[str, float]:
    """What `measured` (a function of a module) returns, and how much the child's memory grew: `peak_mb`."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_call, measured, arguments).result()


def _call(measured: Callable[..., dict[str, float]], arguments: tuple[Any, ...]) -> dict[str, float]:
    before_mb = rss_mb()
    found = measured(*arguments)
    return {**found, "peak_mb": look(os.getpid()).peak_rss_mb - before_mb}


def rss_mb() -> float:
    """Memory of this process now."""
    return look(os.getpid()).rss_mb
