"""A box on paper for tests of statements: a real ledger, charges by `tongdai rate` over all that is stored.

After every change the stored charges are those of the rater over the whole usage, as the box promises; what differs
from that is the tests' to make (`rerate` with other tables).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from edge.billing.draw import reckon_to_close
from edge.billing.shipped import shipped_tariffs
from edge.billing.statements import Books
from edge.dialplan.billing import Billing, PlanChoice
from edge.dialplan.settings import Company, Extension, Settings
from edge.rating.command import run_rate
from edge.rating.invoice_command import parse_period
from edge.rating.leg import FinishedLeg, instant_text, usage_from_leg
from edge.rating.statement_due import Kind
from edge.store.ledger import Ledger
from edge.store.messages import MessageUsage
from edge.store.schema import LEDGER_FILE
from edge.store.settings_history import SettingsHistory
from edge.store.statements import StatementTable
from edge.store.usage_rows import open_for_reading
from edge.telephony import (
    CallId,
    Cause,
    Cdr,
    CdrLeg,
    ClockSource,
    Direction,
    Disposition,
    EndedBy,
    LegId,
    LineId,
    MessageId,
    Moment,
    PhoneNumber,
    Service,
)

HOTLINE = "+84901234567"
SECOND = "+84937654321"
ON_NET, OFF_NET, GERMANY, FRANCE = "+84903000222", "+84912000222", "+4930123456", "+33612345678"


def seconds(local: str) -> float:
    """POSIX seconds of a local time: 2026-11-03T09:15 or with seconds."""
    return datetime.fromisoformat(f"{local}+07:00").timestamp()


class PaperBox:
    def __init__(self, folder: Path, plan: str = "onecontact-2019", **billing: Any) -> None:
        self.folder = folder
        self.plan = plan
        self.tariffs = shipped_tariffs()
        self.idd = "prefix,vnd_per_min\n33,3600\n"
        self.ledger = Ledger(folder / LEDGER_FILE, "box-7", "boot")
        self.settings = SettingsHistory(self.ledger, lambda _: None)
        self.billing = Billing(plans=(PlanChoice(plan, "0001-01"),), **billing)
        self.usage: list[dict[str, Any]] = []
        self.calls = 0
        self.messages = 0

    def close(self) -> None:
        self.ledger.close()

    # --- the company ----------------------------------------------------------------------------------------------

    def decide(
        self, local: str, extensions: Sequence[str] = (), name: str = "Công ty Minh Hoạ", **billing: Any
    ) -> None:
        """A new revision of the settings. An extension "512:Kinh doanh" has a department."""
        self.billing = replace(self.billing, **billing)
        rows = []
        for written in extensions:
            number, _, department = written.partition(":")
            rows.append(Extension(number, f"Máy {number}", PhoneNumber(f"+84903000{number}"), department=department))
        made = Settings(company=Company(name=name), extensions=tuple(rows), billing=self.billing)
        self.settings.save(made, "test", "page", seconds(local))

    # --- usage ----------------------------------------------------------------------------------------------------

    def call(
        self,
        local: str | float,
        duration_s: float = 60,
        to: str = OFF_NET,
        *,
        extension: str | None = "512",
        hotline: str | None = HOTLINE,
        service: Service = Service.OUTBOUND,
        state: str = "closed",
        clock: ClockSource = ClockSource.NTP,
    ) -> str:
        """One call of one leg; returns the leg."""
        self.calls += 1
        answered = local if isinstance(local, float) else seconds(local)
        cdr = _cdr(self.calls, answered, duration_s, to, extension, hotline, service, clock)
        leg = cdr.legs[0]
        now = Moment(0.0, cdr.ended)
        if state == "open":
            self.ledger.save_open_cdr(cdr, now)
            return leg.leg
        if hotline is None:
            row = {"id": leg.leg, "status": "unrated", "amount_vnd": None, "billed_s": 0, "class": None}
            why = "the number of the SIM is not known: set it in tongdai.toml"
            self.ledger.close_cdr(cdr, [row | {"rule": f"{self.plan}/none/none", "parts": [], "why": why}], now)
        else:
            self.usage.append(usage_from_leg(_finished(leg)))
            self.ledger.close_cdr(cdr, [] if clock is ClockSource.NONE else self._charges(), now)
        return leg.leg

    def message(self, local: str, parts: int = 1, to: str = OFF_NET, *, extension: str | None = None) -> str:
        """One SMS that was sent."""
        self.messages += 1
        name, at = MessageId(f"m{self.messages}"), seconds(local)
        used = MessageUsage(PhoneNumber(HOTLINE), parts, extension)
        now = Moment(0.0, at)
        self.ledger.messages.add_sending(
            name, LineId("gsm-1"), PhoneNumber(to), "x", "test", None, now, ClockSource.NTP, used
        )
        called = {"party": "extension" if extension else "customer", "endpoint": "mobile", "number": to}
        when = instant_text(at)
        self.usage.append({"id": name, "kind": "sms", "hotline": HOTLINE, "at": when, "parts": parts, "to": called})
        self.ledger.note_message(name, sent=True, reason=None, now=now, charges=lambda _: self._charges())
        return name

    def rerate(self, at: str, tariffs: dict[str, str] | None = None) -> None:
        """All that is stored, by the tables given from now on."""
        self.tariffs = tariffs or self.tariffs
        self.ledger.revise_charges(self._charges(), Moment(0.0, seconds(at)))

    def charges(self) -> dict[str, int]:
        """What every rated item costs now."""
        return {row["id"]: row["amount_vnd"] for row in self._charges() if row["amount_vnd"] is not None}

    def _charges(self) -> list[dict[str, Any]]:
        text = "\n".join(map(json.dumps, self.usage))
        return [
            json.loads(row) for row in run_rate(self.plan, text, "usage", self.tariffs, None, self.idd, self.bought)
        ]

    @property
    def bought(self) -> str | None:
        rows = [
            {
                "hotline": one.hotline,
                "bundle": one.bundle,
                "activated_at": one.activated_at,
                "when_spent": one.when_spent,
                "auto_renew": one.auto_renew,
            }
            for one in self.billing.bundles
        ]
        return json.dumps(rows) if rows else None

    # --- statements -----------------------------------------------------------------------------------------------

    @contextmanager
    def books(self, now: str, numbers: Sequence[str] | None = None) -> Iterator[Books]:
        connection = open_for_reading(self.folder / LEDGER_FILE)
        try:
            yield Books(connection, seconds(now), numbers)
        finally:
            connection.close()

    def statement(self, month: str, now: str, numbers: Sequence[str] | None = None) -> dict[str, Any]:
        """A month as it stands."""
        with self.books(now, numbers) as books:
            return books.reckon(parse_period(month)).document

    def draw(
        self, month: str, now: str, kind: Kind = Kind.MONTH, numbers: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """Closes a month and returns its summary."""
        drawn = self.reckoned(month, now, kind, numbers)
        StatementTable(self.ledger.database, "box-7").close_month(drawn)
        return dict(drawn.summary)

    def reckoned(self, month: str, now: str, kind: Kind = Kind.MONTH, numbers: Sequence[str] | None = None) -> Any:
        return reckon_to_close(
            {
                "data": str(self.folder),
                "month": month,
                "kind": kind.value,
                "by": "test",
                "now": seconds(now),
                "numbers": None if numbers is None else list(numbers),
            }
        )


def fees_of(document: dict[str, Any]) -> int:
    """Set-up and monthly fees."""
    kinds = ("setup", "monthly", "rooms")
    return sum(row["amount_vnd"] for row in document["lines"] if row["code"].partition(".")[0] in kinds)


def line_amounts(document: dict[str, Any]) -> dict[str, int]:
    """Code → VND, hotlines together."""
    sums: dict[str, int] = {}
    for row in document["lines"]:
        sums[row["code"]] = sums.get(row["code"], 0) + row["amount_vnd"]
    return sums


def _cdr(
    number: int,
    answered: float,
    duration_s: float,
    to: str,
    extension: str | None,
    hotline: str | None,
    service: Service,
    clock: ClockSource,
) -> Cdr:
    call, inbound = CallId(f"c{number}"), service is Service.INBOUND
    sim = None if hotline is None else PhoneNumber(hotline)
    leg = CdrLeg(
        leg=LegId(f"{call}.1"),
        line=LineId("gsm-1"),
        hotline=sim,
        direction=Direction.IN if inbound else Direction.OUT,
        number=PhoneNumber(to),
        service=service,
        started=answered - 5,
        alerting=None,
        answered=answered,
        ended=answered + duration_s,
        duration_s=duration_s,
        cause=Cause.NORMAL_CLEARING,
        ended_by=EndedBy.FAR_END,
        calling_extension=None if inbound or service is Service.CONNECT else extension,
        called_extension=extension if service is Service.CONNECT else None,
    )
    return Cdr(
        call=call,
        caller=None,
        hotline=sim,
        called=PhoneNumber(to),
        extension=extension,
        started=answered - 10,
        hotline_answered=None,
        answered=answered,
        ended=answered + duration_s,
        duration_s=duration_s + 10,
        billable_s=duration_s,
        disposition=Disposition.ANSWERED,
        cause=Cause.NORMAL_CLEARING,
        legs=(leg,),
        clock=clock,
    )


def _finished(leg: CdrLeg) -> FinishedLeg:
    inbound = leg.direction is Direction.IN
    return FinishedLeg(
        leg.leg,
        leg.hotline or "",
        leg.service.value,
        leg.answered,
        leg.duration_s,
        leg.number if inbound else None,
        leg.calling_extension,
        leg.hotline if inbound else leg.number,
        leg.called_extension,
    )
