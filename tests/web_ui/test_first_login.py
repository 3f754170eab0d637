"""What `tongdai status` says of the first login."""

from __future__ import annotations

from pathlib import Path

from web_ui.first_login import first_login
from web_ui.store import WebStore
from web_ui.users import Users


def test_the_secret_is_told_until_it_is_changed(tmp_path: Path) -> None:
    assert first_login(tmp_path) == ("admin", None)
    with WebStore(tmp_path / "web.db") as store:
        users = Users(store)
        users.ensure_first()
        user, secret = users.first_login()
        assert first_login(tmp_path) == (user, secret)
        assert secret is not None
        users.change_secret(user, secret, "mot-mat-khau-rat-dai-42")
    assert first_login(tmp_path) == ("admin", None)
