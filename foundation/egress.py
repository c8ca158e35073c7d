"""Every HTTP call to an address that somebody else chose: webhooks, look-ups, transfers.

The address is resolved once, judged, and that very address is connected to, so a name that
changes its mind between check and call gains nothing. Redirects are answers, never followed.
"""

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.helpers import is_ip_address
from yarl import URL

TIMEOUT_SECONDS = 10
BODY_MAX = 64 * 1024
AT_ONCE = 100

UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that is given out of IPv6; `is_global` also says yes to what nobody has given out."""
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
OURS_ALL_THE_SAME = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "168.63.129.16/32"))
)
"""Global only by older registries; the last one is the machine's own keeper at a cloud."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request; the body goes out byte for byte."""

    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back: a status, or the reason why there is none. At most 64 KiB of body."""

    status: int | None = None
    body: bytes = b""
    failure: str = ""


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


async def _send_all(calls: Sequence[Call], allowed: frozenset[str]) -> list[Reply]:
    connector = aiohttp.TCPConnector(resolver=PinningResolver(allowed), limit=0)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        # What unpacks to gigabytes stays packed.
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    ) as session:
        gate = asyncio.Semaphore(AT_ONCE)

        async def send(call: Call) -> Reply:
            # Outside the time limit: who waits for slow neighbours does not pay for them.
            async with gate:
                return await _send(session, call, allowed)

        return await asyncio.gather(*map(send, calls))


async def _send(session: aiohttp.ClientSession, call: Call, allowed: frozenset[str]) -> Reply:
    try:
        _judge(URL(call.url), allowed)
        async with session.request(
            call.method, call.url, data=call.body, headers=call.headers, allow_redirects=False
        ) as response:
            body = await _read(response)
            return Reply(status=response.status, body=body)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        return Reply(failure=f"{type(error).__name__}: {error}"[:500])


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(8192):
        body += chunk
        if len(body) >= BODY_MAX:
            break
    return bytes(body[:BODY_MAX])


def _judge(url: URL, allowed: frozenset[str]) -> None:
    """A literal address never meets the resolver, so it is judged here.

    Digits that are no address (`2130706433`, `127.1`) would pass for one on their way to the
    system, which reads them as 127.0.0.1.
    """
    if url.scheme not in {"http", "https"} or not url.raw_host:
        raise ValueError(f"{url} is not an http or https address")
    host = url.raw_host
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        if is_ip_address(host):
            raise AddressRefused(
                errno.EACCES, f"{host} is neither a name nor an address in full"
            ) from None
        return
    refuse_private(host, host, allowed)
