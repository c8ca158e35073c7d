"""Every HTTP call to an address that somebody else chose: webhooks, look-ups, transfers.

The address is resolved once, judged, and that very address is connected to, so a name that
changes its mind between check and call gains nothing. Redirects are answers, never followed.
"""

import asyncio
import errno
import ipaddress
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from queue import Empty, SimpleQueue
from uuid import UUID

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.helpers import is_ip_address
from yarl import URL

TIMEOUT_SECONDS = 10
BODY_MAX = 64 * 1024
HEADERS_MAX = 8 * 1024
AT_ONCE = 100
PORTS = frozenset({80, 443})
"""Elsewhere listens what was not made for strangers."""

UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that is given out of IPv6; `is_global` also says yes to what nobody has given out."""
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
OURS_ALL_THE_SAME = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "168.63.129.16/32"))
)
"""Global only by older registries; the last one is the machine's own keeper at a cloud."""
NAME_MAX = 254
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
PRIVATE_TOPS = frozenset({"arpa", "home", "internal", "intranet", "lan", "local", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request; the body goes out byte for byte."""

    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back after so many seconds: a status, or the reason why there is none. At most
    64 KiB of body; the headers as they came, one a line."""

    status: int | None = None
    headers: bytes = b""
    body: bytes = b""
    failure: str = ""
    seconds: float = 0.0


class AddressRefused(OSError):
    """The name leads to an address of ours, of this machine or of nobody."""


class PinningResolver(AbstractResolver):
    """Resolves a name to public addresses only, or to what the development list allows."""

    def __init__(self, allowed: frozenset[str] = frozenset()) -> None:
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        for *_, address in found:
            refuse_private(str(address[0]), host, self._allowed)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for kind, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Nothing is held open."""


def refuse_private(address: str, host: str, allowed: frozenset[str]) -> None:
    """Raises `AddressRefused` for any address that is not public, unless `host` is allowed."""
    if host in allowed:
        return
    if not _is_public(ipaddress.ip_address(address.partition("%")[0])):
        raise AddressRefused(
            errno.EACCES, f"{host} leads to {address}, which is not a public address"
        )


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner_ipv4(address)
        if inner is None and address not in UNICAST:
            return False
        address = inner or address
    is_ours = any(address in network for network in OURS_ALL_THE_SAME)
    return address.is_global and not address.is_multicast and not is_ours


def _inner_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a mapped, 6to4 or NAT64 address really leads to."""
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def send_all(calls: Sequence[Call], *, allowed: frozenset[str] = frozenset()) -> list[Reply]:
    """Make the calls side by side; replies in the order of the calls, failures as replies."""
    return asyncio.run(_send_all(calls, allowed))


class Line:
    """Calls go out as they are given and replies come in as they arrive, whatever others do.

    How many are under way at once is for the caller to say, by how many it gives.
    """

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        self._replies: SimpleQueue[tuple[UUID, Reply]] = SimpleQueue()
        self._calls: set[asyncio.Task[Reply]] = set()
        self._is_open = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        self._is_open.wait()

    def send(self, calls: Mapping[UUID, Call]) -> None:
        """Make these calls; each reply comes back under the key of its call."""
        self._loop.call_soon_threadsafe(self._start, calls)

    def replies(self, *, at_least: int, within: float, patience: float) -> list[tuple[UUID, Reply]]:
        """Wait `patience` seconds for a reply at most, and `within` so many for others, unless
        `at_least` so many are there before; then all that have come."""
        found: list[tuple[UUID, Reply]] = []
        try:
            found.append(self._replies.get(timeout=patience))
            deadline = time.monotonic() + within
            while len(found) < at_least:
                found.append(self._replies.get(timeout=max(deadline - time.monotonic(), 0)))
            while True:
                found.append(self._replies.get_nowait())
        except Empty:
            return found

    def close(self) -> None:
        """Give up what is under way; its replies come no more."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with _session(self._allowed) as self._session:
            self._is_open.set()
            await self._end.wait()

    def _start(self, calls: Mapping[UUID, Call]) -> None:
        for key, call in calls.items():
            task = self._loop.create_task(_send(self._session, call, self._allowed))
            self._calls.add(task)
            task.add_done_callback(partial(self._arrived, key))

    def _arrived(self, key: UUID, task: "asyncio.Task[Reply]") -> None:
        self._calls.discard(task)
        if task.cancelled():
            return
        # A fault of our own is told like any other, or somebody would wait for ever.
        error = task.exception()
        self._replies.put((key, task.result() if error is None else _failure(error)))


@contextmanager
def open_line(*, allowed: frozenset[str] = frozenset()) -> Iterator[Line]:
    """One session with its kept connections, in a thread of its own."""
    line = Line(allowed)
    try:
        yield line
    finally:
        line.close()


def _session(allowed: frozenset[str]) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=PinningResolver(allowed), limit=0),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        # What unpacks to gigabytes stays packed.
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    )


async def _send_all(calls: Sequence[Call], allowed: frozenset[str]) -> list[Reply]:
    async with _session(allowed) as session:
        gate = asyncio.Semaphore(AT_ONCE)

        async def send(call: Call) -> Reply:
            # Outside the time limit: who waits for slow neighbours does not pay for them.
            async with gate:
                return await _send(session, call, allowed)

        return await asyncio.gather(*map(send, calls))


async def _send(session: aiohttp.ClientSession, call: Call, allowed: frozenset[str]) -> Reply:
    begun = time.perf_counter()
    try:
        url = _judged(call.url, allowed)
        async with session.request(
            call.method, url, data=call.body, headers=call.headers, allow_redirects=False
        ) as response:
            body = await _read(response)
            return Reply(
                status=response.status,
                headers=_headers(response),
                body=body,
                seconds=time.perf_counter() - begun,
            )
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        return _failure(error, time.perf_counter() - begun)


@lru_cache(maxsize=1024)
def _judged(text: str, allowed: frozenset[str]) -> URL:
    """The same few addresses are called again and again; a refusal is never kept."""
    url = URL(text)
    refuse(url, allowed)
    return url


def _failure(error: BaseException, seconds: float = 0.0) -> Reply:
    return Reply(failure=f"{type(error).__name__}: {error}"[:500], seconds=seconds)


def _headers(response: aiohttp.ClientResponse) -> bytes:
    lines = [name + b": " + value for name, value in response.raw_headers]
    return b"\n".join(lines)[:HEADERS_MAX]


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(8192):
        body += chunk
        if len(body) >= BODY_MAX:
            break
    return bytes(body[:BODY_MAX])


def refuse(url: URL, allowed: frozenset[str]) -> None:
    """Raises `ValueError` or `AddressRefused` for what may not be called, as far as the address
    itself tells; what a name leads to is judged when it is called.

    A literal address never meets the resolver, so it is judged here. Digits that are no address
    (`2130706433`, `127.1`) would pass for one on their way to the system, which reads them as
    127.0.0.1.
    """
    if url.scheme not in {"http", "https"} or not url.raw_host:
        raise ValueError(f"{url} is not an http or https address")
    host = url.raw_host
    if host not in allowed and url.port not in PORTS:
        raise AddressRefused(errno.EACCES, f"{host} is called on the ports 80 and 443 alone")
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        if is_ip_address(host):
            raise AddressRefused(
                errno.EACCES, f"{host} is neither a name nor an address in full"
            ) from None
        if host not in allowed and not _is_public_name(host):
            raise AddressRefused(errno.EACCES, f"{host} is no name of the public net") from None
        return
    refuse_private(host, host, allowed)


def _is_public_name(host: str) -> bool:
    """Whether the name could be one that everybody knows: labels of two levels at least, not of a
    private top, the last one no number, which systems read as an address."""
    labels = host.lower().removesuffix(".").split(".")
    if len(labels) < 2 or labels[-1] in PRIVATE_TOPS or NUMBER.fullmatch(labels[-1]):
        return False
    return len(host) <= NAME_MAX and all(LABEL.fullmatch(each) for each in labels)
