"""Stored rows as usage records: the quick way and the way by the text of a usage file say the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.billing import Biller
from edge.billing.usage import month_of, record_of, stored_usage, usage_object, usage_of
from edge.rating.errors import UsageError
from edge.rating.instant import Month
from edge.store.errors import StoreMissing
from edge.store.ledger import Ledger
from edge.store.usage_rows import SentMessage, Used, UsedLeg
from edge.telephony import MessageId, Moment, PhoneNumber, Service
from tests.edge.billing.paper_calls import EMPLOYEE, HOTLINE, OFF_NET, at, call, leg

instants = st.none() | st.floats(-1e6, 5e9) | st.floats(1.79e9, 1.8e9).map(lambda value: round(value, 3))
legs = st.builds(
    lambda answered, seconds, number, service, hotline, caller: UsedLeg.of(
        leg("c1.1", answered, seconds, number=number, service=service, hotline=hotline), caller
    ),
    instants,
    st.floats(-1, 2e6) | st.integers(0, 100).map(float),
    st.sampled_from([OFF_NET, EMPLOYEE, PhoneNumber("113"), PhoneNumber("+81312345678"), None]),
    st.sampled_from(Service),
    st.sampled_from([HOTLINE, PhoneNumber("0901234567"), PhoneNumber("x"), None]),
    st.sampled_from([EMPLOYEE, None]),
)


def read(reader: object, item: Used) -> object:
    try:
        return reader(item)  # type: ignore[operator]
    except UsageError as error:
        return str(error)


@given(legs)
def test_the_quick_way_is_the_strict_way(item: UsedLeg) -> None:
    assert read(record_of, item) == read(usage_of, item)


def test_an_internal_leg_names_who_called() -> None:
    """Plan 3c prices it by both ends."""
    internal = UsedLeg.of(leg("c1.2", at("2026-11-03T09:15"), service=Service.INTERNAL), EMPLOYEE)
    outbound = UsedLeg.of(leg("c1.2", at("2026-11-03T09:15"), service=Service.OUTBOUND), EMPLOYEE)
    assert usage_object(internal)["from"]["number"] == EMPLOYEE
    assert usage_object(outbound)["from"]["number"] is None


def test_a_message_to_an_extension() -> None:
    sent = SentMessage(MessageId("m5"), HOTLINE, EMPLOYEE, 2, "512", at("2026-11-03T09:15"))
    assert usage_object(sent) == {
        "id": "m5",
        "kind": "sms",
        "hotline": HOTLINE,
        "at": "2026-11-03T09:15:00+07:00",
        "parts": 2,
        "to": {"party": "extension", "endpoint": "mobile", "number": EMPLOYEE, "extension": "512"},
    }


@pytest.mark.parametrize(
    ("local", "month"),
    [("2026-10-31T23:59:59.999", Month(2026, 10)), ("2026-11-01T00:00", Month(2026, 11))],
)
def test_the_month_is_that_of_vietnam(local: str, month: Month) -> None:
    assert month_of(UsedLeg.of(leg("c1.2", at(local)), None)) == month


def test_months_are_cut_exactly(tmp_path: Path) -> None:
    biller = Biller()
    with Ledger(tmp_path / "box.db", "box", "boot") as ledger:
        days = ["2026-10-31T23:59:59.999", "2026-11-01T00:00", "2026-11-30T23:59:59.500", "2026-12-01T00:00"]
        for number, day in enumerate(days, 1):
            cdr = call(number, leg(f"c{number}.1", at(day)))
            ledger.close_cdr(cdr, biller.charges_for(cdr, ledger), Moment(0.0, cdr.ended))

        def ids(first: str | None, last: str | None) -> list[str]:
            return [json.loads(line)["id"] for line in stored_usage(tmp_path, first, last).splitlines()]

        assert ids("2026-11", "2026-11") == ["c2.1", "c3.1"]
        assert ids(None, "2026-11") == ["c1.1", "c2.1", "c3.1"]
        assert ids("2026-12", None) == ["c4.1"]
        assert len(ids(None, None)) == 4


def test_a_directory_without_a_box_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="no box has run there"):
        stored_usage(tmp_path)
