"""One commit for all requests that arrive together, and no answer before its commit."""

import asyncio
from typing import Any, cast

from payments.acquirer.book import Answer, Book, Operation


class GroupCommit:
    """The book is written on the event loop itself: in WAL mode a commit is one write to the page
    cache, cheaper than handing it to a thread, and all operations are strictly one after another.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._waiting: list[Operation[Any]] = []
        self._commit: asyncio.Task[list[Any]] | None = None

    async def run(self, operation: Operation[Answer]) -> Answer:
        """Its answer, once it is committed. An error of any in the group is the error of all: then
        nothing of the group is in the book, and all who asked must ask again."""
        if self._commit is None:
            self._waiting = []
            self._commit = asyncio.create_task(self._soon(self._waiting))
        place = len(self._waiting)
        self._waiting.append(operation)
        # shielded: one who hangs up must not take the others' commit along
        answers = await asyncio.shield(self._commit)
        return cast("Answer", answers[place])

    async def _soon(self, operations: list[Operation[Any]]) -> list[Any]:
        await asyncio.sleep(0)  # lets every request join that is readable in this turn of the loop
        self._commit = None
        return self._book.commit(operations)
