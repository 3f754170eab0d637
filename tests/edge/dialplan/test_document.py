"""Keys that mean nothing are found wherever they stand; every key of a real document is known."""

from __future__ import annotations

import msgspec
import pytest

from edge.dialplan.billing import Billing, BundlePurchase
from edge.dialplan.document import unknown_keys
from edge.dialplan.limits import FraudGuard, Limit, LimitPeriod, LimitScope, Spending
from edge.dialplan.settings import Extension, Settings
from edge.telephony import PhoneNumber

FULL = Settings(
    spending=Spending(
        limits=(Limit(LimitScope.COMPANY, LimitPeriod.DAY, vnd=5),),
        fraud_guard=FraudGuard(alarm_mobile=PhoneNumber("+84903999000")),
    ),
    billing=Billing(bundles=(BundlePurchase("+84901234567", 8, "2026-11-05T08:00:00+07:00"),)),
    extensions=(Extension("512", "Kho", PhoneNumber("+84903000512")),),
)


def test_every_key_of_a_document_is_known() -> None:
    assert list(unknown_keys(msgspec.to_builtins(FULL), Settings)) == []


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        ({"spendign": {}}, ["spendign"]),
        ({"spending": {"limits": [{}, {"vnd": 1, "vdn": 2}]}}, ["spending.limits[1].vdn"]),
        ({"extensions": [{"pim": "1234"}], "menu": {"try": 3}}, ["extensions[0].pim", "menu.try"]),
        ({"spending": {"barring": {"allowed": ["+4420"], "open": True}}}, ["spending.barring.open"]),
        ({"spending": 7, "extensions": "none", "menu": None}, []),
    ],
)
def test_a_key_that_means_nothing_is_named_with_its_path(document: dict[str, object], paths: list[str]) -> None:
    assert list(unknown_keys(document, Settings)) == paths
