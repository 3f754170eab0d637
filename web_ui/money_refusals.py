"""The box's objections about limits, billing, price tables and statements: pattern, field, sentence for the reader.

Read by `web_ui.refusals`; each pattern names what it is about, so that none catches another's. A group called `when` is
shown as a local day and time.
"""

from __future__ import annotations

from collections.abc import Sequence

from web_ui.i18n import lazy_gettext as _l

Sentence = tuple[str, str, str]
_HAS = r"hotline (?P<mobile>\S+) has bundle (?P<bundle>\d+)"

BILLING: Sequence[Sentence] = (
    (
        r"^billing\.plans: '(?P<plan>[^']+)' is unknown",
        "plan",
        _l("The box has no prices for the plan %(plan)s. Take its file under Price tables first."),
    ),
    (r"^billing\.plans\b.* is no month such as", "first_month", _l("A month such as January 2027.")),
    (
        r"^billing\.plans\b.* does not follow",
        "first_month",
        _l("A month is charged by one plan: choose another month, or remove the other entry."),
    ),
    (r"^billing\.plans: a company needs a plan", "plan", _l("A company needs a plan to be charged by.")),
    (r"^billing\.bundles\b.* is no number", "hotline", _l("This is no telephone number.")),
    (
        _HAS + r" then; another one can start on (?P<when>\S+) at .*`tongdai rerate --from (?P<month>\S+)`",
        "",
        _l(
            "This came when the next bundle of %(mobile)s had been bought already, and renews bundle %(bundle)s into "
            "it, so the cost is not known. Remove the next bundle under Plan and bundles, enter it again from "
            "%(when)s on, then rate again from %(month)s on."
        ),
    ),
    (
        _HAS + r", which begins anew .*, and by itself on (?P<when>\S+): end .* bundle (?P<next>\d+) can be entered",
        "activated_at",
        _l(
            "%(mobile)s has bundle %(bundle)s. It begins anew as soon as its minutes are used up, and by itself on "
            "%(when)s. Press “Stop renewing” first; bundle %(next)s can be entered when that one is over."
        ),
    ),
    (
        _HAS + r", which begins anew .* bundle (?P<next>\d+) can be entered from (?P<when>\S+) on",
        "activated_at",
        _l(
            "%(mobile)s has bundle %(bundle)s. Its minutes may be used up before, and then it begins anew at once. "
            "Bundle %(next)s can be entered from %(when)s on, to begin then or later."
        ),
    ),
    (
        _HAS + r", which begins anew .* reaches bundle (?P<next>\d+), which begins on (?P<when>[^,]+),",
        "activated_at",
        _l(
            "%(mobile)s has bundle %(bundle)s, which begins anew as soon as its minutes are used up. If it still runs "
            "when bundle %(next)s begins on %(when)s, calls will have no price. Remove bundle %(next)s, and enter it "
            "when the other one is over."
        ),
    ),
    (
        r"hotline (?P<mobile>\S+) had bundle (?P<bundle>\d+) until (?P<when>[^;]+); bundle (?P<next>\d+) can begin",
        "activated_at",
        _l("%(mobile)s had bundle %(bundle)s until %(when)s. Bundle %(next)s can begin then at the earliest."),
    ),
    (
        r"calls that were rated before keep their charges; `tongdai rerate --from (?P<month>\S+)`",
        "",
        _l(
            "Calls that were rated before keep their charges. “Rate again” under Price tables shows what would change "
            "from %(month)s on."
        ),
    ),
    (
        r"plan (?P<plan>\S+) has no prices for calls",
        "",
        _l(
            "The plan %(plan)s has no prices for calls: every call will be without a price, and a limit in money that "
            "blocks will bar it."
        ),
    ),
    (r"a bundle cannot begin after (?P<year>\d+)", "activated_at", _l("A bundle cannot begin after %(year)s.")),
    (
        r"has bundle (?P<bundle>\d+) then; another one can start on (?P<when>\S+) at the earliest",
        "activated_at",
        _l(
            "This hotline has bundle %(bundle)s at that time. Another one can begin on %(when)s at the earliest, if "
            "that one is not renewed."
        ),
    ),
    (
        r"plan (?P<plan>\S+) sells no bundle (?P<bundle>\d+)",
        "bundle",
        _l("The plan %(plan)s has no bundle %(bundle)s on that day."),
    ),
    (
        r"bundle: (?P<bundle>\S+) is no bundle of plan (?P<plan>\S+)",
        "bundle",
        _l("The plan %(plan)s has no bundle %(bundle)s."),
    ),
    (
        r"plan (?P<plan>\S+) has no bundles",
        "bundle",
        _l("The plan %(plan)s, which holds in that month, has no bundles."),
    ),
    (r"^billing\.\S+: .* is no instant with zone", "activated_at", _l("This is no day and time.")),
    (r"is neither renew nor tiers", "when_spent", _l("Choose one of these.")),
    (
        r"^billing\.subscribed\.(?P<field>\w+): .* is outside (?P<low>\d+) to (?P<high>\d+)",
        "",
        _l("From %(low)s to %(high)s."),
    ),
    (
        r"^billing\.customer: .* at most (?P<most>\d+) characters",
        "customer",
        _l("Name and address have at most %(most)s characters."),
    ),
)
SPENDING: Sequence[Sentence] = (
    (
        r"a limit needs minutes or an amount",
        "minutes",
        _l("Enter minutes, an amount, or both: the first to be reached counts."),
    ),
    (r"^spending\.limits: \d+ limits; at most (?P<most>\d+)", "whose", _l("There are at most %(most)s limits.")),
    (
        r"^spending\.\S+\.(?P<field>\w+): -?\d+ is outside (?P<low>\d+) to (?P<high>\d+)",
        "",
        _l("From %(low)s to %(high)s."),
    ),
    (r"a limit of the whole company has no subject", "whose", _l("Choose one of these.")),
    (r"^spending\.limits\S+: .* is no number written like", "whose", _l("This is no telephone number.")),
    (
        r"(?P<mobile>\+\d+) is none of our lines: the limit counts nothing",
        "whose",
        _l("%(mobile)s is no line of this box: the limit counts nothing."),
    ),
    (
        r"there is no extension (?P<number>\S+): the limit counts nothing",
        "whose",
        _l("There is no extension %(number)s: the limit counts nothing."),
    ),
    (
        r"no extension is of \"(?P<name>.*)\": the limit counts nothing",
        "whose",
        _l("No extension belongs to the department %(name)s: the limit counts nothing."),
    ),
    (
        r"warning levels are at most (?P<most>\d+) percentages",
        "warn_percent",
        _l("At most %(most)s whole numbers from 1 to 99, such as 80, 90."),
    ),
    (r"the same limit stands here twice", "whose", _l("There is such a limit already.")),
    (
        r"block ends no call in progress",
        "at_end",
        _l("A limit per call only tells unless the call is cut: choose “cut” to end it."),
    ),
    (
        r"the limit for everybody .* is reached before this one of (?P<name>\S+)",
        "whose",
        _l("The limit for each is reached before this one of %(name)s."),
    ),
    (
        r"\"(?P<typed>.*)\" begins no number",
        "allowed",
        _l("“%(typed)s” is no beginning of a number. Write +4420 for numbers abroad, 19001234 for service numbers."),
    ),
    (r"is no time written like 22:00", "night_begins", _l("A time such as 22:00.")),
    (r"a night that ends when it begins", "night_ends", _l("The night must end at another time than it begins.")),
    (
        r"(?P<mobile>\+\d+) is one of our own lines: nobody would read",
        "alarm_mobile",
        _l("%(mobile)s is a line of this box: nobody would read the SMS."),
    ),
    (
        r"nothing caps what they cost in an hour",
        "hourly_vnd",
        _l("Dear numbers are open, and nothing caps what they cost in an hour. Set a cap."),
    ),
    (
        r"nobody is told of an alarm by SMS",
        "alarm_mobile",
        _l("Dear numbers are open, and nobody is told of an alarm by SMS. Enter a mobile for alarms."),
    ),
    (r"leads nowhere; choose one of", "international_prefix", _l("Choose one of these.")),
    (
        r"begins 131800, the way abroad",
        "number",
        _l("It is the beginning of 131800, the way abroad; choose another."),
    ),
)
STATEMENTS: Sequence[Sentence] = (
    (r"^the statement of (?P<month>\S+) is closed already", "", _l("The statement of %(month)s is closed already.")),
    (r"^(?P<month>\d{4}-\d\d) is not over yet", "", _l("%(month)s is not over yet.")),
    (
        r"^(?P<month>\d{4}-\d\d) can be closed 120 minutes after the cancellation",
        "",
        _l("%(month)s can be closed 120 minutes after the cancellation."),
    ),
    (
        r"^a call that began in (?P<month>\S+) or before is still in progress",
        "",
        _l(
            "A call that began in %(month)s or before is still in progress or not rated yet. Try again when it is over."
        ),
    ),
    (r"^nothing is to be charged for (?P<month>\S+)", "", _l("Nothing is to be charged for %(month)s.")),
    (
        r"^(?P<month>\S+) is not closed yet, and months are closed in their order",
        "",
        _l("Months are closed in their order: draw up %(month)s first."),
    ),
    (
        r"^(?P<month>\d{4}-\d\d):? (was )?not reckoned (in|within) \d+ s",
        "",
        _l("%(month)s could not be reckoned in time. Try again when the box has less to do."),
    ),
)
SENTENCES: Sequence[Sentence] = (*BILLING, *SPENDING, *STATEMENTS)
