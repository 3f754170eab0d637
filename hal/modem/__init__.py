"""Drivers of telephone modems."""

from hal.modem.driver import ModemDriver
from hal.modem.open import open_modem
from hal.modem.upkeep import DriverHealth, DriverOptions

__all__ = ["DriverHealth", "DriverOptions", "ModemDriver", "open_modem"]
