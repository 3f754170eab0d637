"""`tongdai tariff`, `usage` and `rerate` against a core's store and desk, with `tongdai rate` as the judge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edge.api.queries import open_reader
from edge.billing import shipped_tariffs
from edge.cli import main
from edge.commands.rerate import TRIES
from tests.edge.billing.paper_calls import JAPAN, OFF_NET, at, call, leg
from tests.edge.commands.table_box import TableBox, in_loop, table_box

PORTED = "number,operator,since\n0912000222,MobiFone,2026-11-05\n"


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    out, error = capsys.readouterr()
    assert out.count("\n") == 1, error
    return json.loads(out)


async def _two_calls(box: TableBox) -> None:
    await box.ends(call(1, leg("c1.1", at("2026-11-03T09:00"), 60)))
    await box.ends(call(2, leg("c2.1", at("2026-11-06T09:00"), 60)))


async def _judged(box: TableBox, folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, int | None]:
    """What `tongdai rate` says of `tongdai usage` by the exported tables."""
    assert await box.command("tariff", "export", str(folder)) == 0
    assert await box.command("usage") == 0
    capsys.readouterr()
    assert await box.command("usage") == 0
    usage = folder.parent / "usage.jsonl"
    usage.write_text(capsys.readouterr().out, encoding="utf-8")
    tables = ["--tariffs", str(folder), "--ported", str(folder / "ported.csv"), "--idd", str(folder / "idd.csv")]
    assert await box.command("rate", "--plan", "onecontact-2019", *tables, str(usage)) == 0
    rows = map(json.loads, capsys.readouterr().out.splitlines())
    return {row["id"]: row["amount_vnd"] for row in rows}


def _stored(data: Path) -> dict[str, int | None]:
    with open_reader(data) as reader:
        return {charge["id"]: charge["amount_vnd"] for row in reader.cdrs() for charge in row["rating"]}


@in_loop
async def test_a_corrected_ported_number_is_shown_then_applied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, file = tmp_path / "box", tmp_path / "ported.csv"
    data.mkdir()
    file.write_text(PORTED, encoding="utf-8")
    async with table_box(data) as box:
        await _two_calls(box)
        assert _stored(data) == {"c1.1": 900, "c2.1": 900}
        assert await box.command("tariff", "import", "--ported", str(file)) == 0
        expected = {"kind": "ported", "name": "ported", "rows": 1, "warnings": []}
        assert said(capsys) == expected | {"next": "tongdai rerate --from 2026-11"}
        assert _stored(data) == {"c1.1": 900, "c2.1": 900}, "what is stored stays as it is"
        assert [(row.month, row.charges) for row in box.biller.pending] == [("2026-11", 1)]

        assert await box.command("rerate", "--from", "2026-11") == 0
        shown = said(capsys)
        assert shown["applied"] is False
        assert shown["months"] == [
            {
                "month": "2026-11",
                "closed": False,
                "before_vnd": 1800,
                "after_vnd": 1340,
                "difference_vnd": -460,
                "changed": 1,
            }
        ]
        (change,) = shown["changes"]
        assert (change["item"], change["before_vnd"], change["after_vnd"]) == ("c2.1", 900, 440)
        assert "on-net" in change["why"]

        assert await box.command("rerate", "--from", "2026-11", "--apply") == 0
        assert said(capsys)["applied"] is True
        assert _stored(data) == {"c1.1": 900, "c2.1": 440} == await _judged(box, tmp_path / "tables", capsys)
        assert box.biller.pending == ()
        assert not list(data.glob("rerate-*")), "nothing is left behind"

        assert await box.command("rerate", "--from", "2026-11", "--apply") == 0
        again = said(capsys)
        assert (again["changes"], again["applied"]) == ([], True)


@in_loop
async def test_calls_that_end_meanwhile_are_reckoned_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "ported.csv"
    file.write_text(PORTED, encoding="utf-8")
    async with table_box(tmp_path) as box:
        await _two_calls(box)
        await box.command("tariff", "import", "--ported", str(file))
        box.before_apply = [call(number, leg(f"c{number}.1", at("2026-11-07T09:00"), 60)) for number in (3, 4)]
        capsys.readouterr()
        assert await box.command("rerate", "--from", "2026-11", "--apply") == 0
        assert "reckoning again" in capsys.readouterr().err
        assert _stored(tmp_path) == {"c1.1": 900, "c2.1": 440, "c3.1": 440, "c4.1": 440}

        file.write_text("number,operator\n", encoding="utf-8")
        await box.command("tariff", "import", "--ported", str(file))
        box.before_apply = [call(10 + n, leg(f"c{10 + n}.1", at("2026-11-07T09:00"), 60)) for n in range(TRIES)]
        capsys.readouterr()
        assert await box.command("rerate", "--from", "2026-11", "--apply") == 1
        assert "nothing was applied" in capsys.readouterr().err
        assert _stored(tmp_path)["c2.1"] == 440


@in_loop
async def test_a_late_record_leaves_pending_charges_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """c2 is pending: the late call moves it into the next tier, and only `rerate` may say so."""
    file = tmp_path / "ported.csv"
    file.write_text(PORTED, encoding="utf-8")
    async with table_box(tmp_path) as box:
        await _two_calls(box)
        await box.command("tariff", "import", "--ported", str(file))
        await box.ends(call(3, leg("c3.1", at("2026-11-02T09:00"), 60_000)))
        assert _stored(tmp_path) == {"c1.1": 850, "c2.1": 900, "c3.1": 900_000}
        await box.command("rerate", "--from", "2026-11", "--apply")
        assert _stored(tmp_path) == {"c1.1": 850, "c2.1": 400, "c3.1": 900_000}


@in_loop
async def test_destinations_and_prices_are_exported_with_the_tariff(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    idd, destinations = tmp_path / "idd.csv", tmp_path / "d.csv"
    idd.write_text("prefix,vnd_per_min\n81,4000\n33,3000\n", encoding="utf-8")
    destinations.write_text("onecontact-2019,preferred,Japan,81\n", encoding="utf-8")
    async with table_box(tmp_path) as box:
        await box.ends(call(1, leg("c1.1", at("2026-11-03T09:00"), 60, number=JAPAN)))
        assert _stored(tmp_path) == {"c1.1": None}
        assert await box.command("tariff", "import", "--idd", str(idd)) == 0
        assert await box.command("tariff", "import", "--destinations", str(destinations)) == 0
        assert await box.command("rerate", "--from", "2026-11", "--apply") == 0
        capsys.readouterr()
        assert await box.command("tariff", "list") == 0
        rows = {(row["kind"], row["name"]): row for row in said(capsys)}
        assert rows["destinations", "onecontact-2019"]["rows"] == 1
        assert rows["idd", "idd"]["origin"] == "imported"
        assert rows["idd", "idd"]["at"] == "2026-11-20T12:00:00.000+07:00"
        assert _stored(tmp_path) == {"c1.1": 900} == await _judged(box, tmp_path / "tables", capsys)
        assert await box.command("tariff", "export", str(tmp_path / "tables")) == 0, "again over its own files"
        told = capsys.readouterr().err
        assert f"--ported {tmp_path / 'tables' / 'ported.csv'} --idd {tmp_path / 'tables' / 'idd.csv'}" in told, (
            "the tables beside the plans must be named too, or others are used in silence"
        )
        (tmp_path / "tables" / "mine.toml").write_text("", encoding="utf-8")
        assert await box.command("tariff", "export", str(tmp_path / "tables")) == 2
        assert "mine.toml" in capsys.readouterr().err


@in_loop
async def test_a_broken_table_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "ported.csv"
    file.write_text("number,operator\n0912000222\n", encoding="utf-8")
    async with table_box(tmp_path) as box:
        assert await box.command("tariff", "import", "--ported", str(file)) == 2
        out, error = capsys.readouterr()
        assert (out, error) == ("", f"tongdai: {file}: line 2: 1 columns, expected number, operator, since\n")
        assert await box.command("tariff", "import", "--ported", str(tmp_path / "none.csv")) == 2
        capsys.readouterr()
        assert await box.command("tariff", "list") == 0
        assert {row["origin"] for row in said(capsys)} == {"shipped"}


@in_loop
async def test_a_plan_that_contradicts_itself_is_taken_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "3c.toml"
    file.write_text(shipped_tariffs()["3c.toml"], encoding="utf-8")
    async with table_box(tmp_path) as box:
        assert await box.command("tariff", "import", "--plan", str(file)) == 0
        out, error = capsys.readouterr()
        assert "bundle 3" in error
        assert json.loads(out)["next"] is None, "no call was stored yet"


@in_loop
async def test_a_closed_month_is_revised_and_its_difference_credited(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A month whose statement is drawn up is revised all the same, and it is said where the difference goes."""
    file = tmp_path / "ported.csv"
    file.write_text(PORTED, encoding="utf-8")
    async with table_box(tmp_path) as box:
        await box.ends(call(2, leg("c2.1", at("2026-11-06T09:00"), 60, number=OFF_NET)))
        await box.close_month("2026-11")
        await box.command("tariff", "import", "--ported", str(file))
        capsys.readouterr()
        assert await box.command("rerate", "--from", "2026-11", "--apply") == 0
        out, error = capsys.readouterr()
        assert json.loads(out)["months"][0]["closed"] is True
        assert "2026-11: the statement is drawn up and stays; the difference is credited in the next one" in error
        assert _stored(tmp_path) == {"c2.1": 440}


@pytest.mark.parametrize("words", [["usage", "--from", "11"], ["usage", "--to", "2026-13"], ["rerate", "--from", "x"]])
def test_a_month_that_is_none_is_bad_input(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--data", str(tmp_path)]) == 2
    assert "is no month such as 2026-11" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["usage"], ["rerate", "--from", "2026-11"], ["tariff", "list"]])
def test_a_directory_without_a_box_is_status_1(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--data", str(tmp_path)]) == 1
    assert "no box runs at" in capsys.readouterr().err
