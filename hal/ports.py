"""Which serial ports belong to which modem: by USB vendor, product and interface number, never by a ttyUSB number.

Ports named in the configuration are the composition root's business; this is for plugging in and going.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from hal.errors import AmbiguousHardwareError
from hal.interfaces import ModemPorts, PortInfo
from hal.modem.profile import ModemProfile, UsbLayout
from hal.modem.profiles import PROFILES


@dataclass(frozen=True, slots=True)
class _Fit:
    family: str
    layout: UsbLayout


class UsbPortCatalogue:
    """`hal.interfaces.PortCatalogue` from pyserial's list."""

    def __init__(
        self,
        list_infos: Callable[[], Iterable[ListPortInfo]] = list_ports.comports,
        profiles: Sequence[ModemProfile] = PROFILES,
    ) -> None:
        self._list_infos = list_infos
        self._profiles = profiles

    def ports(self) -> list[PortInfo]:
        """All serial ports of the machine, ordered by path."""
        return sorted((port_info(info) for info in self._list_infos()), key=lambda port: port.path)

    def modems(self) -> list[ModemPorts]:
        """AT and PCM port of each known modem, ordered by USB path, so that lines keep their order over a restart.

        Raises `AmbiguousHardwareError` when a device fits two families or has two ports of one kind.
        """
        devices: dict[str, list[PortInfo]] = {}
        for port in self.ports():
            if port.usb_path is not None:
                devices.setdefault(port.usb_path, []).append(port)
        found = (self._modem(usb_path, ports) for usb_path, ports in sorted(devices.items()))
        return [modem for modem in found if modem is not None]

    def _modem(self, usb_path: str, ports: list[PortInfo]) -> ModemPorts | None:
        fits = self._fits(ports[0])
        if not fits:
            return None
        if len(fits) > 1:
            families = ", ".join(sorted({fit.family for fit in fits}))
            raise AmbiguousHardwareError(
                f"USB device {usb_path} fits several families ({families}); name its ports in the configuration"
            )
        layout = fits[0].layout
        at = _only(usb_path, "AT", [port for port in ports if port.interface == layout.at_interface])
        audio = None
        if layout.audio_interface is not None:
            audio = _only(usb_path, "PCM", [port for port in ports if port.interface == layout.audio_interface])
        return ModemPorts(at, audio, fits[0].family) if at is not None else None

    def _fits(self, port: PortInfo) -> list[_Fit]:
        return [
            _Fit(profile.family, layout)
            for profile in self._profiles
            for layout in profile.usb
            if (layout.vendor_id, layout.product_id) == (port.vendor_id, port.product_id)
        ]


def port_info(info: ListPortInfo) -> PortInfo:
    """pyserial's entry; its location `1-1.2:1.4` is the USB path, configuration and interface."""
    usb_path, _, place = (info.location or "").partition(":")
    _, _, interface = place.partition(".")
    return PortInfo(
        path=info.device,
        vendor_id=info.vid,
        product_id=info.pid,
        interface=int(interface, 16) if interface else None,
        usb_path=usb_path or None,
    )


def _only(usb_path: str, kind: str, ports: list[PortInfo]) -> str | None:
    if len(ports) > 1:
        paths = ", ".join(port.path for port in ports)
        raise AmbiguousHardwareError(
            f"USB device {usb_path} has several {kind} ports ({paths}); name them in the configuration"
        )
    return ports[0].path if ports else None
