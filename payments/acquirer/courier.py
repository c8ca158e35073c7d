"""Callbacks on their way: posted at least once, with growing pauses, given up quietly at last."""

import asyncio
import logging
import sqlite3
from functools import partial

import aiohttp

from kernel.clock import wall_now
from payments.acquirer.book import Book, Callback
from payments.acquirer.charging import EPOCH, settle_late
from payments.acquirer.config import Settings
from payments.acquirer.group_commit import GroupCommit
from payments.acquirer.signing import CALLBACK_PURPOSE, Envelope, signed_headers

TRIES_MAX = 6
BACKOFF_FACTOR = 3
IN_FLIGHT_MAX = 64
POST_TIMEOUT = aiohttp.ClientTimeout(total=5)
REST_MIN_MS, REST_MAX_MS = 20, 1000

log = logging.getLogger(__name__)


def now_ms() -> int:
    return (wall_now() - EPOCH) // EPOCH.resolution // 1000


class Courier:
    """Also settles the charges that were answered `processing`. What is due lies in the book, so a
    restart goes on where a kill stopped."""

    def __init__(self, *, book: Book, commits: GroupCommit, settings: Settings) -> None:
        self._book = book
        self._commits = commits
        self._settings = settings
        self._wake = asyncio.Event()
        self._session = aiohttp.ClientSession(timeout=POST_TIMEOUT)
        self._flying: dict[int, asyncio.Task[None]] = {}

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._turn()
            except sqlite3.Error:
                log.exception("the book could not be read or written; trying again")
                await asyncio.sleep(REST_MAX_MS / 1000)

    async def deliver_now(self, key: str) -> None:
        """Waits for one try of each waiting callback of this charge."""
        callbacks = self._book.callbacks_waiting_for(key)
        await asyncio.gather(*[self._launch(callback) for callback in callbacks])

    async def close(self) -> None:
        for task in self._flying.values():
            task.cancel()
        await asyncio.gather(*self._flying.values(), return_exceptions=True)
        await self._session.close()

    async def _turn(self) -> None:
        due_at = self._book.next_due_at()
        if due_at is not None and due_at <= now_ms():
            await self._commits.run(partial(settle_late, now=now_ms()))
            for callback in self._book.callbacks_due(until=now_ms(), limit=IN_FLIGHT_MAX):
                self._launch(callback)
        await self._rest()

    async def _rest(self) -> None:
        due_at = self._book.next_due_at()
        wait = REST_MAX_MS if due_at is None else due_at - now_ms()
        wait = min(max(wait, REST_MIN_MS), REST_MAX_MS)  # what is flying still counts as due
        try:
            async with asyncio.timeout(wait / 1000):
                await self._wake.wait()
        except TimeoutError:
            return

    def _launch(self, callback: Callback) -> asyncio.Task[None]:
        flying = self._flying.get(callback.id)
        if flying is None:
            flying = asyncio.create_task(self._deliver(callback))
            self._flying[callback.id] = flying
            flying.add_done_callback(lambda _: self._flying.pop(callback.id))
        return flying

    async def _deliver(self, callback: Callback) -> None:
        arrived = await self._post(callback)
        now = now_ms()
        if arrived:
            await self._commits.run(lambda book: book.mark_delivered(callback.id, at=now))
            return
        pause = self._settings.callback_retry_ms * BACKOFF_FACTOR**callback.tries
        next_at = now + pause if callback.tries + 1 < TRIES_MAX else None
        await self._commits.run(lambda book: book.mark_undelivered(callback.id, next_at=next_at))

    async def _post(self, callback: Callback) -> bool:
        body = callback.body.encode()
        envelope = Envelope(CALLBACK_PURPOSE, body)
        headers = signed_headers(self._settings.secret, envelope, at=now_ms() // 1000)
        headers["Content-Type"] = "application/json"
        try:
            async with self._session.post(
                callback.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return 200 <= answer.status < 300
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
            return False
