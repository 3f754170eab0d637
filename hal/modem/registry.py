"""From what a module says of itself to the profile that drives it. An ambiguous match is refused, never guessed."""

from __future__ import annotations

from collections.abc import Sequence

from hal.at.parsers import STANDARD_URCS, UrcVocabulary
from hal.errors import AmbiguousHardwareError, ConfigurationError
from hal.modem.profile import ModemProfile
from hal.modem.profiles import PROFILES


def profile_of(manufacturer: str, model: str, profiles: Sequence[ModemProfile] = PROFILES) -> ModemProfile:
    """By AT+CGMI and AT+CGMM. Raises `ConfigurationError` when none fits, `AmbiguousHardwareError` when several do."""
    fitting = [profile for profile in profiles if profile.fits(manufacturer, model)]
    if len(fitting) > 1:
        families = ", ".join(profile.family for profile in fitting)
        raise AmbiguousHardwareError(
            f"{manufacturer!r} {model!r} fits several families ({families}); name the family in the configuration"
        )
    if not fitting:
        raise ConfigurationError(
            f"no profile for {manufacturer!r} {model!r}; this family is not supported yet "
            f"(known: {_families(profiles)}; the configuration may name one of them to drive it by)"
        )
    return fitting[0]


def profile_named(family: str, profiles: Sequence[ModemProfile] = PROFILES) -> ModemProfile:
    """By its name in the configuration. Raises `ConfigurationError` for an unknown one."""
    for profile in profiles:
        if profile.family == family:
            return profile
    raise ConfigurationError(f"unknown modem family {family!r}; known families: {_families(profiles)}")


def _families(profiles: Sequence[ModemProfile]) -> str:
    return ", ".join(profile.family for profile in profiles)


def vocabulary_of_all(profiles: Sequence[ModemProfile] = PROFILES) -> UrcVocabulary:
    """Before the family is known: the lines of any."""
    vocabulary = STANDARD_URCS
    for profile in profiles:
        vocabulary = vocabulary.joined(profile.vocabulary)
    return vocabulary
