"""The composition root of the core: configuration → objects → start and stop order. Nothing else opens ports or files.

    python -m edge.app --config tongdai.toml

prints READY once the socket accepts; SIGTERM ends every call, writes its row and stops within 5 s.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import logging
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import uvloop
from hal.modem.open import open_modem
from hal.ports import UsbPortCatalogue
from hal.serial_port import SerialByteStream
from hal.transcript import Transcript

from edge.api.messages import Notice
from edge.api_server import ApiServer
from edge.billing import Biller, shipped_tariffs
from edge.boot import Start, open_stores, recover
from edge.calls import events as ev
from edge.calls.switchboard import Switchboard
from edge.config import ConfigError, LineConfig, MachineConfig, read_config
from edge.desk import Desk
from edge.dialplan.numbers import normalise
from edge.engine import Engine, Trunk
from edge.lines.line import Line
from edge.live import LiveView, ModemFacts, local
from edge.media.greeting import import_greeting
from edge.media.media_engine import MediaEngine
from edge.media.prompts import PromptLibrary
from edge.media.recorder import Recorder
from edge.media.repair import repair_recordings
from edge.notify import feed_watchdog, tell_systemd
from edge.places import Places
from edge.records import StoreRecords
from edge.store.writer import Writer
from edge.telephony import CallId, LineId
from edge.upkeep import Upkeep
from edge.wall_clock import BoxClock
from hal.interfaces import ModemEvent, NetworkTimeReported

log = logging.getLogger("tongdai.core")

STOP_PATIENCE_S = 3.5
"""The switchboard promises its rows within 3 s of StopRequested."""


class Core:
    """One running core. `run` returns the exit status."""

    def __init__(self, config: MachineConfig, loop: asyncio.AbstractEventLoop) -> None:
        self._config = config
        self._loop = loop
        self._places = Places.at(config.data)
        self._clock = BoxClock()
        self._stopped = asyncio.Event()
        self._quit = asyncio.Event()
        self._status = 0

    async def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._quit.set)
        self._places.prepare()
        async with AsyncExitStack() as stack:
            stack.enter_context(_only_core(self._places))
            await self._compose(stack)
            self._say_ready()
            await self._quit.wait()
            tell_systemd("STOPPING=1")
            self._engine.post(ev.StopRequested())
            await _within(self._stopped.wait(), STOP_PATIENCE_S)
        return self._status

    async def _compose(self, stack: AsyncExitStack) -> None:
        config, places, clock = self._config, self._places, self._clock
        repaired = await asyncio.to_thread(repair_recordings, places.recordings)
        biller = Biller(shipped_tariffs())
        writer = Writer(self._loop, lambda: open_stores(places, config.box), self._store_failed)
        stack.callback(writer.close)
        await asyncio.to_thread(writer.start)
        now, source = clock.now(), clock.source
        start = await writer.ask(lambda stores: recover(stores, biller, repaired, now, source), "recovery")
        facts = {LineId(line.line): ModemFacts(line.at, line.audio) for line in self._lines()}
        self._live = LiveView(config.box, str(places.data), clock, facts)
        self._records = StoreRecords(writer, biller, clock, start.next_seq, self._told)
        self._prompts = PromptLibrary(places.greetings)
        await asyncio.to_thread(self._warm_prompts, start)
        recorder = Recorder(
            self._loop, places.recordings, self._post, self._records.recording_opened, self._records.recording_finished
        )
        stack.push_async_callback(recorder.close)
        media = MediaEngine(
            self._loop, clock, self._prompts, recorder, self._post, lambda line: self._engine.trunks[line].audio
        )
        stack.callback(media.close)
        board = Switchboard.restore(start.checkpoint)
        self._engine = Engine(self._loop, clock, board, media, self._records, self._changed, self._observe)
        stack.callback(self._engine.close)
        self._live.attach(self._engine)
        self._records.checkpoint(board, clock.now())
        desk = Desk(
            self._engine,
            self._live,
            self._records,
            self._records,
            self._import_greeting,
            start.checkpoint.revision,
            start.checkpoint.settings,
        )
        self._desk = desk
        self._upkeep = Upkeep(self._engine, self._records, self._live, clock, places, self._retention)
        self._api = ApiServer(self._api_path(), desk, self._live.snapshot)
        stack.push_async_callback(self._api.close)
        for line in self._lines():
            self._open_line(line, stack)
        await self._api.start()
        for job in (self._upkeep.run(), feed_watchdog()):
            task = self._loop.create_task(job)
            stack.callback(task.cancel)

    # --- parts ----------------------------------------------------------------------------------------------------

    def _lines(self) -> tuple[LineConfig, ...]:
        """As configured, else what is found on the USB ports."""
        if self._config.lines or self._config.simulated:
            return self._config.lines
        found = UsbPortCatalogue().modems()
        return tuple(
            LineConfig(f"gsm-{number}", ports.at, ports.audio, family=ports.family)
            for number, ports in enumerate(found, start=1)
        )

    def _open_line(self, config: LineConfig, stack: AsyncExitStack) -> None:
        name = LineId(config.line)
        pin = Path(config.pin_file).read_text(encoding="ascii").strip() if config.pin_file else None
        path = self._places.transcripts / f"{name}.txt"
        transcript = Transcript(path, self._clock) if self._config.transcripts else None
        modem, audio = open_modem(
            name,
            SerialByteStream(config.at),
            SerialByteStream(config.audio) if config.audio else None,
            self._clock,
            lambda event: self._engine.modem_reported(name, event),
            pin=pin,
            family=config.family,
            transcript=transcript,
        )
        if transcript is not None:
            stack.callback(transcript.close)
        stack.push_async_callback(modem.close)
        number = normalise(config.number) if config.number else None
        self._engine.add_trunk(name, Trunk(Line(name, number), modem, audio))
        modem.start()

    def _warm_prompts(self, start: Start) -> None:
        company = start.checkpoint.settings.company
        self._prompts.use_greeting(company.greeting)
        self._prompts.warm(company.language)

    async def _import_greeting(self, source: Path) -> tuple[str, float]:
        return await asyncio.to_thread(import_greeting, source, self._places.greetings)

    def _retention(self) -> tuple[int, float]:
        policy = self._desk.settings.recording
        return policy.keep_days, policy.keep_gb

    def _api_path(self) -> Path:
        return Path(self._config.api) if self._config.api else self._places.socket("api")

    # --- hearing --------------------------------------------------------------------------------------------------

    def _post(self, event: ev.Event) -> None:
        if isinstance(event, ev.RecordingFailed):
            self._records.recording_failed(event.recording)
        self._engine.post(event)

    def _observe(self, line: LineId, event: ModemEvent) -> None:
        if isinstance(event, NetworkTimeReported):
            self._upkeep.clock_may_have_changed(self._clock.network_told(event.wall))
        if self._live.observe(line, event):
            self._api.changed()

    def _changed(self, event: ev.Event, _calls: tuple[CallId, ...]) -> None:
        if isinstance(event, ev.SettingsApplied):
            self._prompts.use_greeting(event.settings.company.greeting)
        self._api.changed()

    def _told(self, kind: str, detail: dict[str, Any]) -> None:
        if kind == "stopped":
            self._stopped.set()
        else:
            self._api.tell(Notice(kind=kind, at=local(self._clock.now().wall), detail=detail))

    def _store_failed(self, error: Exception) -> None:
        """Records that cannot be kept: better no box than calls that nobody can bill (style 21)."""
        log.critical("the store failed: %s; the core stops taking calls and ends", error)
        self._status = 1
        self._quit.set()

    def _say_ready(self) -> None:
        tell_systemd("READY=1")
        sys.stdout.write(f"READY {json.dumps({'api': str(self._api_path())})}\n")
        sys.stdout.flush()


def _only_core(places: Places) -> Any:
    """One core per data directory: two would write one ledger. Raises `ConfigError`."""
    held = (places.data / "core.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.close()
        raise ConfigError(f"another core runs on {places.data}; stop it first") from error
    return held


async def _within(work: Any, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await work
    except TimeoutError:
        log.error("calls did not end within %.1f s; going down without them", limit_s)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m edge.app", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        config = read_config(given.config)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_serve(config))
    except (ConfigError, OSError) as error:
        sys.stderr.write(f"core: {error}\n")
        return 1


async def _serve(config: MachineConfig) -> int:
    return await Core(config, asyncio.get_running_loop()).run()


if __name__ == "__main__":
    sys.exit(main())
