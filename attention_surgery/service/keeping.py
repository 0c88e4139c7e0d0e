"""The database as a server talks to it: off the event loop, bounded, opened at first need."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from attention_surgery.errors import ShuttingDown, StoreUnavailable
from attention_surgery.settings import Settings
from attention_surgery.store.place import database_url, file_of, folder_of_runs

if TYPE_CHECKING:  # SQLAlchemy takes a third of a second to import
    from attention_surgery.store.database import Database

Answer = TypeVar("Answer")

THREADS = 4
# Questions to the database that may wait or run; each holds at most one saved experiment.
AT_ONCE = 32
# Longer than the database's own limits, which end what they can.
PATIENCE_SECONDS = 15.0


class Keeping:
    """Owned by one event loop; its database is any thread's."""

    def __init__(self, settings: Settings, log: Any) -> None:
        self._log = log
        given = settings.database
        self._place = None if given is None else given.get_secret_value()
        self._url = database_url(self._place)
        folder = settings.runs_folder
        self.folder_of_runs = folder_of_runs(self._url, None if folder is None else str(folder))
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="store")
        self._under_way = 0
        self._stopped = False
        self._lock = threading.Lock()
        self._database: Database | None = None

    @property
    def exists(self) -> bool:
        """Whether anything may be kept already; what was never used is not made for a look."""
        file: Path | None = file_of(self._url)
        return file is None or file.exists()

    @property
    def database(self) -> Database:
        """Imports what takes a while, so it belongs on a thread."""
        from attention_surgery.store.database import Database

        with self._lock:
            if self._database is None:
                self._database = Database(self._place, self._log)
            return self._database

    async def ask(self, work: Callable[[Database], Answer]) -> Answer:
        """Let a thread do it; who asks does not wait longer than a database may take.

        Raises:
            StoreUnavailable: the database does not answer in time.
            ShuttingDown: the server is stopping.
        """
        if self._stopped:
            raise ShuttingDown("The server is stopping; retry in a few seconds.")
        if self._under_way >= AT_ONCE:
            raise StoreUnavailable("The database is busy; retry in a few seconds.")
        self._under_way += 1
        asked = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: work(self.database)
        )
        asked.add_done_callback(self._ended)
        try:
            return await asyncio.wait_for(asyncio.shield(asked), PATIENCE_SECONDS)
        except TimeoutError:
            raise StoreUnavailable(
                f"The database did not answer within {PATIENCE_SECONDS:g} seconds; everything else "
                "goes on."
            ) from None

    async def stop(self, seconds: float) -> bool:
        """End the threads; whether all have ended."""
        self._stopped = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        deadline = asyncio.get_running_loop().time() + seconds
        while self._under_way and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)
        if self._database is not None and not self._under_way:
            await asyncio.to_thread(self._database.close)
        return not self._under_way

    def _ended(self, asked: asyncio.Future[Any]) -> None:
        self._under_way -= 1
        if not asked.cancelled():
            asked.exception()  # has been told, or nobody waits for it any more
