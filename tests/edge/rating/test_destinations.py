"""The destination table laid over a tariff's text, and the text that is written for it."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rating.command import load_plans
from edge.rating.destinations import (
    DestinationRow,
    destinations_text,
    parse_destinations,
    to_toml,
    with_destinations,
)
from edge.rating.tariff import Offer

words = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
leaves = st.booleans() | st.integers(-(2**60), 2**60) | words | st.dates()
lists = st.lists(leaves, max_size=3) | st.lists(st.dictionaries(words, leaves, max_size=3), max_size=3)
documents = st.recursive(
    st.dictionaries(words, leaves | lists, max_size=4),
    lambda inner: st.dictionaries(words, inner | leaves, max_size=4),
    max_leaves=12,
).filter(lambda value: isinstance(value, dict))


@given(documents)
def test_a_document_reads_back_equal(document: dict) -> None:
    assert tomllib.loads(to_toml(document)) == document


def test_the_shipped_tariffs_read_back_equal(texts: dict[str, str]) -> None:
    for name in (name for name in texts if name.endswith(".toml")):
        assert tomllib.loads(to_toml(tomllib.loads(texts[name]))) == tomllib.loads(texts[name])


def test_rows_override_the_prefixes_that_they_name_and_no_others(texts: dict[str, str]) -> None:
    text = texts["onecontact-2019.toml"]
    rows = [
        DestinationRow("onecontact-2019", Offer.PREFERRED, "Japan", "81"),
        DestinationRow("onecontact-2019", Offer.EXCLUDED, "Canada, east", "1902"),
        DestinationRow("3c", Offer.IDD, "France", "33"),
    ]
    before = load_plans(texts)["onecontact-2019"].versions[0].international
    after = load_plans(texts | {"onecontact-2019.toml": with_destinations(text, rows)})
    found = after["onecontact-2019"].versions[0].international
    assert before is not None
    assert found is not None
    changed = {prefix for prefix in found.destinations if found.destinations[prefix] != before.destinations.get(prefix)}
    assert changed == {"81", "1902"}
    assert set(before.destinations) < set(found.destinations)
    assert found.destinations["1902"].name == "Canada, east"


def test_a_file_that_no_row_concerns_stays_as_it_is(texts: dict[str, str]) -> None:
    row = DestinationRow("onecontact-2019", Offer.PREFERRED, "Japan", "81")
    assert with_destinations(texts["3c.toml"], [row]) is texts["3c.toml"]
    assert with_destinations(texts["ekyc.toml"], [row]) is texts["ekyc.toml"]


@pytest.mark.parametrize("name", ["Japan", "Bosnia, and", 'the "best"', "a;b", "#1"])
def test_the_table_reads_back_equal(name: str, texts: dict[str, str]) -> None:
    rows = [DestinationRow("onecontact-2019", offer, name, f"9{n}") for n, offer in enumerate(Offer, 1)]
    assert parse_destinations(destinations_text(rows), "x", load_plans(texts)) == rows
