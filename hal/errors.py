"""Everything that can go wrong at the metal, by blame.

HalError
├── ConfigurationError (ValueError)   ours: a wrong argument or profile; fix the code or the configuration
├── AmbiguousHardwareError            the machine's: two readings fit, none is chosen
├── PortError (OSError)               the world's: unplugged, in use, not there; retried with back-off
├── SupervisorError                   the microcontroller's: it does not answer, or refused
└── ModemError                        the module's: it answered what it should not, or nothing at all
    ├── ModemSilentError              no answer in time
    └── UndecodablePduError           an SMS TPDU that is not one (23.040 §9.2)

Inside a driver these become events (`ModemLost`, `CommandFailed`); only constructors and catalogues raise to callers.
"""

from __future__ import annotations


class HalError(Exception):
    """Root of this room's errors."""


class ConfigurationError(HalError, ValueError):
    """A caller gave something that can never work."""


class AmbiguousHardwareError(HalError):
    """More than one profile or port fits; the message names all of them."""


class PortError(HalError, OSError):
    """A serial port cannot be had."""


class SupervisorError(HalError):
    """The supervisor on the HAT does not answer or did not do what was asked."""


class ModemError(HalError):
    """A module did not do what was asked."""


class ModemSilentError(ModemError):
    """A module does not answer."""


class UndecodablePduError(ModemError):
    """Bytes that are no SMS TPDU, or one of a kind we do not read."""
