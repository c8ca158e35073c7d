"""Containers cannot be started where this is tested; what can be read of them is."""

import re

import pytest
import yaml

from billing_platform.frontdoor import words
from billing_platform.frontdoor.paths import CLONE

COMPOSE = yaml.safe_load((CLONE / "docker-compose.yml").read_text())
OURS = {
    name: service
    for name, service in COMPOSE["services"].items()
    if service.get("image") == "kontor"
}
SOURCES = "\n".join(
    path.read_text()
    for folder in ("settings", "frontdoor")
    for path in (CLONE / "billing_platform" / folder).glob("*.py")
)


def test_the_services_are_those_of_up():
    assert set(COMPOSE["services"]) - set(OURS) == {"postgres", "valkey"}
    assert set(OURS) == {"migrate", "web", "worker", "beat", "acquirer"}


@pytest.mark.parametrize("name", OURS)
def test_each_service_runs_a_word_of_the_front_door(name):
    assert OURS[name]["command"][0] in words.WORDS | words.SINGLES


@pytest.mark.parametrize("name", OURS)
def test_each_variable_is_read_by_the_settings_or_the_front_door(name):
    unread = [key for key in OURS[name]["environment"] if f'"{key}"' not in SOURCES]

    assert unread == []


def test_only_migrate_knows_the_owner():
    knowing = [name for name in OURS if "DATABASE_URL" in OURS[name]["environment"]]

    assert knowing == ["migrate"]


def test_no_secret_has_a_value_in_the_file():
    text = (CLONE / "docker-compose.yml").read_text()

    assert set(re.findall(r"\$\{(\w+)(:\?|:-)", text)) >= {("KONTOR_SECRET_KEY", ":?")}
    defaults = re.findall(r"\$\{(\w+):-", text)
    assert defaults == ["KONTOR_LOG_LEVEL"]


def test_the_image_installs_by_hash_and_does_not_run_as_root():
    lines = (CLONE / "Dockerfile").read_text().splitlines()

    assert "RUN pip install --no-cache-dir --require-hashes -r requirements/run.lock" in lines
    assert lines.index("USER kontor") < next(
        number for number, line in enumerate(lines) if line.startswith("ENTRYPOINT")
    )
    command = next(line for line in lines if line.startswith("CMD"))
    assert yaml.safe_load(command.removeprefix("CMD "))[0] in words.SINGLES
