"""The errors of `sim_hardware`; the first fork is whose fault it is.

SimError
├── RequestError (ValueError)   the asker's: a number, a file, a fault name or a parameter that cannot be (status 2)
└── WorldError (OSError)      the machine's: a pty or a socket that cannot be made (status 1)
"""

from __future__ import annotations


class SimError(Exception):
    """Anything the simulated world refuses or cannot do."""


class RequestError(SimError, ValueError):
    """What was asked cannot be; the message names what and where."""


class WorldError(SimError, OSError):
    """The machine would not give what the world needs."""
