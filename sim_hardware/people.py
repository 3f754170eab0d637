"""The people of the world: who was described how, and the calls they are in.

The shell of `person`: it turns what the network does to a person's phone into script events, the script's actions into
network events, gives him mouth and ear on the exchange, and writes down what he heard when his call is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim_hardware import person as p
from sim_hardware import signals as s
from sim_hardware.exchange import Exchange
from sim_hardware.network import End
from sim_hardware.sounds import Samples, write_wav
from sim_hardware.voice import Ear, PersonVoice, speech


@dataclass(frozen=True, slots=True)
class Profile:
    """What somebody does, says and keeps of what he hears."""

    script: p.Script
    say: Samples | None = None
    listen: Path | None = None


STRANGER = Profile(p.Script(p.Behaviour.NO_ANSWER))
"""Whoever was never described lets it ring."""


@dataclass(slots=True)
class PersonRun:
    """One call of one person."""

    end: End
    profile: Profile
    machine: p.PersonCall
    finished: asyncio.Future[p.PersonCall]
    """Done when the call is over and what he heard is on disk."""
    voice: PersonVoice | None = None


class People:
    """`say` is how a person's phone speaks to the network; `clock` gives the world's seconds."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        exchange: Exchange,
        say: Callable[[s.Event], None],
        complain: Callable[[str], None],
    ) -> None:
        self._loop = loop
        self._exchange = exchange
        self._say = say
        self._complain = complain
        self._profiles: dict[str, Profile] = {}
        self._runs: dict[End, PersonRun] = {}
        self._writing: set[asyncio.Task[None]] = set()
        self._calls_placed = 0

    @property
    def next_deadline(self) -> float | None:
        due = (run.machine.next_deadline for run in self._runs.values())
        return min((d for d in due if d is not None), default=None)

    def describe(self, number: str, profile: Profile) -> None:
        """From his next call on."""
        self._profiles[number] = profile

    def described(self) -> dict[str, Profile]:
        return dict(self._profiles)

    def place_call(self, caller: str, dialled: str, profile: Profile, *, withheld: bool) -> PersonRun:
        """He dials now."""
        self._calls_placed += 1
        run = self._begin(End(caller, f"p{self._calls_placed}"), profile, calling=True)
        self._say(s.CallPlaced(caller, run.end.ref, dialled, withheld))
        return run

    def hang_up(self, run: PersonRun) -> None:
        self._say(s.CallCleared(run.end.terminal, run.end.ref, 16))

    # --- what the network does to a person's phone ---

    def offered(self, end: End) -> None:
        profile = self._profiles.get(end.terminal, STRANGER)
        self._give(self._begin(end, profile, calling=False), p.Rang())

    def rang(self, end: End) -> None:
        self._tell(end, p.Rang())

    def connected(self, end: End) -> None:
        run = self._runs.get(end)
        if run is None:
            return
        now = self._loop.time()
        ear = None if run.profile.listen is None else Ear()
        run.voice = PersonVoice(speech(run.profile.say, run.profile.script.keys), ear, now)
        self._exchange.person_joins(end, run.voice)
        self._give(run, p.Connected())

    def released(self, end: End, cause: int, ended_by: s.EndedBy) -> None:
        run = self._runs.pop(end, None)
        if run is None:
            return
        self._exchange.person_leaves(end)
        self._give(run, p.Released(cause, ended_by))
        task = self._loop.create_task(self._finish(run))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    def time_passed(self) -> None:
        now = self._loop.time()
        for run in list(self._runs.values()):
            due = run.machine.next_deadline
            if due is not None and due <= now:
                self._give(run, p.TimePassed())

    async def stop(self) -> None:
        """Write down what was heard in the calls that were still up."""
        for end in list(self._runs):
            self.released(end, 41, s.EndedBy.NETWORK)
        await asyncio.gather(*self._writing)

    def _begin(self, end: End, profile: Profile, *, calling: bool) -> PersonRun:
        machine = p.PersonCall(profile.script, calling, self._loop.time())
        run = PersonRun(end, profile, machine, self._loop.create_future())
        self._runs[end] = run
        return run

    def _tell(self, end: End, event: p.Event) -> None:
        run = self._runs.get(end)
        if run is not None:
            self._give(run, event)

    def _give(self, run: PersonRun, event: p.Event) -> None:
        terminal, ref = run.end.terminal, run.end.ref
        for action in run.machine.handle(event, self._loop.time()):
            match action:
                case p.Accept():
                    self._say(s.CallAccepted(terminal, ref))
                case p.HangUp(cause):
                    self._say(s.CallCleared(terminal, ref, cause))
                case p.PressKey(key):
                    self._say(s.KeyPressed(terminal, ref, key))

    async def _finish(self, run: PersonRun) -> None:
        """The file first, then the news: who waits for the call finds it complete."""
        heard = None if run.voice is None else run.voice.recording(run.machine.connected_for_s)
        listen = run.profile.listen
        if heard is not None and listen is not None:
            try:
                await asyncio.to_thread(write_wav, listen, heard)
            except OSError as error:
                self._complain(f"what {run.end.terminal} heard is lost: {error}")
        if not run.finished.done():
            run.finished.set_result(run.machine)
