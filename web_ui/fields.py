"""Form fields as people here write: a decimal comma is as good as a point, and 7 is not shown as 7.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import FloatField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from web_ui.i18n import lazy_gettext as _l


class DecimalField(FloatField):  # type: ignore[misc]
    def process_formdata(self, values: list[str]) -> None:
        super().process_formdata([value.strip().replace(",", ".") for value in values])

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:g}"


def decimal(label: str, low: float, high: float, message: str) -> DecimalField:
    """`message` says the range, with %(min)s and %(max)s."""
    wrong = _l("Enter a number.")
    return DecimalField(label, [InputRequired(wrong), NumberRange(low, high, message)], invalid_value_message=wrong)


def whole(label: str, low: int, high: int) -> IntegerField:
    wrong = _l("Enter a whole number.")
    in_range = NumberRange(low, high, _l("From %(min)s to %(max)s."))
    return IntegerField(label, [InputRequired(wrong), in_range], invalid_value_message=wrong)


def choice(label: str, words: Mapping[str, str], **more: Any) -> SelectField:
    """A list to choose from: code → word."""
    choices = [SelectChoice(value, word) for value, word in words.items()]
    return SelectField(label, choices=choices, invalid_choice_message=_l("Choose one of these."), **more)
