"""What this firmware calls itself. `packaging/firmware/build.py` writes it into the manifest."""

VERSION = (1, 0, 0)
MINIMUM = (1, 0, 0)
"""No older version may be installed once this one runs."""
