"""The network around a lone modem: who answers is told by the last digit of the dialled number. Pure.

1 answers after 1 s · 2 busy · 3 rings unanswered · 4 rejects · 5 switched off · any other answers after 3 s.
A message to any number is taken. What the modem does comes in by `hear`, what the network says goes out by `take_due`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sim_hardware.modem import events as e
from sim_hardware.modem.agenda import Agenda

BUSY, NO_ANSWER, ABSENT, REJECTED = 17, 19, 20, 21
_ALERTING_S = 0.5
_RING_TIME_S = 60.0
_REGISTERING_S = 2.0
_MESSAGE_TAKEN_S = 1.0


@dataclass(slots=True)
class _FarEnd:
    number: str
    talking: bool = False


class LoneNetwork:
    def __init__(self, operator: str, plmn: str) -> None:
        self._operator = operator
        self._plmn = plmn
        self._agenda = Agenda()
        self._calls: dict[str, _FarEnd] = {}
        self._said: list[e.Event] = []
        self._offered = 0

    @property
    def next_deadline(self) -> float | None:
        return self._agenda.next_deadline

    @property
    def talking(self) -> bool:
        """Somebody at the far end can be heard."""
        return any(far_end.talking for far_end in self._calls.values())

    def take_due(self, now_s: float) -> list[e.Event]:
        """What the network says by `now_s`."""
        while (timer := self._agenda.take_due(now_s)) is not None:
            timer.action()
        said, self._said = self._said, []
        return said

    # --- the far ends ---------------------------------------------------------------------------------------------

    def ring(self, number: str, now_s: float) -> None:
        """Somebody calls the modem; gives up after a minute."""
        self._offered += 1
        ref = f"n{self._offered}"
        self._calls[ref] = _FarEnd(number)
        self._say(e.CallArrived(ref, number))
        self._agenda.add(now_s + _RING_TIME_S, partial(self._give_up, ref))

    def hang_up(self, number: str) -> None:
        """That far end leaves; raises ValueError when there is none."""
        ref = next((ref for ref, far_end in self._calls.items() if far_end.number == number), None)
        if ref is None:
            raise ValueError(f"hangup {number}: no call with that number")
        self._end(ref, 16)

    def message(self, sender: str, text: str, wall_s: float) -> None:
        self._say(e.MessageArrived(sender, text, wall_s))

    def fault(self, fault: e.FaultInjected) -> None:
        self._say(fault)

    # --- the modem ------------------------------------------------------------------------------------------------

    def hear(self, output: e.Output, now_s: float, wall_s: float) -> None:
        match output:
            case e.PlaceCall(ref, number):
                self._calls[ref] = _FarEnd(number)
                self._behave(ref, number, now_s)
            case e.AcceptCall(ref) | e.ResumeCall(ref):
                self._talk(ref, talking=True)
            case e.HoldCall(ref):
                self._talk(ref, talking=False)
            case e.ReleaseCall(ref):
                self._calls.pop(ref, None)
            case e.TransferCalls(held_ref, other_ref):
                self._calls.pop(held_ref, None)
                self._calls.pop(other_ref, None)
            case e.SubmitMessage(token):
                self._agenda.add(now_s + _MESSAGE_TAKEN_S, partial(self._say, e.MessageAccepted(token)))
            case e.Detached():
                self._calls.clear()
                self._agenda.clear()
            case e.Attached():
                home = e.RegistrationChanged(e.Registration.HOME, self._operator, self._plmn)
                self._agenda.add(now_s + _REGISTERING_S, partial(self._say, home))
                self._agenda.add(now_s + _REGISTERING_S, partial(self._say, e.ClockTold(wall_s + _REGISTERING_S)))

    def _behave(self, ref: str, number: str, now_s: float) -> None:
        match number[-1:]:
            case "1":
                self._alert(ref, now_s, _ALERTING_S)
                self._agenda.add(now_s + 1.0, partial(self._connect, ref))
            case "2":
                self._agenda.add(now_s + _ALERTING_S, partial(self._end, ref, BUSY))
            case "3":
                self._alert(ref, now_s, _ALERTING_S)
                self._agenda.add(now_s + _RING_TIME_S, partial(self._give_up, ref))
            case "4":
                self._alert(ref, now_s, _ALERTING_S)
                self._agenda.add(now_s + 2.0, partial(self._end, ref, REJECTED))
            case "5":
                self._agenda.add(now_s + 1.0, partial(self._end, ref, ABSENT))
            case _:
                self._alert(ref, now_s, _ALERTING_S)
                self._agenda.add(now_s + 3.0, partial(self._connect, ref))

    def _alert(self, ref: str, now_s: float, delay_s: float) -> None:
        self._agenda.add(now_s + delay_s, partial(self._about, ref, e.CallAlerted(ref)))

    def _connect(self, ref: str) -> None:
        self._talk(ref, talking=True)
        self._about(ref, e.CallConnected(ref))

    def _give_up(self, ref: str) -> None:
        if ref in self._calls and not self._calls[ref].talking:
            self._end(ref, NO_ANSWER)

    def _end(self, ref: str, cause: int) -> None:
        if self._calls.pop(ref, None) is not None:
            self._say(e.CallReleased(ref, cause))

    def _talk(self, ref: str, *, talking: bool) -> None:
        if ref in self._calls:
            self._calls[ref].talking = talking

    def _about(self, ref: str, event: e.Event) -> None:
        """Nothing is said of a call that is over."""
        if ref in self._calls:
            self._say(event)

    def _say(self, event: e.Event) -> None:
        self._said.append(event)
