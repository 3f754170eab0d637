"""Who calls whom: the keys of a caller so far → one `Route`.

Rules (issue point 3; A039, A041, A092, A153; flags 4 and 18):

* No extension is the prefix of another, so the last digit of an extension routes at once.
* A stranger reaches extensions and nothing else.
* An employee also reaches outside numbers: `9` + number, or a number of at least nine digits without the 9; both end
  with `#` or a pause. Extensions never begin with 0, 7, 8 or 9, so the first digit tells the two apart.
* Abroad is `00` or `131800` (A194), country code and number, with or without the 9 before it. `1`, `13`… may also
  begin an extension: they wait until they cannot be the one or the other.
* What is dear (abroad, 1900 and 1800, short numbers) is refused unless barring opens it or allows the number.
* 112–115, with or without the 9, route from every employee at the last digit.
* A colleague's own phone, keyed as a number, is the colleague: the call counts as one to his extension.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from edge.dialplan.limits import Barring
from edge.dialplan.numbers import EMERGENCY_NUMBERS, INTERNATIONAL_ACCESS, NumberClass, classify, parse_dialled
from edge.dialplan.settings import Extension, Settings
from edge.telephony import PhoneNumber

OUTSIDE_KEY = "9"
END_KEY = "#"
OUTSIDE_FIRST_DIGITS = "0789"
"""First digits that no extension has (A031): what begins so is collected as an outside number."""
LONGEST_OUTSIDE = 22
"""Keys after which nobody is dialling a number any more; 9, 131800 and 15 digits of E.164 fit."""
SHORTEST_WITHOUT_OUTSIDE_KEY = 9
SHORTEST_EXTENSION = 3


class Refusal(Enum):
    """Why a number that exists may not be called."""

    INTERNATIONAL = "international"
    PREMIUM = "premium"
    SHORT = "short"
    OWN_LINE = "own-line"
    """One of our own hotlines: the call would come back to us."""


@dataclass(frozen=True, slots=True)
class NeedMore:
    """The keys are the beginning of something, or nothing yet."""


@dataclass(frozen=True, slots=True)
class ToExtension:
    extension: Extension


@dataclass(frozen=True, slots=True)
class ToOutside:
    number: PhoneNumber
    emergency: bool = False
    """No PIN stands in the way of 112–115."""


@dataclass(frozen=True, slots=True)
class Refused:
    number: PhoneNumber
    reason: Refusal


@dataclass(frozen=True, slots=True)
class BadNumber:
    """Meant as an outside number, and none."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """No extension."""


Route = NeedMore | ToExtension | ToOutside | Refused | BadNumber | Unknown

_REFUSALS = {
    NumberClass.INTERNATIONAL: Refusal.INTERNATIONAL,
    NumberClass.PREMIUM: Refusal.PREMIUM,
    NumberClass.SHORT: Refusal.SHORT,
}


def find_employee(settings: Settings, caller: PhoneNumber | None) -> Extension | None:
    """The extension whose mobile calls, by caller id; None for strangers and withheld numbers."""
    if caller is None:
        return None
    return next((each for each in settings.extensions if each.mobile == caller), None)


def decide(
    settings: Settings,
    employee: Extension | None,
    keys: str,
    *,
    ended: bool = False,
    own_numbers: tuple[PhoneNumber, ...] = (),
) -> Route:
    """The route of `keys` (0-9 * #, in the order pressed).

    `ended`: a pause followed the last key. `own_numbers`: the numbers of our lines, which nobody may dial through us.
    """
    ended = ended or keys.endswith(END_KEY)
    keys = keys.rstrip(END_KEY)
    if not keys:
        return NeedMore()
    if employee is not None:
        if keys.removeprefix(OUTSIDE_KEY) in EMERGENCY_NUMBERS:
            return ToOutside(PhoneNumber(keys.removeprefix(OUTSIDE_KEY)), emergency=True)
        if keys[0] in OUTSIDE_FIRST_DIGITS or keys.startswith(INTERNATIONAL_ACCESS):
            ended = ended or len(keys) >= LONGEST_OUTSIDE
            return _outside(settings, keys, own_numbers) if ended else NeedMore()
    route = _extension(settings, keys, ended=ended)
    may_lead_abroad = employee is not None and INTERNATIONAL_ACCESS.startswith(keys) and not ended
    return NeedMore() if may_lead_abroad and isinstance(route, Unknown) else route


def _extension(settings: Settings, keys: str, *, ended: bool) -> Route:
    """An exact match at once; no match as soon as no extension is so long, or at the end of the keys."""
    for each in settings.extensions:
        if each.number == keys:
            return ToExtension(each)
    longest = max((len(each.number) for each in settings.extensions), default=SHORTEST_EXTENSION)
    return Unknown() if ended or len(keys) >= longest else NeedMore()


def _outside(settings: Settings, keys: str, own_numbers: tuple[PhoneNumber, ...]) -> Route:
    """The verdict on a whole outside number."""
    if keys[0] == OUTSIDE_KEY:
        number = parse_dialled(keys[1:])
    elif len(keys) >= SHORTEST_WITHOUT_OUTSIDE_KEY:
        number = parse_dialled(keys)
    else:
        number = None
    if number is None:
        return BadNumber()
    if number in own_numbers:
        return Refused(number, Refusal.OWN_LINE)
    colleague = find_employee(settings, number)
    if colleague is not None:
        return ToExtension(colleague)
    return _barring(settings.spending.barring, number)


def _barring(barring: Barring, number: PhoneNumber) -> Route:
    """May it be called at all? What it costs meanwhile is spending control's business."""
    kind = classify(number)
    is_open = {
        NumberClass.MOBILE: True,
        NumberClass.FIXED: True,
        NumberClass.INTERNATIONAL: barring.international,
        NumberClass.PREMIUM: barring.premium,
        NumberClass.SHORT: barring.short,
    }
    if kind not in is_open:
        return BadNumber()
    allowed = any(beginning and number.startswith(beginning) for beginning in barring.allowed)
    if allowed or is_open[kind]:
        return ToOutside(number)
    return Refused(number, _REFUSALS[kind])
