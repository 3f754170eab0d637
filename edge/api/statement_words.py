"""The words and numbers of a rendered statement, in Vietnamese and English; for CSV and PDF alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.api.statements import Language, versions_of
from edge.local_text import month_text, number_text

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("Bảng kê cước tổng hợp", "Summary statement"),
    "title_detailed": ("Bảng kê cước chi tiết", "Detailed statement"),
    "company": ("Công ty", "Company"),
    "customer": ("Khách hàng", "Customer"),
    "period": ("Kỳ cước", "Period"),
    "plan": ("Gói cước", "Plan"),
    "version": ("Phiên bản bảng cước", "Tariff version"),
    "since": ("từ", "from"),
    "account": ("Tài khoản tính cước", "Billing account"),
    "one_account": ("một tài khoản cho cả công ty", "one account for the whole company"),
    "status": ("Trạng thái", "Status"),
    "closed": ("Đã chốt", "Closed"),
    "not_closed": ("CHƯA CHỐT", "NOT CLOSED"),
    "as_of": ("số liệu đến", "as of"),
    "cancellation": ("chốt do hủy dịch vụ", "closed after cancellation"),
    "lines": ("Các khoản cước", "Charges"),
    "line": ("Khoản mục", "Item"),
    "code": ("Mã", "Code"),
    "hotline": ("Hotline", "Hotline"),
    "quantity": ("Số lượng", "Quantity"),
    "unit": ("Đơn vị", "Unit"),
    "amount": ("Thành tiền (đ)", "Amount (VND)"),
    "total": ("Tổng cộng", "Total"),
    "vat_inside": ("Trong đó thuế GTGT (VAT)", "VAT in the total"),
    "vat": ("Thuế GTGT (VAT)", "VAT"),
    "hotlines": ("Theo hotline", "By hotline"),
    "fees": ("Phí thuê bao", "Fees"),
    "bundles": ("Gói thoại", "Bundles"),
    "voice": ("Thoại", "Calls"),
    "voice_class": ("Thoại theo hướng", "Calls by class"),
    "class": ("Hướng", "Class"),
    "calls": ("Số cuộc", "Calls"),
    "minutes": ("Phút", "Minutes"),
    "messages": ("Số tin", "Messages"),
    "sms": ("SMS", "SMS"),
    "discount": ("Giảm trừ", "Discount"),
    "adjustment": ("Điều chỉnh", "Adjustments"),
    "company_fees": ("Phí chung của công ty", "Fees of the company"),
    "unknown_hotline": ("SIM chưa rõ số", "SIM of unknown number"),
    "extensions": ("Theo máy lẻ", "By extension"),
    "extension": ("Máy lẻ", "Extension"),
    "name": ("Tên", "Name"),
    "department": ("Phòng ban", "Department"),
    "nobody": ("(khác)", "(other)"),
    "unrated": ("Chưa tính được", "Without a price"),
    "what_is_missing": ("Còn thiếu", "What is missing"),
    "items": ("Chi tiết cuộc gọi và tin nhắn", "Calls and messages"),
    "at": ("Thời điểm", "When"),
    "kind": ("Loại", "Kind"),
    "service": ("Dịch vụ", "Service"),
    "number": ("Số máy", "Number"),
    "seconds": ("Giây tính cước", "Billed s"),
    "parts": ("Số bản tin", "Parts"),
    "seconds_short": ("Giây", "Seconds"),
    "amount_short": ("Đồng", "VND"),
    "bands": ("Bậc cước", "Bands"),
    "why": ("Diễn giải", "Why"),
    "id": ("Mã cuộc", "Id"),
    "corrected": ("Các khoản được điều chỉnh của tháng đã chốt", "Corrections of closed months"),
    "month": ("Tháng", "Month"),
    "before": ("Đã tính (đ)", "Before (VND)"),
    "after": ("Tính lại (đ)", "After (VND)"),
    "difference": ("Chênh lệch (đ)", "Difference (VND)"),
    "late": ("Bản ghi đến sau khi chốt", "Came after the closing"),
    "page": ("Trang {page}/{pages}", "Page {page} of {pages}"),
    "nothing": ("Không có khoản nào trong tháng này.", "Nothing in this month."),
}
_CLASSES: dict[str, tuple[str, str]] = {
    "on_net": ("Nội mạng", "On-net"),
    "off_net": ("Ngoại mạng", "Off-net"),
    "international": ("Quốc tế", "International"),
    "ip": ("Máy IP", "IP"),
    "other": ("Khác", "Other"),
    "bundle": ("Trong gói thoại", "Inside a bundle"),
    "free": ("Miễn phí", "Free"),
}
_KINDS = {"voice": ("Thoại", "Call"), "sms": ("SMS", "SMS")}
_SERVICES: dict[str, tuple[str, str]] = {
    "inbound": ("Gọi đến", "Inbound"),
    "connect": ("Nối máy lẻ", "Connect"),
    "callback": ("Gọi lại nhân viên", "Callback"),
    "forward": ("Chuyển tiếp", "Forward"),
    "internal": ("Nội bộ", "Internal"),
    "outbound": ("Gọi ra", "Outbound"),
    "conference": ("Hội nghị", "Conference"),
    "sms": ("Nhắn tin", "Message"),
}
_UNITS: dict[str, tuple[str, str]] = {
    "hotline": ("số", "number"),
    "user": ("người dùng", "user"),
    "extension": ("máy lẻ", "extension"),
    "licence": ("bản quyền", "licence"),
    "set": ("bộ", "set"),
    "room": ("phòng", "room"),
    "bundle": ("gói", "bundle"),
    "second": ("giây", "second"),
    "part": ("bản tin", "part"),
    "request": ("yêu cầu", "request"),
    "month": ("tháng", "month"),
    "item": ("khoản", "item"),
}


def word(key: str, language: Language) -> str:
    """A label."""
    return _of(_WORDS[key], language)


def class_word(name: str | None, language: Language) -> str:
    """Of hotlines[].voice[].class and items[].class; "" for none."""
    return _of(_CLASSES.get(name or "", (name or "",) * 2), language)


def kind_word(name: str, language: Language) -> str:
    return _of(_KINDS[name], language)


def service_word(name: str, language: Language) -> str:
    return _of(_SERVICES.get(name, (name, name)), language)


def unit_word(name: str, language: Language) -> str:
    return _of(_UNITS.get(name, (name, name)), language)


def _of(pair: tuple[str, ...], language: Language) -> str:
    return pair[0 if language == "vi" else 1]


def minutes_text(seconds: int, language: Language) -> str:
    """Minutes and seconds, 1.234:05: money is never rounded to whole minutes, so time is not either."""
    minutes, rest = divmod(seconds, 60)
    return f"{number_text(minutes, language)}:{rest:02}"


def instant_text(written: str | None) -> str:
    """An instant of the document, to be sorted by in a table of CSV: 2026-11-03 09:15:00."""
    return "" if written is None else written[:19].replace("T", " ")


def spoken_instant(written: str | None, language: Language) -> str:
    """An instant of the document as people read it, its day as `day_text`: 03/11/2026 09:15:00."""
    day, _, clock = instant_text(written).partition(" ")
    return f"{day_text(day, language)} {clock}".strip()


def day_text(day: str, language: Language) -> str:
    """A local day 2026-11-01 as people read it: 01/11/2026."""
    return "/".join(reversed(day.split("-"))) if language == "vi" else day


def period_text(document: Mapping[str, Any], language: Language) -> str:
    """The month and its days."""
    period = document["period"]
    month = month_text(period["month"], language).capitalize()
    first, last = period["first_day"], period["last_day"]
    days = day_text(first, language), day_text(last, language)
    return f"{month} ({(' – ' if language == 'vi' else ' to ').join(days)})"


def status_text(document: Mapping[str, Any], language: Language) -> str:
    """Closed and when, or NOT CLOSED and as of when."""
    if not document["closed"]:
        as_of = spoken_instant(document["as_of"], language)
        return f"{word('not_closed', language)} ({word('as_of', language)} {as_of})"
    words = f"{word('closed', language)} {spoken_instant(document['drawn'], language)}"
    return f"{words} ({word('cancellation', language)})" if document["kind"] == "cancellation" else words


def bands_text(bands: list[Mapping[str, Any]], language: Language) -> str:
    """ "120 s × 900 (1-1000) + 60 s × 850 (1001-5000)"."""
    return " + ".join(_band_text(band, language) for band in bands)


def _band_text(band: Mapping[str, Any], language: Language) -> str:
    if "units" in band:
        amount = f"{band['units']} × {number_text(band['vnd_per_unit'], language)}"
    else:
        amount = f"{band['seconds']} s × {number_text(band['vnd_per_min'], language)}"
    if "bundle" in band:
        return f"{amount} ({word('bundles', language)} {band['bundle']})"
    return amount if band["tier"] is None else f"{amount} ({band['tier']})"


def _titles_text(document: Mapping[str, Any], language: Language) -> str:
    """What the plan was called in this month: every name once."""
    titles = [version["title"][language] for version in versions_of(document)]
    return "; ".join(dict.fromkeys(titles)) or str(document["plan"]["title"][language])


def _versions_text(document: Mapping[str, Any], language: Language) -> str:
    """Every version that was valid in the month; where there are several, or one that came later, since when."""
    versions, begins = versions_of(document), document["period"]["first_day"]
    if [version["first_day"] for version in versions] == [begins]:
        return str(versions[0]["version"])
    since = word("since", language)
    return "; ".join(f"{each['version']} ({since} {day_text(each['first_day'], language)})" for each in versions)


def head_rows(document: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """What stands above every statement: label and text."""
    rows = [
        (word("company", language), document["company"]),
        (word("customer", language), document["customer"]),
        (word("account", language), word("one_account", language)),
        (word("period", language), period_text(document, language)),
        (word("plan", language), _titles_text(document, language)),
        (word("version", language), _versions_text(document, language)),
        (word("status", language), status_text(document, language)),
    ]
    return [row for row in rows if row[1]]
