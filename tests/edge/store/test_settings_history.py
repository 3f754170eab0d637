from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.dialplan.settings import Company, Extension, Menu, RecordMode, Settings, Timers
from edge.store.errors import SettingsConflict, SettingsRefused
from edge.store.ledger import Ledger
from edge.store.settings_difference import difference
from edge.store.settings_history import Revision, SettingsHistory
from edge.telephony import PhoneNumber

SALES = Extension("512", "Sales", PhoneNumber("+84903000111"))
SUPPORT = Extension("513", "Support", PhoneNumber("+84903000222"), RecordMode.BOTH, pin="4711")


def refuse_many_tries(document: Settings) -> None:
    if document.menu.tries > 9:
        raise SettingsRefused("menu.tries: at most 9")


@pytest.fixture
def history(tmp_path: Path) -> Iterator[SettingsHistory]:
    with Ledger(tmp_path / "box.db", "box", "boot") as ledger:
        yield SettingsHistory(ledger, refuse_many_tries)


def test_the_defaults_are_revision_0(history: SettingsHistory) -> None:
    assert history.newest() == (0, Settings())
    assert history.revisions() == []


def test_each_change_is_a_revision_with_a_summary(history: SettingsHistory) -> None:
    first = Settings(company=Company("Bánh mì"), extensions=(SALES,))
    assert history.save(first, "lan", "page", 10.0) == 1
    second = replace(first, timers=Timers(ring_employee_s=30.0), extensions=(SUPPORT, SALES))
    assert history.save(second, "lan", "page", 11.0, base_revision=1) == 2
    assert history.newest() == (2, second)
    assert history.at(1) == first
    assert history.revisions() == [
        Revision(1, 10.0, "lan", "page", "company.name: empty → Bánh mì; extensions.512: added"),
        Revision(2, 11.0, "lan", "page", "timers.ring_employee_s: 25 → 30; extensions.513: added"),
    ]


def test_undo_is_a_new_revision_and_undone_by_another(history: SettingsHistory) -> None:
    first, second = Settings(extensions=(SALES,)), Settings(extensions=(SUPPORT,))
    history.save(first, "lan", "page", 1.0)
    history.save(second, "lan", "page", 2.0)
    assert history.undo("tú", "command-line", 3.0) == 3
    assert history.newest() == (3, first)
    assert history.revisions()[2].summary == "undo of revision 2; extensions.513: removed; extensions.512: added"
    history.undo("tú", "command-line", 4.0)
    assert history.newest() == (4, second)


def test_undo_of_the_first_goes_back_to_the_defaults(history: SettingsHistory) -> None:
    with pytest.raises(SettingsRefused, match="nothing to undo"):
        history.undo("lan", "page", 1.0)
    history.save(Settings(extensions=(SALES,)), "lan", "page", 1.0)
    history.undo("lan", "page", 2.0)
    assert history.newest() == (2, Settings())


def test_what_changes_nothing_is_no_revision(history: SettingsHistory) -> None:
    assert history.save(Settings(), "lan", "page", 1.0) == 0
    assert history.revisions() == []


def test_refused_documents_leave_no_trace(history: SettingsHistory) -> None:
    with pytest.raises(SettingsRefused, match=r"menu\.tries"):
        history.save(Settings(menu=Menu(tries=10)), "lan", "page", 1.0)
    history.save(Settings(menu=Menu(tries=4)), "lan", "page", 1.0)
    with pytest.raises(SettingsConflict, match="revision 1 has come after 0"):
        history.save(Settings(menu=Menu(tries=5)), "tú", "page", 2.0, base_revision=0)
    assert history.newest() == (1, Settings(menu=Menu(tries=4)))
    with pytest.raises(SettingsRefused, match="no revision 7"):
        history.at(7)


@pytest.mark.parametrize(
    ("changed", "sentences"),
    [
        (replace(SUPPORT, pin="0000"), ["extensions.513.pin: changed"]),
        (replace(SUPPORT, pin=None), ["extensions.513.pin: removed"]),
        (
            replace(SUPPORT, name="Help", record=RecordMode.OFF),
            ["extensions.513.name: Support → Help", "extensions.513.record: both → off"],
        ),
        (replace(SUPPORT, number="514"), ["extensions.513: removed", "extensions.514: added"]),
    ],
)
def test_pins_are_never_shown(changed: Extension, sentences: list[str]) -> None:
    found = difference(Settings(extensions=(SUPPORT,)), Settings(extensions=(changed,)))
    assert found == sentences
    assert "4711" not in "".join(found)


documents = st.builds(
    Settings,
    menu=st.builds(Menu, tries=st.integers(1, 9)),
    timers=st.builds(Timers, first_key_s=st.sampled_from([5.0, 7.0])),
    extensions=st.lists(st.sampled_from([SALES, SUPPORT]), unique=True).map(tuple),
)


@given(changes=st.lists(st.one_of(st.none(), documents), max_size=8))
@settings(max_examples=30)
def test_any_history_can_be_walked(changes: list[Settings | None], tmp_path_factory: pytest.TempPathFactory) -> None:
    """None stands for undo. Every revision differs from the one before, and reads back as it was stored."""
    model = [Settings()]
    with Ledger(tmp_path_factory.mktemp("settings") / "box.db", "box", "boot") as ledger:
        history = SettingsHistory(ledger, refuse_many_tries)
        for wanted in changes:
            if wanted is not None:
                history.save(wanted, "lan", "page", 1.0)
                if difference(model[-1], wanted):
                    model.append(wanted)
            elif len(model) > 1:
                history.undo("lan", "page", 1.0)
                model.append(model[-2])
            assert history.newest() == (len(model) - 1, model[-1])
        assert [history.at(number) for number in range(len(model))] == model
        assert [row.revision for row in history.revisions()] == list(range(1, len(model)))
