"""A statement document by hand, with everything that a rendered one has to show."""

from __future__ import annotations

from typing import Any

NOTHING = {"calls": 0, "seconds": 0, "amount_vnd": 0}
NO_SMS = {"messages": 0, "parts": 0, "amount_vnd": 0}


def item(call: int = 1, **changes: Any) -> dict[str, Any]:
    made = {
        "item": f"c{call}.1",
        "kind": "voice",
        "service": "outbound",
        "at": "2026-11-03T09:15:00+07:00",
        "hotline": "+84901234567",
        "extension": "512",
        "number": "+84912000222",
        "class": "off_net",
        "billed_s": 185,
        "units": 0,
        "bands": [
            {"seconds": 120, "vnd_per_min": 900, "tier": "1-1000"},
            {"seconds": 65, "vnd_per_min": 850, "tier": "1001-5000"},
        ],
        "amount_vnd": 2_721,
        "status": "rated",
        "rule": "onecontact-2019@2019-03-01/voice/outbound.off_net",
        "revision": 1,
        "why": {"vi": "Gọi ra ngoài (ngoại mạng): …", "en": "An outside call (off-net): …"},
    }
    return made | changes


def document(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "schema": 1,
        "statement": "2026-11",
        "kind": "month",
        "closed": True,
        "as_of": "2026-12-01T00:01:00+07:00",
        "drawn": "2026-12-01T00:01:00+07:00",
        "by": "box",
        "company": "Công ty TNHH Ưu Việt Đỗ Thành",
        "customer": "Công ty TNHH Ưu Việt Đỗ Thành\nSố 7 đường Nguyễn Hữu Thọ, Quận 7, TP. Hồ Chí Minh",
        "period": {"month": "2026-11", "first_day": "2026-11-01", "last_day": "2026-11-30"},
        "plan": {"name": "3c", "version": "3c@2019-01-01", "title": {"vi": "Gói 3C", "en": "Plan 3C"}},
        "lines": [
            _line("monthly.hotlines", "Cước thuê bao tháng, số hotline", "Monthly fee, hotlines", 1, "hotline",
                  1_234_567),
            _line("voice.off_net", "Cước thoại ngoại mạng", "Calls off-net", 185, "second", 2_721, "+84901234567"),
            _line("adjustment.2026-10", "Điều chỉnh cước tháng 10/2026", "Adjustment of October 2026", 1, "item", -900,
                  "+84901234567"),
        ],
        "total_vnd": 1_236_388,
        "vat": {
            "mode": "included",
            "percent": 10,
            "amount_vnd": 112_399,
            "text": {"vi": "Giá đã gồm thuế GTGT (VAT) 10%.", "en": "Prices include 10% VAT."},
        },
        "hotlines": [
            {
                "hotline": "+84901234567",
                "fees_vnd": 1_234_567,
                "bundles_vnd": 0,
                "voice": [{"class": "off_net", "calls": 1, "seconds": 185, "amount_vnd": 2_721}],
                "voice_vnd": 2_721,
                "sms": NO_SMS,
                "discount_vnd": 0,
                "adjustment_vnd": -900,
                "unrated": 1,
                "total_vnd": 1_236_388,
            }
        ],
        "company_fees_vnd": 0,
        "extensions": [
            {
                "extension": "512",
                "name": "Nguyễn Thị Ngọc Quỳnh",
                "department": "Kinh doanh",
                "voice": {"calls": 1, "seconds": 185, "amount_vnd": 2_721},
                "sms": NO_SMS,
                "unrated": 1,
                "total_vnd": 2_721,
            }
        ],
        "adjustments": [{"month": "2026-10", "hotline": "+84901234567", "amount_vnd": -900, "items": 1}],
        "unrated": [
            {"code": None, "text": {"vi": "Chưa tính được: thiếu giá.", "en": "Unrated: no price."}, "items": 1},
        ],
        "subscriptions": {"hotlines": [], "extensions": [], "counts": {}},
        "items": [item(), item(2, amount_vnd=None, status="unrated", bands=[])],
        "corrected": [
            {
                "month": "2026-10",
                "item": "c9.1",
                "kind": "voice",
                "at": "2026-10-03T09:15:00+07:00",
                "hotline": "+84901234567",
                "extension": "512",
                "number": "+84912000222",
                "late": False,
                "before_vnd": 1_800,
                "after_vnd": 900,
                "difference_vnd": -900,
                "revision": 2,
                "why": {"vi": "Gọi ra ngoài (ngoại mạng): …", "en": "An outside call (off-net): …"},
            }
        ],
    }  # fmt: skip
    return made | changes


def _line(
    code: str, vi: str, en: str, quantity: int, unit: str, amount_vnd: int, hotline: str | None = None
) -> dict[str, Any]:
    return {
        "code": code,
        "description": en,
        "text": {"vi": vi, "en": en},
        "hotline": hotline,
        "quantity": quantity,
        "unit": unit,
        "amount_vnd": amount_vnd,
    }
