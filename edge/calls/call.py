"""One call: its legs, what the caller asked for, what has come of it, and the few things a call can do.

This file knows no flow. The flows (`ivr`, `ring`, `talk`, `tries`) decide; `edge.calls.transitions` says which of them
acts on what. Invariants:

* Every leg is hung up at most once and never after its end; two legs are bridged only while both live.
* A leg that spending control was asked about is released exactly once, unless the answer was no; it is metered once,
  at its answer. Until the answer to the question it is `proposed` and nothing of it is on the air.
* What a call started it stops before its CDR closes: prompts, tones, cells of the matrix, recordings.
* The settings are those of the moment the call was offered; a new revision holds from the next call on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from edge.calls.actions import (
    Action,
    AuthoriseLeg,
    HangUpLeg,
    MeterLeg,
    PlayPrompts,
    PlayTone,
    ReleaseLeg,
    SetHearing,
    StartRecording,
    StopPlaying,
    StopRecording,
    Tone,
)
from edge.calls.leg import Leg
from edge.calls.stages import Stage
from edge.dialplan.settings import Extension, Settings
from edge.telephony import (
    CallId,
    Cause,
    ClockSource,
    Direction,
    Disposition,
    EndedBy,
    LegId,
    LineId,
    Moment,
    PhoneNumber,
    RecordingId,
    Service,
)

PROMPT_PATIENCE_S = 180.0
"""A prompt that has not ended by then never will: the longest greeting is far shorter."""
ENDING_PATIENCE_S = 30.0
"""Lines and recorder promise an end; past this the call closes without it, so that no call is ever stuck."""
REFRESH_S = 10.0
"""What a power cut can cost of a call's bill (architecture §2.5)."""


class Office(Protocol):
    """What a call needs of the house around it."""

    @property
    def recording_allowed(self) -> bool: ...

    @property
    def clock(self) -> ClockSource: ...

    @property
    def own_numbers(self) -> tuple[PhoneNumber, ...]: ...

    def act(self, *actions: Action) -> None:
        """Adds to the actions of the event being handled."""
        ...

    def free_line(self, besides: tuple[LineId, ...]) -> tuple[LineId, PhoneNumber | None] | None:
        """A line that can dial now, with its number."""
        ...

    def engaged(self, number: PhoneNumber) -> bool:
        """Is this telephone in a call of ours already?"""
        ...

    def refresh(self, call: Call, now: Moment) -> None:
        """Rewrites the open CDR."""
        ...

    def missed(self, call: Call, extension: Extension, now: Moment) -> None:
        """Tells an employee who called and did not reach him."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a call, or one try of it, came out."""

    disposition: Disposition
    cause: Cause


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a try rings."""

    number: PhoneNumber
    extension: Extension | None
    """None: an outside number."""
    patience_s: float

    @property
    def service(self) -> Service:
        return Service.OUTBOUND if self.extension is None else Service.CONNECT


@dataclass(slots=True)
class Recording:
    recording: RecordingId
    stopping: bool = False
    closed: bool = False


@dataclass(slots=True, eq=False)
class Call:
    """Mutable, owned by the switchboard; everybody else sees a `CallView`."""

    call: CallId
    front: Leg
    """The caller's leg."""
    settings: Settings
    office: Office
    employee: Extension | None = None
    """Who calls, when he is one of ours by caller id."""
    stage: Stage = Stage.GREETING
    legs: list[Leg] = field(default_factory=list)
    """Every leg that was ever on the air, oldest first."""
    proposed: Leg | None = None
    """The leg that spending control is asked about: its line and its telephone are kept for it."""
    party: Leg | None = None
    """The leg of the try in progress."""
    legs_named: int = 1
    timer: float | None = None
    """Monotonic instant at which the stage loses patience."""
    refresh_at: float | None = None

    keys: str = ""
    last_key_at: float | None = None
    swallow_burst: bool = False
    """The rest of a mistyped number is not the next try."""
    tries: int = 0
    pin_tries: int = 0
    pin_for: Target | None = None
    """The outside number that waits for the PIN."""
    pin_passed: bool = False
    """Once is enough for all tries of a call."""

    target: Target | None = None
    tried_lines: tuple[LineId, ...] = ()
    record: bool = False
    """The try in progress is to be recorded, and the caller knows it where the company wants that."""
    extension: str | None = None
    """As the CDR names it."""

    players: int = 0
    playing: int | None = None
    tone: Tone | None = None
    recordings: list[Recording] = field(default_factory=list)

    hotline_answered: Moment | None = None
    answered: Moment | None = None
    slip: Cause = Cause.NO_USER_RESPONDING
    """Why no party was even tried."""
    attempt: Verdict | None = None
    """How the last try of a party came out."""
    verdict: Verdict | None = None
    """How the call came out; set once."""
    missed_by: list[str] = field(default_factory=list)
    """Extensions that have been told already."""

    @property
    def over(self) -> bool:
        """Nothing is left but to close the CDR."""
        return (
            self.stage is Stage.ENDING
            and not any(each.live for each in self.legs)
            and all(each.closed for each in self.recordings)
        )

    @property
    def next_deadline(self) -> float | None:
        waits = [each for each in (self.timer, self.refresh_at) if each is not None]
        return min(waits, default=None)

    @property
    def called(self) -> PhoneNumber | None:
        """The number our last leg dialled, else the hotline."""
        dialled = [each.number for each in self.legs if each.direction is Direction.OUT]
        return dialled[-1] if dialled else self.front.hotline

    @property
    def held_legs(self) -> tuple[Leg, ...]:
        """Legs that take up a line: those on the air and the one that is asked about."""
        live = tuple(each for each in self.legs if each.live)
        return live if self.proposed is None else (*live, self.proposed)

    def find_leg(self, leg: LegId) -> Leg | None:
        return next((each for each in self.legs if each.leg == leg), None)

    def wait(self, now: Moment, seconds: float) -> None:
        self.timer = now.mono + seconds

    # --- what the caller hears ------------------------------------------------------------------------------------

    def play(self, now: Moment, *prompts: str) -> None:
        """Says prompts to the caller, in place of what he hears from us now."""
        self.players += 1
        self.playing, self.tone = self.players, None
        self.office.act(PlayPrompts(self.front.leg, self.players, prompts, self.settings.company.language))
        self.wait(now, PROMPT_PATIENCE_S)

    def sound(self, tone: Tone) -> None:
        self.playing, self.tone = None, tone
        self.office.act(PlayTone(self.front.leg, tone))

    def hush(self) -> None:
        """Stops prompt or tone, if the caller is there to hear it."""
        sounding = self.playing is not None or self.tone is not None
        self.playing = self.tone = None
        if sounding and self.front.live:
            self.office.act(StopPlaying(self.front.leg))

    def whisper(self, leg: Leg, *prompts: str) -> None:
        """Says prompts to one of two who talk; the other hears nothing of it. It ends by itself or with the leg."""
        self.players += 1
        self.office.act(PlayPrompts(leg.leg, self.players, prompts, self.settings.company.language))

    # --- spending control -----------------------------------------------------------------------------------------

    def propose(self, leg: Leg) -> None:
        """Asks whether the leg may be dialled."""
        assert leg.number is not None, "a leg that is dialled has a number"
        self.proposed = leg
        leg.budgeted = True
        self.office.act(
            AuthoriseLeg(leg.leg, leg.hotline, leg.number, leg.service, leg.calling_extension, leg.called_extension)
        )

    def meter(self, leg: Leg) -> None:
        """The leg was answered."""
        if leg.budgeted:
            self.office.act(MeterLeg(leg.leg))

    def release(self, leg: Leg) -> None:
        """The leg has ended, or will not be dialled after all."""
        if leg.budgeted:
            leg.budgeted = False
            self.office.act(ReleaseLeg(leg.leg))

    def withdraw(self) -> None:
        """No longer waits for an answer about the leg that was proposed."""
        if self.proposed is not None:
            self.release(self.proposed)
            self.proposed = None

    # --- legs -----------------------------------------------------------------------------------------------------

    def name_leg(self) -> LegId:
        self.legs_named += 1
        return LegId(f"{self.call}.{self.legs_named}")

    def hang_up(self, leg: Leg) -> None:
        if leg.steers:
            leg.hanging_up = True
            self.office.act(HangUpLeg(leg.leg, leg.line))

    def bridge(self, gain: float) -> None:
        """Lets caller and party hear each other (1) or not (0)."""
        assert self.party is not None, "only a party can be bridged"
        caller, party = self.front.leg, self.party.leg
        self.office.act(SetHearing(caller, party, gain), SetHearing(party, caller, gain))

    # --- recordings -----------------------------------------------------------------------------------------------

    def start_recording(self) -> None:
        assert self.party is not None, "a recording has two sides"
        recording = RecordingId(f"{self.call}.r{len(self.recordings) + 1}")
        self.recordings.append(Recording(recording))
        self.office.act(StartRecording(recording, self.call, left=self.front.leg, right=self.party.leg))

    def stop_recordings(self) -> None:
        for each in self.recordings:
            if not each.stopping and not each.closed:
                each.stopping = True
                self.office.act(StopRecording(each.recording))

    # --- the end --------------------------------------------------------------------------------------------------

    def finish(self, now: Moment, verdict: Verdict) -> None:
        """Ends everything; the CDR closes when the last leg and the last recording have."""
        if self.stage is Stage.TALKING:
            self.stop_recordings()
            self.bridge(0.0)
        self.hush()
        self.withdraw()
        for each in self.legs:
            self.hang_up(each)
        self.stage = Stage.ENDING
        self.verdict = self.verdict or verdict
        self.refresh_at = None
        self.wait(now, ENDING_PATIENCE_S)

    def force_end(self, now: Moment) -> None:
        """Closes what did not report its end in time."""
        for leg in self.legs:
            if leg.live:
                leg.end(Cause.RECOVERY_ON_TIMER, EndedBy.NETWORK, now)
                self.release(leg)
        for recording in self.recordings:
            recording.closed = True
