"""Answers what page and command line ask about the board."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edge.api import messages as ask
from edge.api_server import Refused
from edge.board.box_board import BoxBoard
from edge.telephony import Clock
from hal.errors import SupervisorError
from hal.interfaces import LogRecord, Supervisor
from hal.mcu_update import image_fault

log = logging.getLogger("tongdai.board")

LARGEST_IMAGE = 400_000
"""Bytes that the supervisor takes at most (firmware/update.py)."""
RESETS_TOLD = 10
RESETS = frozenset({"supervisor started", "supervisor fell back", "host cut", "host stopped", "host given up"})
ACTIONS = ("on", "off", "cycle")


@dataclass(slots=True)
class Transfer:
    """One update of the supervisor's firmware."""

    state: str
    """sending, trying, done or failed."""
    sent: int
    bytes: int
    error: str | None = None


class BoardDesk:
    """`local`: POSIX seconds as an instant for people."""

    def __init__(self, board: BoxBoard, clock: Clock, local: Callable[[float], str]) -> None:
        self._board = board
        self._clock = clock
        self._local = local
        self._resets: list[dict[str, Any]] = []
        self._transfer: Transfer | None = None
        self._sending: asyncio.Task[None] | None = None

    def status(self) -> dict[str, Any]:
        """What needs no question to the supervisor."""
        status = self._board.keeper.status()
        lines = self._board.lines()
        slots = [{"line": lines.get(row["slot"]), **row} for row in status["slots"]]
        update = None if self._transfer is None else asdict(self._transfer)
        return {**status, "vm": self._board.vm, "slots": slots, "update": update}

    async def answer(self, request: ask.BoardRequest) -> Any:
        """Raises `Refused`."""
        match request:
            case ask.GetBoard():
                return {**self.status(), "resets": await self._last_resets()}
            case ask.ReadBoardLog():
                return await self._log()
            case ask.UpdateFirmware(path=path, by=by):
                return await self._update(Path(path), by)
            case ask.SwitchSlot(slot=slot, action=action, by=by):
                return self._switch(slot, action, by)

    async def close(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    # --- log ------------------------------------------------------------------------------------------------------

    async def _log(self) -> list[dict[str, Any]]:
        try:
            records = await self._supervisor().read_log()
        except SupervisorError as error:
            raise Refused(f"the supervisor's log: {error}", "box") from error
        return self._dated(records)

    async def _last_resets(self) -> list[dict[str, Any]]:
        """Newest last; as they were last known while the supervisor is away or busy with an update."""
        if self._board.keeper.supervisor is not None and not self._busy:
            try:
                records = await self._log()
            except Refused as refused:
                log.warning("%s", refused)
            else:
                self._resets = [row for row in records if row["code"] in RESETS][-RESETS_TOLD:]
        return self._resets

    def _dated(self, records: tuple[LogRecord, ...]) -> list[dict[str, Any]]:
        """`at` is known of what happened since the supervisor's last start, to a few seconds: it counts its uptime."""
        began = max((at for at, each in enumerate(records) if each.code == "supervisor started"), default=0)
        supervisor = self._board.keeper.supervisor
        readings = None if supervisor is None else supervisor.readings
        started = None if readings is None else self._clock.now().wall - readings.uptime_s
        return [
            {
                **asdict(each),
                "at": None if started is None or place < began else self._local(started + each.uptime_s),
            }
            for place, each in enumerate(records)
        ]

    # --- firmware -------------------------------------------------------------------------------------------------

    @property
    def _busy(self) -> bool:
        return self._sending is not None and not self._sending.done()

    async def _update(self, path: Path, by: str) -> dict[str, Any]:
        supervisor = self._supervisor()
        if self._busy:
            raise Refused("an update of the supervisor is on its way already", "box")
        image = await asyncio.to_thread(_read_image, path)
        log.warning("new firmware for the supervisor: %d bytes, by %s", len(image), by)
        transfer = self._transfer = Transfer("sending", 0, len(image))
        self._sending = asyncio.get_running_loop().create_task(self._send(supervisor, image, transfer))
        return asdict(transfer)

    async def _send(self, supervisor: Supervisor, image: bytes, transfer: Transfer) -> None:
        def progress(sent: int, whole: int) -> None:
            transfer.sent = sent
            transfer.state = "trying" if sent >= whole else "sending"

        try:
            await supervisor.update(image, progress)
        except SupervisorError as error:
            transfer.state, transfer.error = "failed", str(error)
            log.error("the supervisor's firmware was not updated: %s", error)
        except Exception:
            transfer.state, transfer.error = "failed", "a fault of the box; see its log"
            log.exception("the supervisor's firmware was not updated")
        else:
            transfer.state = "done"
            log.warning("the supervisor runs its new firmware")

    # --- power ----------------------------------------------------------------------------------------------------

    def _switch(self, slot: int, action: str, by: str) -> dict[str, Any]:
        board = self._board.keeper.board
        if board is None:
            reason = self._board.keeper.status()["lost"]
            raise Refused(reason or "this box has no board that switches its modems", "box")
        if action not in ACTIONS:
            raise Refused(f"action {action!r}: it is one of {', '.join(ACTIONS)}")
        if self._board.keeper.status()["kind"] == "supervisor":
            self._supervisor()  # else it would look as if something were done
        if not 0 <= slot < board.slots:
            raise Refused(f"slot {slot}: the board has {board.slots}, counted from 0")
        log.warning("slot %d: switched %s by %s", slot, action, by)
        switch = {"on": board.switch_on, "off": board.switch_off, "cycle": board.cycle}[action]
        switch(slot)
        return {"slot": slot, "action": action}

    def _supervisor(self) -> Supervisor:
        supervisor = self._board.keeper.supervisor
        if supervisor is not None:
            return supervisor
        if self._board.keeper.status()["kind"] == "supervisor":
            raise Refused("the supervisor does not answer", "box")
        raise Refused("this box has no supervisor", "box")


def _read_image(path: Path) -> bytes:
    """Raises `Refused`."""
    try:
        if not path.is_file():
            raise Refused(f"{path}: not a file that the box can read")
        if not 0 < path.stat().st_size <= LARGEST_IMAGE:
            raise Refused(f"{path}: {path.stat().st_size} bytes; an image has at most {LARGEST_IMAGE}")
        image = path.read_bytes()
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from error
    if fault := image_fault(image):
        raise Refused(f"{path}: {fault}")
    return image
