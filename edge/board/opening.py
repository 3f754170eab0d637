"""The board that the machine's file names, opened for the composition root (of which this is a part)."""

from __future__ import annotations

from importlib.metadata import version

from edge.config import MachineConfig
from edge.telephony import Clock
from hal.errors import ConfigurationError
from hal.interfaces import Board, BoardSink, Supervisor
from hal.open_board import open_gpio, open_supervisor
from hal.serial_port import SerialByteStream


def open_board(config: MachineConfig, clock: Clock, sink: BoardSink) -> tuple[Board | None, Supervisor | None]:
    """Nothing is touched before `start`. Raises `hal.errors.ConfigurationError` for a pin map that cannot be used."""
    board = config.board
    match board.kind:
        case "supervisor":
            assert board.port is not None, "the file was checked when it was read"
            families = [line.family for line in config.lines]
            return open_supervisor(SerialByteStream(board.port), clock, sink, families, _version(), board.settings)
        case "gpio":
            assert board.pin_map is not None, "the file was checked when it was read"
            try:
                return open_gpio(board.pin_map, clock, sink, len(config.lines)), None
            except ConfigurationError as error:
                raise ConfigurationError(f"board.pin_map: {error}") from error
        case _:
            return None, None


def _version() -> tuple[int, int, int]:
    """Of the box, for the supervisor."""
    major, minor, patch = (int(part) for part in version("tongdai-box").split(".")[:3])
    return major, minor, patch
