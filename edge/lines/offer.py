"""An incoming call while it rings: when is enough known to offer it, and has the caller given up?

Facts it rests on: the caller id follows each RING, comes with the second one, late, or never; the ring interval is
about 3 s on most modules and shorter on some; when only the RINGs stop, the call is gone after two intervals and 2 s,
to be confirmed by a list of calls.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.telephony import CallerIdState, PhoneNumber

CALLER_ID_PATIENCE_S = 3.2
"""One ring: a number that is late comes with the second."""
LIST_PATIENCE_S = 2.0
"""A module that does not answer a list by then is not asked twice before the caller is served."""
RING_INTERVAL_S = 3.0
LONGEST_INTERVAL_S = 6.0
GRACE_S = 2.0


@dataclass(slots=True)
class Offer:
    first_ring: float
    """Monotonic, as all instants here."""
    last_ring: float
    interval_s: float = RING_INTERVAL_S
    caller: PhoneNumber | None = None
    caller_id: CallerIdState = CallerIdState.UNAVAILABLE
    known: bool = False
    """The network has said who calls, or that it will not."""
    offered: bool = False
    asked_at: float | None = None
    """When a list of calls was asked for, about the matter at hand."""

    def ring(self, mono: float) -> None:
        gap = mono - self.last_ring
        if gap > RING_INTERVAL_S / 2:  # RING and a state report of the same ring come together
            self.interval_s = min(max(gap, RING_INTERVAL_S), LONGEST_INTERVAL_S)
        self.last_ring = mono
        if self.offered:
            self.asked_at = None

    def listed(self, mono: float) -> None:
        """The module says that it still rings, though no RING came."""
        self.last_ring, self.asked_at = mono, None

    def name(self, caller: PhoneNumber | None, caller_id: CallerIdState) -> None:
        """The first identification stands; a number still replaces none."""
        if not self.known or (self.caller is None and caller is not None):
            self.caller, self.caller_id, self.known = caller, caller_id, True

    @property
    def ask_at(self) -> float | None:
        """When to ask the module for its calls; None when that has been done."""
        if self.asked_at is not None:
            return None
        if not self.offered:
            return self.first_ring + CALLER_ID_PATIENCE_S
        return self.last_ring + 2 * self.interval_s + GRACE_S

    @property
    def offer_at(self) -> float | None:
        """When the call is offered without a number, because nothing more will be learned."""
        return None if self.offered or self.asked_at is None else self.asked_at + LIST_PATIENCE_S
