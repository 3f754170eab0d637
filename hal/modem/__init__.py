"""Drivers of telephone modems."""

from hal.modem.driver import DriverHealth, DriverOptions, ModemDriver
from hal.modem.open import open_modem

__all__ = ["DriverHealth", "DriverOptions", "ModemDriver", "open_modem"]
