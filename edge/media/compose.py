"""A number as it is spoken: which recorded pieces, in which order, in Vietnamese and English. Pure.

Pieces are catalogue ids (`edge/media/prompts/catalogue.toml`): `digit-0` … `digit-9` and the words that numbers add.
"""

from __future__ import annotations

HIGHEST_NUMBER = 999_999


def compose_digits(digits: str) -> tuple[str, ...]:
    """Digit by digit, as extensions and telephone numbers are read. Raises `ValueError` for anything but 0-9."""
    if not digits or not (digits.isascii() and digits.isdecimal()):
        raise ValueError(f"{digits!r} cannot be spelled: one or more of the digits 0-9 are needed")
    return tuple(f"digit-{digit}" for digit in digits)


def compose_number(number: int, language: str) -> tuple[str, ...]:
    """A quantity, 0–999 999, in `vi` or `en`. Raises `ValueError` for other numbers and languages."""
    if not 0 <= number <= HIGHEST_NUMBER:
        raise ValueError(f"{number} cannot be spoken: numbers from 0 to {HIGHEST_NUMBER} can")
    match language:
        case "vi":
            return _vietnamese(number)
        case "en":
            return _english(number)
        case _:
            raise ValueError(f"numbers are spoken in vi and en, not in {language!r}")


def _digit(value: int) -> str:
    return f"digit-{value}"


def _vietnamese(number: int) -> tuple[str, ...]:
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return _vietnamese_below_1000(rest, full=False)
    head = (*_vietnamese_below_1000(thousands, full=False), "number-thousand")
    # After a thousand the hundreds are always named: một nghìn không trăm linh năm.
    return (*head, *_vietnamese_below_1000(rest, full=True)) if rest else head


def _vietnamese_below_1000(number: int, *, full: bool) -> tuple[str, ...]:
    hundreds, rest = divmod(number, 100)
    if not (hundreds or full):
        return _vietnamese_below_100(rest)
    head = (_digit(hundreds), "number-hundred")
    if not rest:
        return head
    if rest < 10:
        return (*head, "number-linh", _digit(rest))
    return (*head, *_vietnamese_below_100(rest))


def _vietnamese_below_100(number: int) -> tuple[str, ...]:
    tens, ones = divmod(number, 10)
    match tens, ones:
        case 0, _:
            return (_digit(ones),)
        case 1, 0:
            return ("number-ten",)
        case 1, 5:
            return ("number-ten", "number-lam")
        case 1, _:
            return ("number-ten", _digit(ones))
        case _, 0:
            return (_digit(tens), "number-tens")
    # From twenty on, one, four and five change their sound: mốt, tư, lăm.
    changed = {1: "number-mot", 4: "number-tu", 5: "number-lam"}
    return (_digit(tens), "number-tens", changed.get(ones, _digit(ones)))


def _english(number: int) -> tuple[str, ...]:
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return _english_below_1000(rest)
    head = (*_english_below_1000(thousands), "number-thousand")
    if not rest:
        return head
    joint = ("number-and",) if rest < 100 else ()
    return (*head, *joint, *_english_below_1000(rest))


def _english_below_1000(number: int) -> tuple[str, ...]:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _english_below_100(rest)
    head = (_digit(hundreds), "number-hundred")
    return (*head, "number-and", *_english_below_100(rest)) if rest else head


def _english_below_100(number: int) -> tuple[str, ...]:
    if number < 10:
        return (_digit(number),)
    if number == 10:
        return ("number-ten",)
    if number < 20:
        return (f"number-{number}",)
    tens, ones = divmod(number, 10)
    head = (f"number-{10 * tens}",)
    return (*head, _digit(ones)) if ones else head
