"""Charges stored by a release that worded its sentences otherwise are the same charges: none is pending, none is
rated again, none makes a revision.
"""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

from edge.billing import Biller
from edge.billing.rerate import reckon
from edge.billing.usage import to_month
from edge.boot import open_stores, recover
from edge.places import Places
from edge.store.usage_rows import open_for_reading
from edge.telephony import ClockSource, Moment
from tests.edge.billing.paper_calls import OFF_NET, at, call, leg

LONG_S = 45_000
"""At 900 VND a minute 675 000 VND."""
NOW = at("2026-11-05T09:00")


def test_a_charge_that_says_675000_equals_one_that_says_675_000(tmp_path: Path) -> None:
    stores = open_stores(Places.at(tmp_path), "box")
    biller = Biller()
    with closing(stores):
        recover(stores, biller, [], Moment(0.0, NOW), ClockSource.NTP)
        ledger = stores.ledger
        for number, start in ((1, "2026-11-03T09:00"), (2, "2026-11-04T09:00")):
            cdr = call(number, leg(f"c{number}.1", at(start), LONG_S, number=OFF_NET))
            ledger.close_cdr(cdr, biller.charges_for(cdr, ledger), Moment(0.0, cdr.ended))
        standing = ledger.current_charge("c1.1")
        assert standing is not None
        assert standing["amount_vnd"] == 675_000
        assert "675,000 VND" in standing["why"]
        _worded_as_before(ledger.database.conn)
        restarted = Biller()
        restarted.reload(ledger, NOW)
        assert restarted.pending == ()
        late = call(3, leg("c3.1", at("2026-11-02T09:00"), 60, number=OFF_NET))
        keys = ledger.close_cdr(late, restarted.charges_for(late, ledger), Moment(0.0, NOW))
        assert keys == ["box:c3:1", "box:c2:2"], "only the one that the tiers moved"
        assert ledger.revise_charges([standing], Moment(0.0, NOW)) == []
    with closing(open_for_reading(tmp_path / "box.db")) as connection:
        assert reckon(connection, to_month("2026-01")).changes == []


def _worded_as_before(connection) -> None:
    for row in connection.execute("SELECT leg, revision, detail FROM charge").fetchall():
        charge = json.loads(row["detail"])
        charge["why"] = charge["why"].replace(",", "")
        connection.execute(
            "UPDATE charge SET detail = ? WHERE leg = ? AND revision = ?",
            (json.dumps(charge), row["leg"], row["revision"]),
        )
