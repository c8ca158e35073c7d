"""The limit: the same bodies to the same receiver by a bare aiohttp loop, with nothing recorded."""

import asyncio
from collections.abc import Iterator, Sequence

import aiohttp


def post_all(calls: Sequence[tuple[str, bytes]], *, at_once: int) -> None:
    """Send every body to its address, so many at a time; all must be answered with 200."""
    asyncio.run(_post_all(iter(calls), at_once))


async def _post_all(calls: Iterator[tuple[str, bytes]], at_once: int) -> None:
    headers = {"Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def work() -> None:
            for url, body in calls:
                async with session.post(url, data=body) as response:
                    assert response.status == 200
                    await response.read()

        await asyncio.gather(*(work() for _ in range(at_once)))
