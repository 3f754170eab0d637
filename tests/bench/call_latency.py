"""How fast the box answers and dials: a whole running box, four callers at a time, times from the AT transcripts."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench.figures import Report
from tests.bench.four_calls import CALLERS, LINES, MOBILES, FourCalls, running
from tests.bench.transcripts import WireLine, key_to_dial, offer_to_answer, read

AIM_MS = 5.0
ROUNDS = 26
KEYS_AT_S = 1.5
HANG_UP_AFTER_S = 4.5
BETWEEN_S = 1.0


def measure(small: bool) -> Report:
    report = Report(
        "in the core, by its monotonic clock: from the moment it has read the line (first +CLIP of a call; last "
        "+RXDTMF of an extension, which routes at once) to the moment the command is written to the port; the journal "
        "and the transcript are kept as always; not in it: the tty and the modem's own time"
    )
    with running("off") as four:
        calls = _call(four, 1 if small else ROUNDS)
        lines = _transcripts(four.box.data)
    answers = [1000 * each for caller in range(CALLERS) for each in offer_to_answer(lines[four.hotline_line(caller)])]
    everywhere = [line for name in lines for line in lines[name]]
    dials = [
        1000 * each
        for caller, mobile in enumerate(MOBILES)
        for each in key_to_dial(lines[four.hotline_line(caller)], everywhere, mobile)
    ]
    report.add_spread("clip_to_ata_{}_ms", answers, AIM_MS)
    report.add_spread("last_key_to_atd_{}_ms", dials, AIM_MS)
    report.notes = {"calls": calls, "answers": len(answers), "dials": len(dials), "at_once": CALLERS}
    return report


def _call(four: FourCalls, rounds: int) -> int:
    """Returns how many calls were answered by the hotline."""
    four.employees(after_s=0.5)
    answered = 0
    for _ in range(rounds):
        answered += sum(answer["connected"] for answer in four.call_all(KEYS_AT_S, HANG_UP_AFTER_S))
        time.sleep(BETWEEN_S)
    return answered


def _transcripts(data: Path) -> dict[str, list[WireLine]]:
    names = [f"gsm-{number}" for number in range(1, LINES + 1)]
    return {name: list(read(data / "transcripts" / f"{name}.txt")) for name in names}
