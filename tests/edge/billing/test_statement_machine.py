"""Whatever comes late and however often it is rated again: Σ statements = Σ current charges + fees, to the đồng.

After every step the closed statements and the next one, as it stands, are added up and compared with the invoices of
`tongdai invoice` over all usage of those months, plus the fees that the statements name.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from edge.api.statements import closed_month, listed
from edge.dialplan.billing import BundlePurchase
from edge.rating.command import NamedText
from edge.rating.instant import Month
from edge.rating.invoice_command import run_invoice
from edge.rating.statement_held import month_after
from tests.edge.billing.statement_box import (
    FRANCE,
    GERMANY,
    HOTLINE,
    OFF_NET,
    ON_NET,
    SECOND,
    PaperBox,
    fees_of,
    seconds,
)

FIRST = Month(2026, 7)
PRICES = ("900", "870", "600")


class _Statements(RuleBasedStateMachine):
    plan = "onecontact-2019"
    bought: tuple[BundlePurchase, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.box = PaperBox(Path(self._folder.name), plan=self.plan, bundles=self.bought)
        self.box.decide("2026-07-03T09:00", ["511", "512"])
        self.shipped = self.box.tariffs
        self.following = FIRST
        """The month that is open."""

    def teardown(self) -> None:
        self.box.close()
        self._folder.cleanup()

    @rule(
        month=st.integers(0, 5),
        minute=st.integers(0, 30 * 1440),
        duration_s=st.sampled_from([1, 59, 61, 4_000, 61_000, 400_000]),
        to=st.sampled_from([ON_NET, OFF_NET, FRANCE, GERMANY]),
        hotline=st.sampled_from([HOTLINE, SECOND]),
    )
    def a_call_is_recorded(self, month: int, minute: int, duration_s: int, to: str, hotline: str) -> None:
        """In the open month or, late, in one before it."""
        of = min(Month(2026, 7 + month), self.following)
        self.box.call(seconds(f"{of}-01T00:00") + minute * 60.0, duration_s, to, hotline=hotline)

    @rule(month=st.integers(0, 5), parts=st.integers(1, 3))
    def a_message_is_recorded(self, month: int, parts: int) -> None:
        of = min(Month(2026, 7 + month), self.following)
        self.box.message(f"{of}-15T10:00", parts)

    @rule(price=st.sampled_from(PRICES))
    def everything_is_rated_again(self, price: str) -> None:
        name = f"{self.plan}.toml"
        text = self.shipped[name].replace("vnd_per_min = 900", f"vnd_per_min = {price}")
        text = text.replace("vnd_per_min = 850", f"vnd_per_min = {min(850, int(price))}")
        self.box.rerate("2026-12-20T00:00", self.shipped | {name: text})

    @rule()
    def the_month_is_closed(self) -> None:
        if self.following < Month(2026, 12):
            self.box.draw(str(self.following), f"{month_after(self.following)}-01T00:05", numbers=[HOTLINE])
            self.following = month_after(self.following)

    @invariant()
    def statements_add_up(self) -> None:
        """The next statement as it stands belongs to it: corrections wait in it."""
        documents = [closed_month(self.box.folder, row["statement"]) for row in listed(self.box.folder)]
        open_one = self.box.statement(str(self.following), f"{self.following}-28T00:00", [HOTLINE])
        everything: list[dict[str, Any]] = [*(document for document in documents if document), open_one]
        invoiced = sum(document["total_vnd"] for document in everything)
        fees = sum(map(fees_of, everything))
        months = [document["period"]["month"] for document in everything]
        assert months == sorted(set(months))
        assert invoiced == fees + sum(self._usage_vnd(month) for month in months)
        for document in everything:
            assert document["total_vnd"] == sum(line["amount_vnd"] for line in document["lines"])
            hotlines = sum(one["total_vnd"] for one in document["hotlines"])
            assert document["total_vnd"] == hotlines + document["company_fees_vnd"]

    def _usage_vnd(self, month: str) -> int:
        usage = "".join(json.dumps(record) + "\n" for record in self.box.usage)
        bought = None if self.box.bought is None else NamedText("bundles", self.box.bought)
        nothing, idd = NamedText("subs", "{}"), NamedText("idd", self.box.idd)
        made = json.loads(run_invoice(self.plan, month, nothing, usage, "u", self.box.tariffs, None, idd, bought))
        return int(made["total_vnd"])


class _WithBundles(_Statements):
    """10 000 minutes off-net that begin again when they are spent: a late call may start a period in a closed month."""

    plan = "3c"
    bought = (BundlePurchase(HOTLINE, 8, "2026-07-05T00:00:00+07:00", when_spent="renew"),)


_QUICK = settings(max_examples=4, stateful_step_count=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_LONG = settings(_QUICK, max_examples=150, stateful_step_count=30)


@pytest.mark.parametrize("machine", [_Statements, _WithBundles])
def test_any_history_adds_up(machine: type[_Statements]) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(machine, settings=_QUICK)


@pytest.mark.campaign
@pytest.mark.parametrize("machine", [_Statements, _WithBundles])
def test_any_long_history_adds_up(machine: type[_Statements]) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(machine, settings=_LONG)
