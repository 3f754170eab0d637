"""How well a module opens its voice path, and when that says its PCM endpoint is stuck. Pure.

A stuck endpoint (a known defect of SIM7600) is cured by a reset of the module only; a late opening now and then is
normal. Lives as long as the driver: evidence and back-off outlast connections.
"""

from __future__ import annotations

from dataclasses import dataclass

from hal.modem.profile import StuckVoice


@dataclass(slots=True)
class VoiceHealth:
    opened: int = 0
    """Calls that got their voice path."""
    opened_at_first_try: int = 0
    failed: int = 0
    """Calls without a voice path, whatever the reason."""
    late_in_a_row: int = 0
    """Calls whose path opened only after more tries than are normal."""
    stuck: bool = False
    """Only a reset of the module cures it."""
    resets: int = 0
    """Of the module, for this."""
    reset_at: float = float("-inf")
    """Monotonic."""

    def opened_after(self, refusals: int, rule: StuckVoice | None) -> None:
        """A call has its voice path now, so many refusals after it was up."""
        self.opened += 1
        self.opened_at_first_try += refusals == 0
        late = rule is not None and refusals >= rule.tries
        self.late_in_a_row = self.late_in_a_row + 1 if late else 0
        self.stuck = rule is not None and self.late_in_a_row >= rule.calls_in_a_row

    def refused(self, rule: StuckVoice | None) -> None:
        """The module refused for the whole window of a call."""
        self.stuck = rule is not None

    def reset_due_at(self, rule: StuckVoice | None) -> float | None:
        """Monotonic, may be long past; None while nothing is stuck. The reset waits for an idle module."""
        return self.reset_at + rule.reset_every_s if self.stuck and rule is not None else None

    def was_reset(self, now_mono: float) -> None:
        self.resets += 1
        self.reset_at = now_mono
        self.restarted()

    def restarted(self) -> None:
        """Whoever did it: the endpoint is as new."""
        self.stuck = False
        self.late_in_a_row = 0
