"""Pages of A4 with headings and tables, drawn straight onto the canvas: 60 000 rows are drawn in seconds.

Knows nothing of statements. A table goes over as many pages as it needs and repeats its header row on each; a text that
is too long for its cell is cut with an ellipsis, a note under a row is wrapped. The same input gives the same bytes.

The font is DejaVu Sans (Debian: fonts-dejavu-core), which has all Vietnamese letters; what is typed in decomposed form
is composed before it is drawn.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

FONT_FOLDERS = (Path("/usr/share/fonts/truetype/dejavu"), Path("/usr/share/fonts/dejavu"))
_REGULAR, _BOLD = "DejaVuSans", "DejaVuSans-Bold"
_WIDTH_PT, _HEIGHT_PT = A4
_MARGIN_PT = 36.0
_TOP_PT = _HEIGHT_PT - _MARGIN_PT
_BOTTOM_PT = _MARGIN_PT + 18.0
_INK, _PALE, _RULE, _MARK = Color(0, 0, 0), Color(0.4, 0.4, 0.4), Color(0.75, 0.75, 0.75), Color(0.7, 0.1, 0.1)
_WASHED = Color(0.7, 0.1, 0.1, alpha=0.08)

SIZE_PT = 8.0
USABLE_PT = _WIDTH_PT - 2 * _MARGIN_PT


class FontMissing(Exception):
    """The font of the statements is not installed; the message says how to install it."""


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    width_pt: float
    right: bool = False
    """Aligned to the right: amounts."""


@cache
def _load_fonts() -> None:
    """Once per process. Raises `FontMissing`."""
    for name in (_REGULAR, _BOLD):
        found = next((folder / f"{name}.ttf" for folder in FONT_FOLDERS if (folder / f"{name}.ttf").exists()), None)
        if found is None:
            raise FontMissing(f"{name}.ttf is not in {FONT_FOLDERS[0]}: apt-get install fonts-dejavu-core")
        try:
            registerFont(TTFont(name, str(found)))
        except TTFError as error:
            raise FontMissing(
                f"{found} cannot be read: {error}; apt-get install --reinstall fonts-dejavu-core"
            ) from error


class Sheet:
    """`page_words`: "Trang {page}/{pages}"; `mark`: a word across every page, or "". Raises `FontMissing`."""

    def __init__(self, title: str, author: str, page_words: str, mark: str = "") -> None:
        _load_fonts()
        self._buffer = io.BytesIO()
        self._canvas = Canvas(self._buffer, pagesize=A4, pageCompression=1, invariant=1)
        self._canvas.setTitle(_composed(title))
        self._canvas.setAuthor(_composed(author))
        self._title = _composed(title)
        self._page_words = page_words
        self._mark = _composed(mark)
        self._size_pt = SIZE_PT
        self._columns: Sequence[Column] = ()
        self._y_pt = _TOP_PT
        self._page = 0
        self._new_page()

    def finish(self) -> bytes:
        """The PDF; nothing can be drawn afterwards."""
        self._end_page()
        self._canvas.beginForm("pages")
        self._canvas.setFont(_REGULAR, 7)
        self._canvas.setFillColor(_PALE)
        self._canvas.drawString(0, 0, f"{self._page}{self._page_words.partition('{pages}')[2]}")
        self._canvas.endForm()
        self._canvas.save()
        return self._buffer.getvalue()

    # --- text -----------------------------------------------------------------------------------------------------

    def heading(self, text: str, size_pt: float = 11.0) -> None:
        """Never alone at the foot of a page."""
        self._columns, self._size_pt = (), SIZE_PT
        self._room(size_pt * 5)
        self._y_pt -= size_pt * 1.7
        self._draw(_MARGIN_PT, text, _BOLD, size_pt)
        self._y_pt -= size_pt * 0.5

    def pairs(self, rows: Sequence[tuple[str, str]], label_pt: float = 110.0) -> None:
        """Labels with their texts; a text of several lines keeps them."""
        for label, text in rows:
            self._room(12)
            self._y_pt -= 12
            self._draw(_MARGIN_PT, label, _REGULAR, self._size_pt, _PALE)
            self._wrapped(text, _MARGIN_PT + label_pt, USABLE_PT - label_pt, self._size_pt, _INK)

    def paragraph(self, text: str) -> None:
        self._room(14)
        self._y_pt -= 14
        self._wrapped(text, _MARGIN_PT, USABLE_PT, self._size_pt, _INK)

    # --- tables ---------------------------------------------------------------------------------------------------

    def table(self, columns: Sequence[Column], size_pt: float = SIZE_PT) -> None:
        """The rows that follow stand under these columns, which together are `USABLE_PT` wide."""
        self._columns = ()
        self._room(36)
        self._size_pt = size_pt
        self._columns = columns
        self._header()

    def row(self, cells: Sequence[str], *, bold: bool = False, note: str = "") -> None:
        """`note` stands under the cells, small, over the whole width."""
        notes = _split(note, _REGULAR, self._size_pt - 1.5, USABLE_PT - 8) if note else []
        height_pt = self._size_pt * 1.6 + len(notes) * self._size_pt * 1.1
        self._room(height_pt)
        self._y_pt -= self._size_pt * 1.35
        self._cells(cells, _BOLD if bold else _REGULAR, _INK)
        for line in notes:
            self._y_pt -= self._size_pt * 1.1
            self._draw(_MARGIN_PT + 8, line, _REGULAR, self._size_pt - 1.5, _PALE)
        self._y_pt -= self._size_pt * 0.35
        self._rule(0.25)

    def _header(self) -> None:
        self._y_pt -= self._size_pt * 1.5
        self._cells([column.title for column in self._columns], _BOLD, _INK)
        self._y_pt -= self._size_pt * 0.4
        self._rule(0.8)

    def _cells(self, cells: Sequence[str], font: str, color: Color) -> None:
        x_pt = _MARGIN_PT
        for column, cell in zip(self._columns, cells, strict=True):
            if cell:
                fitted = _fitted(_composed(cell), font, self._size_pt, column.width_pt - 4)
                indent_pt = column.width_pt - _width(fitted, font, self._size_pt) if column.right else 0.0
                self._draw(x_pt + indent_pt, fitted, font, self._size_pt, color)
            x_pt += column.width_pt

    # --- inside ---------------------------------------------------------------------------------------------------

    def _room(self, height_pt: float) -> None:
        if self._y_pt - height_pt < _BOTTOM_PT:
            self._end_page()
            self._new_page()
            if self._columns:
                self._header()

    def _new_page(self) -> None:
        self._page += 1
        self._y_pt = _TOP_PT
        self._text = self._canvas.beginText()
        self._pen: tuple[str, float, Color] | None = None
        self._rules: dict[float, list[tuple[float, float, float, float]]] = {}
        if self._mark:
            self._canvas.saveState()
            self._canvas.translate(_WIDTH_PT / 2, _HEIGHT_PT / 2)
            self._canvas.rotate(50)
            self._canvas.setFont(_BOLD, 80)
            self._canvas.setFillColor(_WASHED)
            self._canvas.drawCentredString(0, 0, self._mark)
            self._canvas.restoreState()

    def _end_page(self) -> None:
        """The foot: mark and title on the left, page of pages on the right. The number of pages is known at the end."""
        canvas, y_pt = self._canvas, _MARGIN_PT
        canvas.drawText(self._text)
        canvas.setStrokeColor(_RULE)
        for width_pt, rules in self._rules.items():
            canvas.setLineWidth(width_pt)
            canvas.lines(rules)
        canvas.setFont(_REGULAR, 7)
        title_pt = _MARGIN_PT
        if self._mark:
            canvas.setFillColor(_MARK)
            canvas.drawString(title_pt, y_pt, self._mark)
            title_pt += _width(self._mark, _REGULAR, 7) + 6
        canvas.setFillColor(_PALE)
        canvas.drawString(title_pt, y_pt, _fitted(self._title, _REGULAR, 7, USABLE_PT - title_pt - 40))
        x_pt = _WIDTH_PT - _MARGIN_PT - 22
        canvas.drawRightString(x_pt, y_pt, self._page_words.partition("{pages}")[0].format(page=self._page))
        canvas.saveState()
        canvas.translate(x_pt, y_pt)
        canvas.doForm("pages")
        canvas.restoreState()
        canvas.showPage()

    def _rule(self, width_pt: float) -> None:
        self._rules.setdefault(width_pt, []).append((_MARGIN_PT, self._y_pt, _WIDTH_PT - _MARGIN_PT, self._y_pt))

    def _wrapped(self, text: str, x_pt: float, width_pt: float, size_pt: float, color: Color) -> None:
        for number, line in enumerate(_split(text, _REGULAR, size_pt, width_pt)):
            if number:
                self._room(size_pt * 1.4)
                self._y_pt -= size_pt * 1.4
            self._draw(x_pt, line, _REGULAR, size_pt, color)

    def _draw(self, x_pt: float, text: str, font: str, size_pt: float, color: Color = _INK) -> None:
        """Onto the page's one text object; font and colour are only said when they change."""
        if self._pen != (font, size_pt, color):
            self._text.setFont(font, size_pt)
            self._text.setFillColor(color)
            self._pen = (font, size_pt, color)
        self._text.setTextOrigin(x_pt, self._y_pt)
        self._text.textOut(text)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


class _Widths(dict[str, float]):
    """Letter → its width in ems, looked up once."""

    def __init__(self, font: str) -> None:
        super().__init__()
        self._font = font

    def __missing__(self, letter: str) -> float:
        width = self[letter] = float(stringWidth(letter, self._font, 1.0))
        return width


@cache
def _widths(font: str) -> _Widths:
    return _Widths(font)


def _width(text: str, font: str, size_pt: float) -> float:
    """As `stringWidth`, several times as quick."""
    return size_pt * sum(map(_widths(font).__getitem__, text))


def _fitted(text: str, font: str, size_pt: float, width_pt: float) -> str:
    """The text, cut with an ellipsis where it is too long."""
    if _width(text, font, size_pt) <= width_pt:
        return text
    while text and _width(f"{text}…", font, size_pt) > width_pt:
        text = text[:-1]
    return f"{text}…"


def _split(text: str, font: str, size_pt: float, width_pt: float) -> list[str]:
    """Lines that fit; a word longer than a line is cut."""
    lines: list[str] = []
    for paragraph in _composed(text).splitlines() or [""]:
        if _width(paragraph, font, size_pt) <= width_pt:
            lines.append(paragraph)
            continue
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if line and _width(longer, font, size_pt) > width_pt:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return [_fitted(line, font, size_pt, width_pt) for line in lines]
