"""The document on its way into the store and out of it, and what the summary leaves out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.api.queries import StoreAbsent
from edge.api.statements import DETAILS, Details, closed_month, listed, pack, summary, unpack
from tests.edge.api.statement_documents import document, item


@given(calls=st.integers(0, 7), first=st.integers(1, 9), count=st.integers(0, 9))
def test_details_piece_by_piece(calls: int, first: int, count: int) -> None:
    made = document(items=[item(number, why={"vi": "Vì sao", "en": "Why"}) for number in range(calls)])
    details = Details(json.dumps(made, ensure_ascii=False).encode())
    assert len(details) == calls
    assert details.items(first, first + count - 1) == made["items"][first - 1 : first - 1 + count]
    assert details.corrected == made["corrected"]


@given(why=st.text(max_size=40), calls=st.integers(0, 5))
def test_what_is_packed_comes_back(why: str, calls: int) -> None:
    made = document(items=[item(number, why={"vi": why, "en": why}) for number in range(calls)])
    assert unpack(pack(made)) == made


def test_a_month_of_60_000_calls_is_a_few_megabytes() -> None:
    items = [item(number, billed_s=number % 900, amount_vnd=number % 13_000) for number in range(6_000)]
    made = document(items=items)
    assert len(pack(made)) < len(json.dumps(made)) / 10


def test_the_summary_has_no_single_call() -> None:
    made = summary(document())
    assert not set(DETAILS) & set(made)
    assert "+84912000222" not in json.dumps(made)
    assert unpack(pack(made)) == made | {"items": [], "corrected": []}


def test_where_no_box_has_run(tmp_path: Path) -> None:
    with pytest.raises(StoreAbsent):
        listed(tmp_path)
    with pytest.raises(StoreAbsent):
        closed_month(tmp_path, "2026-11")
