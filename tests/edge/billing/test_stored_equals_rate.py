"""At every moment the stored charges are those that `tongdai rate` gives for `tongdai usage`: under any order of ends,
messages, crashes, plans by month and bundles; and after `rerate` under any imported table as well.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.billing import Biller
from edge.billing.imports import signed, take
from edge.billing.rerate import reckon
from edge.billing.usage import stored_usage, to_month
from edge.boot import open_stores, recover
from edge.dialplan.billing import Billing, BundlePurchase, PlanChoice
from edge.dialplan.settings import Settings
from edge.places import Places
from edge.rating.command import run_rate
from edge.store.ledger import Ledger
from edge.store.messages import MessageUsage
from edge.store.usage_rows import open_for_reading
from edge.telephony import ClockSource, LineId, MessageId, Moment, PhoneNumber, Service
from tests.edge.billing.paper_calls import EMPLOYEE, HOTLINE, JAPAN, OFF_NET, ON_NET, SECOND, at, call, leg

MONTHS = ("2026-10", "2026-11", "2026-12")
BILLINGS = {
    "one plan": Billing(),
    "a plan by month": Billing(
        plans=(PlanChoice("onecontact-2019", "0001-01"), PlanChoice("3c", "2026-11"), PlanChoice("ekyc", "2026-12"))
    ),
    "bundles": Billing(
        plans=(PlanChoice("3c", "0001-01"),),
        bundles=(
            BundlePurchase(HOTLINE, 8, "2026-10-30T12:00:00+07:00", "renew"),
            BundlePurchase(SECOND, 1, "2026-11-02T00:00:00+07:00", "tiers", auto_renew=False),
        ),
    ),
}
TABLES = [
    ("ported", "number,operator,since\n0912000222,MobiFone,2026-11-02\n"),
    ("ported", "number,operator\n0903000222,Viettel\n"),
    ("idd", "prefix,vnd_per_min\n81,4000\n"),
    ("destinations", "plan,offer,name,prefix\nonecontact-2019,preferred,Japan,81\n"),
    ("operators", "prefix,operator\n091,MobiFone\n"),
]
instants = st.builds(
    lambda day, seconds: at(day) + seconds,
    st.sampled_from(["2026-10-31T23:59", "2026-11-02T00:00", "2026-11-02T00:00", "2026-12-01T08:00"]),
    st.floats(-90_000, 90_000, allow_nan=False).map(lambda value: round(value, 3)),
)
numbers = st.sampled_from([ON_NET, OFF_NET, OFF_NET, JAPAN, PhoneNumber("113")])
services = st.sampled_from([each for each in Service if each is not Service.CONFERENCE])
lengths = st.sampled_from([0.0, 0.4, 59.999, 30_000.5, 59_000.0, 61_000.0, 240_000.0]) | st.floats(1, 90_000)
"""Seconds; the first tier ends at 60 000, the second at 300 000."""


class Company(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="charges-"))
        self.next_call = self.next_message = 1
        self.frozen: dict[str, dict[str, Any]] = {}
        """Charges as they stood when tables changed; empty when none is pending."""
        self.stores = open_stores(Places.at(self.folder), "box")
        self.biller = Biller()

    def teardown(self) -> None:
        self.stores.close()
        shutil.rmtree(self.folder)

    @property
    def ledger(self) -> Ledger:
        return self.stores.ledger

    @initialize(kind=st.sampled_from(sorted(BILLINGS)))
    def decide(self, kind: str) -> None:
        self.billing = BILLINGS[kind]
        self.stores.settings.save(Settings(billing=self.billing), "test", "test", 1.0)
        self.biller.use(self.ledger, at("2026-11-15T12:00"), billing=self.billing)

    @rule(drawn=st.lists(st.tuples(instants, lengths), min_size=3, max_size=8))
    def hotline_is_busy(self, drawn: list[tuple[float, float]]) -> None:
        """Outside calls of one hotline: tiers fill up, and calls end in another order than they were answered."""
        for answered, seconds in drawn:
            self.call_ends(answered, seconds, OFF_NET, Service.OUTBOUND, HOTLINE, dies=False)

    @rule(
        answered=st.one_of(instants, instants, instants, st.none()),
        seconds=lengths,
        number=numbers,
        service=services,
        hotline=st.sampled_from([HOTLINE, HOTLINE, HOTLINE, HOTLINE, SECOND, None]),
        dies=st.sampled_from([False, False, False, True]),
    )
    def call_ends(
        self,
        answered: float | None,
        seconds: float,
        number: PhoneNumber,
        service: Service,
        hotline: PhoneNumber | None,
        *,
        dies: bool,
    ) -> None:
        name, self.next_call = self.next_call, self.next_call + 1
        first = leg(f"c{name}.1", answered, seconds + 9, number=EMPLOYEE, service=Service.INBOUND, hotline=HOTLINE)
        second = leg(f"c{name}.2", answered, seconds, number=number, service=service, hotline=hotline)
        cdr = call(name, first, second)
        now = Moment(0.0, cdr.ended)
        if dies:
            self.ledger.save_open_cdr(cdr, now)
        else:
            self.ledger.close_cdr(cdr, self.biller.charges_for(cdr, self.ledger), now)

    @rule(sent=instants, parts=st.integers(1, 4), number=numbers, to_extension=st.booleans())
    def message_goes(self, sent: float, parts: int, number: PhoneNumber, to_extension: bool) -> None:
        name, self.next_message = MessageId(f"m{self.next_message}"), self.next_message + 1
        usage = MessageUsage(HOTLINE, parts, "513" if to_extension else None)
        now, line = Moment(0.0, sent), LineId("gsm-1")
        self.ledger.messages.add_sending(name, line, number, "x", "test", None, now, ClockSource.NTP, usage)
        self.ledger.note_message(
            name,
            sent=True,
            reason=None,
            now=now,
            charges=lambda used: self.biller.charges_for_message(used, self.ledger),
        )

    @rule()
    def power_cut(self) -> None:
        self.stores.close()
        self.stores = open_stores(Places.at(self.folder), "box")
        self.biller = Biller()
        recover(self.stores, self.biller, [], Moment(0.0, at("2026-11-20T12:00")), ClockSource.NTP)

    @precondition(lambda self: not self.frozen)
    @rule(table=st.sampled_from(TABLES))
    def table_is_imported(self, table: tuple[str, str]) -> None:
        self.frozen = self.stored()
        taken = take(self.biller.contract.tables, *table, "table.csv")
        self.ledger.rate_tables.add(signed(taken.stored, 1.0, "test"))
        self.biller.use(self.ledger, at("2026-11-15T12:00"), taken.tables)

    @precondition(lambda self: self.frozen)
    @rule()
    def rerate(self) -> None:
        with closing(open_for_reading(self.folder / "box.db")) as connection:
            made = reckon(connection, to_month("2026-01"))
            now = Moment(0.0, at("2026-11-20T12:00"))
            self.ledger.revise_charges([change.row() for change in made.changes], now, made.basis)
            self.biller.reload(self.ledger, now.wall)
            again = reckon(connection, to_month("2026-01"))
        assert again.changes == []
        assert all(row["before_vnd"] == row["after_vnd"] for row in again.month_rows())
        self.frozen = {}

    def stored(self) -> dict[str, dict[str, Any]]:
        rows = self.ledger.database.conn.execute("SELECT leg, detail FROM charge ORDER BY leg, revision")
        return {row["leg"]: json.loads(row["detail"]) for row in rows}

    def rated_apart(self) -> dict[str, dict[str, Any]]:
        tables = self.biller.contract.tables
        usage: dict[str, str] = {}
        for month in MONTHS:
            plan = self.billing.plan_of(month)
            usage[plan] = usage.get(plan, "") + stored_usage(self.folder, month, month)
        found = {}
        for plan, text in usage.items():
            bundles = json.dumps([asdict(each) for each in self.billing.bundles]) if plan == "3c" else None
            rows = run_rate(plan, text, "usage", tables.texts, tables.ported_text, tables.idd_text, bundles)
            found |= {row["id"]: row for row in map(json.loads, rows)}
        return found

    @invariant()
    def stored_charges_are_those_of_the_command(self) -> None:
        if not hasattr(self, "billing"):
            return
        apart = self.rated_apart()
        for name, charge in self.stored().items():
            if charge["rule"].endswith("none/none"):
                assert charge["amount_vnd"] is None
                assert name not in apart
            else:
                assert charge == apart[name] or (self.frozen and charge == self.frozen.get(name)), name


TestCompany = Company.TestCase
TestCompany.settings = hypothesis_settings(max_examples=10, stateful_step_count=10, deadline=None)
