"""Files: whole or not at all, under their hash, each account's own."""

import hashlib
import os

import pytest
from django.conf import settings

from foundation import files
from foundation.tenancy import tenant
from kernel.errors import NotFound
from tests.factories import make_account

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def account(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "FILES", str(tmp_path / "files"))
    with tenant(make_account()) as account:
        return account


def stored(tmp_path):
    return [each for each in tmp_path.rglob("*") if each.is_file()]


@pytest.mark.parametrize("content", [CONTENT, b"", b"\x00"])
def test_what_is_put_is_got_back_under_its_hash(account, content):
    digest = files.put(account, content)
    assert digest == hashlib.sha256(content).hexdigest()
    assert files.get(account, digest) == content


def test_the_same_content_is_stored_once_and_by_its_owner_alone_readable(account, tmp_path):
    assert files.put(account, CONTENT) == files.put(account, CONTENT)
    (path,) = stored(tmp_path)
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "damage", [lambda old: old[:-1], lambda old: b"x" + old[1:], lambda _: b""]
)
def test_a_damaged_file_is_never_served(account, tmp_path, damage):
    digest = files.put(account, CONTENT)
    (path,) = stored(tmp_path)
    path.write_bytes(damage(CONTENT))
    with pytest.raises(ValueError, match="damaged"):
        files.get(account, digest)


def test_another_account_finds_nothing_under_the_same_hash(account):
    digest = files.put(account, CONTENT)
    with tenant(make_account()) as stranger:
        pass
    with pytest.raises(NotFound):
        files.get(stranger, digest)


@pytest.mark.parametrize(
    "digest", ["", "0" * 63, "0" * 65, "A" * 64, "../" * 21 + "x", "0" * 63 + "/", "0" * 63 + "\n"]
)
def test_what_is_no_hash_finds_nothing_and_leaves_the_folder_never(account, digest):
    with pytest.raises(NotFound):
        files.get(account, digest)


def test_a_full_disk_leaves_nothing_behind(account, tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.put(account, CONTENT)
    assert stored(tmp_path) == []


def test_a_file_and_the_folders_that_name_it_are_on_disk_before_it_counts(
    account, tmp_path, monkeypatch
):
    synced = []
    fsync = os.fsync

    def note(descriptor):
        synced.append(os.path.realpath(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    files.put(account, CONTENT)
    (path,) = stored(tmp_path)
    assert synced[1:] == [str(each) for each in (path.parent, path.parents[1], path.parents[2])]
