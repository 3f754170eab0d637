"""What `tongdai advise` does between reading its files and printing: texts in, one document out.

answer = advise(Question(NamedText("usage.jsonl", text), tariffs, period=Month(2026, 10)))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.rating.advice.choices import Choice, rank
from edge.rating.advice.month import Distinctions, MonthUsage, months_of, select_month
from edge.rating.advice.plan_cost import PlanCost, cost_plan
from edge.rating.advice.sentences import Circumstances, assumptions
from edge.rating.columns import UsageColumns, read_columns
from edge.rating.command import OPERATORS_FILE, NamedText, load_plans, one_line, read_usage
from edge.rating.data_tables import IddTable, PortedTable, parse_idd, parse_operators, parse_ported
from edge.rating.errors import RatingInputError, TableError, TariffError, UsageError
from edge.rating.explain import Language
from edge.rating.instant import Month
from edge.rating.invoice import month_days
from edge.rating.invoice_command import parse_period
from edge.rating.numbers import NumberPlan
from edge.rating.rows import RowFinder
from edge.rating.subscriptions import Subscriptions, parse_subscriptions
from edge.rating.tariff import Plan, Tariff
from edge.rating.usage import Kind


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that the advice depends on, as texts under the names by which messages should call them."""

    usage: NamedText
    tariffs: Mapping[str, str]
    """File name to text, operators.csv among them."""
    period: Month | None = None
    """None: the last month of the usage that lies before `current`."""
    current: Month | None = None
    """The month that is not over yet."""
    subscriptions: NamedText | None = None
    ported: NamedText | None = None
    idd: NamedText | None = None
    language: Language = "vi"


@dataclass(frozen=True, slots=True)
class _Tables:
    plans: Mapping[str, Plan]
    numbers: NumberPlan
    ported: PortedTable
    idd: IddTable
    subscriptions: Subscriptions


def advise(question: Question) -> dict[str, Any]:
    """The document of `tongdai advise`: the choices, best first. Raises RatingInputError with the one line to print."""
    try:
        tables = _tables(question)
    except (TariffError, TableError) as error:
        raise one_line(error) from None
    columns = read_columns(question.usage.text, question.usage.name)
    period = question.period or _last_whole_month(columns, question)
    month, costs = _costs(question, tables, columns, period)
    used = _records(month)
    fees_known = question.subscriptions is not None
    circumstances = Circumstances(str(period), used[Kind.VOICE], used[Kind.SMS], used[Kind.REQUEST], fees_known)
    choices = rank(costs)
    return {
        "period": circumstances.period,
        "calls": circumstances.calls,
        "messages": circumstances.messages,
        "requests": circumstances.requests,
        "choices": [
            _written(number, choice, choices[0], assumptions(choice, circumstances, question.language))
            for number, choice in enumerate(choices, start=1)
        ],
    }


def _tables(question: Question) -> _Tables:
    if OPERATORS_FILE not in question.tariffs:
        raise TableError([f"{OPERATORS_FILE}: is missing beside the tariffs"])
    operators = parse_operators(question.tariffs[OPERATORS_FILE], OPERATORS_FILE)
    ported, idd, held = question.ported, question.idd, question.subscriptions
    ported_table = PortedTable() if ported is None else parse_ported(ported.text, ported.name)
    return _Tables(
        load_plans(question.tariffs),
        NumberPlan(operators, ported_table),
        ported_table,
        IddTable() if idd is None else parse_idd(idd.text, idd.name),
        Subscriptions() if held is None else parse_subscriptions(held.text, held.name),
    )


def _last_whole_month(columns: UsageColumns, question: Question) -> Month:
    months = months_of(columns)
    if not months:
        raise RatingInputError(f"{question.usage.name}: nothing was used; name a month with --period")
    over = [month for month in months if question.current is None or month < question.current]
    return parse_period(str((over or months)[-1]))


def _costs(
    question: Question, tables: _Tables, columns: UsageColumns, period: Month
) -> tuple[MonthUsage, list[PlanCost]]:
    """The month, and what it costs under each plan that is a choice."""
    plans = [plan for plan in tables.plans.values() if _is_choice(plan, period, columns)]
    month = select_month(columns, period, _distinctions(tables, plans, period))
    costs = []
    for plan in plans:
        finder = RowFinder(plan, tables.numbers, tables.idd)
        try:
            cost = cost_plan(month, finder, tables.subscriptions)
        except UsageError as error:
            read_usage(question.usage.text, question.usage.name, finder)  # says in which line
            raise RatingInputError(f"{question.usage.name}: {error}") from None
        if cost is not None:
            costs.append(cost)
    if not costs:
        known = ", ".join(sorted(tables.plans)) or "none"
        raise RatingInputError(f"period: no plan that prices this usage is valid in {period}; there are: {known}")
    return month, costs


def _is_choice(plan: Plan, period: Month, columns: UsageColumns) -> bool:
    """Plans that price calls; others only where there is usage of a kind that they do price."""
    products = {shape.product for shape in columns.shapes if shape.kind is Kind.REQUEST}
    return any(version.voice is not None or products & version.requests.keys() for version in _valid(plan, period))


def _valid(plan: Plan, period: Month) -> Sequence[Tariff]:
    """The versions that are valid on some day of the month."""
    first_day, last_day = month_days(period)
    return [
        version
        for version in plan.versions
        if version is plan.at(max(first_day, version.valid_from)) and version.valid_from <= last_day
    ]


def _distinctions(tables: _Tables, plans: Sequence[Plan], period: Month) -> Distinctions:
    singled = set(tables.ported.rows)
    for plan in plans:
        for version in plan.versions:
            singled |= version.special_numbers.keys()
    first_day, last_day = month_days(period)
    changes = any(plan.at(first_day) is not plan.at(last_day) or len(_valid(plan, period)) != 1 for plan in plans)
    return Distinctions(tables.numbers, frozenset(singled), changes or bool(tables.ported.rows))


def _records(month: MonthUsage) -> Counter[Kind]:
    """How many of each kind the month has; of calls those that were answered."""
    shapes, numbers = np.unique(month.columns.shape[month.rows], return_counts=True)
    used: Counter[Kind] = Counter()
    for shape, number in zip(shapes.tolist(), numbers.tolist(), strict=True):
        used[month.columns.shapes[shape].kind] += number
    return used


def _written(number: int, choice: Choice, first: Choice, assumed: Sequence[str]) -> dict[str, Any]:
    invoice = choice.invoice.to_json()
    return {
        "rank": number,
        "plan": choice.cost.plan.name,
        "version": choice.cost.version.version,
        "bundles": [
            {"hotline": hotline, "bundle": option.bundle, "when_spent": "renew" if option.renew else "tiers"}
            for hotline, option in choice.bundles
        ],
        "total_vnd": choice.total_vnd,
        "fees_vnd": choice.fees_vnd,
        "voice_vnd": choice.voice_vnd,
        "sms_vnd": choice.sms_vnd,
        "requests_vnd": choice.requests_vnd,
        "bundles_vnd": choice.bundles_vnd,
        "discount_vnd": choice.discount_vnd,
        "unrated": choice.unrated,
        "unpriced_fees": [row["code"] for row in choice.cost.fees.unrated],
        "vat": invoice["vat"],
        "difference_vnd": choice.total_vnd - first.total_vnd,
        "assumptions": list(assumed),
    }
