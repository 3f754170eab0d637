"""The bytes of a file that somebody made → its text, or the one line that says where it is no text."""

from __future__ import annotations

from edge.rating.errors import RatingInputError


def text_from(data: bytes, name: str) -> str:
    """UTF-8; a byte order mark is left out. Lines end as they were written: a lone CR ends none.

    Raises RatingInputError naming file (`name`), line and byte.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # After a mark, decoding counts from behind it; the text around the fault is found by its own bytes.
        start = error.start + (len(data) - len(error.object))
        line = data.count(b"\n", 0, start) + 1
        raise RatingInputError(f"{name}: line {line}: byte {start} of the file is not UTF-8") from error
