"""The comma-separated fields of a response line (V.250 §5.4.2): quotes may hold commas, blanks may stand anywhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldText:
    """One parameter as written."""

    text: str
    quoted: bool = False

    def number(self) -> int | None:
        """The decimal value, or None where the field is empty or no number."""
        try:
            return int(self.text)
        except ValueError:
            return None


def after_prefix(line: str, prefix: str) -> str:
    """What follows `+CREG:` in `+CREG: 0,1`; the line itself where the prefix is missing."""
    return line[len(prefix) :].strip() if line.startswith(prefix) else line.strip()


def split_fields(text: str) -> list[FieldText]:
    """`1,"a,b",,145` → four fields. An unclosed quote runs to the end of the line."""
    fields: list[FieldText] = []
    current: list[str] = []
    in_quotes = quoted = False
    for character in text:
        if character == '"':
            in_quotes = not in_quotes
            quoted = True
        elif character == "," and not in_quotes:
            fields.append(_field(current, quoted))
            current, quoted = [], False
        else:
            current.append(character)
    fields.append(_field(current, quoted))
    return fields


def _field(characters: list[str], quoted: bool) -> FieldText:
    text = "".join(characters)
    return FieldText(text if quoted else text.strip(), quoted)


def field_at(fields: list[FieldText], index: int) -> FieldText:
    """The field, or an empty one: trailing parameters are optional in every response."""
    return fields[index] if index < len(fields) else FieldText("")
