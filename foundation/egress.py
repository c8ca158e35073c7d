"""Every HTTP call to an address that somebody else chose: webhooks, look-ups, transfers.

The address is resolved once, judged, and that very address is connected to, so a name that
changes its mind between check and call gains nothing. Redirects are answers, never followed.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

TIMEOUT_SECONDS = 10
BODY_MAX = 64 * 1024
AT_ONCE = 100


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
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if not parsed.is_global or parsed.is_multicast:
        raise AddressRefused(f"{host} leads to {address}, which is not a public address")


def send_all(calls: Sequence[Call], *, allowed: frozenset[str] = frozenset()) -> list[Reply]:
    """Make the calls side by side; replies in the order of the calls, failures as replies."""
    return asyncio.run(_send_all(calls, allowed))


async def _send_all(calls: Sequence[Call], allowed: frozenset[str]) -> list[Reply]:
    connector = aiohttp.TCPConnector(resolver=PinningResolver(allowed), limit=AT_ONCE)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
    ) as session:
        return await asyncio.gather(*(_send(session, call, allowed) for call in calls))


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
    """A literal address never meets the resolver, so it is judged here."""
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError(f"{url} is not an http or https address")
    try:
        ipaddress.ip_address(url.host)
    except ValueError:
        return
    refuse_private(url.host, url.host, allowed)
