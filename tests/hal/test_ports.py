from __future__ import annotations

from dataclasses import replace

import pytest
from serial.tools.list_ports_common import ListPortInfo

from hal.errors import AmbiguousHardwareError, ConfigurationError
from hal.interfaces import ModemPorts
from hal.modem.profiles import SIM7600
from hal.modem.registry import profile_named, profile_of
from hal.ports import UsbPortCatalogue


def info(path: str, location: str | None, vid: int | None = 0x1E0E, pid: int | None = 0x9001) -> ListPortInfo:
    port = ListPortInfo(path, skip_link_detection=True)
    port.vid, port.pid, port.location = vid, pid, location
    return port


def sim7600(usb_path: str, first: int) -> list[ListPortInfo]:
    return [info(f"/dev/ttyUSB{first + place}", f"{usb_path}:1.{place}") for place in range(5)]


def test_at_and_pcm_by_interface_whatever_the_numbers():
    listed = [*sim7600("1-1.4", 0), *sim7600("1-1.2", 5), info("/dev/ttyS0", None, None, None)]
    assert UsbPortCatalogue(lambda: listed).modems() == [
        ModemPorts("/dev/ttyUSB7", "/dev/ttyUSB9", "sim7600"),
        ModemPorts("/dev/ttyUSB2", "/dev/ttyUSB4", "sim7600"),
    ]
    assert len(UsbPortCatalogue(lambda: listed).ports()) == 11


def test_unknown_devices_are_no_modems():
    listed = [info("/dev/ttyUSB0", "1-1:1.0", 0x10C4, 0xEA60), info("/dev/ttyUSB1", "1-2:1.2", 0x1E0E, 0x9011)]
    assert UsbPortCatalogue(lambda: listed).modems() == []


def test_a_device_of_two_families_is_refused():
    twin = replace(SIM7600, family="twin")
    catalogue = UsbPortCatalogue(lambda: sim7600("1-1.4", 0), (SIM7600, twin))
    with pytest.raises(AmbiguousHardwareError, match=r"1-1\.4 fits several families \(sim7600, twin\)"):
        catalogue.modems()


def test_two_at_ports_of_one_device_are_refused():
    listed = [*sim7600("1-1.4", 0), info("/dev/ttyUSB9", "1-1.4:1.2")]
    with pytest.raises(AmbiguousHardwareError, match="several AT ports"):
        UsbPortCatalogue(lambda: listed).modems()


def test_registry():
    assert profile_of("SIMCOM INCORPORATED", "SIMCOM_SIM7600G-H") is SIM7600
    assert profile_named("sim7600") is SIM7600
    with pytest.raises(ConfigurationError, match="no profile for 'Quectel' 'EC25'"):
        profile_of("Quectel", "EC25")
    with pytest.raises(ConfigurationError, match="unknown modem family 'nokia'"):
        profile_named("nokia")
    with pytest.raises(AmbiguousHardwareError, match="sim7600, twin"):
        profile_of("SIMCOM", "SIM7600", (SIM7600, replace(SIM7600, family="twin")))
