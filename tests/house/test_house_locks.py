"""Lock files: every package by version and hash, and no word on where it comes from."""

import re
from collections.abc import Iterator

import pytest

from tests.house.source import Source, broken, planted, texts

PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==[^\s;]+(\s*;[^\\]*)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
HASHES_ALONE = re.compile(r"--[a-z]|https?:|file:|\bgit\+|@ ")


def entries(text: str) -> Iterator[str]:
    """Requirements with their continuation lines joined; comments are left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return (line.strip() for line in joined.splitlines() if line.strip())


def loose_entries(source: Source) -> Iterator[str]:
    for entry in entries(source.text):
        requirement, _, rest = entry.partition(" --hash")
        if not PINNED.fullmatch(requirement.strip()) or HASHES_ALONE.search(requirement):
            yield f"{source.path}: {requirement[:60]!r} is not pinned to one version"
        elif not rest or HASH.sub("", f"--hash{rest}").split():
            yield f"{source.path}: {requirement[:60]!r} has no hash, or more than hashes"


def locks() -> list[Source]:
    return [each for each in texts() if each.path.endswith(".lock")]


def test_every_package_is_pinned_by_version_and_hash():
    assert {each.path for each in locks()} >= {
        "requirements/run.lock",
        "requirements/dev.lock",
        "requirements/seed.lock",
    }
    assert not broken(loose_entries, locks())


def test_the_larger_locks_contain_the_smallest():
    """`./kontor` relies on it: whoever has the packages for tests has those to run."""
    found = {each.path: set(entries(each.text)) for each in locks()}
    run = found["requirements/run.lock"]

    assert run <= found["requirements/dev.lock"]
    assert run <= found["requirements/seed.lock"]


GOOD = f"--hash=sha256:{'0' * 64}"


@pytest.mark.parametrize(
    "entry",
    [
        "django",
        "django>=5",
        "django==5.2.19",
        f"django>=5 {GOOD}",
        f"--index x\ndjango==5.2.19 {GOOD}",
        f"https://example.org/django.whl {GOOD}",
        f"django @ file:///django.whl {GOOD}",
        "django==5.2.19 --hash=md5:0123",
        f"django==5.2.19 {GOOD} --config=x",
    ],
)
def test_a_planted_loose_entry_is_seen(entry):
    assert broken(loose_entries, [planted("requirements/x.lock", f"{entry}\n")])


@pytest.mark.parametrize(
    "entry",
    [
        f"django==5.2.19 \\\n    {GOOD} \\\n    {GOOD}\n    # via kontor",
        f"celery[redis]==5.7.1 {GOOD}",
        f"tzdata==2026.1 ; sys_platform != 'win32' {GOOD}",
    ],
)
def test_a_pinned_entry_is_not_reported(entry):
    assert not broken(loose_entries, [planted("requirements/x.lock", f"{entry}\n")])
