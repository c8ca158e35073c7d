import os
import subprocess
import sys
from collections.abc import Collection

import pytest
from django.core.exceptions import ImproperlyConfigured

from billing_platform.frontdoor.paths import CLONE
from billing_platform.settings import database, security


def manage(
    *words: str, without: Collection[str] = (), **env: str
) -> subprocess.CompletedProcess[str]:
    chosen = {name: value for name, value in (os.environ | env).items() if name not in without}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=CLONE,
        env=chosen,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_installation_behind_https_passes_the_deployment_checks():
    checked = manage(
        *("check", "--deploy", "--fail-level", "WARNING"),
        KONTOR_PUBLIC_URL="https://kontor.example",
        KONTOR_SECRET_KEY="k" * 25 + "abcdefghijklmnopqrstuvwxyz0123456789",
    )

    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("name", ["KONTOR_SECRET_KEY", "REDIS_URL", "KONTOR_APP_DATABASE_URL"])
def test_a_missing_variable_sends_the_caller_to_the_front_door(name):
    refused = manage("check", without={name})

    assert refused.returncode == 1
    assert f"{name} is not set. Start through the front door" in refused.stderr


def test_plain_http_outside_this_machine_is_refused():
    with pytest.raises(ImproperlyConfigured, match="outside this machine it must be https"):
        security.chosen("http://kontor.example", debug=False, behind_proxy=False)


def test_health_is_answered_without_encryption():
    chosen = security.chosen("https://kontor.example", debug=False, behind_proxy=True)

    assert chosen["SECURE_REDIRECT_EXEMPT"] == [r"^healthz$"]
    assert chosen["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def test_a_connection_url_may_carry_any_password():
    parsed = database.parsed(
        "postgresql://kontor_app:p%40ss%2Fw@db.example:6432/kontor?sslmode=require"
    )

    assert (parsed["USER"], parsed["PASSWORD"], parsed["PORT"]) == ("kontor_app", "p@ss/w", "6432")
    assert parsed["OPTIONS"]["sslmode"] == "require"


def test_an_unknown_role_is_refused(monkeypatch):
    monkeypatch.setenv("KONTOR_ROLE", "superuser")

    with pytest.raises(ImproperlyConfigured, match="it must be app or owner"):
        database.chosen()
