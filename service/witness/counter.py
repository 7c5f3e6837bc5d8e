"""The counter of a witness: requests that come while a transaction runs are decided together in the next one."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from service.witness.cosigning import Answer, Case, Witness

MAX_GROUP = 256
"""Requests in one transaction: bounds how long the lock is held."""


class Counter:
    """One for each process, used from its event loop. Transactions run in a thread beside it, one after the other."""

    def __init__(self, witness: Witness) -> None:
        self.witness = witness
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="witness")
        self._waiting: list[tuple[Case, asyncio.Future[None]]] = []
        self._deciding: asyncio.Task[None] | None = None

    async def add_checkpoint(self, body: bytes) -> Answer:
        """MalformedError if it is no request; BusyError, with nothing changed, if the lock is not to be had.

        When an answer with cosignatures is returned, the checkpoint is on the disk as the newest of its origin.
        """
        case = self.witness.admit(body)
        if isinstance(case, Answer):
            return case
        decided: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((case, decided))
        if self._deciding is None:
            self._deciding = asyncio.create_task(self._decide())
        await decided
        return self.witness.cosign(case)

    async def _decide(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            taken, self._waiting = self._waiting[:MAX_GROUP], self._waiting[MAX_GROUP:]
            failure: Exception | None = None
            try:
                await loop.run_in_executor(self._thread, self.witness.decide, [case for case, _ in taken])
            except Exception as error:
                failure = error
            for _, decided in taken:
                if decided.done():  # its client is gone
                    continue
                if failure is None:
                    decided.set_result(None)
                else:
                    decided.set_exception(failure)
        self._deciding = None
