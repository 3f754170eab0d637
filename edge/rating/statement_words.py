"""What the lines of a statement are called, in Vietnamese and English, by their code."""

from __future__ import annotations

from edge.local_text import month_text
from edge.rating.invoice import Line
from edge.rating.tariff import Vat

Words = dict[str, str]

_COUNTED: dict[str, Words] = {
    "hotlines": {"vi": "số hotline", "en": "hotlines"},
    "call_center_users": {"vi": "người dùng Call Center", "en": "Call Center users"},
    "contact_center_users": {"vi": "người dùng Contact Center", "en": "Contact Center users"},
    "extensions": {"vi": "máy lẻ", "en": "extensions"},
    "app_licences": {"vi": "bản quyền ứng dụng máy lẻ di động", "en": "mobile-extension app licences"},
    "recording_storage_users": {
        "vi": "dung lượng ghi âm thêm, theo người dùng",
        "en": "extra recording storage, users",
    },
    "data_storage_users": {"vi": "lưu trữ dữ liệu thêm, người dùng", "en": "extra data storage, users"},
    "sdk_sets": {"vi": "bộ API SDK", "en": "SDK, API sets"},
}
_CLASSES: dict[str, Words] = {
    "on_net": {"vi": "nội mạng", "en": "on-net"},
    "off_net": {"vi": "ngoại mạng", "en": "off-net"},
    "international": {"vi": "quốc tế", "en": "international"},
    "ip": {"vi": "tới máy IP", "en": "to IP phones"},
}
_KINDS: dict[str, Words] = {
    "setup": {"vi": "Phí thiết lập, {about}", "en": "Set-up, {about}"},
    "monthly": {"vi": "Cước thuê bao tháng, {about}", "en": "Monthly fee, {about}"},
    "voice": {"vi": "Cước thoại {about}", "en": "Calls {about}"},
    "sms": {"vi": "Cước SMS {about}", "en": "SMS {about}"},
    "requests": {"vi": "Yêu cầu {about}", "en": "Requests {about}"},
    "bundle": {"vi": "Gói thoại {about}", "en": "Voice bundle {about}"},
    "rooms": {"vi": "Phòng họp, trả trước {about} tháng", "en": "Meeting rooms, {about} months in advance"},
    "international": {"vi": "Giảm trừ cước gọi quốc tế", "en": "Discount, international calls"},
}
_OTHER: Words = {"vi": "khác", "en": "other"}


def line_words(line: Line) -> Words:
    """The line's name; the hotline is a field of its own."""
    kind, _, about = line.code.partition(".")
    if kind == "adjustment":
        return adjustment_words(about)
    named = _COUNTED.get(about) or _CLASSES.get(about) or ({"vi": about, "en": about} if about else _OTHER)
    words = _KINDS.get(kind)
    if words is None:
        return {"vi": line.description, "en": line.description}
    return {language: text.format(about=named[language]) for language, text in words.items()}


def adjustment_words(month: str) -> Words:
    """Of `adjustment.2026-10`."""
    return {"vi": f"Điều chỉnh cước {month_text(month, 'vi')}", "en": f"Adjustment of {month_text(month, 'en')}"}


def no_fee_words(code: str, version: str) -> Words:
    """A subscription that the plan has no price for."""
    _, _, counted = code.partition(".")
    named = _COUNTED.get(counted, {"vi": counted, "en": counted})
    return {
        "vi": f"Chưa tính được: bảng cước không có giá cho {named['vi']}. [{version}]",
        "en": f"Unrated: the plan has no price for {named['en']}. [{version}]",
    }


def vat_words(vat: Vat) -> Words:
    """The VAT sentence; the amount is shown beside it."""
    match vat.mode:
        case "included":
            return {"vi": f"Giá đã gồm thuế GTGT (VAT) {vat.percent}%.", "en": f"Prices include {vat.percent}% VAT."}
        case "none":
            return {"vi": "Không tính thuế GTGT (VAT).", "en": "No VAT."}
        case _:
            return {
                "vi": "Bảng cước không nêu giá đã gồm thuế GTGT (VAT) hay chưa; không cộng thêm khoản nào.",
                "en": "The plan does not say whether its prices include VAT; nothing is added.",
            }
