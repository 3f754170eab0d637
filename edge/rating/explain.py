"""Why a charge is what it is, as a sentence in Vietnamese or English.

A charge is self-contained: `rule` names plan version, table and row, `parts` the bands. So any stored charge can be
explained again in the other language, without the tariff.
"""

from __future__ import annotations

from typing import Literal

from edge.rating.charge import Charge, Part, Status

Language = Literal["vi", "en"]

_GENERAL: dict[str, dict[Language, str]] = {
    "unanswered": {"vi": "Không ai trả lời: miễn phí.", "en": "Never answered: free."},
    "inbound": {"vi": "Cuộc gọi đến hotline: miễn phí.", "en": "A call to the hotline: free."},
    "no_duration": {"vi": "Thời lượng 0 giây: miễn phí.", "en": "It lasted 0 seconds: free."},
}
_UNRATED: dict[str, dict[Language, str]] = {
    "no_version": {
        "vi": "Chưa tính được: không có phiên bản bảng cước nào có hiệu lực vào thời điểm đó.",
        "en": "Unrated: no version of the plan is valid at that time.",
    },
    "no_voice": {"vi": "Chưa tính được: gói này không có cước thoại.", "en": "Unrated: the plan has no voice prices."},
    "no_sms": {"vi": "Chưa tính được: gói này không có cước SMS.", "en": "Unrated: the plan has no SMS prices."},
    "no_request": {
        "vi": "Chưa tính được: gói này không có giá cho sản phẩm đó.",
        "en": "Unrated: the plan has no price for that product.",
    },
    "no_international": {
        "vi": "Chưa tính được: gói này không có cước quốc tế.",
        "en": "Unrated: the plan has no international prices.",
    },
    "no_idd_price": {
        "vi": "Chưa tính được: bảng giá IDD không có hướng {detail}.",
        "en": "Unrated: the IDD price table has no price for {detail}.",
    },
    "roaming": {
        "vi": "Chưa tính được: cước chuyển vùng quốc tế do nhà mạng tính.",
        "en": "Unrated: roaming is charged by the operator.",
    },
    "sms_ip": {"vi": "Chưa tính được: không có giá SMS tới máy IP.", "en": "Unrated: no price for SMS to an IP phone."},
    "sms_international": {
        "vi": "Chưa tính được: không có giá SMS quốc tế.",
        "en": "Unrated: no price for SMS to another country.",
    },
}
_NO_PRICE: dict[Language, str] = {"vi": "Chưa tính được: không có giá.", "en": "Unrated: there is no price."}
_SERVICES: dict[str, dict[Language, str]] = {
    "connect": {"vi": "hotline nối tới máy lẻ", "en": "the hotline connecting to an extension"},
    "callback": {"vi": "hotline gọi lại cho nhân viên", "en": "the hotline calling an employee back"},
    "forward": {"vi": "chuyển tiếp ra số ngoài", "en": "forwarding to an outside number"},
    "internal": {"vi": "gọi nội bộ", "en": "an internal call"},
    "outbound": {"vi": "gọi ra ngoài", "en": "an outside call"},
    "conference": {"vi": "hội nghị", "en": "a conference"},
    "extension": {"vi": "SMS tới máy lẻ", "en": "SMS to an extension"},
    "other": {"vi": "SMS tới khách hàng", "en": "SMS to somebody else"},
}
_CLASSES: dict[str, dict[Language, str]] = {
    "on_net": {"vi": "nội mạng", "en": "on-net"},
    "off_net": {"vi": "ngoại mạng", "en": "off-net"},
    "international": {"vi": "quốc tế", "en": "international"},
    "ip": {"vi": "máy IP", "en": "IP"},
}
_OFFERS: dict[str, dict[Language, str]] = {
    "preferred": {"vi": "hướng ưu đãi", "en": "a preferred destination"},
    "discount": {"vi": "giá IDD, giảm trừ trên hóa đơn", "en": "IDD price, discounted on the invoice"},
    "excluded": {"vi": "giá IDD, không giảm", "en": "IDD price, no discount"},
    "idd": {"vi": "giá IDD", "en": "IDD price"},
}
_WORDS: dict[str, dict[Language, str]] = {
    "free": {"vi": "miễn phí theo bảng cước", "en": "free by the plan"},
    "bundle": {"vi": "trong gói {bundle}: 0", "en": "inside bundle {bundle}: 0"},
    "seconds": {"vi": "{amount} giây × {price} đ/phút", "en": "{amount} s at {price} VND/min"},
    "units": {"vi": "{amount} × {price} đ", "en": "{amount} at {price} VND each"},
    "tier": {"vi": " (bậc {tier})", "en": " (tier {tier})"},
    "special": {"vi": "số đặc biệt {detail}", "en": "special number {detail}"},
    "requests": {"vi": "yêu cầu {detail}", "en": "{detail} requests"},
    "bundle_seconds": {"vi": "{amount} giây", "en": "{amount} s"},
}


def explain(charge: Charge, language: Language = "en") -> str:
    """One sentence for people: plan version, rule, parts with price, what was free and why."""
    version, table, row = charge.rule.split("/", 2)
    name, _, detail = row.partition(".")
    if table == "general":
        return f"{_GENERAL[name][language]} [{version}]"
    if charge.status is Status.UNRATED:
        return f"{_UNRATED.get(name, _NO_PRICE)[language].format(detail=detail)} [{version}]"
    about = _about(table, row, language)
    about = about[0].upper() + about[1:]
    if not charge.parts:
        return f"{about}: {_WORDS['free'][language]}. [{version}]"
    parts = " + ".join(_part(part, language) for part in charge.parts)
    return f"{about}: {parts} = {charge.amount_vnd} {'đ' if language == 'vi' else 'VND'}. [{version}]"


def _about(table: str, row: str, language: Language) -> str:
    name, _, detail = row.partition(".")
    match table:
        case "international":
            return f"{_CLASSES['international'][language]}, {detail} ({_OFFERS[name][language]})"
        case "special_numbers":
            return _WORDS["special"][language].format(detail=row)
        case "requests":
            return _WORDS["requests"][language].format(detail=row)
        case _:
            cls = _CLASSES[detail.rpartition(".")[2]][language]
            return f"{_SERVICES[name][language]} ({cls})"


def _part(part: Part, language: Language) -> str:
    if part.bundle is not None:
        seconds = _WORDS["bundle_seconds"][language].format(amount=part.amount)
        return f"{seconds} {_WORDS['bundle'][language].format(bundle=part.bundle)}"
    words = _WORDS["seconds" if part.per_minute else "units"][language]
    tier = "" if part.tier is None else _WORDS["tier"][language].format(tier=part.tier)
    return words.format(amount=part.amount, price=part.price_vnd) + tier
