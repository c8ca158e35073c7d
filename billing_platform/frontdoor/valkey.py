"""The embedded Valkey, which only wakes workers: no financial truth depends on its content."""

import os
import subprocess
from pathlib import Path
from typing import ClassVar

import redis

from billing_platform.frontdoor.binaries import valkey_program
from billing_platform.frontdoor.parts import Listener
from billing_platform.frontdoor.paths import Home
from billing_platform.frontdoor.postgres import BARE, require_reach
from billing_platform.frontdoor.processes import spawn
from billing_platform.frontdoor.servant import make_private, servant


class Valkey(Listener):
    name: ClassVar[str] = "valkey"
    title: ClassVar[str] = "Valkey"

    def __init__(self, home: Home, *, password: str, durable: bool) -> None:
        super().__init__(home)
        self.password = password
        self.durable = durable
        self.user = servant()

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def launch(self) -> subprocess.Popen[bytes]:
        program = valkey_program(self.user)
        make_private(self.home.valkey, self.user)
        require_reach(self.user, self.home.valkey / "data")
        self.claim_port()
        return spawn(
            [str(program), str(self._configure())],
            env=BARE,
            log=self.home.log(self.name),
            cwd=Path("/"),
            user=self.user,
        )

    def ready(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _configure(self) -> Path:
        """A file, not arguments: the password must not show in the list of processes."""
        lines = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(self.home.valkey),
            "requirepass": self.password,
            "appendonly": "yes" if self.durable else "no",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        path = self.home.valkey / "valkey.conf"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.writelines(f"{name} {value}\n" for name, value in lines.items())
        if self.user:
            os.chown(path, self.user.uid, self.user.gid)
        return path
