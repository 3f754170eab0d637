"""SIMCom SIM7600 (and SIM7500): CPCMREG voice on its own USB port, +CLCC and VOICE CALL indications.

Sources: SIM7500/SIM7600 AT command manual V2.00; field notes of open drivers. Echo is off and the PIN is in before
`init`; nothing in it is kept over a reset of the module.
"""

from __future__ import annotations

from hal.at.parsers import SIMCOM_URCS, STANDARD_URCS
from hal.modem.profile import AudioDialect, InitCommand, ModemProfile, StuckVoice, UsbLayout

SIM7600 = ModemProfile(
    family="sim7600",
    manufacturer=r"SIMCOM.*",
    model=r"(SIMCOM_)?SIM7[56]00.*",
    usb=(UsbLayout(vendor_id=0x1E0E, product_id=0x9001, at_interface=2, audio_interface=4),),
    vocabulary=STANDARD_URCS.joined(SIMCOM_URCS),
    init=(
        InitCommand("ATV1", optional=True),
        InitCommand("ATQ0", optional=True),
        InitCommand("AT+CMEE=1"),
        InitCommand('AT+CSCS="IRA"', optional=True),
        InitCommand("AT+CLCC=1", optional=True),
        InitCommand("AT+DDET=1", optional=True),
        InitCommand("AT+CVHU=0", optional=True),
        InitCommand("AT+CPCMFRM=0", optional=True),
        InitCommand("AT+CRC=0", optional=True),
        InitCommand("AT+CLIP=1", needs_sim=True),
        InitCommand("AT+CCWA=1,1", optional=True, needs_sim=True),
        InitCommand("AT+CSSN=1,1", optional=True),
        InitCommand("AT+COLP=0", optional=True, needs_sim=True),
        InitCommand("AT+CREG=2"),
        InitCommand("AT+CEREG=2", optional=True),
        InitCommand("AT+CLTS=1", optional=True),
        InitCommand("AT+CTZR=1", optional=True),
        InitCommand("AT+AUTOCSQ=1,1", optional=True),
        InitCommand("AT+COPS=3,0", optional=True),
        InitCommand("AT+CMGF=0"),
        InitCommand("AT+CSMS=0", optional=True, needs_sim=True),
        InitCommand('AT+CPMS="SM","SM","SM"', needs_sim=True),
        InitCommand("AT+CNMI=2,1,0,1,0", needs_sim=True),
    ),
    audio=AudioDialect(
        probe="AT+CPCMREG=?",
        open="AT+CPCMREG=1",
        close=("AT+CPCMREG=0,1", "AT+CPCMREG=0"),
        confirm="AT+CPCMREG?",
        confirmed="+CPCMREG: 1",
        retry_s=0.3,
        retry_in_setup_s=1.0,
        window_s=12.0,
        stuck=StuckVoice(tries=10, calls_in_a_row=2),  # normal: 0.4 s after BEGIN, two or three tries
    ),
    pin_tries="AT+SPIC",
    soft_reset=("AT+CFUN=0", "AT+CFUN=1"),
    hard_reset="AT+CRESET",
)
