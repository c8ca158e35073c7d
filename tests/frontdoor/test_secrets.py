import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from billing_platform.frontdoor import secrets
from billing_platform.frontdoor.say import Trouble


def test_secrets_are_made_once(home):
    first = secrets.load(home.secrets)

    assert secrets.load(home.secrets) == first
    assert len(set(first.values())) == len(secrets.NAMES)


def test_only_the_owner_can_read_the_secrets(home):
    secrets.load(home.secrets)

    assert stat.S_IMODE(home.secrets.stat().st_mode) == 0o600
    assert [path.name for path in home.root.glob("secrets*")] == ["secrets.env"]


def test_calls_that_start_at_once_agree_on_the_secrets(home):
    with ThreadPoolExecutor(8) as threads:
        loaded = list(threads.map(lambda _: secrets.load(home.secrets), range(8)))

    assert all(one == loaded[0] for one in loaded)


def test_the_environment_wins_over_the_file(home, monkeypatch):
    kept = secrets.load(home.secrets)
    monkeypatch.setenv("KONTOR_SECRET_KEY", "from outside")

    assert secrets.load(home.secrets) == kept | {"KONTOR_SECRET_KEY": "from outside"}


def test_no_file_is_made_when_the_environment_names_all_secrets(home, monkeypatch):
    for name in secrets.NAMES:
        monkeypatch.setenv(name, f"given {name}")

    assert secrets.load(home.secrets)["KONTOR_VALKEY_PASSWORD"] == "given KONTOR_VALKEY_PASSWORD"
    assert not home.secrets.exists()


def test_a_secret_that_is_missing_from_the_file_is_named(home):
    secrets.load(home.secrets)
    lines = home.secrets.read_text().splitlines(keepends=True)
    home.secrets.write_text("".join(line for line in lines if "ACQUIRER" not in line))

    with pytest.raises(Trouble, match="does not name KONTOR_ACQUIRER_SECRET"):
        secrets.load(home.secrets)
