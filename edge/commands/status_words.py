"""The words of `tongdai status`: what each alarm of core, board and lines is called, in Vietnamese and English.

A rule is what the box writes for its log, and what it says to people; names in braces are those of the pattern.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

Rules = Sequence[tuple[str, re.Pattern[str], str, str]]
"""kind, what the core writes, Vietnamese, English."""


def _rules(*rows: tuple[str, str, str, str]) -> Rules:
    return tuple((kind, re.compile(pattern), vi, en) for kind, pattern, vi, en in rows)


ALARMS = _rules(
    (
        "storage",
        r"^storage: only (?P<free>\d+) MB free",
        "Chỉ còn {free} MB lưu trữ: đã ngừng ghi âm, cuộc gọi vẫn chạy. Hãy xóa bớt ghi âm hoặc giữ chúng ngắn hơn.",
        (
            "Only {free} MB of storage are free: calls are no longer recorded and go on. Delete recordings or keep "
            "them for a shorter time."
        ),
    ),
    (
        "rerate",
        r"^billing: (?P<count>\d+) stored charges of (?P<period>\d{4}-\d\d) are not by",
        (
            "{count_vi} khoản cước của {month_vi} được tính theo bảng giá hoặc cài đặt cũ: "
            "tongdai rerate --from {period} cho xem chênh lệch."
        ),
        (
            "{count_en} charges of {month_en} were reckoned by older prices or settings: "
            "tongdai rerate --from {period} shows the difference."
        ),
    ),
    ("tables", r"^billing: (?P<what>.*)", "Bảng giá hoặc gói cước: {what}", "Price tables or plan: {what}"),
    (
        "clock",
        r"no clock yet",
        "Hộp chưa có giờ: thời điểm các cuộc gọi được điền ngay khi có giờ.",
        "The box has no clock yet: the times of calls are filled in as soon as it has one.",
    ),
    (
        "supervisor",
        r"^supervisor: its port (?P<how>cannot be opened|was lost): (?P<port>/[^:;\s]+)",
        (
            "Không mở được cổng {port} của bo mạch, không ai canh hộp: kiểm tra bo mạch trên các chân cắm, cáp USB "
            "hoặc UART, và cổng của bo mạch trong tongdai.toml."
        ),
        (
            "The board's port {port} cannot be had, nobody guards the box: check the board on its pins, its USB cable "
            "or UART, and the port of the board in tongdai.toml."
        ),
    ),
    (
        "supervisor",
        r"^supervisor: its firmware (?P<version>\S+) and this box",
        "Firmware {version} của bo mạch và hộp này không hiểu nhau: hãy cập nhật bằng tongdai board update.",
        "The board's firmware {version} and this box do not understand each other: update it by tongdai board update.",
    ),
    (
        "supervisor",
        r"^supervisor: (?P<what>.*); nobody guards the box",
        "Bo mạch không trả lời ({what}): không ai canh hộp cho đến khi nó trả lời lại.",
        "The board does not answer ({what}): nobody guards the box until it answers again.",
    ),
    (
        "board",
        r"^board: (?P<what>.*)",
        (
            "Không dùng được bo mạch: {what}. Hộp vẫn chạy mà không có nó; kiểm tra pin_map trong tongdai.toml và bo "
            "mạch trên các chân cắm."
        ),
        (
            "The board cannot be had: {what}. The box works without it; check pin_map in tongdai.toml and the board on "
            "its pins."
        ),
    ),
    (
        "supply",
        r"^supply: (?P<volt>\S+) V",
        "Nguồn chỉ còn {volt} V, quá thấp: kiểm tra bộ nguồn.",
        "The supply is down to {volt} V: check the power supply.",
    ),
    (
        "temperature",
        r"^temperature: (?P<degrees>-?\d+) °C",
        "Hộp nóng {degrees} °C: hãy để hộp thoáng.",
        "The box is {degrees} °C hot: give it air.",
    ),
    (
        "modem-power",
        r"^modem (?P<slots>[\d, ]+): does not come back",
        "Modem {slots} không trở lại sau khi ngắt nguồn: kiểm tra bo mạch.",
        "Modem {slots} does not come back after its power was cut: look at the HAT.",
    ),
    (
        "spending",
        r"^Spending control failed",
        "Kiểm soát cước gặp lỗi: các cuộc gọi không bị giới hạn. Nhật ký của hộp ghi chi tiết.",
        "Spending control failed: calls are not limited now. The log of the box says where.",
    ),
)
LINES = _rules(
    ("line", r"SIM: absent", "không có thẻ SIM", "no SIM card"),
    ("line", r"SIM: pin-required", "thẻ SIM đòi mã PIN", "the SIM card asks for its PIN"),
    ("line", r"SIM: puk-required", "thẻ SIM bị khóa (PUK)", "the SIM card is locked (PUK)"),
    ("line", r"SIM: failure", "thẻ SIM hỏng", "the SIM card does not work"),
    ("line", r"the board switches it off", "bo mạch đang tắt modem", "the board switches the modem off"),
    ("line", r"switched itself off", "modem đã tự tắt", "the modem has switched itself off"),
    (
        "line",
        r"another program is on it",
        "một chương trình khác đang dùng cổng của modem",
        "another program is on the modem's port",
    ),
    (
        "line",
        r"port cannot be opened",
        "không thấy modem; kiểm tra modem đã cắm và có nguồn",
        "the modem cannot be found; check that it is plugged in and has power",
    ),
    (
        "line",
        r"device is gone|port was lost|read failed|write failed|port closed",
        "modem bị rút hoặc mất nguồn",
        "the modem was unplugged or has no power",
    ),
    (
        "line",
        r"no answer to AT|does not answer AT|no answer in time|no prompt",
        "modem không trả lời",
        "the modem does not answer",
    ),
    ("line", r"restarted", "modem đang khởi động lại", "the modem is starting again"),
)
STATES = {
    "down": ("không hoạt động", "is down"),
    "no-service": ("không có sóng hoặc mạng không nhận", "has no service"),
}
WHOSE = {
    "extension": ("máy lẻ {subject}", "extension {subject}"),
    "department": ("bộ phận {subject}", "department {subject}"),
    "hotline": ("hotline {subject}", "hotline {subject}"),
    "company": ("cả công ty", "the whole company"),
}
PERIODS = {
    "call": ("mỗi cuộc gọi", "per call"),
    "day": ("mỗi ngày", "per day"),
    "month": ("mỗi tháng", "per month"),
}
CORE_AWAY = (
    "Tổng đài không trả lời; nó tự khởi động lại. Nếu vẫn vậy, xem nhật ký của hộp.",
    "The switchboard does not answer; it is started again by itself. If that lasts, see the log of the box.",
)
HOST_OFF = (
    "Máy tính của hộp đang tắt; tongdai sim board press bật nó lên.",
    "The computer of the box is off; tongdai sim board press starts it.",
)
UNKNOWN_LIMITS = (
    "Chưa biết đã dùng bao nhiêu hạn mức: kiểm soát cước không trả lời.",
    "What is used of the limits is not known: spending control does not answer.",
)
