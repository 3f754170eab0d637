"""What is wrong with this modem today. Units read these; only `faults` (and a restart) writes them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Traits:
    answer_late_s: float = 0.0
    """Responses reach the host this much later."""
    answers_to_lose: int = 0
    double_cr: bool = False
    split_bytes: int = 0
    """Writes come out in pieces of at most this; 0: whole."""
    urc_inside: bool = False
    """An unrelated line stands between information and OK."""
    clip_from_ring: int | None = 1
    """The first ring that brings a number; None: never."""
    early_active: bool = False
    """Active is reported when the far end only rings (circuit switched fall-back)."""
    silent_ends: int = 0
    """This many calls end without a word."""
    stuck_calls: int = 0
    """This many calls stay in +CLCC after their end, until AT+CHUP; the end itself is said."""
    pcm_refusals: int = 0
    one_way: str = "none"
    """The dead direction of the voice path: up, down or none."""
    impairment_told: str = "none"
    pcm_stuck: bool = False
    """Until a restart the PCM port cannot be opened, and takes nothing where it is open."""

    def heal_by_restart(self) -> None:
        """What power-up cures: the audio endpoint and stale calls."""
        self.pcm_stuck = False
        self.stuck_calls = 0
        self.pcm_refusals = 0
