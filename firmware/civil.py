"""POSIX seconds <-> (year, month, day, hour, minute, second) in UTC, whatever the port's own epoch is."""

_DAY_S = 86400


def to_unix_s(moment: "tuple[int, int, int, int, int, int]") -> int:
    year, month, day, hour, minute, second = moment
    if month <= 2:
        year -= 1
        month += 12
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month - 457) // 5 + day - 719469
    return days * _DAY_S + hour * 3600 + minute * 60 + second


def from_unix_s(seconds: int) -> "tuple[int, int, int, int, int, int]":
    days, rest = divmod(seconds, _DAY_S)
    days += 719468  # since 0000-03-01; 146097 days are 400 years
    era, in_era = divmod(days, 146097)
    year_of_era = (in_era - in_era // 1460 + in_era // 36524 - in_era // 146096) // 365
    day_of_year = in_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153  # March is 0
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year_of_era + era * 400 + (month <= 2), month, day, rest // 3600, rest // 60 % 60, rest % 60
