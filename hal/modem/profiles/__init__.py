"""The families this room can drive."""

from hal.modem.profiles.sim7600 import SIM7600

PROFILES = (SIM7600,)

__all__ = ["PROFILES", "SIM7600"]
