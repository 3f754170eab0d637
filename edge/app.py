"""The composition root of the core: configuration → objects → start and stop order. Nothing else opens ports or files.

    python -m edge.app --config tongdai.toml

prints READY once the socket accepts; SIGTERM ends every call, writes its row and stops within 5 s. What is opened here
is closed in reverse order by one `AsyncExitStack`: lines last to open and first to close, the store last of all.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import uvloop

from edge.api.messages import Notice
from edge.api_server import ApiServer
from edge.billing import Biller
from edge.billing.closing import Closing
from edge.billing.spent import month_spent
from edge.board.box_board import BoxBoard, Surroundings
from edge.board.desk import BoardDesk
from edge.boot import Start, open_stores, recover
from edge.calls import events as ev
from edge.calls.switchboard import Switchboard
from edge.cashier import Cashier
from edge.config import ConfigError, LineConfig, MachineConfig, read_config
from edge.desk import Desk
from edge.desk_tables import TableDesk
from edge.dialplan.numbers import normalise
from edge.engine import Engine, Trunk
from edge.lifecycle import Lifecycle, hold_directory, power_off
from edge.lines.line import Line
from edge.live import LiveView, ModemFacts, local
from edge.media.greeting import import_greeting
from edge.media.media_engine import MediaEngine
from edge.media.prompts import PromptLibrary
from edge.media.recorder import Recorder
from edge.media.repair import repair_recordings
from edge.notify import feed_watchdog
from edge.places import Places
from edge.process import HALTED
from edge.records import StoreRecords
from edge.spending.fraud import FraudState
from edge.spending.oracle import PreviewOracle
from edge.store.fraud_guard import keep_fraud_state, kept_fraud_state
from edge.store.writer import Writer
from edge.telephony import CallId, LineId, PhoneNumber
from edge.upkeep import Upkeep
from edge.usb_lines import UsbLines
from edge.wall_clock import BoxClock
from hal.at.sms_pdu import count_parts
from hal.errors import HalError
from hal.interfaces import ModemEvent, NetworkTimeReported
from hal.modem.open import open_modem
from hal.ports import UsbPortCatalogue
from hal.serial_port import SerialByteStream
from hal.transcript import Transcript

log = logging.getLogger("tongdai.core")

USB_PERIOD_S = 2.0


class Core:
    """The objects of one running core, made by `compose` in the order in which they need each other."""

    def __init__(self, config: MachineConfig, loop: asyncio.AbstractEventLoop) -> None:
        self._config = config
        self._loop = loop
        self._places = Places.at(config.data)
        self._clock = BoxClock()
        self._socket = Path(config.api) if config.api else self._places.socket("api")
        self._lifecycle = Lifecycle(loop)
        self._board = BoxBoard(config, loop, self._clock, self._lifecycle.board_asked)

    async def run(self) -> int:
        """Until a signal or a failing store; the exit status."""
        self._places.prepare()
        async with AsyncExitStack() as stack:
            stack.enter_context(hold_directory(self._places))
            stack.push_async_callback(self._board.close)
            self._board.start()
            await self._compose(stack)
            self._board.keeper.running()
            # What was loaded stays: the collector need not look at a month of calls again and again.
            gc.collect()
            gc.freeze()
            await self._lifecycle.run(self._engine, self._socket, self._board.keeper.stopping)
        if self._lifecycle.status == HALTED:
            await power_off(self._config.board.power_off)
        return self._lifecycle.status

    async def _compose(self, stack: AsyncExitStack) -> None:
        start = await self._open_store(stack)
        await self._open_money(start, stack)
        await self._open_calls(start, stack)
        self._open_desk(start, stack)
        for line in self._config.lines:
            self._open_line(line, stack)
        await self._api.start()
        costs = self._live.keep_costs_fresh(self._api.changed)
        jobs = [self._upkeep.run(), self._closing.run(), feed_watchdog(), costs]
        if not self._config.lines and not self._config.simulated:
            jobs.append(self._find_modems(stack))
        for job in jobs:
            stack.callback(self._loop.create_task(job).cancel)

    async def _open_money(self, start: Start, stack: AsyncExitStack) -> None:
        """What is charged and what may be spent: records, running cost, the cashier with this month's spending."""
        clock = self._clock
        self._live = LiveView(self._config.box, str(self._places.data), clock, {}, self._biller)
        self._settings = start.checkpoint.settings
        oracle = PreviewOracle(self._biller, self._mobiles)
        self._cashier = Cashier(
            self._loop, clock, oracle, self._settings, self._post, self._spending_told, self._keep_fraud_state
        )
        stack.callback(self._cashier.close)
        self._records = StoreRecords(
            self._writer, self._biller, clock, start.next_seq, self._told, self._sim_number, count_parts, self._cashier
        )
        spent = await self._writer.ask(lambda stores: month_spent(stores.ledger, clock.now().wall))
        self._cashier.load(spent, await self._writer.ask(lambda stores: kept_fraud_state(stores.ledger.database)))

    async def _open_calls(self, start: Start, stack: AsyncExitStack) -> None:
        """Prompts, recorder, media, and the engine around the switchboard."""
        clock = self._clock
        self._prompts = PromptLibrary(self._places.greetings)
        await asyncio.to_thread(self._warm_prompts, start)
        opened, finished = self._records.recording_opened, self._records.recording_finished
        recorder = Recorder(self._loop, self._places.recordings, self._post, opened, finished)
        stack.push_async_callback(recorder.close)
        media = MediaEngine(
            self._loop, clock, self._prompts, recorder, self._post, lambda line: self._engine.trunks[line].audio
        )
        stack.callback(media.close)
        board = Switchboard.restore(start.checkpoint)
        self._engine = Engine(
            self._loop, clock, board, media, self._records, self._changed, self._observe, cashier=self._cashier
        )
        stack.callback(self._engine.close)
        self._live.attach(self._engine)
        self._records.checkpoint(board, clock.now())

    def _open_desk(self, start: Start, stack: AsyncExitStack) -> None:
        """Who answers the socket, and who looks after things beside calls."""
        places, clock, live = self._places, self._clock, self._live
        board_desk = BoardDesk(self._board, clock, local)
        stack.push_async_callback(board_desk.close)
        self._closing = Closing(self._writer, places.data, self._config.box, clock, live.own_numbers, self._told)
        self._desk = Desk(
            self._engine,
            live,
            self._records,
            self._records,
            self._import_greeting,
            start,
            TableDesk(self._writer, self._biller, clock, self._told),
            self._cashier.spending,
            self._closing.draw,
            board_desk,
        )
        self._upkeep = Upkeep(self._engine, self._records, live, clock, places, self._desk.retention)
        self._api = ApiServer(self._socket, self._desk, live.snapshot)
        stack.push_async_callback(self._api.close)
        trunks, attention = (lambda: self._engine.trunks), (lambda: bool(live.alarm_list()))
        self._board.attach(Surroundings(trunks, live.alarms, attention, self._desk, self._api.changed))

    async def _open_store(self, stack: AsyncExitStack) -> Start:
        places, clock = self._places, self._clock
        repaired = await asyncio.to_thread(repair_recordings, places.recordings)
        biller = self._biller = Biller()
        self._writer = Writer(self._loop, lambda: open_stores(places, self._config.box), self._lifecycle.store_failed)
        stack.callback(self._writer.close)
        await asyncio.to_thread(self._writer.start)
        now, source = clock.now(), clock.source
        return await self._writer.ask(lambda stores: recover(stores, biller, repaired, now, source), "recovery")

    def _open_line(self, config: LineConfig, stack: AsyncExitStack) -> None:
        name = LineId(config.line)
        self._live.add_line(name, ModemFacts(config.at, config.audio))
        pin = _read_pin(config.pin_file) if config.pin_file else None
        path = self._places.transcripts / f"{name}.txt"
        transcript = Transcript(path, self._clock) if self._config.transcripts else None
        if transcript is not None:
            stack.callback(transcript.close)
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
        stack.push_async_callback(modem.close)
        number = normalise(config.number) if config.number else None
        self._engine.add_trunk(name, Trunk(Line(name, number), modem, audio))
        modem.start()

    async def _find_modems(self, stack: AsyncExitStack) -> None:
        """Where the file names no line: every modem that is found, also one that is plugged in later."""
        lines, trouble = UsbLines(), ""
        while True:
            try:
                for line in lines.looked(await asyncio.to_thread(UsbPortCatalogue().modems)):
                    log.info("%s: a modem at %s, voice at %s", line.line, line.at, line.audio or "no port")
                    self._open_line(line, stack)
                trouble = ""
            except (HalError, OSError) as error:
                if str(error) != trouble:
                    trouble = str(error)
                    log.error("looking for modems: %s", error)
            await asyncio.sleep(USB_PERIOD_S)

    def _warm_prompts(self, start: Start) -> None:
        company = start.checkpoint.settings.company
        self._prompts.use_greeting(company.greeting)
        self._prompts.warm(company.language)

    async def _import_greeting(self, source: Path) -> tuple[str, float]:
        return await asyncio.to_thread(_take_greeting, source, self._places.greetings)

    def _mobiles(self) -> dict[str, PhoneNumber]:
        return {extension.number: extension.mobile for extension in self._settings.extensions}

    def _spending_told(self, kind: str, detail: dict[str, Any]) -> None:
        if kind == "alarm":
            self._live.alarms["spending"] = str(detail["en"])
        self._told(kind, detail)

    def _keep_fraud_state(self, state: FraudState) -> None:
        self._writer.submit(lambda stores: keep_fraud_state(stores.ledger.database, state), "what fraud has led to")

    def _sim_number(self, line: LineId) -> PhoneNumber | None:
        return self._engine.trunks[line].line.number

    # --- who hears what -------------------------------------------------------------------------------------------

    def _post(self, event: ev.Event) -> None:
        if isinstance(event, ev.RecordingFailed):
            self._records.recording_failed(event.recording)
        self._engine.post(event)

    def _observe(self, line: LineId, event: ModemEvent) -> None:
        if isinstance(event, NetworkTimeReported):
            self._upkeep.clock_may_have_changed(self._clock.network_told(event.wall))
        self._board.observe(line, event)
        if self._live.observe(line, event):
            self._api.changed()

    def _changed(self, event: ev.Event, _calls: tuple[CallId, ...]) -> None:
        if isinstance(event, ev.SettingsApplied):
            self._settings = event.settings
            self._cashier.settings_changed(event.settings)
            self._prompts.use_greeting(event.settings.company.greeting)
        elif isinstance(event, ev.ClockChanged):
            # From here on every row of the switchboard carries the new source: those before it are put right.
            self._records.clock_changed(event.source)
        self._api.changed()

    def _told(self, kind: str, detail: dict[str, Any]) -> None:
        if kind == "stopped":
            self._lifecycle.calls_have_ended()
        else:
            many = kind == "cdr" and detail["call"] is None
            if many:
                self._records.spending_changed()
            self._api.tell(Notice(kind=kind, at=local(self._clock.now().wall), detail=detail))
            if many or kind == "settings":
                self._api.changed()  # what differs from the tables stands among the alarms of a snapshot


def _take_greeting(source: Path, greetings: Path) -> tuple[str, float]:
    """Only a plain file: a pipe or device would be waited for, and with it every later change of settings."""
    if not source.is_file():
        raise ValueError(f"{source}: not a file that the box can read")
    return import_greeting(source, greetings)


def _read_pin(path: str) -> str:
    """Raises `ConfigError` without a word of what stands in the file."""
    try:
        pin = Path(path).read_text(encoding="ascii").strip()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the PIN of a SIM is 4 to 8 digits") from error
    if not (pin.isdecimal() and 4 <= len(pin) <= 8):
        raise ConfigError(f"{path}: the PIN of a SIM is 4 to 8 digits")
    return pin


async def _serve(config: MachineConfig) -> int:
    return await Core(config, asyncio.get_running_loop()).run()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m edge.app", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        config = read_config(given.config)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_serve(config))
    except (ConfigError, HalError, OSError) as error:
        sys.stderr.write(f"core: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
