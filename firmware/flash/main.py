"""Lies at the root of the flash beside `slots.py`: starts folder `a` or `b` with the hardware watchdog already running.

Neither file is ever replaced by an update. A folder that cannot even be imported is left by a reset, so that the next
start falls back (slots.py).
"""

# ruff: noqa: INP001, BLE001, T201 - no package; whatever went wrong, a reset follows; a console is all there is
import gc
import sys

import machine  # type: ignore[import-not-found]
import slots  # type: ignore[import-not-found]

machine.WDT(timeout=8000)
if hasattr(gc, "threshold"):
    gc.threshold(16384)  # tidy early: what lives long shall not lie scattered over the whole heap
record = slots.load()
before = dict(record)
folder = slots.choose(record)
on_trial = record["trial"] == folder
if record != before:
    slots.save(record)  # whole before a folder on trial is started; else every start would wear the flash
sys.path.insert(0, folder)
try:
    from firmware import main

    main.run(folder, on_trial)
except Exception as error:
    sys.print_exception(error) if hasattr(sys, "print_exception") else print(repr(error))
    record = slots.load()
    slots.crashed(record)
    slots.save(record)
    machine.reset()
