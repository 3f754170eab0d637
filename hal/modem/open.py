"""A modem from its two ports, ready to be started: what the composition root calls per line."""

from __future__ import annotations

from hal.audio.pcm_port import PcmPort
from hal.interfaces import ByteStream, Clock, ModemSink
from hal.modem.at_port import OnWire
from hal.modem.driver import ModemDriver
from hal.modem.registry import profile_named
from hal.modem.upkeep import DriverOptions
from hal.transcript import TeedStream, Transcript


def open_modem(
    name: str,
    at: ByteStream,
    audio: ByteStream | None,
    clock: Clock,
    sink: ModemSink,
    *,
    pin: str | None = None,
    family: str | None = None,
    transcript: Transcript | None = None,
    options: DriverOptions | None = None,
    on_wire: OnWire | None = None,
) -> tuple[ModemDriver, PcmPort | None]:
    """The driver (call `start()`) and its voice port. The ports themselves are opened by the driver.

    Without `audio` the modem is one for SMS and USSD, whatever its family can do.

    Raises `ConfigurationError` for an unknown `family`; None lets the module tell.
    """
    profile = profile_named(family) if family is not None else None
    stream = TeedStream(at, transcript) if transcript is not None else at
    voice = PcmPort(name, audio, clock) if audio is not None else None
    driver = ModemDriver(
        name,
        stream,
        clock,
        sink,
        profile=profile,
        pin=pin,
        voice_port=voice,
        carries_voice=voice is not None,
        options=options,
        on_wire=on_wire,
    )
    return driver, voice
