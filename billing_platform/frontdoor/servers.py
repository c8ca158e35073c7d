"""The servers behind the application: started when needed, shared, stopped by their last user."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from billing_platform.frontdoor import acquirer as simulated
from billing_platform.frontdoor import environment, roles, secrets
from billing_platform.frontdoor.acquirer import Acquirer
from billing_platform.frontdoor.locks import Alone, Share, exclusive
from billing_platform.frontdoor.parts import Part, carry_on, stop_noted
from billing_platform.frontdoor.paths import Home, home
from billing_platform.frontdoor.postgres import SUPERUSER, Postgres, Tuning
from billing_platform.frontdoor.say import step
from billing_platform.frontdoor.valkey import Valkey

STOPPING_ORDER: tuple[type[Part], ...] = (Acquirer, Valkey, Postgres)
# Said to a word that needs no such server: port 9 of the loopback address is always closed.
NO_VALKEY = "redis://127.0.0.1:9/0"
NO_ACQUIRER = "http://127.0.0.1:9"
LOCAL_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which servers a word needs beside PostgreSQL."""

    valkey: bool = True
    acquirer: bool = True
    tuning: Tuning = field(default_factory=Tuning)
    public_url: str = LOCAL_URL


class Servers:
    """All servers of one state folder. Those that the environment names are not ours."""

    def __init__(self, home: Home, wanted: Wanted) -> None:
        self.home = home.make()
        self.wanted = wanted
        self.keys = secrets.load(home.secrets)
        self.postgres = self._postgres()
        self.valkey = self._valkey()
        self.acquirer = self._acquirer()

    def parts(self) -> list[Part]:
        """Those that we start ourselves, in the order of starting."""
        return [part for part in (self.postgres, self.valkey, self.acquirer) if part]

    def start(self, *, check: Callable[[], None] = carry_on) -> None:
        for part in self.parts():
            with step(f"starting {part.title}"):
                part.start(check=check)
        if self.postgres:
            roles.make_embedded(
                self.superuser_url(),
                owner_password=self.keys["KONTOR_PG_OWNER_PASSWORD"],
                app_password=self.keys["KONTOR_PG_APP_PASSWORD"],
            )

    def stop(self, kind: type[Part]) -> None:
        ours = [part for part in self.parts() if isinstance(part, kind)]
        for part in ours:
            part.stop()
        if not ours:
            stop_noted(kind, self.home)

    def superuser_url(self) -> str:
        assert self.postgres is not None, "an outside server's superuser is not ours"
        return self.postgres.url(SUPERUSER, self.keys["KONTOR_PG_SUPERUSER_PASSWORD"])

    def env(self) -> dict[str, str]:
        owner, app = self._databases()
        addresses = environment.Addresses(
            owner=owner,
            app=app,
            valkey=_address(self.valkey, "REDIS_URL", NO_VALKEY),
            acquirer=_address(self.acquirer, "KONTOR_ACQUIRER_URL", NO_ACQUIRER),
            files=self.home.files,
        )
        env = environment.application(addresses, keys=self.keys, public_url=self.wanted.public_url)
        if self.acquirer:
            env |= simulated.facts(port=self.acquirer.port, home=self.home)
        return env

    def _databases(self) -> tuple[str, str]:
        if self.postgres:
            owner, app = (
                self.postgres.url(role, self.keys[name], database=roles.DATABASE)
                for role, name in (
                    (roles.OWNER, "KONTOR_PG_OWNER_PASSWORD"),
                    (roles.APP, "KONTOR_PG_APP_PASSWORD"),
                )
            )
            return owner, app
        owner = os.environ.get("DATABASE_URL", "")
        app = os.environ.get("KONTOR_DATABASE_APP_URL", "")
        return owner, app or roles.make_app_role(
            owner, app_password=self.keys["KONTOR_PG_APP_PASSWORD"]
        )

    def _postgres(self) -> Postgres | None:
        if os.environ.get("DATABASE_URL") or os.environ.get("KONTOR_DATABASE_APP_URL"):
            return None
        password = self.keys["KONTOR_PG_SUPERUSER_PASSWORD"]
        return Postgres(self.home, password=password, tuning=self.wanted.tuning)

    def _valkey(self) -> Valkey | None:
        if os.environ.get("REDIS_URL") or not self.wanted.valkey:
            return None
        password = self.keys["KONTOR_VALKEY_PASSWORD"]
        return Valkey(self.home, password=password, durable=self.wanted.tuning.durable)

    def _acquirer(self) -> Acquirer | None:
        if os.environ.get("KONTOR_ACQUIRER_URL") or not self.wanted.acquirer:
            return None
        secret = self.keys["KONTOR_ACQUIRER_SECRET"]
        return Acquirer(self.home, env=environment.bare() | {"KONTOR_ACQUIRER_SECRET": secret})


def _address(part: Valkey | Acquirer | None, name: str, closed: str) -> str:
    return part.url if part else os.environ.get(name) or closed


def served_url(state: Home) -> str:
    """Where the web server answers: acquirers are told to call back there."""
    return state.served_url.read_text() if state.served_url.exists() else LOCAL_URL


@contextmanager
def shared_servers(
    state: Home, wanted: Wanted, *, check: Callable[[], None] = carry_on
) -> Iterator[Servers]:
    """The servers of the clone, for as long as we need them.

    Several calls may overlap: each takes a seat, and whoever leaves last stops the servers. A
    call that was killed leaves its seat too, so the next one finds the servers and stops them.
    """
    state.make()
    seat = Share(state.lock("seats"))
    with exclusive(state.lock("starting")):
        seat.take()
        servers = Servers(state, wanted)
        try:
            servers.start(check=check)
        except BaseException:
            _leave(servers, seat)
            raise
    try:
        yield servers
    finally:
        with exclusive(state.lock("starting")):
            _leave(servers, seat)


def _leave(servers: Servers, seat: Share) -> None:
    """Stop everything if nobody else sits here, also what a call with other wishes had started."""
    if not seat.leave():
        return
    for kind in STOPPING_ORDER:
        if servers.home.pid(kind.name).exists():
            with step(f"stopping {kind.title}"):
                servers.stop(kind)


@contextmanager
def throwaway_servers(
    *, durable: bool, shared_buffers: str = "256MB", max_connections: int = 200
) -> Iterator[dict[str, str]]:
    """Fresh servers with fresh secrets, and the environment to reach them; gone afterwards.

    Not durable means no fsync: right for tests, wrong for anything that is measured or killed.
    """
    tuning = Tuning(shared_buffers=shared_buffers, max_connections=max_connections, durable=durable)
    folder, lock = _throwaway_folder(home().make())
    with _only_our_environment():
        servers = Servers(Home(folder), Wanted(tuning=tuning))
        try:
            servers.start()
            yield servers.env() | {"KONTOR_TEST_SUPERUSER_URL": servers.superuser_url()}
        finally:
            for kind in STOPPING_ORDER:
                servers.stop(kind)
            shutil.rmtree(folder, ignore_errors=True)
            lock.leave()


def _throwaway_folder(base: Home) -> tuple[Path, Alone]:
    with exclusive(base.lock("throwaway")):
        base.throwaways.mkdir(exist_ok=True)
        base.throwaways.chmod(0o711)
        _sweep(base)
        folder = Path(tempfile.mkdtemp(dir=base.throwaways))
        lock = Alone(folder / "lock")
        lock.take()
        return folder, lock


def _sweep(base: Home) -> None:
    """Remove what a killed call left: its servers and its folder."""
    for folder in base.throwaways.iterdir():
        lock = Alone(folder / "lock")
        if lock.take():
            for kind in STOPPING_ORDER:
                stop_noted(kind, Home(folder))
            shutil.rmtree(folder, ignore_errors=True)
        lock.leave()


@contextmanager
def _only_our_environment() -> Iterator[None]:
    """Hide servers and secrets of the caller's environment: a test must not reach real data."""
    hidden = {*environment.FOREIGN, *environment.CHOICES, *secrets.NAMES}
    before = {name: os.environ.pop(name) for name in hidden if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(before)
