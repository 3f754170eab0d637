"""Charging what the box carries: by which tables, plans and bundles, and what is stored of it."""

from edge.billing.biller import Biller
from edge.billing.shipped import shipped_tariffs
from edge.billing.tables import RateTables
from edge.dialplan.billing import DEFAULT_PLAN as PLAN

__all__ = ["PLAN", "Biller", "RateTables", "shipped_tariffs"]
