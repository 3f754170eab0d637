"""Modems become lines when their ports have settled, and only once."""

from __future__ import annotations

from edge.usb_lines import UsbLines
from hal.interfaces import ModemPorts

HALF = ModemPorts("/dev/ttyUSB2", None, "sim7600")
WHOLE = ModemPorts("/dev/ttyUSB2", "/dev/ttyUSB4", "sim7600")
OTHER = ModemPorts("/dev/ttyUSB7", "/dev/ttyUSB9", "sim7600")


def test_a_modem_that_enumerates_slowly_is_taken_whole_and_once() -> None:
    lines = UsbLines()
    assert lines.looked([]) == ()
    assert lines.looked([HALF]) == ()
    assert lines.looked([WHOLE]) == ()
    (made,) = lines.looked([WHOLE])
    assert (made.line, made.at, made.audio, made.family) == ("gsm-1", "/dev/ttyUSB2", "/dev/ttyUSB4", "sim7600")
    assert lines.looked([WHOLE]) == ()
    assert lines.looked([]) == ()
    assert lines.looked([WHOLE]) == ()
    assert lines.looked([WHOLE]) == ()


def test_a_modem_plugged_in_later_is_the_next_line() -> None:
    lines = UsbLines()
    lines.looked([WHOLE])
    assert [each.line for each in lines.looked([WHOLE, OTHER])] == ["gsm-1"]
    assert [each.line for each in lines.looked([WHOLE, OTHER])] == ["gsm-2"]
