"""Module families as data: ids, boot, call indications, keys, audio. Facts: field logs and vendor manuals.

A profile says *what* lines a family prints and in what order; the units say *when*. The transcripts under
`tests/transcripts` hold the profiles to that. A command named by any family's `commands` is unknown (ERROR) to a family
that does not name it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class CallLine(Enum):
    """One kind of line about a call; a family prints several, in its own order."""

    CLCC = "+CLCC URC (AT+CLCC=1)"
    VOICE = "VOICE CALL: BEGIN / END"
    WORD = "NO CARRIER, BUSY, NO ANSWER"
    COLP = "+COLP at answer, unasked"
    MISSED = "MISSED_CALL"
    DSCI = "^DSCI (AT^DSCI=1)"
    CCINFO = '+QIND: "ccinfo" (AT+QINDCFG)'
    HUAWEI = "^ORIG ^CONF ^CONN ^CEND"


class Need(Enum):
    """What a boot line waits for."""

    NOTHING = 0
    SIM_STATE = 1
    """Printed with the card's state: `+CPIN: READY`, `+CPIN: SIM PIN`…"""
    SIM_READY = 2
    """Only when the card is unlocked."""


@dataclass(frozen=True, slots=True)
class BootLine:
    at_s: float
    """Seconds after power-up."""
    text: str
    need: Need = Need.NOTHING


class Audio(Enum):
    """How the host gets the voice."""

    CPCMREG = "AT+CPCMREG=1, in a call only"
    QPCMV = "AT+QPCMV=1,0, at any time"
    DDSETEX = "AT^DDSETEX=2, when a call is made or answered"
    ANALOG = "not at all"


@dataclass(frozen=True, slots=True)
class ModemProfile:
    family: str
    manufacturer: str
    model: str
    revision: str
    imei: str
    ati: tuple[str, ...]
    """Lines of ATI; `{model}`, `{revision}`, `{imei}`, `{manufacturer}` are filled in."""
    commands: frozenset[str]
    """Vendor commands this family has, beyond those every family has."""
    boot: tuple[BootLine, ...]
    deaf_s: float
    """AT bytes are swallowed this long after power-up."""
    port_gone_s: float | None
    """How long the USB port is away at a restart; None: a UART, always there."""
    connected: tuple[CallLine, ...]
    ended: tuple[CallLine, ...]
    changed: tuple[CallLine, ...]
    """For every other state: dialing, alerting, held, incoming, waiting."""
    audio: Audio
    revision_prefix: str = ""
    """Some firmware answers AT+CGMR with `+CGMR: …`."""
    iccid_command: str = "+CCID"
    iccid_line: str = "+ICCID: {iccid}"
    cmee_at_boot: int = 0
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Power-up values that differ from `registers.PARAMETERS`."""
    no_sim_answer: str = ""
    """The +CPIN? text without a card; empty: +CME ERROR: 10."""
    sim_removed_line: str = "+CPIN: NOT READY"
    ring_interval_s: float = 3.0
    announce_before_ring: bool = False
    """The state line of an incoming call comes before its first RING."""
    clip_tail: str = ",,,,{validity}"
    """What follows number and type in +CLIP."""
    answer_ok_first: bool = True
    """ATA: OK, then BEGIN; the other order exists too."""
    local_end_before_ok: bool = True
    """The END lines of a local hang-up come before its OK."""
    remote_words: bool = True
    """WORD tells BUSY and NO ANSWER apart; else always NO CARRIER."""
    local_word: bool = False
    """WORD also after a local hang-up."""
    ath_needs_cvhu: bool = False
    """ATH is ignored, with OK, unless AT+CVHU=0."""
    chup_ends_held: bool = True
    """AT+CHUP drops held calls too (unsure on SIM7600)."""
    dial_abortable: bool = False
    """A byte typed before ATD has answered ends the call."""
    dial_answer_s: float = 0.0
    """From ATD to its OK."""
    packet_bearer: bool = False
    """On LTE the data bearer stands in +CLCC as call 1, mode 1."""
    pcm_ready_s: float = 0.4
    """AT+CPCMREG=1 is refused this long after the call became active."""
    key_line: str = "+RXDTMF: {key}"
    key_switch: str = "+DDET"
    """The setting that must be 1 for key_line; empty: always reported."""
    key_as_code: bool = False
    """The key as its ASCII number."""
    reset_command: str = "+CRESET"
    power_off_command: str = "+CPOF"
    power_off_line: str = ""
    sms_full_line: str = "+SMS FULL"
    me_slots: int = 23
    under_voltage_line: str = "UNDER-VOLTAGE WARNNING"


_VOICE_AUDIO = frozenset({"+CPCMREG", "+CPCMFRM", "+CPCMBANDWIDTH"})
_SIMCOM_COMMON = frozenset(
    {
        "+CCID", "+CICCID", "+SPIC", "+CPSI", "+CNSMOD", "+AUTOCSQ", "+EXUNSOL", "+CLTS", "+DDET", "+CVHU", "+CATR",
        "+CNMP", "+COUTGAIN", "+CMICGAIN", "+CECM", "+CSDVC", "+UIMHOTSWAPON", "+UIMHOTSWAPLEVEL", "+CUSBPIDSWITCH",
        "+CRESET", "+CPOF", "+SIMCOMATI", "+CSUB", "+CSCLK", "+CTXGAIN", "+CRXGAIN",
    }
)  # fmt: skip
_SIM7600_ONLY = frozenset({"+CTXVOL", "+CRXVOL", "+VOLTESETTING", "+MORING", "^DSCI"})
_A76XX_ONLY = frozenset({"+CAVIMS", "+CEVDP", "+CIREG"})
_QUECTEL = frozenset(
    {
        "+QCCID", "+QPINC", "+QNWINFO", "+QSPN", "+QINDCFG", "^DSCI", "+QTONEDET", "+QPCMV", "+QHUP", "+QSIMSTAT",
        "+QSIMDET", "+QRXGAIN", "+QMIC", "+QAUDMOD", "+QEEC", "+QCFG", "+QPOWD", "+QURCCFG", "+QLTS", "+CVHU",
    }
)  # fmt: skip
_SIM800 = frozenset({"+CCID", "+DDET", "+CLTS", "+CPOWD", "+SPIC", "+CVHU", "+CSCLK"})
_HUAWEI = frozenset(
    {
        "^CURC", "^U2DIAG", "^PORTSEL", "^USSDMODE", "^CVOICE", "^DTMF", "^DDSETEX", "^ICCID", "^SYSINFO", "^RESET",
        "+CVHU",
    }
)  # fmt: skip

SIM7600 = ModemProfile(
    family="sim7600",
    manufacturer="SIMCOM INCORPORATED",
    model="SIMCOM_SIM7600G-H",
    revision="LE20B05SIM7600G22",
    imei="861234050000019",
    ati=("Manufacturer: {manufacturer}", "Model: {model}", "Revision: {revision}", "IMEI: {imei}", "+GCAP: +CGSM"),
    commands=_SIMCOM_COMMON | _VOICE_AUDIO | _SIM7600_ONLY,
    boot=(
        BootLine(9.0, "RDY"),
        BootLine(11.0, "+CPIN: {sim}", Need.SIM_STATE),
        BootLine(14.0, "SMS DONE", Need.SIM_READY),
        BootLine(15.5, "PB DONE", Need.SIM_READY),
    ),
    deaf_s=8.5,
    port_gone_s=5.0,
    connected=(CallLine.VOICE, CallLine.CLCC),
    ended=(CallLine.CLCC, CallLine.MISSED, CallLine.VOICE),
    changed=(CallLine.CLCC, CallLine.DSCI),
    audio=Audio.CPCMREG,
    revision_prefix="+CGMR: ",
    cmee_at_boot=2,
    ath_needs_cvhu=True,
)

A76XX = ModemProfile(
    family="a76xx",
    manufacturer="INCORPORATED",
    model="A7670E-FASE",
    revision="A011B07A7670M7_F",
    imei="861234060000017",
    ati=("Manufacturer: {manufacturer}", "Model: {model}", "Revision: {revision}", "IMEI: {imei}"),
    commands=_SIMCOM_COMMON | _A76XX_ONLY,
    boot=(
        BootLine(6.0, "*ATREADY: 1"),
        BootLine(8.0, "+CPIN: {sim}", Need.SIM_STATE),
        BootLine(10.5, "SMS DONE", Need.SIM_READY),
        BootLine(11.5, "PB DONE", Need.SIM_READY),
    ),
    deaf_s=6.0,
    port_gone_s=4.0,
    connected=(CallLine.VOICE, CallLine.CLCC, CallLine.COLP),
    ended=(CallLine.CLCC, CallLine.WORD, CallLine.VOICE),
    changed=(CallLine.CLCC,),
    audio=Audio.ANALOG,
    cmee_at_boot=2,
    announce_before_ring=True,
    remote_words=False,
    local_word=True,
)

EC25 = ModemProfile(
    family="ec25",
    manufacturer="Quectel",
    model="EC25",
    revision="EC25EFAR06A06M4G",
    imei="861234070000015",
    ati=("{manufacturer}", "{model}", "Revision: {revision}"),
    commands=_QUECTEL,
    boot=(
        BootLine(7.0, "RDY"),
        BootLine(7.5, "+CFUN: 1"),
        BootLine(8.5, "+CPIN: {sim}", Need.SIM_STATE),
        BootLine(9.0, "+QUSIM: 1", Need.SIM_READY),
        BootLine(11.0, "+QIND: SMS DONE", Need.SIM_READY),
        BootLine(12.5, "+QIND: PB DONE", Need.SIM_READY),
    ),
    deaf_s=6.5,
    port_gone_s=4.0,
    connected=(CallLine.CCINFO, CallLine.DSCI),
    ended=(CallLine.CCINFO, CallLine.DSCI, CallLine.WORD),
    changed=(CallLine.CCINFO, CallLine.DSCI),
    audio=Audio.QPCMV,
    iccid_command="+QCCID",
    iccid_line="+QCCID: {iccid}",
    cmee_at_boot=1,
    local_end_before_ok=False,
    key_line="+QTONEDET: {key}",
    key_switch="+QTONEDET",
    key_as_code=True,
    reset_command="",
    power_off_command="+QPOWD",
    power_off_line="POWERED DOWN",
    sms_full_line='+QIND: "smsfull","SM"',
    me_slots=255,
)

SIM800 = ModemProfile(
    family="sim800",
    manufacturer="SIMCOM_Ltd",
    model="SIMCOM_SIM800L",
    revision="Revision:1418B05SIM800L24",
    imei="861234080000013",
    ati=("SIM800 R14.18",),
    commands=_SIM800,
    boot=(
        BootLine(3.0, "RDY"),
        BootLine(3.2, "+CFUN: 1"),
        BootLine(4.0, "+CPIN: {sim}", Need.SIM_STATE),
        BootLine(7.0, "Call Ready", Need.SIM_READY),
        BootLine(7.5, "SMS Ready", Need.SIM_READY),
    ),
    deaf_s=2.5,
    port_gone_s=None,
    connected=(CallLine.CLCC,),
    ended=(CallLine.WORD, CallLine.CLCC),
    changed=(CallLine.CLCC,),
    audio=Audio.ANALOG,
    iccid_line="{iccid}",
    no_sim_answer="NOT INSERTED",
    sim_removed_line="+CPIN: NOT READY",
    clip_tail=',"",0,"",{validity}',
    key_line="+DTMF: {key}",
    reset_command="",
    power_off_command="+CPOWD",
    power_off_line="NORMAL POWER DOWN",
    me_slots=0,
)

HUAWEI = ModemProfile(
    family="huawei",
    manufacturer="huawei",
    model="E1550",
    revision="11.608.14.15.311",
    imei="861234090000011",
    ati=("Manufacturer: {manufacturer}", "Model: {model}", "Revision: {revision}", "IMEI: {imei}", "+GCAP: +CGSM,+DS"),
    commands=_HUAWEI,
    boot=(
        BootLine(4.0, "^BOOT:12345678,0,0,0,75"),
        BootLine(6.0, "^SIMST:1", Need.SIM_READY),
        BootLine(7.0, "^SRVST:2", Need.SIM_READY),
        BootLine(7.5, "^MODE:5,4", Need.SIM_READY),
    ),
    deaf_s=3.5,
    port_gone_s=4.0,
    connected=(CallLine.HUAWEI,),
    ended=(CallLine.HUAWEI,),
    changed=(CallLine.HUAWEI,),
    audio=Audio.DDSETEX,
    iccid_command="^ICCID",
    iccid_line="^ICCID: {iccid}",
    local_end_before_ok=False,
    dial_abortable=True,
    dial_answer_s=0.05,
    key_line="",
    key_switch="",
    reset_command="^RESET",
    power_off_command="",
    sms_full_line="^SMMEMFULL: SM",
    me_slots=0,
)

PROFILES: Mapping[str, ModemProfile] = {p.family: p for p in (SIM7600, A76XX, EC25, SIM800, HUAWEI)}
VENDOR_COMMANDS = frozenset().union(*(profile.commands for profile in PROFILES.values()))
