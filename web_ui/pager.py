"""Long lists by pages: which rows are shown, and the addresses of the pages beside."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

LAST_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Pager:
    page: int
    rows: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.rows))

    @property
    def first(self) -> int:
        return min(self.total, (self.page - 1) * self.rows + 1)

    @property
    def last(self) -> int:
        return min(self.total, self.page * self.rows)

    def address(self, page: int) -> str:
        """The address of another page of the same search."""
        kept = [(name, value) for name, value in request.args.items() if value and name != "page"]
        return f"{request.path}?{urlencode([*kept, ('page', str(page))])}"


def page_number(pages: int) -> int:
    """The page that the address asks for, or the nearest one that there is."""
    text = request.args.get("page", "1")
    wanted = max(1, min(LAST_PAGE, int(text))) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    return min(wanted, max(1, pages))
