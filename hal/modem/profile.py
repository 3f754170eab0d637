"""What a module family is, as data. A new family is a file in `profiles/`; a method only where behaviour differs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hal.at.parsers import UrcVocabulary


@dataclass(frozen=True, slots=True)
class InitCommand:
    """A setting made at bring-up and again after each restart of the module."""

    text: str
    optional: bool = False
    """Its failure is ignored: many firmwares lack it."""
    needs_sim: bool = False
    """Answers CME 14 for a while after boot or PIN: retried."""


@dataclass(frozen=True, slots=True)
class StuckVoice:
    """What tells a worn-out PCM endpoint from one that is only slow, in a family known for it."""

    tries: int
    """A path that opens only after so many refusals, counted from the moment the call is up, opens late."""
    calls_in_a_row: int
    """So many late ones are no chance."""
    reset_every_s: float = 600.0
    """The module is not reset more often for this."""


@dataclass(frozen=True, slots=True)
class AudioDialect:
    """How the voice path to the host is opened and closed."""

    probe: str
    """Answers OK where the module has a PCM port."""
    open: str
    close: tuple[str, ...]
    """Tried in this order until one is accepted."""
    confirm: str
    confirmed: str
    """The answer of `confirm` that means open."""
    retry_s: float
    """Between refusals, once the call is active."""
    retry_in_setup_s: float
    """Between refusals before the far end has answered."""
    window_s: float
    """Refusals are normal this long after the call became active."""
    rate_bytes_s: int = 16_000
    stuck: StuckVoice | None = None
    """None: a reset does not help this family."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds; manuals allow far more, after these the call list decides."""

    query_s: float = 5.0
    dial_s: float = 15.0
    answer_s: float = 10.0
    hang_up_s: float = 10.0
    call_list_s: float = 5.0
    cause_s: float = 5.0
    """An end is reported without its cause before that."""
    supplementary_s: float = 20.0
    message_s: float = 60.0
    pin_s: float = 15.0
    sim_busy_s: float = 20.0
    boot_s: float = 60.0
    """From opening the port to the first OK."""


@dataclass(frozen=True, slots=True)
class UsbLayout:
    """Which interface of a USB composition is what (bInterfaceNumber)."""

    vendor_id: int
    product_id: int
    at_interface: int
    audio_interface: int | None


@dataclass(frozen=True, slots=True)
class ModemProfile:
    family: str
    manufacturer: str
    """Pattern that the whole of AT+CGMI must match, any case."""
    model: str
    """Pattern that the whole of AT+CGMM must match, any case."""
    usb: tuple[UsbLayout, ...]
    vocabulary: UrcVocabulary
    init: tuple[InitCommand, ...]
    """After AT, ATE0 and the PIN, in this order."""
    audio: AudioDialect | None
    pin_tries: str
    """The command that tells how many PIN tries are left."""
    soft_reset: tuple[str, ...]
    hard_reset: str
    key: str = 'AT+VTS="{key}"'
    key_gap_s: float = 0.15
    """Tone and pause of the module: the next key waits this long after the OK."""
    message_memory: str = "SM"
    timeouts: Timeouts = Timeouts()

    def fits(self, manufacturer: str, model: str) -> bool:
        return bool(
            re.fullmatch(self.manufacturer, manufacturer, re.IGNORECASE)
            and re.fullmatch(self.model, model, re.IGNORECASE)
        )
