"""What a box says about money, for the pages: spending, tables, statements, a comparison of plans."""

from __future__ import annotations

import copy
import json
from typing import Any

from edge.api.statements import Details, StatementFailed, summary

ADVICE = """
import json, sys
period, language = sys.argv[1:]
def choice(rank, plan, bundles, total, difference):
    return {"rank": rank, "plan": plan, "version": plan + "@2019-01-01", "bundles": bundles, "total_vnd": total,
            "fees_vnd": 360000, "voice_vnd": total - 360000, "sms_vnd": 0, "bundles_vnd": 0, "discount_vnd": 0,
            "unrated": 0, "vat": {"mode": "unspecified", "percent": 0, "amount_vnd": None},
            "difference_vnd": difference,
            "assumptions": ["Giả định <1>" if language == "vi" else "Assumption <1>"]}
bundle = {"hotline": "+84901234567", "bundle": 8, "when_spent": "tiers"}
print(json.dumps({"period": period, "calls": 1234, "choices": [
    choice(2, "onecontact-2019", [], 2000000, 0), choice(1, "3c", [], 1500000, -500000),
    choice(3, "3c", [bundle], 9500000, 7500000)]}))
"""
"""Answers as `tongdai advise` does."""


def used(scope: str, subject: str, percent: int, state: str, **more: Any) -> dict[str, Any]:
    row = {"scope": scope, "subject": subject, "period": "month", "at_end": "block", "vnd": 1_000_000, "minutes": None}
    row |= {"used_vnd": percent * 10_000, "used_s": percent * 60, "percent": percent, "state": state}
    return row | more


def spending() -> dict[str, Any]:
    fraud = {"hour_vnd": 120_000, "hourly_vnd": 1_000_000, "night_vnd": 0, "nightly_vnd": 300_000, "refused": 0}
    return {"limits": [], "fraud": fraud | {"barred_until": None}}


def fill(box: Any) -> None:
    """A company with something of everything: extensions of two departments, limits partly used, plans, a bundle."""
    document = copy.deepcopy(box.document)
    limit = {"scope": "extension", "period": "month", "subject": "", "minutes": None, "vnd": 1_000_000}
    limit |= {"warn_percent": [80, 90], "at_end": "block"}
    department = {"scope": "department", "subject": "Bán hàng", "minutes": 500, "vnd": 2_000_000, "at_end": "cut"}
    document["spending"]["limits"] = [limit, limit | department]
    extension = {"record": "off", "pin": "4711", "department": "Bán hàng"}
    document["extensions"] = [
        {"number": "512", "name": "Kinh doanh khu vực miền Bắc", "mobile": "+84903000512", **extension},
        {"number": "601", "name": "Kho", "mobile": "+84903000601", **extension, "department": "Kho vận"},
    ]
    bundle = {"hotline": "+84901234567", "bundle": 8, "activated_at": "2026-11-05T08:00:00+07:00"}
    document["billing"]["bundles"] = [bundle | {"when_spent": "tiers", "auto_renew": True, "auto_renew_off_at": None}]
    document["billing"]["plans"].append({"plan": "3c", "first_month": "2027-01"})
    box.revisions.append(({**box.revisions[-1][0], "revision": len(box.revisions) + 1}, document))
    box.spending["limits"] = [
        used("extension", "512", 96, "warned"),
        used("extension", "601", 100, "reached"),
        used("department", "Bán hàng", 84, "warned", minutes=500, vnd=2_000_000, at_end="cut"),
    ]


def tables() -> list[dict[str, Any]]:
    def row(kind: str, name: str, rows: int, **more: Any) -> dict[str, Any]:
        none = {"origin": "shipped", "at": None, "by": None, "valid_from": None, "valid_to": None}
        return {"kind": kind, "name": name, "rows": rows, **none, **more}

    return [
        row("plan", "onecontact-2019@2019-03-01", 1, valid_from="2019-03-01"),
        row("plan", "3c@2019-01-01", 1, valid_from="2019-01-01", valid_to="2027-01-01"),
        row("operators", "operators", 43),
        row("idd", "idd", 1234, origin="imported", at="2026-11-20T10:00:00+07:00", by="admin"),
    ]


def _line(code: str, text: str, quantity: int, unit: str, amount: int, hotline: str | None = None) -> dict[str, Any]:
    words = {"vi": f"{text} (vi)", "en": text}
    return {
        "code": code, "description": text, "text": words, "hotline": hotline, "quantity": quantity, "unit": unit,
        "amount_vnd": amount,
    }  # fmt: skip


def item(number: int, **changed: Any) -> dict[str, Any]:
    row = {
        "item": f"c{number}.2", "kind": "voice", "service": "connect", "at": "2026-10-05T09:00:00+07:00",
        "hotline": "+84901234567", "extension": "512", "number": "+84938000512", "class": "off_net", "billed_s": 185,
        "units": 0, "bands": [], "amount_vnd": 2775, "status": "rated", "rule": "r", "revision": 1,
        "why": {"vi": "Vì sao", "en": "Because"},
    }  # fmt: skip
    return row | changed


def document(month: str, **changed: Any) -> dict[str, Any]:
    number = "+84901234567"
    voice = [{"class": "off_net", "calls": 250, "seconds": 46_250, "amount_vnd": 693_750}]
    hotline = {
        "hotline": number, "fees_vnd": 300_000, "bundles_vnd": 0, "voice": voice, "voice_vnd": 693_750,
        "sms": {"messages": 2, "parts": 3, "amount_vnd": 1_050}, "discount_vnd": 0, "adjustment_vnd": -50_000,
        "unrated": 1, "total_vnd": 944_800,
    }  # fmt: skip
    told = {
        "schema": 1, "statement": month, "kind": "month", "closed": True, "as_of": f"{month}-28T09:00:00+07:00",
        "drawn": "2026-11-01T00:10:00+07:00", "by": "system", "company": "An Bình",
        "customer": "Công ty <An Bình>, 12 Lê Lợi",
        "period": {"month": month, "first_day": f"{month}-01", "last_day": f"{month}-28"},
        "plan": {"name": "onecontact-2019", "version": "onecontact-2019@2019-03-01",
                 "title": {"vi": "OneContact, cước từ tháng 3/2019", "en": "OneContact, prices from March 2019"}},
        "lines": [
            _line("monthly.hotlines", "Monthly fee, hotlines", 1, "hotline", 300_000),
            _line("voice.off_net", "Calls off-net", 46_250, "second", 693_750, number),
            _line("sms.off_net", "SMS off-net", 3, "part", 1_050, number),
            _line("adjustment.2026-09", "Adjustment of September 2026", 4, "item", -50_000, number),
        ],
        "total_vnd": 944_800,
        "vat": {"mode": "unspecified", "percent": 0, "amount_vnd": None,
                "text": {"vi": "Bảng cước không nêu thuế.", "en": "Nothing is added for VAT."}},
        "hotlines": [hotline], "company_fees_vnd": 0,
        "extensions": [{"extension": "512", "name": "Kinh doanh", "department": "Bán hàng",
                        "voice": {"calls": 250, "seconds": 46_250, "amount_vnd": 693_750},
                        "sms": {"messages": 2, "parts": 3, "amount_vnd": 1_050}, "unrated": 1,
                        "total_vnd": 694_800}],
        "adjustments": [{"month": "2026-09", "hotline": number, "amount_vnd": -50_000, "items": 4}],
        "unrated": [{"code": None, "text": {"vi": "Chưa có giá IDD", "en": "No IDD price"}, "items": 1}],
        "subscriptions": {"hotlines": [], "extensions": [], "counts": {}},
        "items": [item(number) for number in range(1, 121)],
        "corrected": [{"month": "2026-09", "item": "c9.2", "kind": "voice", "at": "2026-09-30T09:00:00+07:00",
                       "hotline": number, "extension": "512", "number": "+84938000512", "late": False,
                       "before_vnd": 60_000,
                       "after_vnd": 10_000, "difference_vnd": -50_000, "revision": 2, "why": {"vi": "v", "en": "e"}}],
    }  # fmt: skip
    return told | changed


def long(month: str, **changed: Any) -> dict[str, Any]:
    """Of 60 000 calls, by its sums."""
    told = document(month, **changed)
    (hotline,) = told["hotlines"]
    (voice,) = hotline["voice"]
    return told | {"hotlines": [hotline | {"voice": [voice | {"calls": 60_000}]}]}


class FakeStatements:
    """September is closed; later months are open, as they stand."""

    def __init__(self) -> None:
        self.closed = {"2026-09": document("2026-09")}
        self.forgotten = 0
        self.failure: StatementFailed | None = None

    def listed(self) -> list[dict[str, Any]]:
        keys = ("statement", "kind", "drawn", "total_vnd")
        return [
            {key: told[key] for key in keys} | {"period": month, "plan": "onecontact-2019"}
            for month, told in self.closed.items()
        ]

    def document(self, month: str, *, detailed: bool) -> dict[str, Any]:
        if self.failure is not None:
            raise self.failure
        if not month.startswith("20"):
            raise StatementFailed(f"{month!r} is no month such as 2026-11")
        told = self.closed.get(month) or document(month, closed=False, drawn=None, by=None)
        return told if detailed else summary(told)

    def details(self, month: str) -> Details:
        return Details(json.dumps(self.document(month, detailed=True)).encode())

    def forget(self) -> None:
        self.forgotten += 1
