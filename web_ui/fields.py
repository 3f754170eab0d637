"""Form fields as people here write: a decimal comma is as good as a point, and 7 is not shown as 7.0."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wtforms import Field, FloatField, Form, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, StopValidation, ValidationError
from wtforms.widgets import TextInput

from web_ui.i18n import grouped
from web_ui.i18n import lazy_gettext as _l

SHORTEST_WITH_CODE = 9
"""Digits: a number that begins with 84 and has more of them begins with the country's code."""
_APART = re.compile(r"(?<=\d)[.,\s\u00a0](?=\d{3}(?!\d))")
_UNITS = re.compile(r"\s*(đ|vnd|vnđ)\s*$", re.IGNORECASE)


class DecimalField(FloatField):  # type: ignore[misc]
    def process_formdata(self, values: list[str]) -> None:
        super().process_formdata([value.strip().replace(",", ".") for value in values])

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:g}"


class GroupedField(IntegerField):  # type: ignore[misc]
    """A whole number, of VND or minutes, with or without its thousands apart: 1.000.000, 1 000 000, 1000000 đ."""

    widget = TextInput()  # a number field of a browser would refuse the thousands

    def process_formdata(self, values: list[str]) -> None:
        super().process_formdata([_UNITS.sub("", _APART.sub("", value)) for value in values])

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else grouped(self.data)


class InRange:
    """Says the range with its thousands apart, and nothing about what is no number at all: that has been said."""

    def __init__(self, low: float, high: float, message: str) -> None:
        self._low, self._high, self._message = low, high, message

    def __call__(self, _form: Form, field: Field) -> None:
        if field.process_errors:
            raise StopValidation
        if field.data is None or not self._low <= field.data <= self._high:  # a NaN is in no range
            raise ValidationError(str(self._message) % {"min": _written(self._low), "max": _written(self._high)})


def _written(number: float) -> str:
    return grouped(number) if isinstance(number, int) else f"{number:g}"


def decimal(label: str, low: float, high: float, message: str) -> DecimalField:
    """`message` says the range, with %(min)s and %(max)s."""
    wrong = _l("Enter a number.")
    return DecimalField(label, [InputRequired(wrong), InRange(low, high, message)], invalid_value_message=wrong)


def whole(label: str, low: int, high: int) -> IntegerField:
    wrong = _l("Enter a whole number.")
    in_range = InRange(low, high, _l("From %(min)s to %(max)s."))
    return IntegerField(label, [InputRequired(wrong), in_range], invalid_value_message=wrong)


def grouped_or_none(label: str, low: int, high: int) -> GroupedField:
    """May be left empty: None."""
    wrong, outside = _l("Enter a whole number."), _l("From %(min)s to %(max)s.")
    return GroupedField(label, [Optional(), InRange(low, high, outside)], invalid_value_message=wrong)


def choice(label: str, words: Mapping[str, str], **more: Any) -> SelectField:
    """A list to choose from: code → word."""
    choices = [SelectChoice(value, word) for value, word in words.items()]
    return SelectField(label, choices=choices, invalid_choice_message=_l("Choose one of these."), **more)


def e164(typed: str) -> str:
    """A Vietnamese number as people type it, as the settings document keeps it; the box says what is wrong with it."""
    digits = re.sub(r"[\s\u00a0.()/-]+", "", typed)
    if digits.startswith("00"):
        return "+" + digits[2:]
    if digits.startswith("0"):
        return "+84" + digits[1:]
    return "+" + digits if digits.startswith("84") and len(digits) > SHORTEST_WITH_CODE else digits
