"""The modem's wall clock: 1980 after power-up, the network's time once told or what the host set (27.007 §8.15)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sim_hardware.modem.at_syntax import Command, Op
from sim_hardware.modem.board import Board, Handler
from sim_hardware.modem.replies import DONE, CmeError, Refusal, Reply, info

ZONE_QUARTERS = 28
"""Vietnam, UTC+7, in quarters of an hour."""
_ZONE = timedelta(minutes=15 * ZONE_QUARTERS)
_EPOCH = datetime(1980, 1, 6, tzinfo=UTC)
_WRITTEN = re.compile(r"(\d\d)/(\d\d)/(\d\d),(\d\d):(\d\d):(\d\d)(?:([+-]\d\d))?", re.ASCII)


class WallClock:
    def __init__(self, board: Board) -> None:
        self._board = board
        self._offset_s = _EPOCH.timestamp()

    def power_up(self) -> None:
        self._offset_s = _EPOCH.timestamp() - self._board.now_s

    def told(self, wall_s: float) -> None:
        """NITZ: the network tells time and zone (22.042)."""
        self._offset_s = wall_s - self._board.now_s
        if self._board.registers.number("+CLTS"):
            now = datetime.fromtimestamp(wall_s, UTC)
            self._board.urc(f'*PSUTTZ: {now:%Y,%m,%d,%H,%M,%S},"+{ZONE_QUARTERS}",0')
            self._board.urc("DST: 0")
        if self._board.registers.number("+CTZR"):
            self._board.urc(f"+CTZV: +{ZONE_QUARTERS}")

    @property
    def wall_s(self) -> float:
        return self._offset_s + self._board.now_s

    def local(self) -> datetime:
        """The time of day where the modem stands."""
        return datetime.fromtimestamp(self.wall_s, UTC) + _ZONE

    def short_time(self) -> str:
        """As MISSED_CALL writes it: `11:53AM`."""
        return f"{self.local():%I:%M%p}"

    def commands(self) -> Mapping[str, Handler]:
        return {"+CCLK": self._cclk, "+QLTS": self._qlts}

    def _cclk(self, command: Command) -> Reply:
        match command.op:
            case Op.READ:
                return info(f'+CCLK: "{self.local():%y/%m/%d,%H:%M:%S}+{ZONE_QUARTERS}"')
            case Op.WRITE:
                self._set(command.argument(0))
                return DONE
            case Op.TEST:
                return DONE
        raise Refusal

    def _set(self, text: str) -> None:
        match = _WRITTEN.fullmatch(text)
        if match is None:
            raise CmeError(50)
        year, month, day, hour, minute, second = (int(field) for field in match.groups()[:6])
        zone = timedelta(minutes=15 * int(match[7] or ZONE_QUARTERS))
        try:
            stamp = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC) - zone
        except ValueError as error:
            raise CmeError(50) from error
        self._offset_s = stamp.timestamp() - self._board.now_s

    def _qlts(self, _command: Command) -> Reply:
        return info(f'+QLTS: "{self.local():%Y/%m/%d,%H:%M:%S}+{ZONE_QUARTERS},0"')
