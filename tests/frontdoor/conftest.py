"""A state folder that servers of another user can reach, and a clean environment."""

import shutil
import tempfile
from pathlib import Path

import pytest

from billing_platform.frontdoor import environment, secrets
from billing_platform.frontdoor.paths import Home


@pytest.fixture
def home(monkeypatch):
    """Removed afterwards. pytest's own folders are closed to the servers' user when root tests."""
    for name in (*environment.FOREIGN, *environment.CHOICES, *secrets.NAMES):
        monkeypatch.delenv(name, raising=False)
    root = Path(tempfile.mkdtemp(prefix="kontor-test-"))
    root.chmod(0o711)
    monkeypatch.setenv("KONTOR_HOME", str(root))
    yield Home(root).make()
    shutil.rmtree(root, ignore_errors=True)
