"""Emulated modems, sans-io. The shell of a lone one is `python -m sim_hardware.modem`."""

from sim_hardware.modem.modem import CallView, EmulatedModem, ModemState
from sim_hardware.modem.profiles import PROFILES, SIM7600, ModemProfile
from sim_hardware.modem.sim_card import SimCard

__all__ = ["PROFILES", "SIM7600", "CallView", "EmulatedModem", "ModemProfile", "ModemState", "SimCard"]
