"""For whoever freezes a real image: `make -C ports/rp2 BOARD=RPI_PICO FROZEN_MANIFEST=…/manifest.py`.

The supervisor itself is not frozen: it lies in `a/` and `b/` on the flash, so that it can be updated. Frozen is what it
stands on; `logging` and `unittest` are for people at the prompt, nothing in `firmware/` needs them. Not proven on
hardware.
"""

# ruff: noqa: F821, INP001
include("$(PORT_DIR)/boards/manifest.py")  # asyncio, neopixel
require("logging")
require("unittest")
