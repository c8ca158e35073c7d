"""Files that never change: stored once under the hash of their content, per account."""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings

from foundation.tenancy import Tenant
from kernel.errors import NotFound


def put(account: Tenant, content: bytes) -> str:
    """Store `content` and return its SHA-256; on disk, whole, before this returns."""
    digest = hashlib.sha256(content).hexdigest()
    path = _path(account, digest)
    if path.exists():
        return digest
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    _keep_names(path.parent)
    return digest


def _keep_names(folder: Path) -> None:
    """A file survives a power cut only when the folders that name it are on disk too."""
    for each in (folder, folder.parent, folder.parent.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def get(account: Tenant, digest: str) -> bytes:
    """The content; raises `NotFound` when this account has none under `digest`.

    A file whose content no longer has its hash raises `ValueError`: damage is never served.
    """
    path = _path(account, digest)
    if not path.is_file():
        raise NotFound("file", digest)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"the stored file {digest} is damaged: restore it from a backup")
    return content


def _path(account: Tenant, digest: str) -> Path:
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise NotFound("file", digest)
    return Path(settings.FILES) / account.id.hex / digest[:2] / digest
